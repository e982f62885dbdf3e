"""Ratios: shares of one, 0.85 and never 85, exact to the decimals that are kept."""

from decimal import Decimal

from kit.problems import InvalidInput

PLACES = 6


def checked(
    value: Decimal,
    *,
    path: tuple[str, ...],
    places: int = PLACES,
    least: Decimal = Decimal(0),
    most: Decimal = Decimal(1),
    above_least: bool = False,
) -> Decimal:
    """The ratio, from `least` (or above it) to `most`, with at most `places` decimals.

    Raises InvalidInput; digits are never rounded away.
    """
    if not value.is_finite() or decimals(value) > places:
        raise InvalidInput(
            reason=f"At most {places} decimals.", reason_zh=f"最多保留 {places} 位小数。", path=path
        )
    if not least <= value <= most or (above_least and value == least):
        begin = "more than" if above_least else "at least"
        begin_zh = "大于" if above_least else "不小于"
        raise InvalidInput(
            reason=f"A share of one is needed, {begin} {least} and at most {most}: 85 % is 0.85.",
            reason_zh=f"须填写比例,{begin_zh} {least} 且不大于 {most};85% 应写作 0.85。",
            path=path,
        )
    return value


def decimals(value: Decimal) -> int:
    """How many decimals a finite number has, zeros at its end not counted."""
    _, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int), f"{value} is no number"
    zeros = len(digits) - len("".join(map(str, digits)).rstrip("0"))
    return max(0, -exponent - zeros) if value else 0


def written(value: Decimal) -> str:
    """As people and events read it: without zeros at its end."""
    return f"{value.normalize() + 0:f}"
