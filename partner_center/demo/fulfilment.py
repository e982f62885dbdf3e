"""What became of some of the demo's orders: delivered, accepted, renewed, given back."""

from datetime import datetime, timedelta
from random import Random

from domain.catalogue import terms
from domain.fulfilment import changing, delivering, renewing
from domain.orders import paying
from domain.refunds import requesting
from domain.upstream import answering
from models.catalogue import ChargeMode, GoodsPolicy, Sku
from models.customers import Customer
from models.orders import OrderLine
from models.refunds import RefundReason
from models.subscriptions import Subscription
from models.supervision import ServiceSupervision
from models.upstream import UpstreamRequest
from partner_center.demo import payments
from partner_center.demo.orders import Purchase
from partner_center.demo.people import SEED, Cast, House
from partner_center.demo.stories import Story, play

HOURS = timedelta(hours=1)


class Delivery(Purchase):
    """A purchase that goes on after its payment; `merchant` delivers it."""

    merchant: House
    line: OrderLine

    async def buy(self, *, quantity: int | None = None) -> None:
        """Order and pay it."""
        order = await self.place(quantity=quantity)
        if order.due_amount:  # else it is paid already
            await self.recharge(order)
            await paying.pay(viewer=self.buyer, order_id=order.id, now=self.now)
        self.line = await OrderLine.get(order_id=order.id)

    async def answer(self, *, ok: bool = True) -> None:
        """The cloud says what it has to say."""
        request = await UpstreamRequest.get(subject_id=self.line.id, answered_at=None)
        await answering.answered(
            request.id,
            ok=ok,
            reference=f"CCE-{request.id.hex[-8:].upper()}" if ok else None,
            code=None if ok else "QUOTA_EXCEEDED",
            now=self.now,
        )

    async def subscription(self) -> Subscription:
        """What the customer has of it."""
        return await Subscription.get(line_id=self.line.id)

    async def give_back(self, reason: RefundReason, *, pieces: int | None = None) -> None:
        """The customer wants its money back, all of it or that of some pieces."""
        await requesting.request(
            viewer=self.buyer,
            subscription_id=(await self.subscription()).id,
            reason=reason,
            pieces=pieces,
            now=self.now,
        )

    async def watched(self) -> ServiceSupervision:
        """The watch over it."""
        return await ServiceSupervision.get(line_id=self.line.id)


async def load_fulfilment(cast: Cast, *, now: datetime) -> None:
    """Let all of it happen, up to this moment."""
    dice = Random(SEED + 22)
    begin = now - timedelta(days=5)
    buyer = await Customer.get(account_name="changjiang")
    by_kind = await sold(at=begin - timedelta(days=1))
    merchants = {house.partner.id: house for house in cast.merchants}
    told: list[tuple[Story, Delivery]] = []
    for plot, kind in _PLOTS:
        if not by_kind[kind]:
            continue
        sku = dice.choice(by_kind[kind])
        goods = await sku.goods
        start = begin + timedelta(hours=dice.uniform(0, 12))
        delivery = Delivery(cast.houses[0], buyer, sku, dice, start)
        assert goods.merchant_id is not None
        delivery.merchant = merchants[goods.merchant_id]
        told.append((plot(delivery), delivery))
    paid: list[tuple[Story, Purchase]] = [*told]
    payer = await payments.payer_of(cast.houses[0], listed_before=begin)
    for pays in (payments.is_repaid, payments.is_paid_online):
        if payer is not None and by_kind["guaranteed"]:
            sku = dice.choice(by_kind["guaranteed"])
            purchase = Purchase(cast.houses[0], payer, sku, dice, begin)
            paid.append((pays(purchase), purchase))
    await play(paid, now=now)


async def sold(*, at: datetime) -> dict[str, list[Sku]]:
    """What merchants sell, by how it comes back and is delivered."""
    skus = await Sku.filter(
        on_sale=True,
        charge_mode__in=[ChargeMode.PERIOD, ChargeMode.PER_USE],
        goods__on_sale=True,
        goods__merchant_id__not_isnull=True,
    ).order_by("code")
    prices = await terms.prices([sku.id for sku in skus], at=at)
    policies = await terms.policies([sku.goods_id for sku in skus], at=at)
    found: dict[str, list[Sku]] = {"guaranteed": [], "supervised": [], "plain": []}
    for sku in skus:
        policy = policies.get(sku.goods_id)
        if policy is None or sku.id not in prices:
            continue
        # Services are counted by days of work; of the rest people have what they renew and change.
        if sku.charge_mode is ChargeMode.PERIOD or policy.requires_supervision:
            found[_kind(policy)].append(sku)
    return found


