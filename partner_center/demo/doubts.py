"""The demo's buyer that isn't content: what it got cheaper, gave back, or refused to accept."""

from datetime import datetime, timedelta
from random import Random

from domain.fulfilment import appealing, delivering
from domain.orders import adjusting, paying, placing
from domain.orders.adjusting import Adjusted
from domain.orders.wishes import Wanted
from domain.refunds import deciding, requesting
from models.catalogue import GoodsKind
from models.customers import Customer
from models.orders import OrderLine
from models.refunds import Refund, RefundReason
from models.vouchers import Coupon, CouponKind
from partner_center.demo.fulfilment import Delivery, sold
from partner_center.demo.orders import CASHIER
from partner_center.demo.people import SEED, Cast
from partner_center.demo.stories import DAY, Story, play

_BEGIN = 16 * DAY  # ago
_HOUR = timedelta(hours=1)
_PAY_FIRST = (CouponKind.CASH_COUPON, CouponKind.STORED_VALUE_CARD)
_REJECTIONS = ("报表导出仍缺少两个字段。", "历史数据迁移不完整。", "性能未达到约定指标。")


async def load_doubts(cast: Cast, *, now: datetime) -> None:
    """Let all of it happen, up to this moment."""
    dice = Random(SEED + 33)
    begin = now - _BEGIN
    buyer = await Customer.get(account_name="changjiang")
    by_kind = await sold(at=begin - DAY)
    by_kind["strict"] = [
        sku
        for kind in ("guaranteed", "plain")
        for sku in by_kind[kind]
        if (await sku.goods).kind is GoodsKind.STRICT_SELECTED
    ]
    merchants = {house.partner.id: house for house in cast.merchants}
    told: list[tuple[Story, Delivery]] = []
    for place, (plot, kind) in enumerate(_PLOTS):
        if not by_kind[kind]:
            continue
        sku = dice.choice(by_kind[kind])
        goods = await sku.goods
        delivery = Delivery(cast.houses[0], buyer, sku, dice, begin + place * _HOUR)
        assert goods.merchant_id is not None
        delivery.merchant = merchants[goods.merchant_id]
        told.append((plot(delivery), delivery))
    await play(told, now=now)


async def _pays_less(delivery: Delivery) -> Story:
    """The merchant takes something off; coupons pay a part of the rest, and it says how it is."""
    order = await placing.place(
        viewer=delivery.buyer,
        lines=[Wanted(sku_id=delivery.sku.id)],
        seller_account_name=delivery.house.partner.account_name,
        note="请于本周内开通,联系人:信息部王工。",
        now=delivery.now,
    )
    yield 2 * _HOUR
    line = await OrderLine.get(order_id=order.id)
    order = await adjusting.adjust(
        viewer=delivery.merchant.administrator,
        order_id=order.id,
        expected_version=order.version,
        lines=[Adjusted(line.id, line.deal_amount - line.deal_amount // 20)],
        reason="老客户优惠",
        now=delivery.now,
    )
    yield _HOUR
    await delivery.recharge(order)
    coupons = await Coupon.filter(
        customer_id=delivery.customer.id, status="USABLE", created_at__lt=delivery.now
    )
    kinds = {coupon.kind: coupon.id for coupon in coupons}
    wanted = [kinds[kind] for kind in _PAY_FIRST if kind in kinds]
    order = await paying.pay(
        viewer=delivery.buyer,
        order_id=order.id,
        coupons=dict.fromkeys(wanted),
        now=delivery.now,
    )
    delivery.line = await OrderLine.get(order_id=order.id)
    yield timedelta(minutes=5)
    await delivery.answer()


async def _asks_back(delivery: Delivery) -> Story:
    await delivery.buy()
    yield timedelta(minutes=4)
    await delivery.answer()
    yield 8 * DAY
    await requesting.request(
        viewer=delivery.buyer,
        subscription_id=(await delivery.subscription()).id,
        reason=RefundReason.NOT_AS_DESCRIBED,
        note="并发数低于商品页说明。",
        now=delivery.now,
    )
    yield 6 * _HOUR


async def _is_refused(delivery: Delivery) -> Story:
    async for pause in _asks_back(delivery):
        yield pause
    await deciding.reject(
        viewer=delivery.merchant.administrator,
        refund_id=(await _asked(delivery)).id,
        reason="并发数与所购规格一致,压测报告已发送。",
        now=delivery.now,
    )


async def _changes_its_mind(delivery: Delivery) -> Story:
    async for pause in _asks_back(delivery):
        yield pause
    await deciding.cancel(
        viewer=delivery.buyer, refund_id=(await _asked(delivery)).id, now=delivery.now
    )


async def _gets_it_back(delivery: Delivery) -> Story:
    async for pause in _asks_back(delivery):
        yield pause
    await deciding.accept(
        viewer=delivery.merchant.administrator,
        refund_id=(await _asked(delivery)).id,
        now=delivery.now,
    )


async def _asked(delivery: Delivery) -> Refund:
    return await Refund.get(line_id=delivery.line.id)


async def _is_rejected_thrice(delivery: Delivery) -> Story:
    """The merchant appeals, and the platform looks at it."""
    await delivery.buy()
    yield timedelta(minutes=6)
    await delivery.answer()
    yield 5 * _HOUR
    id = (await delivery.watched()).id
    await delivering.submit_requirement(
        viewer=delivery.buyer,
        supervision_id=id,
        requirement="对接统一身份认证,并迁移三年历史数据。",
        now=delivery.now,
    )
    yield 3 * _HOUR
    seller = delivery.merchant.administrator
    await delivering.confirm(viewer=seller, supervision_id=id, now=delivery.now)
    for reason in _REJECTIONS:
        yield DAY
        await delivering.deliver(viewer=seller, supervision_id=id, now=delivery.now)
        yield DAY
        await delivering.reject(
            viewer=delivery.buyer, supervision_id=id, reason=reason, now=delivery.now
        )
    yield 4 * _HOUR
    await appealing.appeal(
        viewer=seller,
        supervision_id=id,
        reason="已按需求说明书全部交付,买方新增需求超出范围。",
        now=delivery.now,
    )


async def _is_decided(delivery: Delivery) -> Story:
    async for pause in _is_rejected_thrice(delivery):
        yield pause
    yield DAY
    await appealing.decide(
        viewer=CASHIER,
        supervision_id=(await delivery.watched()).id,
        granted=False,
        reason="性能指标在需求说明书中有约定,请完成优化后重新提交验收。",
        now=delivery.now,
    )


_PLOTS = (
    (_pays_less, "strict"),
    (_is_refused, "plain"),
    (_changes_its_mind, "plain"),
    (_gets_it_back, "plain"),
    (_is_rejected_thrice, "supervised"),
    (_is_decided, "supervised"),
)
