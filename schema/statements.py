"""Statements as the API shows them."""

from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from domain.invoices.taxes import taxes
from domain.statements import guards
from domain.statements.deadlines import OVERDUE
from domain.statements.documents import links_to
from domain.statements.policy import STATEMENTS
from kit.reads import (
    Connection,
    Node,
    column,
    computed,
    connection,
    embedded,
    items,
    money,
    one,
    sql,
    table,
)
from kit.scope import INHERITED
from models import statement_steps as steps
from models import statements as models
from schema.actions import AvailableAction, available
from schema.bookings import Booking, booking
from schema.certification import BusinessInformation
from schema.certification_enums import TaxpayerKind
from schema.deadlines import Deadline, deadline_of
from schema.events import Event, happened
from schema.explanations import SettlementExplanation, of_statement
from schema.money import Money
from schema.partners import PartnerRef
from schema.scalars import CurrencyCode, Date, DateTime, Decimal
from schema.settlement import SettlementLine, lines_of_statement
from schema.statement_enums import (
    SignerRole,
    StatementKind,
    StatementStatus,
    StatementStepKind,
)
from schema.statement_lists import (
    IS_OVERDUE,
    InvoiceFilter,
    InvoiceOrder,
    StatementDisputeFilter,
    StatementDisputeOrder,
)

if TYPE_CHECKING:
    from schema.identity import Person
    from schema.invoices import Invoice, StatementDispute
    from schema.settlement_runs import SettlementRun

PersonRef = Annotated["Person", strawberry.lazy("schema.identity")]
InvoiceRef = Annotated["Invoice", strawberry.lazy("schema.invoices")]
DisputeRef = Annotated["StatementDispute", strawberry.lazy("schema.invoices")]
SettlementRunRef = Annotated["SettlementRun", strawberry.lazy("schema.settlement_runs")]
StatementRef = Annotated["Statement", strawberry.lazy("schema.statements")]


@table(
    steps.StatementStep,
    prefix="stp",
    scope=INHERITED,
    description="A step of a statement, and until when it was to be done. What was sent back goes"
    " through a step once more.",
)
class StatementStep:
    """S-01."""

    kind: StatementStepKind = column("Which step.")
    attempt: int = column("1, and more when it was sent back.")
    started_at: DateTime = column("When it began.")
    due_on: Date | None = column("The last day for it, in Shanghai.")
    due_at: DateTime | None = column("The instant from which it is late.")
    is_provisional: bool = column(
        "Whether the day rests on a calendar that isn't announced yet.", "provisional"
    )
    done_at: DateTime | None = column("When it was done; null until then.")
    dropped_at: DateTime | None = column("When a cancellation left it undone.")
    breached_at: DateTime | None = sql(
        "case when {t}.breached_at is not null then {t}.breached_at"
        " when {t}.done_at is null and {t}.dropped_at is null and {t}.due_at <= {now}"
        " then {t}.due_at end",
        "Since when it is, or was, late; null when it isn't.",
    )


@table(
    steps.StatementSignature,
    prefix="sgn",
    scope=INHERITED,
    description="A signature that a statement needs, or has.",
)
class StatementSignature:
    """Part of a statement."""

    role: SignerRole = column("In whose name.")
    signed_at: DateTime | None = column("When it was given; null until then.")
    signer: PersonRef | None = one("signed_by", "By whom; null when you may not see that.")


@strawberry.type(description="An amount that includes tax, apart.")
class StatementTaxes:
    net: Money = strawberry.field(description="Without tax, rounded once.")
    tax: Money = strawberry.field(description="The tax: what the whole is more than `net`.")
    ratio: Decimal = strawberry.field(description="The tax rate, 0 to below 1.")


@strawberry.type(description="To whom a statement is paid, as certified when that was decided.")
class StatementPayee:
    legal_name: str = strawberry.field(description="The name on the account.")
    bank_name: str = strawberry.field(description="The bank and its branch.")
    bank_account: str = strawberry.field(description="The end of the account number.")
    taxpayer_kind: TaxpayerKind = strawberry.field(
        description="How the company pays value-added tax."
    )
    signing_entity: str = strawberry.field(
        description="The platform's company that pays, to whom invoices are made out."
    )


def _taxes(row: Any, _: Any) -> StatementTaxes | None:
    if row.total_amount <= 0:
        return None
    split = taxes(row.total_amount, row.fee_tax_rate)
    currency = CurrencyCode(row.currency)
    return StatementTaxes(
        net=Money(amount=Decimal(split.net), currency=currency),
        tax=Money(amount=Decimal(split.tax), currency=currency),
        ratio=Decimal(row.fee_tax_rate),
    )


def _payee(name: str) -> str:
    return (
        f"(select {name} from business_information payee"
        " where payee.id = {t}.business_information_id)"
    )


_LIST_COLUMNS = ("id", "status", "total_amount")


