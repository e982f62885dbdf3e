"""Putting right what was settled: an amount that waits for the next statement (调账)."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.audit import events
from domain.identity.viewer import Viewer
from kit import texts
from kit.ids import new_id
from kit.money import CENT
from kit.problems import InvalidInput, NotFound
from kit.transaction import assert_open
from models.partners import Partner
from models.settlement import SettledKind, SettlementLine, Unsettled

_MOST = Decimal(10) ** 12
_RATE = Decimal("0.0001")


async def enter(
    *,
    partner_id: UUID,
    amount: Decimal,
    goods_tax_rate: Decimal,
    reason: str,
    line_id: UUID | None = None,
    viewer: Viewer,
    now: datetime,
) -> Unsettled:
    """Write down an amount, above or below zero, for the partner's next statement at this rate.

    `line_id` is the settlement line that it puts right. The caller has asked for the right. Raises
    NotFound for a line that isn't the partner's, InvalidInput.
    """
    assert_open()
    reason = texts.reason(reason)
    is_amount = amount.is_finite() and 0 < abs(amount) < _MOST
    if not is_amount or amount != amount.quantize(CENT):
        raise InvalidInput(
            reason="An adjustment is an amount to the cent, above or below zero.",
            reason_zh="调账金额须精确到分且不为零。",
            path=("input", "amount"),
        )
    is_rate = goods_tax_rate.is_finite() and 0 <= goods_tax_rate < 1
    if not is_rate or goods_tax_rate != goods_tax_rate.quantize(_RATE):
        raise InvalidInput(
            reason="A tax rate is a share of one, such as 0.13, with at most four decimals.",
            reason_zh="税率须为小于 1 的小数,最多四位小数,例如 0.13。",
            path=("input", "goodsTaxRatio"),
        )
    if not await Partner.exists(id=partner_id):
        raise NotFound(thing="partner", path=("input", "partnerId"))
    if line_id is not None and not await SettlementLine.exists(id=line_id, partner_id=partner_id):
        raise NotFound(thing="settlement line", path=("input", "lineId"))
    entered = Unsettled(
        id=new_id(),
        created_at=now,
        partner_id=partner_id,
        kind=SettledKind.ADJUSTMENT,
        line_id=line_id,
        amount=amount,
        goods_tax_rate=goods_tax_rate,
        reason=reason,
        entered_by=viewer.actor_id,
    )
    await entered.insert()
    await events.record(
        "settlement_adjustment.entered",
        actor=viewer,
        subject_type="settlement_adjustment",
        subject_id=entered.id,
        tenant_id=partner_id,
        # No seat has the id of a partner: what the house is paid isn't for account managers.
        manager_id=partner_id,
        reason=reason,
        after={"amount": str(amount), "goods_tax_rate": str(goods_tax_rate)},
        at=now,
    )
    return entered