def _kind(policy: GoodsPolicy) -> str:
    if policy.requires_supervision:
        return "supervised"
    return "guaranteed" if policy.five_day_refund else "plain"


async def _is_used(delivery: Delivery) -> Story:
    await delivery.buy()
    yield timedelta(minutes=4)
    await delivery.answer()
    yield 2 * HOURS
    await renewing.set_auto_renew(
        viewer=delivery.buyer,
        subscription_id=(await delivery.subscription()).id,
        auto_renew=True,
        now=delivery.now,
    )


async def _is_changed(delivery: Delivery) -> Story:
    await delivery.buy()
    yield timedelta(minutes=4)
    await delivery.answer()
    yield 20 * HOURS
    subscription = await delivery.subscription()
    order = await changing.change(
        viewer=delivery.buyer,
        subscription_id=subscription.id,
        quantity=subscription.quantity + 2,
        now=delivery.now,
    )
    yield HOURS
    await delivery.recharge(order)
    await paying.pay(viewer=delivery.buyer, order_id=order.id, now=delivery.now)
    delivery.line = await OrderLine.get(order_id=order.id)
    yield timedelta(minutes=4)
    await delivery.answer()


async def _comes_back_in_part(delivery: Delivery) -> Story:
    await delivery.buy(quantity=3)
    yield timedelta(minutes=4)
    await delivery.answer()
    yield 26 * HOURS
    await delivery.give_back(RefundReason.WRONG_CHOICE, pieces=1)


async def _comes_back(delivery: Delivery) -> Story:
    await delivery.buy()
    yield timedelta(minutes=3)
    await delivery.answer()
    yield 30 * HOURS
    await delivery.give_back(RefundReason.WRONG_CHOICE)


async def _is_to_come_back(delivery: Delivery) -> Story:
    await delivery.buy()
    yield timedelta(minutes=5)
    await delivery.answer()
    yield 70 * HOURS
    await delivery.give_back(RefundReason.NOT_NEEDED)


async def _is_being_delivered(
    delivery: Delivery, requirement: str = "迁移历史数据,并与内部系统对接。"
) -> Story:
    await delivery.buy()
    yield timedelta(minutes=6)
    await delivery.answer()
    yield 5 * HOURS
    await delivering.submit_requirement(
        viewer=delivery.buyer,
        supervision_id=(await delivery.watched()).id,
        requirement=requirement,
        now=delivery.now,
    )
    yield 3 * HOURS
    await delivering.confirm(
        viewer=delivery.merchant.administrator,
        supervision_id=(await delivery.watched()).id,
        now=delivery.now,
    )


async def _waits_for_acceptance(delivery: Delivery) -> Story:
    async for pause in _is_being_delivered(
        delivery, requirement="部署到生产环境,并培训 20 名管理员。"
    ):
        yield pause
    yield 40 * HOURS
    await delivering.deliver(
        viewer=delivery.merchant.administrator,
        supervision_id=(await delivery.watched()).id,
        now=delivery.now,
    )


async def _is_accepted(delivery: Delivery) -> Story:
    async for pause in _waits_for_acceptance(delivery):
        yield pause
    yield 6 * HOURS
    await delivering.accept(
        viewer=delivery.buyer,
        supervision_id=(await delivery.watched()).id,
        now=delivery.now,
    )


async def _fails(delivery: Delivery) -> Story:
    await delivery.buy()
    yield timedelta(minutes=9)
    await delivery.answer(ok=False)


_PLOTS = (
    (_is_used, "guaranteed"),
    (_comes_back, "guaranteed"),
    (_comes_back_in_part, "guaranteed"),
    (_is_changed, "plain"),
    (_is_to_come_back, "plain"),
    (_is_being_delivered, "supervised"),
    (_waits_for_acceptance, "supervised"),
    (_is_accepted, "supervised"),
    (_fails, "guaranteed"),
)
