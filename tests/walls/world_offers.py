"""What a house has of goods, offers, requirements and private offers, marked by its name."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from domain.catalogue import goods as catalogue
from domain.catalogue import policies, prices, skus
from domain.catalogue.policies import Terms
from domain.identity.items import Item
from domain.identity.viewer import Viewer, ViewerKind
from domain.offers import applications, deadlines, submitting, withdrawing
from domain.private_offers import versions
from domain.requirements import answering
from domain.requirements import submitting as asking
from kit.ids import new_id
from kit.transaction import transactional
from models.catalogue import (
    ChargeMode,
    Goods,
    GoodsCategory,
    GoodsKind,
    IncentiveStrategy,
    ShareModel,
    Sku,
)
from models.customers import Customer
from models.offers import SpecialApplication
from models.partners import Partner
from tests.catalogue.factories import a_merchant, a_sku, some_goods
from tests.factories import an_administrator
from tests.offers import factories as offers
from tests.private_offers import factories as private_offers
from tests.requirements import factories as requirements
from tests.requirements.factories import Sale

# Offers are made a while before everything else, so that some are in force and some over.
BEGUN = timedelta(days=20)

PLATFORM = Viewer(
    kind=ViewerKind.STAFF,
    display_name="Reviewer",
    person_id=new_id(),
    items=frozenset({Item.OFFER_REVIEW, Item.GOODS_POLICY, Item.GOODS_MANAGE}),
)


@dataclass
class Market:
    """What is sold to everybody: of the platform, and of a merchant who belongs to no house."""

    goods: Goods
    sku: Sku
    merchant: Partner
    seller: Viewer
    sold: Goods
    sold_sku: Sku
    watched_sku: Sku  # whose delivery the platform supervises


async def open_market() -> Market:
    """Goods that everybody sees, whichever houses there are."""
    goods = await some_goods("Market archive", number="MARKET-1")
    merchant = await a_merchant("Market Mill")
    sold = await some_goods("Market paper", merchant=merchant, number="MARKET-2")
    watched = await some_goods(
        "Market service", merchant=merchant, number="MARKET-3", requires_supervision=True
    )
    return Market(
        goods=goods,
        sku=await a_sku(goods, code="MARKET-1-A"),
        merchant=merchant,
        seller=await an_administrator(merchant),
        sold=sold,
        sold_sku=await a_sku(sold, code="MARKET-2-A"),
        watched_sku=await a_sku(watched, code="MARKET-3-A"),
    )


async def furnish(
    house: str, partner: Partner, *, by: Viewer, mill: Partner, market: Market, now: datetime
) -> None:
    """Goods that nobody else knows yet; offers, requirements and private offers in every state."""
    await offers.joined(partner)
    customer = await Customer.get(account_name=f"{house.lower()}_buyer")
    await _Desk(house, by, customer, market, now).furnish()
    await _goods(house, mill, now)


@dataclass
class _Desk:
    house: str
    by: Viewer
    customer: Customer
    market: Market
    now: datetime

    async def furnish(self) -> None:
        for state in ("draft", "withdrawn", "scheduled", "effective", "expired"):
            await self._offer(state)
        for state in ("asked", "granted", "refused"):
            await self._application(state)
        sale = Sale(
            partner=await Partner.get(id=self.by.partner_id),
            by=self.by,
            merchant=self.market.merchant,
            seller=self.market.seller,
            customer=self.customer,
            goods=self.market.sold,
            sku=self.market.sold_sku,
        )
        await self._requirements(sale)
        await self._private_offers(sale)

    async def _offer(self, state: str) -> None:
        # One after the other, since a customer has one offer for goods at a time.
        begin = self.now - BEGUN
        spans = {"scheduled": (30, 40), "effective": (19, 29), "expired": (1, 2)}
        first, last = spans.get(state, (50, 60))
        draft = await offers.a_draft(
            self.market.goods,
            by=self.by,
            of=self.customer,
            now=begin,
            name=f"{self.house} {state} offer",
            note=f"{self.house} knows why",
            effective_at=begin + timedelta(days=first),
            expires_at=begin + timedelta(days=last),
        )
        if state == "withdrawn":
            await withdrawing.withdraw(
                viewer=self.by, offer_id=draft.id, reason=f"{self.house} erred", now=begin
            )
        elif state != "draft":
            await submitting.submit(viewer=self.by, offer_id=draft.id, now=begin)
        if state in ("effective", "expired"):
            await transactional(deadlines.start)(subject_ids=[draft.id], now=self.now)
        if state == "expired":
            await transactional(deadlines.end)(subject_ids=[draft.id], now=self.now)

    async def _application(self, state: str) -> None:
        place = {"asked": 70, "granted": 80, "refused": 90}[state]
        draft = await offers.a_draft(
            self.market.goods,
            by=self.by,
            of=self.customer,
            now=self.now,
            discount="0.5",
            name=f"{self.house} {state} bargain",
            effective_at=self.now + timedelta(days=place),
            expires_at=self.now + timedelta(days=place + 5),
        )
        await submitting.submit(
            viewer=self.by,
            offer_id=draft.id,
            confirm_special_application=True,
            reason=f"{self.house} has a rival",
            now=self.now,
        )
        application = await SpecialApplication.get(offer_id=draft.id)
        if state == "granted":
            await applications.grant(
                viewer=PLATFORM,
                application_id=application.id,
                granted_floor=Decimal("0.5"),
                crm_number=f"{self.house}-7",
                now=self.now,
            )
        elif state == "refused":
            await applications.reject(
                viewer=PLATFORM,
                application_id=application.id,
                reason=f"{self.house} asks too much",
                now=self.now,
            )

    async def _requirements(self, sale: Sale) -> None:
        note = f"{self.house} wants paper"
        await requirements.a_draft(sale, note=note, now=self.now)
        await requirements.an_accepted(sale, note=note, now=self.now)
        await requirements.a_pending(sale, note=note, now=self.now)
        refused = await requirements.a_pending(sale, note=note, now=self.now)
        await answering.reject(
            viewer=sale.seller,
            requirement_id=refused.id,
            reason=f"nothing for {self.house}",
            now=self.now,
        )
        cancelled = await requirements.a_pending(sale, note=note, now=self.now)
        await asking.cancel(
            viewer=self.by,
            requirement_id=cancelled.id,
            reason=f"{self.house} has enough",
            now=self.now,
        )

    async def _private_offers(self, sale: Sale) -> None:
        note = f"for {self.house}"
        await private_offers.a_draft(sale, note=note, now=self.now)
        await private_offers.a_published(sale, note=note, now=self.now)
        effective = await private_offers.an_effective(sale, note=note, now=self.now)
        await versions.open_draft(viewer=sale.seller, offer_id=effective.id, now=self.now)
        used = await private_offers.an_effective(sale, note=note, now=self.now)
        await private_offers.use(used, sale, now=self.now)


async def _goods(house: str, mill: Partner, now: datetime) -> None:
    """Not listed yet: a merchant's own business."""
    seller = await an_administrator(mill)
    goods = await catalogue.create(
        viewer=seller,
        number=f"{house.upper()}-1",
        name=f"{house} secret",
        summary=f"{house} will surprise everybody",
        kind=GoodsKind.JOINT_OPERATED,
        category=GoodsCategory.SAAS,
        now=now,
    )
    sku = await skus.create(
        viewer=seller,
        goods_id=goods.id,
        sku_code=f"{house.upper()}-1-A",
        name=f"{house} by the year",
        charge_mode=ChargeMode.PERIOD,
        months=12,
        now=now,
    )
    await prices.set_price(
        viewer=seller,
        sku_id=sku.id,
        expected_version=sku.version,
        list_price=Decimal("77.70"),
        now=now,
    )
    goods = await Goods.get(id=goods.id)
    await policies.set_policy(
        viewer=PLATFORM,
        goods_id=goods.id,
        expected_version=goods.version,
        terms=Terms(
            strategy=IncentiveStrategy.STANDARD,
            share_model=ShareModel.DEAL_PRICE,
            share_ratio=Decimal("0.2"),
            max_ratio=Decimal("0.3"),
            authorized_floor=Decimal("0.85"),
            tax_rate=Decimal("0.06"),
        ),
        now=now,
    )
