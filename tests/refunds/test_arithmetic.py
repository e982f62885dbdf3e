"""Whatever is given back in parts adds up to the whole, to the cent."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.fulfilment.pieces import CHANGED_TO, GIVEN_BACK, Rest, rest_after
from domain.fulfilment.spans import Days, days
from domain.refunds.arithmetic import Paid, Worth, worth
from domain.refunds.quoting import in_units
from kit.money import Money
from models.payments import Instrument
from models.refunds import RefundKind

START = datetime(2030, 1, 1, tzinfo=UTC)
YEAR = timedelta(days=365)

amounts = st.decimals(min_value="0.01", max_value="99999.99", places=2)
instruments = st.sampled_from(list(Instrument))


def paid(*parts: tuple[Instrument, Decimal]) -> list[Paid]:
    return [
        Paid(
            share_id=UUID(int=place),
            part_id=UUID(int=place),
            instrument=instrument,
            amount=Money(amount, "CNY"),
        )
        for place, (instrument, amount) in enumerate(parts, start=1)
    ]


@pytest.mark.parametrize(
    ("cash", "voucher", "used", "back", "consumed"),
    [
        ("3650.00", None, 73, "2920.00", "730.00"),  # E9
        ("10600.00", None, 100, "7695.89", "2904.11"),  # E9b
        ("9000.00", "1600.00", 73, "7200.00", "1800.00"),  # E9c
        ("7300.00", None, 146, "4380.00", "2920.00"),  # E9d
        ("10600.00", None, 73, "8480.00", "2120.00"),  # E9e, E9f
    ],
)
def test_the_worked_examples_of_refunds_by_days(
    cash: str, voucher: str | None, used: int, back: str, consumed: str
) -> None:
    parts = [(Instrument.CASH, Decimal(cash))]
    if voucher:
        parts.append((Instrument.VOUCHER, Decimal(voucher)))

    found = worth(
        paid(*parts),
        kind=RefundKind.PARTIAL_USED,
        pieces=1,
        given_back=0,
        of=1,
        used=Days(used, 365),
        currency="CNY",
    )

    assert (found.amount.amount, found.consumed.amount) == (Decimal(back), Decimal(consumed))
    assert [each.paid.instrument for each in found.backs] == [Instrument.CASH]


@pytest.mark.parametrize(
    ("after", "used"),
    [
        (timedelta(0), 1),
        (timedelta(microseconds=1), 1),
        (timedelta(days=1), 1),
        (timedelta(days=1, microseconds=1), 2),
        (timedelta(days=73), 73),
        (timedelta(days=365), 365),
        (timedelta(days=400), 365),
    ],
)
def test_a_day_that_was_begun_counts(after: timedelta, used: int) -> None:
    found = days(started_at=START, ends_at=START + YEAR, at=START + after)

    assert found == Days(used, 365)


@given(
    parts=st.lists(st.tuples(instruments, amounts), min_size=1, max_size=4),
    cut=st.lists(st.integers(1, 5), min_size=1, max_size=6),
)
def test_any_split_into_pieces_sums_to_the_whole(
    parts: list[tuple[Instrument, Decimal]], cut: list[int]
) -> None:
    each = [
        worth(
            paid(*parts),
            kind=RefundKind.FULL_GUARANTEE,
            pieces=pieces,
            given_back=before,
            of=sum(cut),
            used=None,
            currency="CNY",
        )
        for pieces, before in zip(cut, [0, *accumulate(cut)], strict=False)
    ]

    assert sum(found.amount.amount for found in each) == sum(amount for _, amount in parts)
    for place, (_, amount) in enumerate(parts):
        assert sum(found.backs[place].amount.amount for found in each) == amount
        assert all(found.backs[place].amount.amount >= 0 for found in each)


@given(
    parts=st.lists(st.tuples(instruments, amounts), min_size=1, max_size=4),
    cut=st.lists(st.integers(1, 5), min_size=1, max_size=4),
    used=st.integers(1, 365),
)
def test_by_days_what_comes_back_and_what_is_kept_are_the_whole(
    parts: list[tuple[Instrument, Decimal]], cut: list[int], used: int
) -> None:
    each = [
        worth(
            paid(*parts),
            kind=RefundKind.PARTIAL_USED,
            pieces=pieces,
            given_back=before,
            of=sum(cut),
            used=Days(used, 365),
            currency="CNY",
        )
        for pieces, before in zip(cut, [0, *accumulate(cut)], strict=False)
    ]

    returnable = [amount for instrument, amount in parts if instrument is not Instrument.VOUCHER]
    whole = sum(found.amount.amount + found.consumed.amount for found in each)
    assert whole == sum(returnable)
    for found in each:
        assert sum((back.amount.amount for back in found.backs), Decimal(0)) == found.amount.amount
        assert all(0 <= back.amount.amount <= back.paid.amount.amount for back in found.backs)


@given(
    amounts_paid=st.lists(st.tuples(instruments, amounts), min_size=1, max_size=3),
    steps=st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), min_size=1, max_size=6),
)
def test_pieces_that_were_changed_into_others_sum_to_the_whole(
    amounts_paid: list[tuple[Instrument, Decimal]], steps: list[tuple[int, int]]
) -> None:
    happened: list[tuple[str, int]] = []
    backs: list[Worth] = []

    def give_back(pieces: int) -> None:
        rest = rest_after(5, happened)
        back, before, whole = in_units(rest, min(pieces, rest.pieces))
        backs.append(
            worth(
                paid(*amounts_paid),
                kind=RefundKind.FULL_GUARANTEE,
                pieces=back,
                given_back=before,
                of=whole,
                used=None,
                currency="CNY",
            )
        )
        happened.append((GIVEN_BACK, min(pieces, rest.pieces)))

    for changed_to, pieces in steps:
        if rest_after(5, happened).pieces:
            happened.append((CHANGED_TO, changed_to))
            give_back(pieces)
    if left := rest_after(5, happened).pieces:
        give_back(left)

    assert rest_after(5, happened) == Rest(0, Fraction(0))
    for place, (_, amount) in enumerate(amounts_paid):
        assert sum(found.backs[place].amount.amount for found in backs) == amount
        assert all(found.backs[place].amount.amount >= 0 for found in backs)
