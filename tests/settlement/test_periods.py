"""Periods, and the days on which their statements are made: make-up days included."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.settlement import periods
from kit.problems import InvalidInput
from kit.workdays import SHANGHAI, business_month
from models.settlement import StatementKind

BASIC, ASSESSMENT = StatementKind.BASIC, StatementKind.ASSESSMENT


def at(text: str) -> datetime:
    """An instant in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("kind", "period", "starts_at", "ends_at"),
    [
        (BASIC, "2025-10", "2025-09-30T16:00:00Z", "2025-10-31T16:00:00Z"),
        (BASIC, "2028-02", "2028-01-31T16:00:00Z", "2028-02-29T16:00:00Z"),  # a leap year
        (ASSESSMENT, "2025-Q4", "2025-09-30T16:00:00Z", "2025-12-31T16:00:00Z"),
        (ASSESSMENT, "2026-Q1", "2025-12-31T16:00:00Z", "2026-03-31T16:00:00Z"),
    ],
)
def test_a_period_is_a_range_of_instants(
    kind: StatementKind, period: str, starts_at: str, ends_at: str
) -> None:
    assert periods.span(kind, period) == (at(starts_at), at(ends_at))
    assert periods.period_of(kind, at(starts_at)) == period
    assert periods.period_of(kind, at(ends_at) - timedelta(microseconds=1)) == period
    assert periods.period_of(kind, at(ends_at)) != period
    assert periods.last_before(kind, at(ends_at)) == period


@pytest.mark.parametrize(
    ("kind", "period"),
    [(BASIC, "2025-Q4"), (BASIC, "2025-13"), (BASIC, "2025-1"), (ASSESSMENT, "2025-10")],
)
def test_other_words_are_no_period(kind: StatementKind, period: str) -> None:
    with pytest.raises(InvalidInput):
        periods.span(kind, period, path=("input", "period"))


@pytest.mark.parametrize(
    ("month", "day"),
    [
        ("2025-11", "2025-11-03"),  # a Monday
        ("2025-10", "2025-10-09"),  # after the holidays
        ("2025-12", "2025-12-03"),
        ("2026-01", "2026-01-04"),  # a Sunday that is worked: a make-up day
        ("2026-05", "2026-05-06"),
    ],
)
def test_the_billing_day_is_the_third_or_the_next_working_day(month: str, day: str) -> None:
    """6.11."""
    first = datetime.fromisoformat(f"{month}-01").replace(tzinfo=SHANGHAI)
    found = periods.billing_moments(first, first + timedelta(days=28))
    assert [f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" for moment in found] == [f"{day} 02:30"]
    assert str(periods.billing_day(first)) == day


def test_every_month_has_one_billing_day_however_often_one_looks() -> None:
    start = at("2025-01-01T00:00:00Z")
    together = periods.billing_moments(start, start + timedelta(days=365))
    apart = [
        moment
        for day in range(365)
        for moment in periods.billing_moments(
            start + timedelta(days=day), start + timedelta(days=day + 1)
        )
    ]
    assert together == apart
    assert len(together) == 12


@pytest.mark.parametrize(
    ("now", "billed", "day"),
    [
        ("2026-03-01T00:00Z", None, "2026-04-03"),  # its quarter isn't over
        ("2026-03-01T00:00Z", "2025-Q4", "2026-04-03"),
        ("2026-04-02T18:29:59Z", "2025-Q4", "2026-04-03"),
        ("2026-04-02T18:30:00Z", "2025-Q4", "2026-05-06"),  # nobody works until the fifth
        ("2026-04-08T00:00Z", "2026-Q1", "2026-07-03"),
        ("2026-08-01T00:00Z", "2025-Q4", "2026-08-03"),
    ],
)
def test_what_is_earned_comes_with_the_next_statement_that_is_made(
    now: str, billed: str | None, day: str
) -> None:
    february = business_month(2026, 2)[1]

    assert str(periods.assessed_on(earned_by=february, billed=billed, now=at(now))) == day


def test_quarters_are_made_after_their_last_month() -> None:
    """S-05, S-06."""
    assert periods.due_at(at("2025-11-02T18:30:00Z")) == [(BASIC, "2025-10")]
    assert periods.due_at(at("2025-10-08T18:30:00Z")) == [
        (BASIC, "2025-09"),
        (ASSESSMENT, "2025-Q3"),
    ]
    assert periods.due_at(at("2026-01-03T18:30:00Z")) == [
        (BASIC, "2025-12"),
        (ASSESSMENT, "2025-Q4"),
    ]
