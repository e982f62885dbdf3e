from datetime import UTC, date, datetime, timedelta

import pytest

from kit import workdays
from kit.workdays import WorkCalendar, business_month, months_after

CALENDAR = WorkCalendar()
MAKE_UP_DAYS_OF_2026 = [
    date(2026, 1, 4),
    date(2026, 2, 14),
    date(2026, 2, 28),
    date(2026, 5, 9),
    date(2026, 9, 20),
    date(2026, 10, 10),
]


def test_2026_has_248_working_days() -> None:
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]

    assert sum(map(CALENDAR.is_workday, days)) == 248
    assert not any(map(CALENDAR.is_provisional, days))


def test_make_up_days_are_worked_though_they_are_at_weekends() -> None:
    weekends = [
        day
        for day in (date(2026, 1, 1) + timedelta(days=n) for n in range(365))
        if day.weekday() >= 5 and CALENDAR.is_workday(day)
    ]

    assert weekends == MAKE_UP_DAYS_OF_2026


def test_nobody_works_in_the_golden_week() -> None:
    assert not any(CALENDAR.is_workday(date(2026, 10, day)) for day in range(1, 8))


def test_a_day_off_rolls_forward_to_the_next_working_day() -> None:
    assert CALENDAR.roll_forward(date(2026, 10, 1)) == (date(2026, 10, 8), False)
    assert CALENDAR.roll_forward(date(2026, 10, 10)) == (date(2026, 10, 10), False)


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        (date(2026, 9, 30), 1, date(2026, 10, 8)),
        (date(2026, 9, 30), 3, date(2026, 10, 10)),  # a Saturday, worked
        (date(2026, 10, 3), 1, date(2026, 10, 8)),
        (date(2026, 10, 8), -1, date(2026, 9, 30)),
        (date(2026, 10, 4), 0, date(2026, 10, 8)),
        (date(2026, 1, 1), 248, date(2026, 12, 31)),
    ],
)
def test_working_days_are_counted_out(day: date, count: int, expected: date) -> None:
    assert CALENDAR.add_workdays(day, count) == (expected, False)


def test_beyond_the_announced_years_weekdays_count_and_the_answer_is_provisional() -> None:
    assert CALENDAR.is_provisional(date(2027, 1, 1))
    assert CALENDAR.is_workday(date(2027, 1, 1))  # a Friday; the holiday isn't announced yet
    assert not CALENDAR.is_workday(date(2027, 1, 2))
    assert CALENDAR.add_workdays(date(2026, 12, 31), 1) == (date(2027, 1, 1), True)


def test_what_is_entered_by_hand_goes_before_the_official_calendar() -> None:
    entered = WorkCalendar({date(2027, 1, 1): False, date(2026, 7, 1): False})

    assert not entered.is_workday(date(2026, 7, 1))
    assert not entered.is_provisional(date(2027, 1, 1))
    assert entered.roll_forward(date(2027, 1, 1)) == (date(2027, 1, 4), True)


def test_days_of_an_installation_are_every_calendars() -> None:
    holiday, made_up = date(2027, 1, 1), date(2027, 1, 2)  # a Friday and a Saturday
    workdays.configure(off=[holiday], worked=[made_up])
    try:
        assert WorkCalendar().roll_forward(holiday) == (made_up, False)
        assert not WorkCalendar({}).is_workday(made_up)
        assert WorkCalendar().is_workday(date(2026, 10, 10))
    finally:
        workdays.configure(off=(), worked=())
    assert WorkCalendar().roll_forward(holiday) == (holiday, True)


def test_a_day_counted_back_out_of_the_unknown_stays_provisional() -> None:
    assert CALENDAR.add_workdays(date(2027, 1, 4), -2) == (date(2026, 12, 31), True)


@pytest.mark.parametrize(
    ("year", "month", "start", "end"),
    [
        (2026, 2, datetime(2026, 1, 31, 16, tzinfo=UTC), datetime(2026, 2, 28, 16, tzinfo=UTC)),
        (2026, 12, datetime(2026, 11, 30, 16, tzinfo=UTC), datetime(2026, 12, 31, 16, tzinfo=UTC)),
        # Shanghai had summer time in 1990: what is computed must be the zone's, not "minus eight".
        (1990, 7, datetime(1990, 6, 30, 15, tzinfo=UTC), datetime(1990, 7, 31, 15, tzinfo=UTC)),
    ],
)
def test_a_month_is_a_half_open_range_of_instants(
    year: int, month: int, start: datetime, end: datetime
) -> None:
    assert business_month(year, month) == (start, end)


@pytest.mark.parametrize(
    ("instant", "months", "after"),
    [
        ("2030-01-30T23:30:00Z", 3, "2030-04-29T23:30:00Z"),  # 31 January there, 30 April
        ("2030-01-31T23:30:00Z", 3, "2030-04-30T23:30:00Z"),  # 1 February there
        ("2030-11-30T12:00:00Z", 3, "2031-02-28T12:00:00Z"),
        ("2027-11-30T12:00:00Z", 3, "2028-02-29T12:00:00Z"),
        ("2030-12-31T15:59:59.999999Z", 1, "2031-01-31T15:59:59.999999Z"),
        ("2030-05-15T00:00:00Z", 0, "2030-05-15T00:00:00Z"),
    ],
)
def test_months_are_those_of_the_calendar_in_shanghai(
    instant: str, months: int, after: str
) -> None:
    assert months_after(datetime.fromisoformat(instant), months) == datetime.fromisoformat(after)
