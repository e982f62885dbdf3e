"""Invoices as partners tell of them, for statements and for payment applications alike."""

import strawberry

from domain.invoices.checking import Given
from schema.scalars import Date, Decimal
from schema.statement_enums import InvoiceKind


@strawberry.input(
    description="An invoice. Net is the total divided by one and the tax rate, rounded to the cent;"
    " the tax is the rest. It covers one statement or payment application alone."
)
class InvoiceInput:
    """S-12, S-20, I-11."""

    number: str = strawberry.field(
        description="Its number (发票号码): 8 digits, or 20 of an electronic invoice."
    )
    code: str | None = strawberry.field(
        default=None,
        description="Its code (发票代码): 10 or 12 digits; electronic invoices have none.",
    )
    kind: InvoiceKind = strawberry.field(
        default=InvoiceKind.VAT_SPECIAL,
        description="What it is in tax law; any but a special one is refused.",
    )
    issued_on: Date = strawberry.field(
        description="The day on it: not ahead, and for a statement not before the notice."
    )
    tax_ratio: Decimal = strawberry.field(
        description="Its tax rate, 0 to below 1: that of the partner's fee."
    )
    net_amount: Decimal = strawberry.field(description="What it comes to without tax.")
    tax_amount: Decimal = strawberry.field(description="The tax in `totalAmount`.")
    total_amount: Decimal = strawberry.field(description="What it comes to, tax included.")

    def given(self) -> Given:
        """As the workflow takes it."""
        return Given(
            code=self.code,
            number=self.number,
            kind=self.kind,
            issued_on=self.issued_on,
            tax_rate=self.tax_ratio,
            net=self.net_amount,
            tax=self.tax_amount,
            total=self.total_amount,
        )
