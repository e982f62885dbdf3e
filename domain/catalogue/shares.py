"""Numbers that people give for ratios and prices: exact, in range, never rounded in silence."""

from decimal import Decimal

from kit.money import LIMIT
from kit.problems import InvalidInput

CURRENCY = "CNY"  # the only one of the China site


def share(
    given: Decimal,
    *,
    path: tuple[str, ...],
    places: int,
    least: Decimal = Decimal(0),
    most: Decimal = Decimal(1),
    above_least: bool = False,
) -> Decimal:
    """A share of one with at most `places` decimals, from `least` (or above it) to `most`.

    Raises InvalidInput: 85 per cent is "0.85", and what has more decimals is not rounded.
    """
    _whole(given, places, path)
    if not least <= given <= most or (above_least and given == least):
        begin = "more than" if above_least else "at least"
        begin_zh = "大于" if above_least else "不小于"
        raise InvalidInput(
            reason=f"A share of one is needed, {begin} {least} and at most {most}: 85 % is 0.85.",
            reason_zh=f"须填写比例,{begin_zh} {least} 且不大于 {most};85% 应写作 0.85。",
            path=path,
        )
    return given


def price(given: Decimal, *, path: tuple[str, ...]) -> Decimal:
    """An amount of zero or more in CNY with at most two decimals. Raises InvalidInput."""
    _whole(given, 2, path)
    if not 0 <= given < LIMIT:
        raise InvalidInput(
            reason="A price is at least 0.00 and has at most 16 digits before the point.",
            reason_zh="价格不能为负数,且整数部分最多 16 位。",
            path=path,
        )
    return given + 0  # no minus zero


def _whole(given: Decimal, places: int, path: tuple[str, ...]) -> None:
    exponent = given.normalize().as_tuple().exponent
    if not given.is_finite() or not isinstance(exponent, int) or exponent < -places:
        raise InvalidInput(
            reason=f"At most {places} decimals.",
            reason_zh=f"最多保留 {places} 位小数。",
            path=path,
        )
