"""The demo's orders, in every state that people work with, each thing at its time."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from domain.funds import recharging
from domain.identity.items import Item
from domain.identity.viewer import Viewer, ViewerKind
from domain.orders import cancelling, carting, partner_payment, paying, placing
from domain.orders.wishes import Wanted
from models.catalogue import ChargeMode, Sku
from models.customers import Customer
from models.orders import Order
from partner_center.demo.people import SEED, Cast, House
from partner_center.demo.stories import Story, play

Plot = Callable[["Purchase"], Story]

CASHIER = Viewer(
    kind=ViewerKind.STAFF,
    display_name="平台财务",
    items=frozenset({Item.FUNDS_REVIEW, Item.ORDER_REVIEW}),
)
_PROVIDERS = ("qingyun", "huading")
_EACH = 2  # houses have so many stories of each plot


class Purchase:
    """A customer of a house that buys something; `now` goes on with its story."""

    def __init__(
        self, house: House, customer: Customer, sku: Sku, dice: Random, now: datetime
    ) -> None:
        self.house, self.customer, self.sku, self.dice, self.now = house, customer, sku, dice, now
        self.buyer = Viewer(
            kind=ViewerKind.CUSTOMER, display_name=customer.name, customer_id=customer.id
        )

    async def place(self, *, quantity: int | None = None) -> Order:
        """Order it, bound to the house; so many, or as chance has it."""
        quantity = quantity or self.dice.choice((1, 1, 2, 3))
        return await placing.place(
            viewer=self.buyer,
            lines=[Wanted(sku_id=self.sku.id, quantity=quantity)],
            seller_account_name=self.house.partner.account_name,
            now=self.now,
        )

    async def ask_the_partner(self, order: Order) -> bool:
        """Ask the house to pay it; not if the customer has left it meanwhile."""
        customer = await Customer.get(id=self.customer.id)
        if customer.partner_id is None or customer.partner_id != order.partner_id:
            return False
        await partner_payment.request(viewer=self.buyer, order_id=order.id, now=self.now)
        return True

    async def recharge(self, order: Order, *, partner: bool = False) -> None:
        """A bank transfer of what the order costs, to who is to pay it."""
        owner: Any = (
            {"partner_id": self.house.partner.id} if partner else {"customer_id": self.customer.id}
        )
        if order.due_amount > 0:
            await recharging.record(
                viewer=CASHIER,
                amount=Decimal(order.due_amount),
                reference=f"TT{order.number}",
                now=self.now,
                **owner,
            )


async def load_orders(cast: Cast, *, now: datetime) -> None:
    """Let all of it happen, up to this moment."""
    dice = Random(SEED + 21)
    skus = await _skus()
    told: list[tuple[Story, Purchase]] = []
    for house in cast.houses:
        if house.company.account not in _PROVIDERS:
            continue
        customers = await Customer.filter(
            partner_id=house.partner.id, freeze="NONE", listed_at__lt=now - timedelta(days=8)
        ).order_by("account_name")
        for number in range(len(_PLOTS) * _EACH if customers else 0):
            begin = now - timedelta(days=dice.uniform(1, 6))
            customer = customers[number % len(customers)]
            purchase = Purchase(house, customer, dice.choice(skus), dice, begin)
            told.append((_PLOTS[number % len(_PLOTS)](purchase), purchase))
    buyer = await Customer.get(account_name="changjiang")
    for plot in (_is_paid, _waits, _waits_for_the_partner, _is_in_the_cart):
        purchase = Purchase(
            cast.houses[0], buyer, dice.choice(skus), dice, now - timedelta(hours=3)
        )
        told.append((plot(purchase), purchase))
    await play(told, now=now)


async def _skus() -> list[Sku]:
    """What can be bought for a time, and has been for a while."""
    return (
        await Sku.filter(
            on_sale=True,
            goods__on_sale=True,
            charge_mode=ChargeMode.PERIOD,
            prices__id__not_isnull=True,
        )
        .distinct()
        .order_by("code")
    )


async def _waits(purchase: Purchase) -> Story:
    await purchase.place()
    yield timedelta()


async def _is_paid(purchase: Purchase) -> Story:
    order = await purchase.place()
    yield timedelta(minutes=20)
    await purchase.recharge(order)
    yield timedelta(minutes=2)
    await paying.pay(viewer=purchase.buyer, order_id=order.id, now=purchase.now)


async def _is_cancelled(purchase: Purchase) -> Story:
    order = await purchase.place()
    yield timedelta(hours=3)
    await cancelling.cancel(
        viewer=purchase.buyer, order_id=order.id, reason="采购计划调整", now=purchase.now
    )


async def _waits_for_the_partner(purchase: Purchase) -> Story:
    order = await purchase.place()
    yield timedelta(minutes=5)
    await purchase.ask_the_partner(order)


async def _is_paid_by_the_partner(purchase: Purchase) -> Story:
    order = await purchase.place()
    yield timedelta(minutes=5)
    if not await purchase.ask_the_partner(order):
        return
    yield timedelta(hours=2)
    if (await Order.get(id=order.id)).payer_id is None:
        return
    await purchase.recharge(order, partner=True)
    await partner_payment.pay(
        viewer=purchase.house.administrator, order_id=order.id, now=purchase.now
    )


async def _is_declined(purchase: Purchase) -> Story:
    order = await purchase.place()
    yield timedelta(minutes=5)
    if not await purchase.ask_the_partner(order):
        return
    yield timedelta(hours=2)
    if (await Order.get(id=order.id)).payer_id is None:
        return
    await partner_payment.decline(
        viewer=purchase.house.administrator,
        order_id=order.id,
        reason="请先自行充值",
        now=purchase.now,
    )


async def _is_in_the_cart(purchase: Purchase) -> Story:
    await carting.add(viewer=purchase.buyer, line=Wanted(sku_id=purchase.sku.id), now=purchase.now)
    yield timedelta()


_PLOTS: tuple[Plot, ...] = (
    _is_paid,
    _waits,
    _is_paid_by_the_partner,
    _is_cancelled,
    _is_paid,
    _waits_for_the_partner,
    _is_declined,
)