@table(
    models.Statement,
    prefix="stm",
    scope=STATEMENTS,
    description="What a partner is paid for a period, of one kind and one pair of tax rates (账单)."
    " The partner sees it once it was sent.",
)
class Statement(Node):
    """S-01…S-23."""

    number: str = column("Its number, for people.")
    partner: PartnerRef | None = one("partner_id", "Whom it pays.")
    run: SettlementRunRef | None = one(
        "run_id", "The run that has made it; null when you may not see it."
    )
    kind: StatementKind = column("What it pays.")
    period: str = column("For when: a month `2025-10` or a quarter `2025-Q4`, in Beijing.")
    status: StatementStatus = column("Where it stands.")
    goods_tax_ratio: Decimal | None = column(
        "The tax rate of the goods; null for an ASSESSMENT.", "goods_tax_rate"
    )
    fee_tax_ratio: Decimal = column("The tax rate of the partner's fee.", "fee_tax_rate")
    line_count: int = column("How many lines it has.", "lines")
    lines_amount: Money = money("lines_amount", "currency", "What the lines come to.")
    carry_in: Money = money(
        "carry_in", "currency", "What an earlier statement was below zero; 0 for none."
    )
    carried_from: StatementRef | None = one(
        "carried_from_id", "The earlier statement that `carryIn` comes from; null for none."
    )
    carried_into: StatementRef | None = one(
        "id",
        "The statement that carries what this one is below zero; null until there is one.",
        match="carried_from_id",
        where="{t}.status <> 'CANCELLED'",
    )
    total_amount: Money = money(
        "total_amount", "currency", "What is paid; at or below zero nothing is."
    )
    taxes: StatementTaxes | None = computed(
        _taxes,
        ("total_amount", "fee_tax_rate", "currency"),
        "How the total splits on the invoice; null when nothing is paid.",
    )
    explanation: SettlementExplanation = of_statement()
    replaces: StatementRef | None = one(
        "replaces_id", "The cancelled statement in whose place it is."
    )
    replaced_by: StatementRef | None = one(
        "id",
        "The statement in the place of this one, which was cancelled.",
        match="replaces_id",
        newest="created_at",
    )
    payee: StatementPayee = embedded(
        {
            "legalName": _payee("payee.legal_name"),
            "bankName": _payee("payee.bank_name"),
            "bankAccount": _payee("'****' || right(payee.bank_account, 4)"),
            "taxpayerKind": _payee("payee.taxpayer_kind"),
            "signingEntity": _payee("payee.signing_entity"),
        },
        "To whom it is paid.",
    )
    business_information: BusinessInformation | None = one(
        "business_information_id",
        "The certified business information that the payee is taken from; null when hidden.",
    )
    sheet_number: str | None = column("The number of its payment sheet (申付单).")
    step: StatementStepKind | None = column("The step that it is in; null when it has ended.")
    is_overdue: bool = sql(IS_OVERDUE, "Whether the step that it is in should be done by now.")
    deadline: Deadline | None = deadline_of(
        OVERDUE, "Until when its step is to be done. Being late closes nothing."
    )
    steps: list[StatementStep] = items(
        "statement_id", "The steps so far, in their order.", order="id", limit=50
    )
    signatures: list[StatementSignature] = items(
        "statement_id", "The signatures that are wanted, once that has begun.", order="id", limit=10
    )
    sent_at: DateTime | None = column("When it was reviewed and sent.")
    countersigned_at: DateTime | None = column("When the last signature was given.")
    notified_at: DateTime | None = column("When the partner was asked for its invoice.")
    invoice_due_at: DateTime | None = column("Until when the invoice is to come.")
    invoice_address: str | None = column("Where invoices on paper are to be mailed.")
    received_at: DateTime | None = column("When the platform signed for the invoice.")
    verified_at: DateTime | None = column("When the invoice was found right.")
    paid_at: DateTime | None = column("When it was paid, or paid back.")
    closed_at: DateTime | None = column("When it ended, in whichever way.")
    payment_reference: str | None = column(
        "The bank's name for the payment; of a REPAID one, for that of the partner."
    )
    booking: Booking | None = booking()
    failure: str | None = column(
        "Why there is no payment sheet, or why the bank could not pay; null since it is retried."
    )
    cancel_reason: str | None = column("Why it was cancelled.")
    created_at: DateTime = column("When it was generated.")
    version: int = column("Rises with every change.")
    settlement_lines: Connection[SettlementLine] = lines_of_statement()
    invoices: Connection[InvoiceRef] = connection(
        "statement_id",
        "The invoices for it, rejected ones included.",
        filter=InvoiceFilter,
        order=InvoiceOrder,
    )
    disputes: Connection[DisputeRef] = connection(
        "statement_id",
        "What is doubted of it.",
        filter=StatementDisputeFilter,
        order=StatementDisputeOrder,
    )
    invoice_list_url: str | None = computed(
        lambda row, _: _list(row, "page"),
        _LIST_COLUMNS,
        "The invoice list (开票清单) as a page to print, for whoever opens it, for 15 minutes;"
        " `?lang=zh` or `en`. Null before it is sent, and when nothing is paid.",
    )
    invoice_list_pdf_url: str | None = computed(
        lambda row, _: _list(row, "pdf"),
        _LIST_COLUMNS,
        "The invoice list as a PDF, for whoever opens it, for 15 minutes; null as `invoiceListUrl`"
        " is.",
    )
    available_actions: list[AvailableAction] = available(guards.ACTIONS, guards.COLUMNS)
    history: Connection[Event] = happened()


def _list(row: Any, form: str) -> str | None:
    links = links_to(row)
    return None if links is None else str(getattr(links, form))
