"""Scalars: one text for one value."""

import datetime as time
import decimal

import pytest
from graphql import GraphQLError

from schema.scalars import write_date_time, write_decimal
from tests.api.edge import Client, answer, codes


@pytest.mark.parametrize(
    ("argument", "given", "told"),
    [
        ("time", "2030-01-31T23:30:00Z", "2030-01-31T23:30:00.000000Z"),
        ("time", "2030-01-31t23:30:00.5z", "2030-01-31T23:30:00.500000Z"),
        ("time", "2030-02-01T07:30:00.123456789+08:00", "2030-01-31T23:30:00.123456Z"),
        ("time", "2030-01-31T23:30:00-00:00", "2030-01-31T23:30:00.000000Z"),
        ("day", "2028-02-29", "2028-02-29"),
        ("month", "2030-12", "2030-12"),
        ("number", "12.50", "12.50"),
        ("number", "-0.000000000001", "-0.000000000001"),
        ("number", "99999999999999999999", "99999999999999999999"),
        ("currency", "CNY", "CNY"),
    ],
)
async def test_a_value_is_read_and_told_in_one_form(
    client: Client, argument: str, given: str, told: str
) -> None:
    literal = await client.ask(f'{{ scalars({argument}: "{given}") {{ {argument} }} }}')
    type_ = {
        "time": "DateTime",
        "day": "Date",
        "month": "YearMonth",
        "number": "Decimal",
        "currency": "CurrencyCode",
    }[argument]
    variable = await client.ask(
        f"query ($v: {type_}) {{ scalars({argument}: $v) {{ {argument} }} }}", v=given
    )

    assert answer(literal) == answer(variable) == {"data": {"scalars": {argument: told}}}


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("DateTime", "2030-01-31T23:30:00"),
        ("DateTime", "2030-01-31"),
        ("DateTime", "2030-01-31 23:30:00Z"),
        ("DateTime", "2030-02-30T00:00:00Z"),
        ("DateTime", "2030-01-31T24:00:00Z"),
        ("DateTime", "2030-01-31T23:30:00+25:00"),
        ("DateTime", "0001-01-01T00:00:00+14:00"),
        ("DateTime", "20300131T233000Z"),
        ("DateTime", "2030-01-31T23:30:00Z\n"),
        ("DateTime", 1895959800),
        ("Date", "2030-02-30"),
        ("Date", "20300131"),
        ("Date", "2030-W05-4"),
        ("Date", "२०३०-०१-३१"),
        ("YearMonth", "2030-13"),
        ("YearMonth", "2030-1"),
        ("Decimal", 1.5),
        ("Decimal", 1),
        ("Decimal", True),
        ("Decimal", "NaN"),
        ("Decimal", "Infinity"),
        ("Decimal", "1e400"),
        ("Decimal", "1E+2"),
        ("Decimal", "1_000"),
        ("Decimal", "+1"),
        ("Decimal", ".5"),
        ("Decimal", "1."),
        ("Decimal", "٣"),
        ("Decimal", "9" * 21),
        ("Decimal", ""),
        ("CurrencyCode", "cny"),
        ("CurrencyCode", "CNYX"),
        ("CurrencyCode", {}),
    ],
)
async def test_a_text_that_could_be_read_in_two_ways_is_refused(
    client: Client, type_: str, value: object
) -> None:
    argument = {
        "DateTime": "time",
        "Date": "day",
        "YearMonth": "month",
        "Decimal": "number",
        "CurrencyCode": "currency",
    }[type_]
    response = await client.ask(
        f"query ($v: {type_}) {{ scalars({argument}: $v) {{ {argument} }} }}", v=value
    )

    assert response.status_code == 400
    assert codes(response) == ["BAD_USER_INPUT"]
    assert f"{type_} must be a string such as" in response.text


def test_a_decimal_is_told_without_an_exponent() -> None:
    assert write_decimal(decimal.Decimal("1E+2")) == "100"
    assert write_decimal(decimal.Decimal("0E-12")) == "0.000000000000"


@pytest.mark.parametrize("value", [decimal.Decimal("NaN"), 1.5, "12"])
def test_what_is_no_decimal_is_never_told_as_one(value: decimal.Decimal) -> None:
    with pytest.raises(GraphQLError):
        write_decimal(value)


def test_a_time_is_told_in_utc_whatever_its_zone() -> None:
    shanghai = time.timezone(time.timedelta(hours=8))

    told = write_date_time(time.datetime(2030, 2, 1, 7, 30, tzinfo=shanghai))

    assert told == "2030-01-31T23:30:00.000000Z"


def test_a_time_without_an_offset_is_never_told() -> None:
    with pytest.raises(GraphQLError):
        write_date_time(time.datetime(2030, 1, 31))  # noqa: DTZ001
