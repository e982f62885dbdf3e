"""Ratios: shares of one, 0.85 and never 85, exact to the decimals that are kept."""

from decimal import Decimal

from kit.problems import InvalidInput

PLACES = 6


def checked(value: Decimal, *, places: int = PLACES, path: tuple[str, ...]) -> Decimal:
    """The ratio, from 0 to 1 inclusive. Raises InvalidInput; digits are never rounded away."""
    if not value.is_finite() or not 0 <= value <= 1 or value != round(value, places):
        raise InvalidInput(
            reason=f"A ratio is a share of one, 0 to 1, with at most {places} decimals.",
            reason_zh=f"比例应为 0 到 1 之间的小数,最多 {places} 位小数。",
            path=path,
        )
    return value


def written(value: Decimal) -> str:
    """As people and events read it: without zeros at its end."""
    return f"{value.normalize() + 0:f}"
