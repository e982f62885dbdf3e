"""Sales of a service provider by the real workflows, and their settlement."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.fulfilment import renewing
from domain.identity.items import Item
from domain.identity.viewer import Viewer
from domain.offers import drafting, submitting
from domain.orders import paying, placing
from domain.orders.wishes import Wanted
from domain.refunds import deciding, requesting
from domain.settlement import adjusting
from kit.transaction import transactional
from models.catalogue import Goods, GoodsKind, ShareModel
from models.customers import Customer
from models.orders import Order, OrderLine
from models.partners import Partner
from models.refunds import Refund, RefundReason, RefundStatus
from models.settlement import SettlementLine, StatementKind
from models.settlement_runs import SettlementRun
from models.statements import Statement
from models.subscriptions import Subscription
from tests.catalogue.factories import a_sku, some_goods
from tests.conftest import Clock
from tests.customers.factories import a_customer, a_user_of
from tests.factories import a_partner, a_staff_viewer, an_administrator
from tests.offers.factories import joined, terms
from tests.orders.factories import fund
from tests.settlement.factories import certified, run
from tests.upstream.working import work

SELF, JOINT = GoodsKind.SELF_OPERATED, GoodsKind.JOINT_OPERATED
STRICT = GoodsKind.STRICT_SELECTED


@dataclass
class Provider:
    """A service provider with a customer that is nobody's, and somebody of the platform."""

    partner: Partner
    by: Viewer
    customer: Customer
    buyer: Viewer
    staff: Viewer
    time: Clock

    async def sells(
        self,
        price: str,
        ratio: str = "0.1",
        *,
        model: ShareModel = ShareModel.DEAL_PRICE,
        kind: GoodsKind = SELF,
        tax: str = "0.06",
        floor: str | None = None,
        coupons: Mapping[UUID, Decimal | None] | None = None,
        credit: str | None = None,
        **policy: Any,
    ) -> Order:
        """Goods with these terms for a year: offered, ordered, paid, and in use."""
        goods = await some_goods(
            kind=kind,
            share_model=model,
            share_ratio=Decimal(ratio),
            tax_rate=Decimal(tax),
            **policy,
        )
        sku = await a_sku(goods, price=price, floor=floor)
        offer_id = None if kind is STRICT else await self._offers(goods)
        order = await placing.place(
            viewer=self.buyer,
            lines=[Wanted(sku_id=sku.id, exclusive_offer_id=offer_id)],
            seller_account_name=self.partner.account_name if offer_id is None else None,
            now=self.time.now,
        )
        await fund(self.customer, str(order.due_amount), now=self.time.now)
        await paying.pay(
            viewer=self.buyer,
            order_id=order.id,
            coupons=coupons or {},
            credit_amount=Decimal(credit) if credit else None,
            now=self.time.now,
        )
        await work(self.time.now)
        return await Order.get(id=order.id)

    async def _offers(self, goods: Goods) -> UUID:
        """All of the list price of the goods, for the customer, and since a second ago."""
        now = self.time.now
        offer = await drafting.create(
            viewer=self.by,
            account_name=self.customer.account_name,
            wanted=terms(goods, now=now, discount="1", effective_at=now + timedelta(seconds=1)),
            now=now,
        )
        await submitting.submit(viewer=self.by, offer_id=offer.id, now=now)
        self.time.forward(seconds=2)
        await work(self.time.now)
        return offer.id

    async def renews(self, order: Order) -> Order:
        """A year more of it, ordered and paid."""
        subscription = await Subscription.get(order_id=order.id)
        renewal = await renewing.renew(
            viewer=self.buyer, subscription_ids=[subscription.id], months=12, now=self.time.now
        )
        await fund(self.customer, str(renewal.due_amount), now=self.time.now)
        await paying.pay(viewer=self.buyer, order_id=renewal.id, now=self.time.now)
        await work(self.time.now)
        return renewal

    async def gives_back(self, order: Order) -> Refund:
        """The customer wants its money for all of it back, and gets it."""
        subscription = await Subscription.get(order_id=order.id)
        [asked, *_] = await requesting.request(
            viewer=self.buyer,
            subscription_id=subscription.id,
            reason=RefundReason.NOT_NEEDED,
            now=self.time.now,
        )
        refund = await Refund.get(id=asked.id)
        if refund.status is RefundStatus.MERCHANT_REVIEW:
            seller = self.staff
            if refund.merchant_id is not None:
                seller = await an_administrator(await Partner.get(id=refund.merchant_id))
            await deciding.accept(viewer=seller, refund_id=refund.id, now=self.time.now)
        await work(self.time.now)
        return await Refund.get(id=refund.id)

    async def settles(
        self, period: str, *, kind: StatementKind = StatementKind.BASIC
    ) -> SettlementRun:
        """The run of a period, on the third of the month after it, and all the work in it."""
        return await run(period, kind=kind, now=self.time.now)


async def a_provider(time: Clock, *, fee_tax_rate: str = "0.06") -> Provider:
    """Acme is in the programme, certified with this tax rate of its fee."""
    partner = await joined(await a_partner())
    await certified(partner, rate=fee_tax_rate)
    customer = await a_customer()
    return Provider(
        partner=partner,
        by=await an_administrator(partner),
        customer=customer,
        buyer=await a_user_of(customer),
        staff=await a_staff_viewer(Item.ORDER_REVIEW, Item.SETTLEMENT_RUN, Item.SETTLEMENT_REVIEW),
        time=time,
    )


async def statements_of(provider: Provider) -> list[Statement]:
    """Its statements, the first one first; of a run, in the order of their tax rates."""
    return await Statement.filter(partner_id=provider.partner.id).order_by("id")


async def lines_of(statement: Statement) -> list[SettlementLine]:
    """In the order in which they are shown."""
    return await SettlementLine.filter(statement_id=statement.id).order_by("id")


async def line_of(order: Order) -> OrderLine:
    """Its only line."""
    return await OrderLine.get(order_id=order.id)


@transactional
async def entered(provider: Provider, amount: str, *, now: datetime) -> None:
    """What the platform adds at the rate of 6 %."""
    await adjusting.enter(
        partner_id=provider.partner.id,
        amount=Decimal(amount),
        goods_tax_rate=Decimal("0.06"),
        reason="A cable was missing.",
        viewer=provider.staff,
        now=now,
    )
