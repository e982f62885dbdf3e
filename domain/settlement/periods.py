"""Periods of statements (账期): months and quarters in Shanghai, and when they are billed."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from kit.problems import InvalidInput
from kit.workdays import SHANGHAI, WorkCalendar, business_month
from models.settlement import StatementKind

DAY, AT = 3, time(2, 30)  # S-09: the third, or the first working day after it
QUARTER = 3  # months
_FORESEEN = timedelta(days=366)

_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
_QUARTER = re.compile(r"([0-9]{4})-Q([1-4])")


def span(
    kind: StatementKind, period: str, *, path: tuple[str, ...] = ()
) -> tuple[datetime, datetime]:
    """A period as a half-open range of UTC instants: "2025-10" of BASIC, "2025-Q4" of ASSESSMENT.

    Raises InvalidInput for what isn't one.
    """
    form = _MONTH if kind is StatementKind.BASIC else _QUARTER
    match = form.fullmatch(period)
    year, number = (int(match[1]), int(match[2])) if match else (0, 0)
    if not 2000 <= year <= 9000:
        example = "2025-10" if kind is StatementKind.BASIC else "2025-Q4"
        raise InvalidInput(
            reason=f"A period of these statements is written as {example}.",
            reason_zh=f"该类账单的账期格式为 {example}。",
            path=path,
        )
    if kind is StatementKind.BASIC:
        return business_month(year, number)
    last = number * QUARTER
    return business_month(year, last - QUARTER + 1)[0], business_month(year, last)[1]


def period_of(kind: StatementKind, instant: datetime) -> str:
    """The period that an instant lies in."""
    there = instant.astimezone(SHANGHAI)
    if kind is StatementKind.BASIC:
        return f"{there:%Y-%m}"
    return f"{there:%Y}-Q{(there.month - 1) // QUARTER + 1}"


def last_before(kind: StatementKind, instant: datetime) -> str:
    """The period that was over last at an instant."""
    starts_at, _ = span(kind, period_of(kind, instant))
    return period_of(kind, starts_at - timedelta(microseconds=1))


def due_at(instant: datetime) -> list[tuple[StatementKind, str]]:
    """Which statements are made on the billing day of this instant: by month, and by quarter."""
    due = [(StatementKind.BASIC, last_before(StatementKind.BASIC, instant))]
    if instant.astimezone(SHANGHAI).month % QUARTER == 1:
        due.append((StatementKind.ASSESSMENT, last_before(StatementKind.ASSESSMENT, instant)))
    return due


def billing_day(ends_at: datetime) -> date:
    """The day in Shanghai on which a period that ends at this instant is billed (S-09)."""
    there = ends_at.astimezone(SHANGHAI)
    return WorkCalendar().roll_forward(date(there.year, there.month, DAY)).date


def billing_moments(after: datetime, until: datetime) -> list[datetime]:
    """The moments of billing after the first instant, up to and including the second."""
    return [moment for moment in _billing_days(after, until) if after < moment <= until]


def assessed_on(*, earned_by: datetime, billed: str | None, now: datetime) -> date | None:
    """The billing day whose ASSESSMENT statement takes what was earned by then, as things stand.

    A statement has what its quarter and those before have brought. Each month one is made of the
    quarter that was over last, unless the partner has one of it: `billed` is the last such quarter.
    None when none of the coming year takes it.
    """
    for moment in billing_moments(now, now + _FORESEEN):
        quarter = last_before(StatementKind.ASSESSMENT, moment)
        is_over = earned_by <= span(StatementKind.ASSESSMENT, quarter)[1]
        if is_over and (billed is None or billed < quarter):
            return moment.astimezone(SHANGHAI).date()
    return None


def _billing_days(after: datetime, until: datetime) -> Iterator[datetime]:
    calendar = WorkCalendar()
    # A day that is rolled forward may be one of the month before the first instant's.
    first, last = after.astimezone(SHANGHAI), until.astimezone(SHANGHAI)
    for count in range(first.year * 12 + first.month - 2, last.year * 12 + last.month):
        day = calendar.roll_forward(date(count // 12, count % 12 + 1, DAY)).date
        yield datetime.combine(day, AT, SHANGHAI).astimezone(UTC)
