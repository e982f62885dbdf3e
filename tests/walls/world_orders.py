"""What a house has of orders and of what they brought: in every state, marked by its name."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from domain.fulfilment import appealing, delivering
from domain.identity.items import Item
from domain.identity.viewer import Viewer, ViewerKind
from domain.orders import cancelling, carting, online, partner_payment, paying, placing
from domain.orders.wishes import Wanted
from domain.refunds import deciding, requesting
from kit.ids import new_id
from models.catalogue import Sku
from models.customers import Customer
from models.funds import RechargeChannel
from models.orders import Order, OrderLine
from models.refunds import Refund, RefundReason
from models.subscriptions import Subscription
from models.supervision import ServiceSupervision
from models.vouchers import Coupon
from tests.funds.factories import say
from tests.orders.factories import fund
from tests.walls.world_offers import Market

# What was bought then has been used for some days by now.
BEGUN = timedelta(days=10)

PLATFORM = Viewer(
    kind=ViewerKind.STAFF,
    display_name="Umpire",
    person_id=new_id(),
    items=frozenset({Item.ORDER_REVIEW}),
)


async def furnish(
    house: str, *, payer: Customer, ward: Customer, market: Market, now: datetime
) -> None:
    """Carts and orders, unpaid and paid, subscriptions, supervised deliveries and refunds."""
    desk = _Desk(house, payer, ward, market, now)
    await fund(payer, "90000.00", now=now - BEGUN)
    await desk.unpaid()
    await desk.paid()
    await desk.watched()
    await desk.refunded()
    await desk.carts()


@dataclass
class _Desk:
    house: str
    payer: Customer
    ward: Customer
    market: Market
    now: datetime

    def __post_init__(self) -> None:
        self.buyer, self.pupil = (
            Viewer(
                kind=ViewerKind.CUSTOMER,
                display_name=f"{self.house} buyer",
                person_id=new_id(),
                customer_id=customer.id,
            )
            for customer in (self.payer, self.ward)
        )

    async def unpaid(self) -> None:
        for state in ("unpaid", "cancelled", "online"):
            order = await self._order(self.buyer, self.market.sku, self.now)
            if state == "cancelled":
                await cancelling.cancel(
                    viewer=self.buyer,
                    order_id=order.id,
                    reason=f"{self.house} has no use for it",
                    now=self.now,
                )
            elif state == "online":
                await online.begin(
                    viewer=self.buyer,
                    order_id=order.id,
                    channel=RechargeChannel.ALIPAY,
                    now=self.now,
                )
        for state in ("unpaid", "asked"):
            order = await self._order(self.pupil, self.market.sku, self.now)
            if state == "asked":
                await partner_payment.request(viewer=self.pupil, order_id=order.id, now=self.now)

    async def paid(self) -> None:
        """By coupon and by cash: what waits for the cloud, runs, and could not be opened."""
        coupon = await Coupon.get(customer_id=self.payer.id, kind="VOUCHER")
        await self._bought(self.market.sku, coupons={coupon.id: None}, now=self.now)
        await self._opened(self.market.sku)
        order = await self._bought(self.market.sku, now=self.now - BEGUN)
        line = await OrderLine.get(order_id=order.id)
        await say(line.id, ok=False, code="SOLD_OUT", now=self.now - BEGUN)

    async def watched(self) -> None:
        """One delivery for each step of its way."""
        for steps in range(6):
            order = await self._bought(self.market.watched_sku, now=self.now - BEGUN)
            line = await OrderLine.get(order_id=order.id)
            await say(line.id, reference=f"{self.house}-W{steps}", now=self.now - BEGUN)
            await self._deliver(await ServiceSupervision.get(line_id=line.id), steps)

    async def _deliver(self, row: ServiceSupervision, steps: int) -> None:
        named: dict[str, Any] = {"supervision_id": row.id, "now": self.now - BEGUN}
        seller = self.market.seller
        if steps >= 1:
            await delivering.submit_requirement(
                viewer=self.buyer, requirement=f"{self.house} has forty desks", **named
            )
        if steps >= 2:
            await delivering.confirm(viewer=seller, **named)
        if steps >= 3:
            await delivering.deliver(viewer=seller, **named)
        if steps == 4:
            await delivering.accept(viewer=self.buyer, **named)
        if steps == 5:
            await appealing.appeal(
                viewer=seller,
                supervision_id=row.id,
                reason=f"{self.house} says nothing",
                now=self.now,
            )

    async def refunded(self) -> None:
        """Part-used, so that their merchant decides."""
        for state in ("waiting", "rejected", "cancelled", "accepted", "overridden"):
            subscription = await self._opened(self.market.sold_sku)
            [refund] = await requesting.request(
                viewer=self.buyer,
                subscription_id=subscription.id,
                reason=RefundReason.NOT_NEEDED,
                note=f"{self.house} didn't like it",
                now=self.now,
            )
            await self._decide(refund, state)

    async def _decide(self, refund: Refund, state: str) -> None:
        named: dict[str, Any] = {"refund_id": refund.id, "now": self.now}
        reason = f"{self.house} has used it"
        if state == "rejected":
            await deciding.reject(viewer=self.market.seller, reason=reason, **named)
        elif state == "cancelled":
            await deciding.cancel(viewer=self.buyer, **named)
        elif state == "accepted":
            await deciding.accept(viewer=self.market.seller, **named)
        elif state == "overridden":
            await deciding.override(viewer=PLATFORM, reason=reason, **named)

    async def carts(self) -> None:
        for viewer in (self.buyer, self.pupil):
            for sku in (self.market.sku, self.market.sold_sku):
                await carting.add(viewer=viewer, line=Wanted(sku_id=sku.id), now=self.now)

    async def _opened(self, sku: Sku) -> Subscription:
        begun = self.now - BEGUN
        order = await self._bought(sku, now=begun)
        line = await OrderLine.get(order_id=order.id)
        await say(line.id, reference=f"{self.house}-{order.number}", now=begun)
        return await Subscription.get(line_id=line.id)

    async def _bought(self, sku: Sku, *, now: datetime, **payment: Any) -> Order:
        order = await self._order(self.buyer, sku, now)
        return await paying.pay(viewer=self.buyer, order_id=order.id, now=now, **payment)

    async def _order(self, viewer: Viewer, sku: Sku, now: datetime) -> Order:
        return await placing.place(
            viewer=viewer,
            lines=[Wanted(sku_id=sku.id)],
            note=f"{self.house} is in a hurry",
            now=now,
        )
