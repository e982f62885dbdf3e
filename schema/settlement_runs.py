"""Runs, their previews and sums of settlement lines, as the API shows them."""

from enum import Enum

import strawberry

from domain.settlement import previewing, working
from domain.settlement.eligibility import PendingReason
from domain.settlement.policy import RUNS
from domain.settlement.runs import PeriodNotOver, RunExists
from domain.settlement.totals import Totals
from kit import ids
from kit.reads import (
    Connection,
    Node,
    column,
    connection,
    items,
    of_node,
    one,
    ordering,
    sql,
    table,
    where,
    within,
)
from kit.scope import INHERITED
from models import settlement_runs as models
from models.settlement import SettledKind, StatementKind
from models.settlement_runs import RunState
from schema.events import Event, happened
from schema.inputs import idempotency_key
from schema.money import Money
from schema.partners import PartnerRef
from schema.payloads import made, payload
from schema.ranges import DateTimeRange
from schema.scalars import Date, DateTime, Decimal
from schema.statement_lists import StatementOrder
from schema.statements import Statement


def _of_shares(what: str) -> str:
    return f"(select {what} from settlement_share part where part.run_id = {{t}}.id)"


@table(
    models.SettlementShare,
    prefix="rsh",
    scope=INHERITED,
    description="A partner's part of a run, made in one go.",
)
class SettlementShare:
    """Part of a run."""

    partner: PartnerRef | None = one("partner_id", "Which partner.")
    line_count: int | None = column("How many lines were made; null until it is done.", "lines")
    statement_count: int | None = column(
        "How many statements; null until it is done.", "statements"
    )
    waiting_count: int | None = column(
        "How much more the partner has that couldn't be settled yet.", "waiting"
    )
    working_since: DateTime | None = sql(
        working.SINCE,
        "Since when a worker is at it, by the real clock, also in a sandbox; null when none is.",
    )
    done_at: DateTime | None = column("When it was done.")
    failed_at: DateTime | None = column("When it failed; it is tried again each minute.")
    failure: str | None = column("What had gone wrong when it failed.")


@table(
    models.SettlementRun,
    prefix="run",
    scope=RUNS,
    description="A making of the statements of a kind and period (出账), of all partners or one.",
)
class SettlementRun(Node):
    """S-05, S-06."""

    kind: StatementKind = column("Which statements.")
    period: str = column("Of when: a month `2025-10` or a quarter `2025-Q4`, in Beijing.")
    starts_at: DateTime = column("The first instant of the period.")
    ends_at: DateTime = column("The first instant after the period.")
    as_of: DateTime = column("As of when it settles: what came later waits for the next run.")
    billing_day: Date = column(
        "The day in Shanghai from which its statements have a working day to be made: the period's"
        " billing day, or the day on which it was begun, if that was before or for one partner."
    )
    rule_version: str = column("By which version of the rules.")
    partner: PartnerRef | None = one(
        "partner_id",
        "The only partner that it is about: its statements are made again, or it has confirmed its"
        " incentives after the quarter's run; null for all partners.",
    )
    status: RunState = column("Where it stands.", "state")
    partner_count: int = sql(_of_shares("count(*)"), "How many partners it is about.")
    done_partner_count: int = sql(
        _of_shares("count(part.done_at)"), "How many of its partners are done."
    )
    line_count: int = sql(
        _of_shares("coalesce(sum(part.lines), 0)"), "How many lines were made so far."
    )
    statement_count: int = sql(
        _of_shares("coalesce(sum(part.statements), 0)"), "How many statements were made so far."
    )
    failed_count: int = sql(
        _of_shares("count(part.failed_at)"), "How many partners have failed and are tried again."
    )
    shares: list[SettlementShare] = items(
        "run_id", "Its parts, those that failed first.", order="failed_at", limit=200
    )
    statements: Connection[Statement] = connection(
        "run_id", "The statements that it has made.", order=StatementOrder
    )
    created_at: DateTime = column("When it was begun.")
    finished_at: DateTime | None = column("When all of it was made.")
    history: Connection[Event] = happened()


@strawberry.input(description="Which runs; all conditions together.")
class SettlementRunFilter:
    """Conditions over a table that stays small."""

    kind: list[StatementKind] | None = where("{t}.kind = any({value})", "Of any of these kinds.")
    period: str | None = where("{t}.period = {value}::text", "Of this period.")
    status: list[RunState] | None = where("{t}.state = any({value})", "In any of these statuses.")
    partner_id: strawberry.ID | None = of_node(
        "partner_id", "ptn", "Those that are about this partner alone."
    )
    created: DateTimeRange | None = within("created_at", "Begun in this span.")


@strawberry.enum(description="What runs can be ordered by.")
class SettlementRunOrderField(Enum):
    """Names of columns."""

    CREATED_AT = strawberry.enum_value("created_at", description="By when they began.")
    STARTS_AT = strawberry.enum_value("starts_at", description="By their period.")


