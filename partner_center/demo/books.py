"""The demo's money that takes a detour: paid out, sent back, put right, and checked at night."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from domain.funds import adjusting, recharging, withdrawing
from domain.funds.withdrawing import BankAccount
from domain.identity.items import Item
from domain.identity.viewer import Viewer, ViewerKind
from domain.ledger import audit
from domain.operating import pausing
from domain.partners import direct_sales
from domain.upstream import answering
from kit.workdays import SHANGHAI
from models.funds import RechargeChannel, RechargeMethod, WithdrawalKind
from models.ledger import AccountKind, LedgerAccount
from models.upstream import UpstreamRequest
from partner_center.demo.funds import PLATFORM
from partner_center.demo.people import Cast, House
from partner_center.demo.stories import DAY, let_time_pass

OPERATOR = Viewer(kind=ViewerKind.STAFF, display_name="平台运维", items=frozenset({Item.OPERATE}))
_OFFERS = replace(OPERATOR, items=frozenset({Item.OFFER_REVIEW}))
_CARD = "6222020010078{:06}"
_AUDITED = timedelta(hours=2)


async def load_books(cast: Cast, *, now: datetime) -> None:
    """Each for a house of its own, and the ledger's check of the last nights."""
    for house in cast.houses:
        if house.company.account in _PLOTS:
            await _PLOTS[house.company.account](house, now)
    await let_time_pass(now)
    await _are_held(cast.houses[0], now - 9 * DAY)
    await direct_sales.set_account(
        viewer=_OFFERS,
        partner_id=cast.houses[0].partner.id,
        email="direct.sales@platform.example",
        now=now - 30 * DAY,
    )
    midnight = now.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    for days in (2, 1):
        moment = midnight - days * DAY + _AUDITED
        await audit.audit(scheduled_for=moment, now=moment)


async def _are_held(house: House, now: datetime) -> None:
    """Nothing was worked out while a policy was being checked, nor came due for one partner."""
    for kind, partner_id in (("incentives", None), (None, house.partner.id)):
        held = await pausing.pause(
            viewer=OPERATOR, kind=kind, partner_id=partner_id, reason="核对激励政策", now=now
        )
        await pausing.resume(
            viewer=OPERATOR, pause_id=held.id, reason="核对完毕", now=now + timedelta(hours=3)
        )


async def _is_paid_out(house: House, now: datetime) -> None:
    await _bank_says(await _approved(house, now - 6 * DAY), "PAYOUT-0719", None, now - 5 * DAY)


async def _comes_back(house: House, now: datetime) -> None:
    await _bank_says(await _approved(house, now - 4 * DAY), None, "NO_SUCH_ACCOUNT", now - 3 * DAY)


async def _approved(house: House, now: datetime) -> Any:
    withdrawal = await withdrawing.submit(
        viewer=house.administrator,
        kind=WithdrawalKind.BANK_CARD,
        amount=Decimal(house.company.members * 100),
        to=BankAccount(
            bank="中国建设银行",
            name=house.partner.name,
            number=_CARD.format(house.company.founded),
        ),
        now=now,
    )
    await withdrawing.approve(
        viewer=PLATFORM, withdrawal_id=withdrawal.id, now=now + timedelta(hours=5)
    )
    return withdrawal.id


async def _bank_says(
    subject_id: Any, reference: str | None, code: str | None, now: datetime
) -> None:
    [request] = await UpstreamRequest.filter(subject_id=subject_id, answered_at=None)
    await answering.answered(request.id, ok=code is None, reference=reference, code=code, now=now)


async def _is_put_right(house: House, now: datetime) -> None:
    """A distributor's deposit, a reward of last year that was forgotten, and what isn't its own."""
    by: dict[str, Any] = {"viewer": PLATFORM, "now": now - 8 * DAY}
    await adjusting.move_deposit(
        **by,
        partner_id=house.partner.id,
        amount=Decimal(50_000),
        reason="经销商保证金",
        trans_id="DEP-0001",
    )
    await adjusting.adjust(
        **by,
        partner_id=house.partner.id,
        kind=AccountKind.REWARD,
        amount=Decimal("1280.00"),
        reason="补发上年度拓展奖励",
    )
    cash = await LedgerAccount.get(partner_id=house.partner.id, kind=AccountKind.CASH)
    await adjusting.set_facts(
        **by,
        account_id=cash.id,
        designated=Decimal(20_000),
        unreturned_invoices=Decimal(3_500),
        uncredited=Decimal(1_200),
        reason="专款专用及未退票据登记",
    )


async def _pays_in(house: House, now: datetime) -> None:
    """By the payment page: one has landed, one failed, one was left, one is open still."""
    for minutes, channel, amount, answer in (
        (3000, RechargeChannel.ALIPAY, 8_000, ("ALI-20260119", None)),
        (2900, RechargeChannel.WECHAT, 6_000, (None, "CARD_DECLINED")),
        (2800, RechargeChannel.WECHAT, 6_000, None),
        (4, RechargeChannel.UNIONPAY, 5_000, None),
    ):
        moment = now - timedelta(minutes=minutes)
        recharge = await recharging.create(
            viewer=house.administrator,
            method=RechargeMethod.ONLINE,
            channel=channel,
            amount=Decimal(amount),
            now=moment,
        )
        if answer is not None:
            reference, code = answer
            await _bank_says(recharge.id, reference, code, moment + timedelta(minutes=2))


_PLOTS = {
    "lanhai": _is_paid_out,
    "tianyuan": _comes_back,
    "zhongxin": _is_put_right,
    "dongyue": _pays_in,
}
