"""Amounts of money as the API shows them."""

import decimal
from collections.abc import Iterable

import strawberry

from domain.catalogue.amounts import CURRENCY
from kit.money import Money as Amount
from schema.scalars import CurrencyCode, Decimal


@strawberry.type(description="An exact amount in a currency.")
class Money:
    """Two decimals, always."""

    amount: Decimal = strawberry.field(description='With two decimals: `"1234.50"`.')
    currency: CurrencyCode = strawberry.field(description="Of which currency.")

    @staticmethod
    def of(amount: Amount) -> "Money":
        """As the API tells it."""
        return Money(amount=Decimal(amount.amount), currency=CurrencyCode(amount.currency))

    @staticmethod
    def yuan(amount: decimal.Decimal) -> "Money":
        """An amount in CNY; sums of the database come as plain numbers."""
        return Money.of(Amount(amount, CURRENCY))

    @staticmethod
    def yuan_of(amounts: Iterable[decimal.Decimal]) -> "Money":
        """What amounts in CNY come to, nothing for none."""
        return Money.yuan(sum(amounts, decimal.Decimal(0)))
