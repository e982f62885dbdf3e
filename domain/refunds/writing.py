"""Writing refunds down: as they were quoted, given back at once or left to the merchant."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from domain.fulfilment import history
from domain.identity.viewer import Viewer
from domain.refunds import deadlines
from domain.refunds.executing import execute, say
from domain.refunds.quoting import Quote
from kit import rows, texts
from kit.ids import new_id
from kit.numbers import numbered
from kit.problems import Problem
from models.payments import PaymentPart
from models.refunds import DecidedBy, Refund, RefundPart, RefundReason, RefundStatus

LONGEST_NOTE = 500


class RefundChanged(Problem):
    """Another amount comes back than the client has seen: a day more is used, or a rule changed."""

    en = "{current} would come back by now, not {expected}."
    zh = "可退金额已由 {expected} 变更为 {current}。"
    about = {"expected": "What the client has seen.", "current": "What would come back now."}
    expected: Decimal
    current: Decimal


async def make(
    quotes: Sequence[Quote],
    *,
    viewer: Viewer,
    reason: RefundReason,
    note: str | None,
    expected_amount: Decimal | None,
    now: datetime,
) -> list[Refund]:
    """One refund per quote; the customer and the orders are held. Raises RefundChanged."""
    note = texts.optional(note, longest=LONGEST_NOTE, path=("input", "note"))
    amount = sum((quote.worth.amount.amount for quote in quotes), Decimal(0))
    if expected_amount is not None and expected_amount != amount:
        raise RefundChanged(
            expected=expected_amount, current=amount, path=("input", "expectedAmount")
        )
    decides = any(quote.decides for quote in quotes)
    refunds = [
        await _write(quote, viewer=viewer, reason=reason, note=note, now=now) for quote in quotes
    ]
    for place, refund in enumerate(refunds):
        if decides:
            await say(refund.order_id, viewer=viewer, now=now)
        else:
            refunds[place] = await execute(
                refund.id, decided_by=DecidedBy.RULE, viewer=viewer, now=now
            )
    if decides:
        await deadlines.schedule(refunds[0].customer_id, now=now)
    return refunds


async def _write(
    quote: Quote, *, viewer: Viewer, reason: RefundReason, note: str | None, now: datetime
) -> Refund:
    id = new_id()
    refund = Refund(
        id=id,
        created_at=now,
        number=numbered("RF", id, at=now),
        customer_id=quote.order.customer_id,
        partner_id=quote.order.partner_id,
        manager_id=quote.order.manager_id,
        merchant_id=quote.line.merchant_id,
        order_id=quote.order.id,
        line_id=quote.line.id,
        subscription_id=quote.line.subscription_id,
        kind=quote.kind,
        rule=quote.rule,
        status=RefundStatus.MERCHANT_REVIEW,
        reason=reason,
        note=note,
        pieces=quote.pieces,
        amount=quote.worth.amount.amount,
        consumed=quote.worth.consumed.amount,
        currency=quote.order.currency,
        used_days=quote.days.used if quote.days else None,
        total_days=quote.days.total if quote.days else None,
        guarantee_year=quote.guarantee_year,
        requested_by=viewer.actor_id,
        decide_by=now + deadlines.LIFETIME,
    )
    await refund.insert()
    counted = dict(
        await PaymentPart.filter(order_id=quote.order.id).values_list("id", "counts_performance")
    )
    await rows.insert_all(
        [
            RefundPart(
                id=new_id(),
                created_at=now,
                refund_id=refund.id,
                part_id=back.paid.part_id,
                instrument=back.paid.instrument,
                counts_performance=counted[back.paid.part_id],
                amount=back.amount.amount,
                currency=refund.currency,
            )
            for back in quote.worth.backs
        ]
    )
    await history.of(
        "refund",
        "requested",
        refund,
        viewer=viewer,
        after={"status": refund.status.value, "amount": str(refund.amount)},
        reason=reason.value,
        now=now,
    )
    return refund
