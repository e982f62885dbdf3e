"""The demo's last settled month: sales of a service provider, its statements, its performance."""

from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from domain.catalogue import terms
from domain.funds import recharging
from domain.identity import people, recognition
from domain.identity.items import Item
from domain.identity.viewer import Viewer, ViewerKind
from domain.incentives import estimating, policies
from domain.incentives import periods as incentive_periods
from domain.incentives.policies import Step
from domain.incentives.policies import Terms as Earns
from domain.offers import drafting, submitting
from domain.offers.checks import KINDS
from domain.offers.terms import Terms
from domain.orders import placing
from domain.orders.wishes import Wanted
from domain.performance import closing, writing
from domain.programmes.conditions import SELLING_PROGRAMME
from domain.settlement import periods, runs, sharing
from domain.statements import countersigning, disputing, guards, notifying, sending
from domain.upstream import answering
from kit.workdays import SHANGHAI
from models.catalogue import ChargeMode, Sku
from models.certification import BusinessInformation
from models.customers import AssociationType, Customer
from models.identity import Person
from models.incentives import IncentivePeriod, PaysBy
from models.order_states import PolicyScene
from models.orders import Order
from models.partners import Site
from models.programmes import ProgrammeApplication
from models.refunds import RefundReason
from models.settlement import StatementKind
from models.statement_steps import SignerRole
from models.statements import Statement, StatementStatus
from models.upstream import UpstreamRequest
from partner_center.demo_fulfilment import Delivery
from partner_center.demo_funds import PLATFORM
from partner_center.demo_people import SEED, Cast, House
from partner_center.demo_stories import let_time_pass, play

CLERK = Viewer(
    kind=ViewerKind.STAFF,
    display_name="结算专员",
    items=frozenset(
        {
            Item.SETTLEMENT_RUN,
            Item.SETTLEMENT_REVIEW,
            Item.PERFORMANCE_REVIEW,
            Item.INCENTIVE_POLICY,
        }
    ),
)
_MONTHS = timedelta(days=70)
_READ_WITHIN = timedelta(hours=3)
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


async def load_settlement(cast: Cast, *, now: datetime) -> None:
    """A month is sold, given back in part, billed on its day, read, and doubted in one place."""
    billed_at = periods.billing_moments(now - _MONTHS, now - _READ_WITHIN)[-1]
    period = periods.last_before(StatementKind.BASIC, billed_at)
    await _policies(at=periods.span(StatementKind.BASIC, period)[0])
    houses = await sell_and_settle(cast, billed_at, Random(SEED + 24), now=now)
    await _are_read(houses, billed_at)
    await _is_signed(cast, houses[0], period, billed_at + timedelta(hours=1))
    await writing.write_lines(scheduled_for=now, now=now)
    await estimating.estimate(scheduled_for=now, now=now)
    await let_time_pass(now)


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


async def _policies(*, at: datetime) -> None:
    """What distributors apply for by the month, and what providers are paid for a quarter."""
    month = f"{at.astimezone(SHANGHAI):%Y-%m}"
    ladder = [Step(Decimal(0), Decimal("0.01")), Step(Decimal(100_000), Decimal("0.02"))]
    for code, name, name_en, scene, period, pays_by in (
        (
            "DISTRIBUTOR-MONTH",
            "经销商月度激励",
            "Distributors' monthly incentive",
            PolicyScene.DISTRIBUTOR,
            IncentivePeriod.MONTH,
            PaysBy.APPLICATION,
        ),
        (
            "CSP-QUARTER",
            "客户服务商季度考核激励",
            "Service providers' quarterly assessment",
            PolicyScene.CSP,
            IncentivePeriod.QUARTER,
            PaysBy.STATEMENT,
        ),
    ):
        await policies.set_policy(
            viewer=CLERK,
            code=code,
            terms=Earns(
                name=name,
                name_en=name_en,
                scene=scene,
                period=period,
                strategies=sorted(policies.EARNING[period]),
                ladder=ladder,
                pays_by=pays_by,
                valid_from=incentive_periods.containing(month, period).months[0],
            ),
            now=at,
        )


async def _is_signed(cast: Cast, house: House, period: str, sent_at: datetime) -> None:
    """One that was sent is countersigned by two more people, and waits for its invoice."""
    statement = (
        await Statement.filter(
            partner_id=house.partner.id, status=StatementStatus.SENT, period=period
        )
        .order_by("id")
        .first()
    )
    if statement is None:
        return
    minute = timedelta(minutes=1)
    id = statement.id
    await countersigning.start(viewer=CLERK, statement_id=id, now=sent_at + 10 * minute)
    for place, role in enumerate((SignerRole.BUSINESS, SignerRole.FINANCE), start=2):
        by = await signer(cast, role, since=sent_at - _MONTHS)
        at = sent_at + 10 * place * minute
        await countersigning.sign(viewer=by, statement_id=id, role=role, now=at)
    [request] = await UpstreamRequest.filter(subject_id=id, answered_at=None)
    await answering.answered(request.id, ok=True, reference="PS20260001", now=sent_at + 40 * minute)
    await notifying.notify(
        viewer=CLERK,
        statement_id=id,
        address="贵州省贵安新区云谷大道 1 号",
        now=sent_at + 50 * minute,
    )


async def signer(cast: Cast, role: SignerRole, *, since: datetime) -> Viewer:
    """Somebody of the platform who signs in this name."""
    email = f"{role.value.lower()}@platform.example"
    person = await Person.get_or_none(email=email)
    if person is None:
        person = await cast.a_person(site=Site.CHINA, email=email, joined=since)
        await people.seat_at_platform(
            person_id=person.id, items=[Item.PARTNER_VIEW, guards.SIGNS[role]], now=since
        )
    found = await recognition.by_person(person.id, until=since)
    assert found is not None
    return found.viewer


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


async def _are_read(houses: list[House], billed_at: datetime) -> None:
    """The platform has sent all but the last house's; the one before it doubts its own."""
    for place, house in enumerate(houses):
        if house is houses[-1] and place:
            return
        for statement in await Statement.filter(
            partner_id=house.partner.id, status=StatementStatus.GENERATED, total_amount__gt=0
        ):
            await sending.send(
                viewer=CLERK, statement_id=statement.id, now=billed_at + timedelta(hours=1)
            )
            if place:
                await disputing.open_(
                    viewer=house.administrator,
                    statement_id=statement.id,
                    text="其中一笔订单的现金消费与我方记录不一致,请核对。",
                    now=billed_at + timedelta(hours=2),
                )


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
