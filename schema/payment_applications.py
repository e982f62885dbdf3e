"""Applications for the payment of incentives as the API shows them."""

from domain.incentives import application_guards
from domain.incentives.policy import INCENTIVES
from kit.reads import Connection, Node, column, items, money, one, table
from kit.scope import INHERITED
from models import payment_applications as models
from models.payment_applications import ApplicationKind, PaymentApplicationState
from schema import incentive_lists  # noqa: F401 -- the enums must be known first
from schema.actions import AvailableAction, available
from schema.bookings import Booking, booking
from schema.events import Event, happened
from schema.incentives import Incentive
from schema.money import Money
from schema.partners import PartnerRef
from schema.scalars import Date, DateTime, Decimal


@table(
    models.PaymentApplicationItem,
    prefix="pai",
    scope=INHERITED,
    description="An incentive, or a part of one, that an application asks for.",
)
class PaymentApplicationItem:
    """I-09."""

    incentive: Incentive | None = one("incentive_id", "Which incentive.")
    amount: Money = money("amount", "currency", "How much of it.")
    let_go: bool = column("Whether the application has ended without it.")


@table(
    models.IncentiveInvoice,
    prefix="ici",
    scope=INHERITED,
    description="A VAT special invoice (增值税专用发票) for a payment application.",
)
class IncentiveInvoice:
    """I-10, I-11."""

    number: str = column("Its number.")
    code: str = column("Its code; empty for electronic invoices.")
    issued_on: Date = column("When it was issued.")
    net_amount: Money = money("net_amount", "currency", "What it comes to without tax.")
    tax_amount: Money = money("tax_amount", "currency", "The tax in `totalAmount`.")
    total_amount: Money = money("total_amount", "currency", "What it comes to, tax included.")
    tax_ratio: Decimal = column("The rate of the tax.", "tax_rate")
    returned_at: DateTime | None = column("When it was sent back; null if it wasn't.")
    return_reason: str | None = column("Why it was sent back; null if it wasn't.")


@table(
    models.PaymentApplication,
    prefix="pap",
    scope=INCENTIVES,
    description="A partner's wish to be paid incentives (申付单): reviewed, invoiced unless it"
    " comes to nothing, and paid by the bank.",
)
class PaymentApplication(Node):
    """5.14, I-09 … I-11."""

    number: str = column("申付单号: its number, for people.")
    partner: PartnerRef | None = one("partner_id", "Whose wish it is.")
    kind: ApplicationKind = column("How many incentives it has.")
    status: PaymentApplicationState = column("Where it stands.", "state")
    total_amount: Money = money("total_amount", "currency", "申付金额: all its items together.")
    tax_ratio: Decimal | None = column(
        "The tax rate that its invoices must have; null until it was handed in.", "fee_tax_rate"
    )
    incentives: list[PaymentApplicationItem] = items(
        "application_id", "What it asks for.", order="id", limit=200
    )
    invoices: list[IncentiveInvoice] = items(
        "application_id", "Its invoices, also those that went back.", order="id", limit=200
    )
    refusal: str | None = column("Why the platform has refused it.")
    failure: str | None = column("Why the bank could not pay; null unless it couldn't.")
    payment_reference: str | None = column("The bank's name for the payment.")
    booking: Booking | None = booking()
    created_at: DateTime = column("When it was made.")
    submitted_at: DateTime | None = column("When it was handed in.")
    decided_at: DateTime | None = column("When the platform decided.")
    invoiced_at: DateTime | None = column("When its invoices were handed in.")
    paid_at: DateTime | None = column("When it was paid.")
    ended_at: DateTime | None = column("When it ended.")
    version: int = column("Rises with every change.")
    available_actions: list[AvailableAction] = available(
        application_guards.ACTIONS, application_guards.COLUMNS
    )
    history: Connection[Event] = happened()
