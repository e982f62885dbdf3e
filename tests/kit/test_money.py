from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.money import Money
from kit.problems import InvalidInput

amounts = st.decimals("-9999999999999999.99", "9999999999999999.99", places=2)
weights = st.lists(st.integers(0, 10**6) | st.decimals(0, 1, places=6), min_size=1).filter(any)


def cny(amount: str) -> Money:
    return Money(Decimal(amount), "CNY")


@pytest.mark.parametrize(
    "amount", ["0.001", "10.005", "1.000", "NaN", "sNaN", "Infinity", "1E+16", "-1E+16", "1E-3"]
)
def test_what_is_no_exact_amount_is_refused_and_never_rounded(amount: str) -> None:
    with pytest.raises(InvalidInput):
        cny(amount)


@pytest.mark.parametrize("amount", [1.1, 1, "1.10", None])
def test_only_a_decimal_is_an_amount(amount: object) -> None:
    with pytest.raises(TypeError, match="an amount is a Decimal"):
        Money(amount, "CNY")  # type: ignore[arg-type]


@pytest.mark.parametrize("currency", ["cny", "CN", "CNYY", "", "C1Y", "CNY\n"])
def test_a_currency_is_three_capital_letters(currency: str) -> None:
    with pytest.raises(InvalidInput):
        Money(Decimal("1.00"), currency)


@pytest.mark.parametrize(
    ("given", "kept"), [("1", "1.00"), ("1.5", "1.50"), ("1E+2", "100.00"), ("-0", "0.00")]
)
def test_an_amount_is_kept_with_two_decimals(given: str, kept: str) -> None:
    assert str(cny(given).amount) == kept


def test_amounts_add_up_and_cancel_out() -> None:
    assert cny("0.10") + cny("0.20") == cny("0.30")
    assert cny("0.10") - cny("0.30") == cny("-0.20")
    assert -cny("0.10") == cny("-0.10")
    assert -cny("0.00") == cny("0.00")


def test_two_currencies_do_not_add_up() -> None:
    with pytest.raises(AssertionError, match="CNY and USD"):
        cny("1.00") + Money(Decimal("1.00"), "USD")


@pytest.mark.parametrize(
    ("amount", "rate", "product"),
    [
        ("0.25", "0.1", "0.03"),
        ("-0.25", "0.1", "-0.03"),
        ("0.24", "0.1", "0.02"),
        ("100.00", "0.00005", "0.01"),
        ("33.33", "3", "99.99"),
        # Rounded to 28 digits on the way, this would seem to be half a cent.
        ("0.01", "0.4999999999999999999999999999999999999", "0.00"),
        ("9999999999999999.99", "0.1", "1000000000000000.00"),
    ],
)
def test_half_a_cent_rounds_away_from_zero(amount: str, rate: str, product: str) -> None:
    assert cny(amount).times(Decimal(rate)) == cny(product)


def test_a_product_too_large_is_refused() -> None:
    with pytest.raises(InvalidInput):
        cny("9999999999999999.99").times(Decimal(2))


def test_only_a_decimal_is_a_rate() -> None:
    with pytest.raises(TypeError, match="a rate is a Decimal"):
        cny("1.00").times(0.1)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("whole", "parts", "shares"),
    [
        ("1.00", [1, 1, 1], ["0.34", "0.33", "0.33"]),
        ("-1.00", [1, 1, 1], ["-0.34", "-0.33", "-0.33"]),
        ("0.01", [1, 9], ["0.00", "0.01"]),
        ("0.05", [3, 7], ["0.02", "0.03"]),
        ("0.00", [1, 2], ["0.00", "0.00"]),
        ("10.00", [0, 1], ["0.00", "10.00"]),
        ("100.00", [Decimal("0.7"), Decimal("0.25"), Decimal("0.05")], ["70.00", "25.00", "5.00"]),
    ],
)
def test_left_over_cents_go_to_the_largest_remainders(
    whole: str, parts: list[int], shares: list[str]
) -> None:
    assert cny(whole).split(parts) == [cny(share) for share in shares]


@given(amounts, weights)
def test_no_split_loses_a_cent_or_strays_from_its_share_by_one(
    amount: Decimal, parts: list[int | Decimal]
) -> None:
    shares = Money(amount, "CNY").split(parts)

    whole, in_cents = _millionths(amount) // 10**4, [_millionths(s.amount) // 10**4 for s in shares]
    total = sum(map(_millionths, parts))
    assert sum(in_cents) == whole
    for cents, part in zip(in_cents, parts, strict=True):
        assert abs(cents * total - whole * _millionths(part)) < total


@given(amounts, weights)
def test_a_refund_undoes_a_payment_share_by_share(
    amount: Decimal, parts: list[int | Decimal]
) -> None:
    paid, refunded = Money(amount, "CNY"), Money(-amount, "CNY")

    assert [-share for share in paid.split(parts)] == refunded.split(parts)


@pytest.mark.parametrize("parts", [[], [0, 0], [2, -1]])
def test_there_must_be_something_to_split_by(parts: list[int]) -> None:
    with pytest.raises(AssertionError, match="can't split by"):
        cny("1.00").split(parts)


def _millionths(number: int | Decimal) -> int:
    """As a whole number, so that the test doesn't round either."""
    return int(Decimal(number).scaleb(6))
