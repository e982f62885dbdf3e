"""How an amount that includes tax splits into net and tax (6.9)."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from kit.money import CENT


@dataclass(frozen=True, slots=True)
class Tax:
    """An amount that includes tax, apart."""

    net: Decimal
    tax: Decimal


def taxes(total: Decimal, tax_rate: Decimal) -> Tax:
    """Net, rounded once, half a cent away from zero; the rest is the tax. As it is on invoices."""
    # Exact: no quotient of 18 digits by so few is that near to half a cent unless it is that.
    net = (total / (1 + tax_rate)).quantize(CENT, ROUND_HALF_UP)
    return Tax(net=net, tax=total - net)
