"""Prices and amounts that people give: exact, in range, never rounded in silence."""

from decimal import Decimal

from kit import ratios
from kit.money import LIMIT, Money
from kit.problems import InvalidInput

CURRENCY = "CNY"  # the only one of the China site


def price(given: Decimal, *, path: tuple[str, ...]) -> Decimal:
    """An amount of zero or more in CNY with at most two decimals. Raises InvalidInput."""
    if not given.is_finite() or ratios.decimals(given) > 2:
        raise InvalidInput(reason="At most 2 decimals.", reason_zh="最多保留 2 位小数。", path=path)
    if not 0 <= given < LIMIT:
        raise InvalidInput(
            reason="A price is at least 0.00 and has at most 16 digits before the point.",
            reason_zh="价格不能为负数,且整数部分最多 16 位。",
            path=path,
        )
    return given + 0  # no minus zero


def positive(amount: Decimal, *, path: tuple[str, ...] = ("input", "amount")) -> Money:
    """The amount as money in CNY. Raises InvalidInput for nothing, less, or parts of a cent."""
    try:
        money = Money(amount, CURRENCY)
    except InvalidInput as problem:
        problem.path = path
        raise
    if money.amount <= 0:
        raise InvalidInput(
            reason="The amount has to be more than nothing.",
            reason_zh="金额必须大于 0。",
            path=path,
        )
    return money
