"""Amounts: exact, rounded once a line, and the same sums whichever way one adds."""

from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.pricing import arithmetic
from domain.pricing.arithmetic import Amounts
from kit.money import Money
from kit.problems import InvalidInput

CENT = Fraction(1, 100)

prices = st.integers(0, 10**11).map(lambda cents: Money(Decimal(cents).scaleb(-2), "CNY"))
quantities = st.integers(1, 100_000)
discounts = st.integers(1, 10_000).map(lambda parts: Decimal(parts).scaleb(-4))


def cny(amount: str) -> Money:
    return Money(Decimal(amount), "CNY")


@pytest.mark.parametrize(
    ("price", "quantity", "discount", "deal"),
    [
        ("1000.00", 1, "1", "1000.00"),
        ("1000.00", 3, "0.85", "2550.00"),
        ("0.10", 3, "0.85", "0.26"),  # 0.255, where three of 0.09 would be 0.27
        ("0.01", 1, "0.5", "0.01"),  # half a cent goes up
        ("0.01", 1, "0.4999", "0.00"),
        ("0.01", 1, "0.0001", "0.00"),
        ("6.65", 10, "0.05", "3.33"),  # 3.325: half to even would be 3.32
        ("99.99", 7, "0.8888", "622.10"),
        ("0.00", 9, "0.5", "0.00"),
    ],
)
def test_a_line_is_rounded_once_half_a_cent_up(
    price: str, quantity: int, discount: str, deal: str
) -> None:
    line = arithmetic.at_discount(cny(price), quantity, Decimal(discount))

    assert line.deal == cny(deal)
    assert line.list == cny(str(Decimal(price) * quantity))


@given(prices, quantities, discounts)
def test_the_deal_is_the_nearest_cent_and_the_greater_of_two(
    price: Money, quantity: int, discount: Decimal
) -> None:
    line = arithmetic.at_discount(price, quantity, discount)
    exact = Fraction(price.amount) * quantity * Fraction(discount)

    off = Fraction(line.deal.amount) - exact
    assert -CENT / 2 < off <= CENT / 2
    with localcontext() as exactly:
        exactly.prec = 60
        wanted = (price.amount * quantity * discount).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert line.deal.amount == wanted


@given(prices, quantities, discounts)
def test_deal_and_discount_make_the_list_price_and_none_is_negative(
    price: Money, quantity: int, discount: Decimal
) -> None:
    line = arithmetic.at_discount(price, quantity, discount)

    assert line.deal + line.discount == line.list
    assert 0 <= line.deal.amount <= line.list.amount
    assert line.discount.amount >= 0


@given(prices, quantities)
def test_the_whole_list_price_is_no_discount(price: Money, quantity: int) -> None:
    line = arithmetic.at_discount(price, quantity)

    assert line.discount == cny("0")
    assert line.deal == line.list
    assert line == arithmetic.at_price(price, quantity, price)


@given(prices, quantities, discounts, discounts)
def test_a_greater_share_never_costs_less(
    price: Money, quantity: int, one: Decimal, other: Decimal
) -> None:
    less, more = sorted((one, other))

    cheap = arithmetic.at_discount(price, quantity, less)
    dear = arithmetic.at_discount(price, quantity, more)
    assert cheap.deal.amount <= dear.deal.amount


@given(prices, quantities, discounts, discounts)
def test_what_keeps_to_the_floor_costs_no_less_than_the_floor(
    price: Money, quantity: int, discount: Decimal, authorized: Decimal
) -> None:
    line = arithmetic.at_discount(price, quantity, discount)
    floor = arithmetic.floor(price, quantity, authorized)

    if discount >= authorized:
        assert line.deal.amount >= floor.amount
    else:
        assert line.deal.amount <= floor.amount


@given(prices, prices, quantities)
def test_a_private_offer_is_exact(price: Money, unit: Money, quantity: int) -> None:
    line = arithmetic.at_price(price, quantity, unit)

    assert line.deal.amount == unit.amount * quantity
    assert line.deal + line.discount == line.list


@given(st.lists(st.tuples(prices, quantities, discounts), max_size=20))
def test_a_total_is_the_sum_of_its_rounded_lines(
    parts: list[tuple[Money, int, Decimal]],
) -> None:
    lines = [arithmetic.at_discount(*part) for part in parts]
    whole = arithmetic.total(lines, "CNY")

    assert whole.deal.amount == sum((line.deal.amount for line in lines), Decimal(0))
    assert whole.deal + whole.discount == whole.list
    assert whole == arithmetic.total(reversed(lines), "CNY")


def test_no_lines_cost_nothing() -> None:
    assert arithmetic.total([], "CNY") == Amounts(cny("0"), cny("0"))


def test_more_than_an_account_can_hold_is_refused() -> None:
    with pytest.raises(InvalidInput):
        arithmetic.at_discount(cny("9999999999999999.99"), 2)


@pytest.mark.parametrize(("quantity", "discount"), [(0, "1"), (-1, "1"), (1, "0"), (1, "1.0001")])
def test_what_is_no_quantity_or_no_share_is_a_bug(quantity: int, discount: str) -> None:
    with pytest.raises(AssertionError):
        arithmetic.at_discount(cny("1"), quantity, Decimal(discount))