SettlementRunOrder = ordering("How runs are ordered.", SettlementRunOrderField.CREATED_AT)


@strawberry.input(description="Which statements to make.")
class SettlementRunStartInput:
    """For `settlementRunStart`."""

    kind: StatementKind = strawberry.field(description="Which kind.")
    period: str = strawberry.field(
        description="Of when: a month `2025-10` for BASIC, a quarter `2025-Q4` for ASSESSMENT."
    )
    idempotency_key: str | None = idempotency_key()


@payload(errors=(PeriodNotOver, RunExists))
class SettlementRunStartPayload:
    settlement_run: SettlementRun | None = made("The run, which goes on by itself.")


@strawberry.type(description="The lines of a kind, summed up.")
class SettlementKindTotals:
    kind: SettledKind = strawberry.field(description="Which kind.")
    line_count: int = strawberry.field(description="How many.")
    cash: Money = strawberry.field(description="Their cash consumption.")
    amount: Money = strawberry.field(description="What they come to.")


@strawberry.type(
    description="Settlement lines in sums. What a voided line stood for may be in another, too."
)
class SettlementTotals:
    line_count: int = strawberry.field(description="How many.")
    cash: Money = strawberry.field(description="Their cash consumption.")
    amount: Money = strawberry.field(description="What they come to.")
    by_kind: list[SettlementKindTotals] = strawberry.field(
        description="The same sums for each kind."
    )

    @staticmethod
    def of(found: list[Totals]) -> "SettlementTotals":
        """As the API tells it."""
        return SettlementTotals(
            line_count=sum(each.lines for each in found),
            cash=Money.yuan_of(each.cash for each in found),
            amount=Money.yuan_of(each.amount for each in found),
            by_kind=[
                SettlementKindTotals(
                    kind=SettledKind(each.kind),
                    line_count=each.lines,
                    cash=Money.yuan(each.cash),
                    amount=Money.yuan(each.amount),
                )
                for each in found
            ],
        )


@strawberry.type(description="What lines of a kind would come to.")
class PreviewedAmount:
    kind: SettledKind = strawberry.field(description="Which kind.")
    amount: Money = strawberry.field(description="How much.")


@strawberry.type(description="A statement that a run would make.")
class PreviewedStatement:
    goods_tax_ratio: Decimal | None = strawberry.field(
        description="The tax rate of the goods; null for an ASSESSMENT."
    )
    fee_tax_ratio: Decimal = strawberry.field(description="The tax rate of the partner's fee.")
    line_count: int = strawberry.field(description="How many lines it would have.")
    amounts: list[PreviewedAmount] = strawberry.field(
        description="What its lines come to, by kind."
    )
    lines_amount: Money = strawberry.field(description="What its lines come to together.")
    carry_in: Money = strawberry.field(description="What an earlier statement is below zero.")
    carried_from_id: strawberry.ID | None = strawberry.field(
        description="The earlier statement that `carryIn` comes from; null for none."
    )
    total_amount: Money = strawberry.field(description="`linesAmount` and `carryIn` together.")


@strawberry.type(description="What a run would leave, for the same reasons.")
class PreviewedWaiting:
    kind: SettledKind = strawberry.field(description="What it is.")
    waiting_for: list[PendingReason] = strawberry.field(description="What it waits for.")
    count: int = strawberry.field(description="How many of these there are.")


@strawberry.type(description="What a run would make of a partner now, and what it would leave.")
class SettlementRunPreview:
    statements: list[PreviewedStatement] = strawberry.field(description="The statements.")
    waiting: list[PreviewedWaiting] = strawberry.field(description="What would go on waiting.")

    @staticmethod
    def of(found: previewing.Preview) -> "SettlementRunPreview":
        """As the API tells it."""
        return SettlementRunPreview(
            statements=[_previewed(each) for each in found.statements],
            waiting=[
                PreviewedWaiting(kind=each.kind, waiting_for=list(each.reasons), count=each.rows)
                for each in found.waiting
            ],
        )


def _previewed(ahead: previewing.StatementAhead) -> PreviewedStatement:
    tax, before = ahead.goods_tax_rate, ahead.carried_from_id
    return PreviewedStatement(
        goods_tax_ratio=None if tax is None else Decimal(tax),
        fee_tax_ratio=Decimal(ahead.fee_tax_rate),
        line_count=ahead.lines,
        amounts=[
            PreviewedAmount(kind=kind, amount=Money.yuan(amount))
            for kind, amount in ahead.amounts.items()
        ],
        lines_amount=Money.yuan(ahead.lines_amount),
        carry_in=Money.yuan(ahead.carry_in),
        carried_from_id=None if before is None else strawberry.ID(ids.encode("stm", before)),
        total_amount=Money.yuan(ahead.total_amount),
    )
