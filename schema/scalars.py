"""Scalars: exactly one text for a value, and no text that could be read in two ways."""

import datetime as time
import decimal
import re
from collections.abc import Callable
from typing import Any, NewType

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

DateTime = NewType("DateTime", time.datetime)
Date = NewType("Date", time.date)
YearMonth = NewType("YearMonth", str)
Decimal = NewType("Decimal", decimal.Decimal)
CurrencyCode = NewType("CurrencyCode", str)
Duration = NewType("Duration", time.timedelta)

_DATE_TIME = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_YEAR_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII)
_DECIMAL = re.compile(r"-?\d{1,20}(\.\d{1,12})?", re.ASCII)
_DURATION = re.compile(
    r"P(?=.)((?P<days>\d{1,4})D)?(T(?=.)((?P<hours>\d{1,5})H)?((?P<minutes>\d{1,6})M)?"
    r"((?P<seconds>\d{1,8})S)?)?",
    re.ASCII,
)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)


def write_date_time(value: time.datetime) -> str:
    """`2030-01-31T23:30:00.000000Z`: always UTC, always six digits, as SQL writes it too."""
    if value.tzinfo is None:
        raise GraphQLError("a time without an offset")
    return value.astimezone(time.UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def read_date_time(text: str) -> time.datetime:
    """The instant, in UTC; digits beyond the microsecond are cut off."""
    if not _DATE_TIME.fullmatch(text):
        raise ValueError
    return time.datetime.fromisoformat(text.upper()).astimezone(time.UTC)


def read_date(text: str) -> time.date:
    """A day of the calendar."""
    if not _DATE.fullmatch(text):
        raise ValueError
    return time.date.fromisoformat(text)


def read_duration(text: str) -> time.timedelta:
    """Days, hours, minutes and whole seconds; a day is 24 hours."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError
    return time.timedelta(**{unit: int(count or 0) for unit, count in match.groupdict().items()})


def write_duration(value: time.timedelta) -> str:
    """`P7D`, `PT90S`: whole days and the seconds that are left."""
    rest = f"T{value.seconds}S" if value.seconds or not value.days else ""
    return f"P{value.days}D{rest}" if value.days else f"P{rest}"


def write_decimal(value: decimal.Decimal) -> str:
    """All digits, no exponent; the number of decimals is the value's own."""
    if not isinstance(value, decimal.Decimal) or not value.is_finite():
        raise GraphQLError("not a decimal number")
    return f"{value:f}"


def read_decimal(text: str) -> decimal.Decimal:
    """At most 20 digits before and 12 after the point."""
    if not _DECIMAL.fullmatch(text):
        raise ValueError
    return decimal.Decimal(text)


def _matching(pattern: re.Pattern[str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not pattern.fullmatch(text):
            raise ValueError
        return text

    return read


def _scalar(
    name: str,
    description: str,
    *,
    specified_by: str,
    example: str,
    read: Callable[[str], Any],
    write: Callable[[Any], str] = str,
) -> ScalarDefinition:
    def parse(value: object) -> Any:
        try:
            if isinstance(value, str):
                return read(value)
        except (ValueError, OverflowError):
            pass
        raise GraphQLError(f'{name} must be a string such as "{example}"')

    return strawberry.scalar(
        name=name,
        description=description,
        specified_by_url=specified_by,
        serialize=write,
        parse_value=parse,
    )


SCALARS: dict[object, ScalarDefinition] = {
    DateTime: _scalar(
        "DateTime",
        "An instant as RFC 3339 writes it. Answered in UTC with microseconds,"
        " `2030-01-31T23:30:00.000000Z`; accepted with any offset, never without one.",
        specified_by="https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
        example="2030-01-31T23:30:00+08:00",
        read=read_date_time,
        write=write_date_time,
    ),
    Date: _scalar(
        "Date",
        "A day of the calendar, `2030-01-31`, without a time or a zone.",
        specified_by="https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
        example="2030-01-31",
        read=read_date,
        write=time.date.isoformat,
    ),
    YearMonth: _scalar(
        "YearMonth",
        "A month of the calendar in Asia/Shanghai, `2030-01`.",
        specified_by="https://www.w3.org/TR/xmlschema11-2/#gYearMonth",
        example="2030-01",
        read=_matching(_YEAR_MONTH),
    ),
    Duration: _scalar(
        "Duration",
        "A length of time as ISO 8601 writes it, in days of 24 hours, hours, minutes and whole"
        " seconds: `P7D`, `PT36H`, `P1DT30M`.",
        specified_by="https://www.rfc-editor.org/rfc/rfc3339#appendix-A",
        example="P7D",
        read=read_duration,
        write=write_duration,
    ),
    Decimal: _scalar(
        "Decimal",
        'An exact decimal number as a string, `"1234.50"`: never a float, never an exponent.',
        specified_by="https://www.w3.org/TR/xmlschema11-2/#decimal",
        example="1234.50",
        read=read_decimal,
        write=write_decimal,
    ),
    CurrencyCode: _scalar(
        "CurrencyCode",
        "A currency by its three letters, `CNY` or `USD`.",
        specified_by="https://www.iso.org/iso-4217-currency-codes.html",
        example="CNY",
        read=_matching(_CURRENCY),
    ),
}
