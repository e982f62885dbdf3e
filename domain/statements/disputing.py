"""Doubting a statement or a line of it before it is countersigned, and what comes of that (W09)."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.settlement import adjusting
from domain.statements import guards, history, steps
from domain.statements.policy import DISPUTES, LONGEST_TEXT
from kit import texts
from kit.guards import Guard, refuse
from kit.ids import new_id
from kit.problems import InvalidInput, NotFound, Problem
from kit.transaction import lock, transactional
from models.partners import Partner
from models.settlement import SettlementLine
from models.statement_steps import DisputeStatus, StatementDispute
from models.statements import Statement


class DisputedAlready(Problem):
    """One doubt at a time about the same thing."""

    en = "There is a dispute about it that isn't closed yet."
    zh = "该账单或明细已有未关闭的反馈。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """What an answer gives or takes with the next statement; the rate, if not the statement's."""

    amount: Decimal
    goods_tax_rate: Decimal | None = None


@transactional
async def open_(
    *,
    viewer: Viewer,
    statement_id: UUID,
    text: str,
    line_id: UUID | None = None,
    now: datetime,
) -> StatementDispute:
    """Say what is doubted, of the whole or of one line. It stops nothing, and has no deadline.

    Raises StatementOfAnotherPartner, AlreadyCountersigned, WrongStatus, DisputedAlready, NotFound.
    """
    permissions.require(viewer, "statementDisputeOpen")
    text = texts.needed(text, longest=LONGEST_TEXT, path=("input", "text"))
    statement = await steps.held(statement_id, guards.open_dispute, viewer=viewer, now=now)
    if line_id is not None and not await SettlementLine.exists(
        id=line_id, statement_id=statement.id
    ):
        raise NotFound(thing="settlement line", path=("input", "lineId"))
    earlier = StatementDispute.filter(statement_id=statement.id, status__not=DisputeStatus.CLOSED)
    # The statement is held, so that nobody opens another meanwhile.
    if await (
        earlier.filter(line_id=line_id) if line_id else earlier.filter(line_id__isnull=True)
    ).exists():
        raise DisputedAlready()
    dispute = StatementDispute(
        id=new_id(),
        created_at=now,
        statement_id=statement.id,
        line_id=line_id,
        partner_id=statement.partner_id,
        text=text,
        opened_by=viewer.actor_id,
    )
    await dispute.insert()
    await history.of_dispute(
        "opened", dispute, viewer=viewer, after={"status": dispute.status.value}, now=now
    )
    return dispute


@transactional
async def answer(
    *,
    viewer: Viewer,
    dispute_id: UUID,
    text: str,
    adjustment: Adjustment | None = None,
    now: datetime,
) -> StatementDispute:
    """Answer it, once; what was wrong comes as an adjustment with the next statement (S-05).

    Raises WrongStatus, InvalidInput.
    """
    permissions.require(viewer, "statementDisputeAnswer")
    text = texts.needed(text, longest=LONGEST_TEXT, path=("input", "answer"))
    statement, dispute = await _held(dispute_id, guards.answer_dispute, viewer=viewer, now=now)
    if adjustment is not None:
        await _adjust(statement, dispute, adjustment, text, viewer, now)
    dispute.answer = text
    dispute.answered_at = now
    amount = dispute.adjustment_amount
    await _move(
        dispute,
        DisputeStatus.ANSWERED,
        "answered",
        viewer=viewer,
        after={} if amount is None else {"adjustment_amount": str(amount)},
        now=now,
    )
    return dispute


@transactional
async def close(*, viewer: Viewer, dispute_id: UUID, now: datetime) -> StatementDispute:
    """Let it be: the partner at any time, the platform once it has answered."""
    permissions.require(viewer, "statementDisputeClose")
    _, dispute = await _held(dispute_id, guards.close_dispute, viewer=viewer, now=now)
    dispute.closed_at = now
    await _move(dispute, DisputeStatus.CLOSED, "closed", viewer=viewer, after={}, now=now)
    return dispute


async def _held(
    dispute_id: UUID, guard: Guard, *, viewer: Viewer, now: datetime
) -> tuple[Statement, StatementDispute]:
    """The statement and the dispute, held after the partner, when the guard lets pass."""
    await DISPUTES.require(StatementDispute, dispute_id, viewer=viewer, now=now, thing="dispute")
    known = await StatementDispute.get(id=dispute_id)
    await lock(Partner, id=known.partner_id)
    statement = await lock(Statement, id=known.statement_id)
    dispute = await lock(StatementDispute, id=dispute_id)
    assert statement is not None
    assert dispute is not None
    refuse(guard(dispute, viewer, now))
    return statement, dispute


async def _adjust(
    statement: Statement,
    dispute: StatementDispute,
    adjustment: Adjustment,
    reason: str,
    viewer: Viewer,
    now: datetime,
) -> None:
    rate = adjustment.goods_tax_rate
    if rate is None:
        rate = statement.goods_tax_rate
    if rate is None:
        raise InvalidInput(
            reason="Name the goods' tax rate: this statement has none of its own.",
            reason_zh="该账单无商品税率,请指定调账税率。",
            path=("input", "adjustment", "goodsTaxRatio"),
        )
    try:
        entered = await adjusting.enter(
            partner_id=statement.partner_id,
            amount=adjustment.amount,
            goods_tax_rate=rate,
            reason=reason[: texts.LONGEST_REASON],
            line_id=dispute.line_id,
            viewer=viewer,
            now=now,
        )
    except InvalidInput as problem:
        problem.path = ("input", "adjustment", *problem.path[1:])
        raise
    dispute.adjustment_id = entered.id
    dispute.adjustment_amount = entered.amount


async def _move(
    dispute: StatementDispute,
    wanted: DisputeStatus,
    happened: str,
    *,
    viewer: Viewer,
    after: dict[str, str],
    now: datetime,
) -> None:
    before: DisputeStatus = dispute.status
    dispute.status = before.to(wanted)
    dispute.version += 1
    await dispute.save(update_fields=_CHANGING)
    await history.of_dispute(
        happened,
        dispute,
        viewer=viewer,
        before={"status": before.value},
        after={"status": wanted.value} | after,
        now=now,
    )


_CHANGING = [
    "status",
    "answer",
    "answered_at",
    "adjustment_id",
    "adjustment_amount",
    "closed_at",
    "version",
]
