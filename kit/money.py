"""Exact amounts: added, scaled by the one function that rounds, split without losing a cent."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Self

from kit.problems import InvalidInput

CENT = Decimal("0.01")
LIMIT = Decimal(10) ** 16  # numeric(18, 2) holds less than this

_CURRENCY = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class Money:
    """An amount with two decimals in a currency (ISO 4217), as the database keeps it.

    Raises InvalidInput for an amount that isn't one: NaN, infinite, too large, or with more than
    two decimals, which is never rounded in silence. A float is refused as a bug: it is not exact.
    """

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if not isinstance(self.amount, Decimal):
            raise TypeError(f"an amount is a Decimal, not {type(self.amount).__name__}")
        if not _CURRENCY.fullmatch(self.currency):
            raise InvalidInput(
                reason=f"{self.currency[:20]!r} is not a currency code.",
                reason_zh="币种代码无效。",
            )
        if not self.amount.is_finite() or abs(self.amount) >= LIMIT:
            raise InvalidInput(
                reason=f"{str(self.amount)[:40]} is not an amount.", reason_zh="金额无效。"
            )
        exponent = self.amount.as_tuple().exponent
        if isinstance(exponent, int) and exponent < -2:
            raise InvalidInput(
                reason=f"{str(self.amount)[:40]} has more than two decimals.",
                reason_zh="金额最多保留两位小数。",
            )
        # "+ 0" makes an ordinary zero of minus zero.
        object.__setattr__(self, "amount", self.amount.quantize(CENT) + 0)

    def __add__(self, other: Self) -> Self:
        assert self.currency == other.currency, f"{self.currency} and {other.currency} don't add up"
        return type(self)(self.amount + other.amount, self.currency)

    def __sub__(self, other: Self) -> Self:
        return self + -other

    def __neg__(self) -> Self:
        return type(self)(-self.amount, self.currency)

    def times(self, rate: Decimal) -> Self:
        """The one place that rounds: half a cent goes away from zero, as on an invoice."""
        if not isinstance(rate, Decimal):
            raise TypeError(f"a rate is a Decimal, not {type(rate).__name__}")
        assert rate.is_finite(), f"{rate} is not a rate"
        with localcontext() as exactly:
            # The default of 28 digits would round the product once before we round it.
            exactly.prec = 18 + len(rate.as_tuple().digits) + abs(rate.adjusted()) + 4
            product = (self.amount * rate).quantize(CENT, ROUND_HALF_UP)
        return type(self)(product, self.currency)

    def split(self, weights: Sequence[int | Decimal]) -> list[Self]:
        """Shares in proportion to the weights that add up to the whole, to the cent.

        Cents left over go to the largest remainders, the earlier share first. A negative amount
        splits as the positive one does, so that a refund undoes share by share what was paid.
        """
        if self.amount < 0:
            return [-share for share in (-self).split(weights)]
        parts = _in_whole_numbers(weights)
        total, cents = sum(parts), int(self.amount.scaleb(2))
        assert total > 0, f"can't split by {weights}"
        assert min(parts) >= 0, f"can't split by {weights}"
        floors = [cents * part // total for part in parts]
        remainders = [cents * part % total for part in parts]
        by_remainder = sorted(range(len(parts)), key=lambda share: -remainders[share])
        for share in by_remainder[: cents - sum(floors)]:
            floors[share] += 1
        return [type(self)(Decimal(floor).scaleb(-2), self.currency) for floor in floors]


def _in_whole_numbers(weights: Sequence[int | Decimal]) -> list[int]:
    """The same proportions without fractions, so that no division has to round."""
    exact = [Decimal(weight).as_integer_ratio() for weight in weights]
    common = math.lcm(*(denominator for _, denominator in exact))
    return [numerator * (common // denominator) for numerator, denominator in exact]
