"""How much comes back: exact to the cent, so that whatever is given back in parts adds up."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from domain.fulfilment.spans import Days
from kit.money import Money
from models.payments import Instrument
from models.refunds import RefundKind

# By days, vouchers stay used up (E9c); coupons and cards that are like cash come back in part.
_NOT_BY_DAYS = (Instrument.VOUCHER,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """What one instrument has paid of a line."""

    share_id: UUID
    part_id: UUID
    instrument: Instrument
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Back:
    """What comes back of it."""

    paid: Paid
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """What comes back of a line in all, what is kept for its use, and the one by instrument."""

    amount: Money
    consumed: Money
    backs: tuple[Back, ...]


def worth(
    paid: Sequence[Paid],
    *,
    kind: RefundKind,
    pieces: int,
    given_back: int,
    of: int,
    used: Days | None,
    currency: str,
) -> Worth:
    """What comes back for `pieces` of a line's `of`, of which `given_back` were before.

    The pieces' part of every instrument is the difference of two rounded sums, so that the last
    pieces take what is left (6.3 rule 4); what is a piece, its caller says. By days, what was
    consumed is worked out over everything that can come back (E9c), rounded once, and taken from
    the instruments in proportion.
    """
    parts = [
        Back(
            paid=each,
            amount=_up_to(each.amount, given_back + pieces, of)
            - _up_to(each.amount, given_back, of),
        )
        for each in paid
    ]
    if kind is not RefundKind.PARTIAL_USED:
        return Worth(amount=_sum(parts, currency), consumed=_nothing(currency), backs=tuple(parts))
    assert used is not None, "what is refunded by days has days"
    parts = [each for each in parts if each.paid.instrument not in _NOT_BY_DAYS]
    whole = _sum(parts, currency)
    if not whole.amount:
        return Worth(amount=whole, consumed=whole, backs=())
    consumed, rest = whole.split([used.used, used.total - used.used])
    amounts = rest.split([each.amount.amount for each in parts])
    backs = tuple(
        Back(paid=each.paid, amount=amount) for each, amount in zip(parts, amounts, strict=True)
    )
    return Worth(amount=rest, consumed=consumed, backs=backs)


def _up_to(amount: Money, pieces: int, of: int) -> Money:
    return amount.split([pieces, of - pieces])[0]


def _sum(parts: Sequence[Back], currency: str) -> Money:
    return sum((each.amount for each in parts), _nothing(currency))


def _nothing(currency: str) -> Money:
    return Money(Decimal(0), currency)
