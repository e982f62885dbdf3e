"""Invoices for statements, and what partners doubt about them, as the API shows them."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from domain.statements import guards
from domain.statements.policy import DISPUTES, INVOICES
from kit.reads import Connection, Node, column, embedded, money, one, table
from models import statement_steps as models
from schema.actions import AvailableAction, available
from schema.events import Event, happened
from schema.money import Money
from schema.partners import PartnerRef
from schema.scalars import Date, DateTime, Decimal
from schema.statement_enums import DisputeStatus, InvoiceKind, InvoiceStatus

if TYPE_CHECKING:
    from schema.settlement import SettlementLine
    from schema.statements import Statement

SettlementLineRef = Annotated["SettlementLine", strawberry.lazy("schema.settlement")]
StatementRef = Annotated["Statement", strawberry.lazy("schema.statements")]


@table(
    models.Invoice,
    prefix="ivc",
    scope=INVOICES,
    description="An invoice that a partner has issued for a statement. Several may cover one"
    " statement; one never covers two.",
)
class Invoice(Node):
    """S-12, S-20."""

    statement: StatementRef | None = one("statement_id", "For which statement.")
    partner: PartnerRef | None = one("partner_id", "Who has issued it.")
    code: str | None = column("Its code (发票代码); null for electronic invoices.")
    number: str = column("Its number (发票号码).")
    kind: InvoiceKind = column("What it is in tax law.")
    issued_on: Date = column("The day on it.")
    tax_ratio: Decimal = column("Its tax rate, 0 to below 1.", "tax_rate")
    net_amount: Money = money("net_amount", "currency", "What it comes to without tax.")
    tax_amount: Money = money("tax_amount", "currency", "The tax in `totalAmount`.")
    total_amount: Money = money("total_amount", "currency", "What it comes to, tax included.")
    status: InvoiceStatus = column("Where it stands.")
    created_at: DateTime = column("When the partner told of it.")
    received_at: DateTime | None = column("When the platform signed for it.")
    decided_at: DateTime | None = column("When it was found right or wrong, or withdrawn.")
    refusal: str | None = column("Why it was found wrong.")
    version: int = column("Rises with every change.")


@table(
    models.StatementDispute,
    prefix="std",
    scope=DISPUTES,
    description="What a partner doubts about a statement or one of its lines (账单反馈). It stops"
    " nothing: what was wrong comes as an adjustment with the next statement.",
)
class StatementDispute(Node):
    """W09, A-15."""

    statement: StatementRef | None = one("statement_id", "Of which statement.")
    partner: PartnerRef | None = one("partner_id", "Who doubts.")
    line: SettlementLineRef | None = one(
        "line_id", "Of which line; null for the statement as a whole."
    )
    status: DisputeStatus = column("Where it stands.")
    text: str = column("What is doubted.")
    answer: str | None = column("What the platform says to it; null until it has answered.")
    answered_at: DateTime | None = column("When the platform has answered; null until it has.")
    adjustment_amount: Money | None = embedded(
        {"amount": "{t}.adjustment_amount", "currency": "'CNY'"},
        "What the next statement gives, or takes, because of it; null for nothing.",
        unless="{t}.adjustment_amount is null",
    )
    closed_at: DateTime | None = column("When it was closed.")
    created_at: DateTime = column("When it was opened.")
    version: int = column("Rises with every change.")
    available_actions: list[AvailableAction] = available(
        guards.DISPUTE_ACTIONS, guards.DISPUTE_COLUMNS
    )
    history: Connection[Event] = happened()
