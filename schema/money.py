"""Amounts of money as the API shows them."""

import strawberry

from schema.scalars import CurrencyCode, Decimal


@strawberry.type(description="An exact amount in a currency.")
class Money:
    """Two decimals, always."""

    amount: Decimal = strawberry.field(description='With two decimals: `"1234.50"`.')
    currency: CurrencyCode = strawberry.field(description="Of which currency.")
