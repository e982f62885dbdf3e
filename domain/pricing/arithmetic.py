"""What lines of an order cost. Pure: no row is read, nothing but `Money.times` rounds.

A line is rounded once, half a cent up, on the whole of it and not on one piece: list price times
quantity, which is exact, times the discount (domain.md 6.3). So three of 0.10 at 85 % are 0.26 and
not 0.27, and an order's total is the sum of its lines to the cent.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from kit.money import Money

WHOLE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Amounts:
    """What one line, or a whole order, costs, tax included; `deal` and `discount` make `list`."""

    list: Money
    deal: Money

    @property
    def discount(self) -> Money:
        """How much less than the list price it is."""
        return self.list - self.deal


def at_discount(list_price: Money, quantity: int, discount: Decimal = WHOLE) -> Amounts:
    """A line at a share of the list price: 0.85 of it, or all of it (A-03)."""
    assert quantity > 0, f"{quantity} pieces"
    assert 0 < discount <= 1, f"{discount} is no share of the list price"
    whole = list_price.times(Decimal(quantity))
    return Amounts(whole, whole.times(discount))


def at_price(list_price: Money, quantity: int, unit_price: Money) -> Amounts:
    """A line at a price of its own for each piece, as a merchant's private offer says."""
    assert quantity > 0, f"{quantity} pieces"
    pieces = Decimal(quantity)
    return Amounts(list_price.times(pieces), unit_price.times(pieces))


def floor(list_price: Money, quantity: int, authorized_floor: Decimal) -> Money:
    """The least that a partner may ask for a line without a special application, rounded alike.

    Whether a discount is within its authority is told by the ratios and not by these amounts, which
    for small prices are equal long before.
    """
    return at_discount(list_price, quantity, authorized_floor).deal


def times(price: Money, quantity: int) -> Money:
    """So many pieces at a price each, exactly."""
    return price.times(Decimal(quantity))


def total(lines: Iterable[Amounts], currency: str) -> Amounts:
    """The sum of lines in one currency; of none, nothing."""
    found = list(lines)
    nothing = Money(Decimal(0), currency)
    return Amounts(
        sum((line.list for line in found), nothing), sum((line.deal for line in found), nothing)
    )
