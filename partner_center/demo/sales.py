"""A month of the demo in which providers sell to customers of other houses; and its settling."""

from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from domain.catalogue import terms
from domain.funds import recharging
from domain.offers import drafting, submitting
from domain.offers.checks import KINDS
from domain.offers.terms import Terms
from domain.orders import placing
from domain.orders.wishes import Wanted
from domain.performance import closing, writing
from domain.programmes.conditions import SELLING_PROGRAMME
from domain.settlement import periods, runs, sharing
from models.catalogue import ChargeMode, Sku
from models.certification import BusinessInformation
from models.customers import AssociationType, Customer
from models.orders import Order
from models.programmes import ProgrammeApplication
from models.refunds import RefundReason
from models.settlement import StatementKind
from partner_center.demo.fulfilment import Delivery
from partner_center.demo.funds import PLATFORM
from partner_center.demo.people import Cast, House
from partner_center.demo.stories import play

_HOUSES = 3
_EACH_RATE = 3  # goods of each tax rate that are sold


class Earning(Delivery):
    """A purchase by a customer of another house, with this house's offer, which earns a share."""

    async def pays_in(self, amount: Decimal) -> None:
        """The customer has something on its account."""
        await recharging.record(
            viewer=PLATFORM,
            customer_id=self.customer.id,
            amount=amount,
            reference=f"CCB-{self.now:%m%d}-{self.customer.account_name}",
            now=self.now,
        )

    async def place(self, *, quantity: int | None = None) -> Order:
        """Order it with all of the list price granted, since a minute ago."""
        begins = self.now - timedelta(minutes=1)
        offer = await drafting.create(
            viewer=self.house.administrator,
            account_name=self.customer.account_name,
            wanted=Terms(
                name="云商店客户服务",
                discount=Decimal(1),
                effective_at=begins,
                expires_at=begins + timedelta(days=30),
                goods_ids=[self.sku.goods_id],
            ),
            now=begins - timedelta(minutes=1),
        )
        await submitting.submit(
            viewer=self.house.administrator,
            offer_id=offer.id,
            now=begins - timedelta(minutes=1),
        )
        return await placing.place(
            viewer=self.buyer,
            lines=[Wanted(sku_id=self.sku.id, quantity=quantity or 1, exclusive_offer_id=offer.id)],
            now=self.now,
        )


async def sell_and_settle(
    cast: Cast, billed_at: datetime, dice: Random, *, now: datetime
) -> list[House]:
    """Let houses sell in the month that is settled then, and settle it; which houses."""
    period = periods.last_before(StatementKind.BASIC, billed_at)
    begins_at, ends_at = periods.span(StatementKind.BASIC, period)
    skus = await _skus(at=begins_at)
    sales = []
    houses = await providers(cast, begins_at)
    for house in houses:
        buyer = (
            await Customer.filter(
                partner_id__not=house.partner.id,
                association_type=AssociationType.REFERRAL,
                freeze="NONE",
                listed_at__lt=begins_at,
            )
            .order_by("account_name")
            .first()
        )
        if buyer is None:
            continue
        for place, sku in enumerate(skus):
            begin = begins_at + timedelta(days=2 + 3 * place, hours=dice.uniform(2, 9))
            sale = Earning(house, buyer, sku, dice, begin)
            sales.append((_is_sold(sale, given_back=place == 1), sale))
    await play(sales, now=billed_at)
    await writing.write_lines(scheduled_for=billed_at, now=billed_at)
    await closing.make_sheets(scheduled_for=ends_at, now=billed_at)
    await runs.start_due(scheduled_for=billed_at, now=billed_at)
    while await sharing.settle_next(now=billed_at):
        pass
    return houses


async def providers(cast: Cast, since: datetime) -> list[House]:
    """Houses that are in the programme, and certified, since then."""
    found = []
    for house in cast.houses:
        is_certified = await BusinessInformation.exists(
            status="CERTIFIED", decided_at__lt=since, partner_id=house.partner.id
        )
        joined = await ProgrammeApplication.exists(
            programme__code=SELLING_PROGRAMME,
            status="APPROVED",
            decided_at__lt=since,
            partner_id=house.partner.id,
        )
        if is_certified and joined:
            found.append(house)
    return found[:_HOUSES]


async def _is_sold(sale: Earning, *, given_back: bool) -> AsyncGenerator[timedelta, None]:
    await sale.buy(quantity=sale.dice.choice((1, 2, 3)))
    yield timedelta(minutes=10)
    await sale.answer()
    if given_back:
        yield timedelta(days=2)
        await sale.give_back(RefundReason.WRONG_CHOICE)


async def _skus(*, at: datetime) -> list[Sku]:
    """What earns a share and comes in one piece: some of each tax rate, sold since then."""
    skus = await Sku.filter(
        on_sale=True,
        charge_mode=ChargeMode.PERIOD,
        goods__on_sale=True,
        goods__kind__in=list(KINDS),
    ).order_by("code")
    prices = await terms.prices([sku.id for sku in skus], at=at)
    policies = await terms.policies([sku.goods_id for sku in skus], at=at)
    found: dict[Decimal, list[Sku]] = {}
    seen = set()
    for sku in skus:
        policy = policies.get(sku.goods_id)
        if policy is None or sku.id not in prices or sku.goods_id in seen:
            continue
        if policy.requires_supervision or not policy.allows_discount or not policy.share_ratio:
            continue
        seen.add(sku.goods_id)
        found.setdefault(policy.tax_rate, []).append(sku)
    return [sku for of_rate in found.values() for sku in of_rate[:_EACH_RATE]]
