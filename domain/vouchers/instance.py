"""What an installation decides about vouchers for itself (A-12)."""

_for_referrals = False


def configure(*, for_referrals: bool) -> None:
    """Say whether vouchers may be issued to referral customers, too, and reclaimed from them."""
    global _for_referrals
    _for_referrals = for_referrals


def allows_referrals() -> bool:
    """Whether referral customers may have vouchers of partners; by default they may not (V-06)."""
    return _for_referrals
