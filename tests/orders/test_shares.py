"""Every part of a payment is split over the lines so that both add up, to the cent."""

from decimal import Decimal
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from domain.orders.spending import shared
from kit.money import Money

CENTS = st.integers(min_value=0, max_value=10_000_000)


def yuan(cents: int) -> Money:
    return Money(Decimal(cents).scaleb(-2), "CNY")


@st.composite
def payments(draw: st.DrawFn) -> tuple[dict[UUID, Money], list[Money]]:
    """What is due of each line, and parts of it that are paid one after the other."""
    due = draw(st.lists(CENTS, min_size=1, max_size=50))
    left, parts = sum(due), []
    for _ in range(draw(st.integers(0, 4))):
        part = draw(st.integers(0, left))
        parts.append(part)
        left -= part
    lines = {uuid4(): yuan(cents) for cents in due}
    return lines, [yuan(part) for part in [*parts, left]]


@given(payments())
def test_shares_add_up_both_ways(payment: tuple[dict[UUID, Money], list[Money]]) -> None:
    lines, parts = payment
    rests = dict(lines)

    for part in parts:
        shares = shared(part, rests)
        assert sum(share.amount for share in shares.values()) == part.amount
        for line_id, share in shares.items():
            assert 0 <= share.amount <= rests[line_id].amount
            rests[line_id] -= share

    assert all(rest.amount == 0 for rest in rests.values())
