"""What an installation decides about vouchers for itself (A-12)."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowances:
    """What a partner may issue; None is no limit.

    Of one coupon its face value; to one customer how many live ones of a kind, and worth how much.
    """

    least_value: Decimal | None = None
    most_value: Decimal | None = None
    most_coupons: int | None = None
    most_worth: Decimal | None = None


_for_referrals = False
_allowances = Allowances()


def configure(*, for_referrals: bool, allowances: Allowances | None = None) -> None:
    """Say whether vouchers may be issued to referral customers, too, and how much is allowed."""
    global _for_referrals, _allowances
    _for_referrals = for_referrals
    _allowances = allowances or Allowances()


def allows_referrals() -> bool:
    """Whether referral customers may have vouchers of partners; by default they may not (V-06)."""
    return _for_referrals


def allowances() -> Allowances:
    """What partners may issue."""
    return _allowances
