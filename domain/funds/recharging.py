"""Bringing money in (充值): announced first, and credited once for each reference that comes."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.catalogue.amounts import positive
from domain.funds import deadlines, history
from domain.funds.landing import credit
from domain.funds.owners import MoneyOfThePartner, Owner, named, own
from domain.funds.policy import RECHARGES
from domain.identity import permissions
from domain.identity.items import Item
from domain.identity.viewer import Viewer
from domain.upstream import asking
from kit import texts
from kit.ids import new_id
from kit.money import Money
from kit.numbers import numbered
from kit.problems import InvalidInput, NotFound
from kit.transaction import assert_open, lock, transactional
from models.customers import Customer
from models.funds import Recharge, RechargeChannel, RechargeMethod, RechargeStatus
from models.ledger import AccountKind
from models.upstream import System

# How long an online payment page is good for (inferred; the sources name no span).
LIFETIME = timedelta(hours=24)

OPERATION = "recharge"
SYSTEMS = {
    RechargeMethod.ONLINE: System.ONLINE_PAYMENT,
    RechargeMethod.BANK_TRANSFER: System.BANK,
}
LONGEST_REFERENCE = 100


@transactional
async def create(
    *,
    viewer: Viewer,
    method: RechargeMethod,
    channel: RechargeChannel | None,
    amount: Decimal,
    now: datetime,
) -> Recharge:
    """Announce money for the viewer's own cash account, and ask the payment system for it.

    An online payment is given up after 24 hours; what comes later is credited nevertheless. Raises
    MoneyOfThePartner for agency customers (F-02), OnlyForItself, InvalidInput.
    """
    permissions.require(viewer, "rechargeCreate")
    money = positive(amount)
    found = _channel(method, channel)
    owner = await own(viewer, Item.FUNDS_ALLOCATE, now=now)
    if owner.is_agency_customer:
        raise MoneyOfThePartner()
    return await announce(
        owner=owner, method=method, channel=found, amount=money, viewer=viewer, now=now
    )


async def announce(
    *,
    owner: Owner,
    method: RechargeMethod,
    channel: RechargeChannel,
    amount: Money,
    order_id: UUID | None = None,
    plan: Mapping[str, Any] | None = None,
    expires_at: datetime | None = None,
    viewer: Viewer,
    now: datetime,
) -> Recharge:
    """Write a recharge down and ask for it, for a workflow that has let the viewer pass.

    With `order_id` it is that order's online payment: `LANDED` tells of it, with `plan`.
    """
    assert_open()
    id = new_id()
    account = await owner.account(AccountKind.CASH, now=now)
    is_online = method is RechargeMethod.ONLINE
    recharge = Recharge(
        id=id,
        created_at=now,
        number=numbered("RC", id, at=now),
        account_id=account.id,
        partner_id=owner.partner_id,
        customer_id=owner.customer_id,
        method=method,
        channel=channel,
        amount=amount.amount,
        currency=amount.currency,
        order_id=order_id,
        plan=dict(plan or {}),
        expires_at=(expires_at or now + LIFETIME) if is_online else None,
        created_by=viewer.person_id,
    )
    await recharge.insert()
    await deadlines.schedule(recharge, now=now)
    await asking.ask(
        system=SYSTEMS[method],
        operation=OPERATION,
        subject_type="recharge",
        subject_id=id,
        payload={
            "number": recharge.number,
            "channel": channel.value,
            "amount": str(amount.amount),
            "currency": amount.currency,
        },
        now=now,
    )
    await history.of(
        "created",
        recharge,
        viewer=viewer,
        after={"status": recharge.status.value, "amount": str(amount.amount)},
        now=now,
    )
    return recharge


@transactional
async def record(
    *,
    viewer: Viewer,
    recharge_id: UUID | None = None,
    partner_id: UUID | None = None,
    customer_id: UUID | None = None,
    amount: Decimal,
    reference: str,
    with_bonus: bool = False,
    now: datetime,
) -> Recharge:
    """Credit a bank transfer by hand, once for its reference: said again, it is the earlier one.

    It belongs to a recharge that was announced, or to a partner or customer who did not. The bank's
    own answer with the same reference changes nothing any more, nor does this after it. Raises
    DuplicateTransId when the reference has brought something else.
    """
    permissions.require(viewer, "rechargeRecord")
    money = positive(amount)
    reference = texts.needed(reference, longest=LONGEST_REFERENCE, path=("input", "reference"))
    if recharge_id is not None:
        recharge = await _announced(viewer, recharge_id, now)
    else:
        owner = await named(viewer, partner_id=partner_id, customer_id=customer_id, now=now)
        recharge = await _unannounced(owner, money, with_bonus, viewer, now)
    earlier = await credit(recharge, amount=money, reference=reference, viewer=viewer, now=now)
    return recharge if earlier is None else await Recharge.get(id=earlier)


async def _announced(viewer: Viewer, recharge_id: UUID, now: datetime) -> Recharge:
    known = await Recharge.get_or_none(id=recharge_id)
    if known is None or known.method is not RechargeMethod.BANK_TRANSFER:
        raise NotFound(thing="recharge", path=("input", "rechargeId"))
    if known.customer_id is not None:
        await lock(Customer, id=known.customer_id)
    return await RECHARGES.lock(Recharge, recharge_id, viewer=viewer, now=now, thing="recharge")


async def _unannounced(
    owner: Owner, money: Money, with_bonus: bool, viewer: Viewer, now: datetime
) -> Recharge:
    account = await owner.account(AccountKind.CASH, now=now)
    id = new_id()
    return Recharge(
        id=id,
        created_at=now,
        number=numbered("RC", id, at=now),
        account_id=account.id,
        partner_id=owner.partner_id,
        customer_id=owner.customer_id,
        method=RechargeMethod.BANK_TRANSFER,
        channel=RechargeChannel.WIRE,
        amount=money.amount,
        status=RechargeStatus.WAITING,
        with_bonus=with_bonus,
        created_by=viewer.person_id,
    )


def _channel(method: RechargeMethod, channel: RechargeChannel | None) -> RechargeChannel:
    if (method is RechargeMethod.BANK_TRANSFER) != (channel in (None, RechargeChannel.WIRE)):
        raise InvalidInput(
            reason="Pay online by ALIPAY, WECHAT or UNIONPAY; a bank transfer has no other channel"
            " than WIRE.",
            reason_zh="在线支付请选择支付宝、微信或银联;银行转账仅支持电汇。",
            path=("input", "channel"),
        )
    return channel or RechargeChannel.WIRE
