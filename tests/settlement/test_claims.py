"""What earns a share and what never will: decided when it is ordered, told in the transactions."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from models.catalogue import ChargeMode, GoodsKind, ShareModel
from models.customers import Customer
from models.order_states import PolicyScene
from models.partners import Partner
from models.programmes import ProgrammeApplication, ProgrammeApplicationStatus
from models.reports import CustomerReport, ReportStatus, ReportTrack
from models.settlement import SettledKind, SettlementLine, Unsettled
from tests.catalogue.factories import a_sku, some_goods
from tests.conftest import Clock
from tests.consumption.factories import handed_in, used
from tests.customers.conftest import Ask
from tests.factories import a_partner, an_administrator
from tests.offers.factories import joined
from tests.orders.factories import Shop, fund
from tests.settlement.factories import (
    BILLING,
    FEBRUARY_ENDS,
    MARCH,
    NEXT_BILLING,
    a_csp_shop,
    certified,
    given_back,
    run,
    sold,
    statements_of,
    waiting,
)

pytestmark = pytest.mark.usefixtures("database")

DAY = timedelta(days=1)
TRANSACTIONS = """
query { settlementTransactions { nodes { number policyScene repaymentState billingState
  lines { billingState waitingFor eligibleAt effectiveAt settlementLines { kind } } } } }
"""


async def told(ask: Ask, shop: Shop) -> dict[str, Any]:
    """The only line of the seller's only transaction."""
    [transaction] = (await ask(TRANSACTIONS, by=shop.by))["nodes"]
    [line] = transaction["lines"]
    return dict(line)


async def test_what_can_be_settled_waits_for_nothing(shop: Shop, time: Clock, ask: Ask) -> None:
    order, _ = await sold(shop, now=time.now)
    time.forward(minutes=1)
    line = await told(ask, shop)
    assert (line["billingState"], line["waitingFor"]) == ("PENDING", [])
    assert line["eligibleAt"] == line["effectiveAt"] is not None
    time.now = BILLING
    await run()
    line = await told(ask, shop)
    assert (line["billingState"], line["waitingFor"]) == ("BILLED", [])
    assert order.payment_state == "PAID"


async def test_what_is_paid_and_not_opened_says_so(shop: Shop, time: Clock, ask: Ask) -> None:
    await sold(shop, now=time.now, opened=False)
    assert (await told(ask, shop))["waitingFor"] == ["NOT_OPENED"]


async def test_without_certification_it_waits(time: Clock, ask: Ask) -> None:
    shop = await a_csp_shop(rate=None)
    await sold(shop, now=time.now)
    time.forward(minutes=1)
    assert (await told(ask, shop))["waitingFor"] == ["NOT_CERTIFIED"]


async def test_without_an_offer_it_never_earns(shop: Shop, time: Clock, ask: Ask) -> None:
    """S-24, X-11: the first order through a partner makes no 100 % offer yet (A-04)."""
    seller = await joined(await a_partner("Newcomer"))
    await certified(seller)
    new = replace(shop, partner=seller, by=await an_administrator(seller))
    await sold(new, now=time.now)
    assert await waiting(seller) == []
    assert (await told(ask, new))["waitingFor"] == ["NO_OFFER"]


async def test_who_was_no_member_when_it_was_ordered_never_earns(
    shop: Shop, time: Clock, ask: Ask
) -> None:
    await ProgrammeApplication.filter(partner_id=shop.partner.id).update(
        status=ProgrammeApplicationStatus.EXITED, ended_at=time.now
    )
    await sold(shop, now=time.now)
    assert await waiting(shop.partner) == []
    assert "NOT_A_MEMBER" in (await told(ask, shop))["waitingFor"]


async def test_who_left_since_is_paid_all_the_same(shop: Shop, time: Clock) -> None:
    await sold(shop, now=time.now)
    await ProgrammeApplication.filter(partner_id=shop.partner.id).update(
        status=ProgrammeApplicationStatus.EXITED, ended_at=time.now + DAY
    )
    await run()
    assert len(await statements_of(shop.partner)) == 1


async def test_the_operations_base_has_its_own_policy(shop: Shop, time: Clock, ask: Ask) -> None:
    """G-06 (3), A-06: it comes first."""
    await CustomerReport.create(
        created_at=time.now,
        partner_id=shop.partner.id,
        customer_id=shop.customer.id,
        reported_by=shop.partner.id,
        identity="account:x",
        name="Yangtze",
        track=ReportTrack.OPERATIONS_BASE,
        status=ReportStatus.REPORTED,
        expires_at=time.now + DAY,
    )
    order, _ = await sold(shop, now=time.now)
    assert order.policy_scene is PolicyScene.OPERATIONS_BASE
    assert await waiting(shop.partner) == []
    assert (await told(ask, shop))["waitingFor"] == ["OPERATIONS_BASE"]
    later, _ = await sold(shop, now=time.now + DAY)  # the report is over
    assert later.policy_scene is PolicyScene.CSP


async def test_the_distributor_of_the_customers_reseller_earns_by_the_distributors_policy(
    time: Clock, shop: Shop, ask: Ask
) -> None:
    """S-08."""
    own = await Partner.get(id=(await Customer.get(id=shop.customer.id)).partner_id)
    own.kind, own.distributor_id = "RESELLER", shop.partner.id  # type: ignore[assignment]
    await own.save(update_fields=["kind", "distributor_id"])
    order, _ = await sold(shop, now=time.now)
    assert order.policy_scene is PolicyScene.DISTRIBUTOR
    assert (await told(ask, shop))["waitingFor"] == ["DISTRIBUTOR_POLICY"]


async def test_strict_goods_earn_by_their_old_formulas_without_an_offer(
    time: Clock, ask: Ask
) -> None:
    """L-12, E4: (11,300.00 - 9,040.00) / 1.13 * 1.06 * 0.90."""
    shop = await a_csp_shop()
    goods = await some_goods(
        kind=GoodsKind.STRICT_SELF, share_model=ShareModel.LEGACY_SOLO, tax_rate=Decimal("0.13")
    )
    sku = await a_sku(goods, price="11300.00", floor="9040.00")
    await sold(replace(shop, goods=goods, sku=sku), now=time.now)
    await run()
    [statement] = await statements_of(shop.partner)
    assert statement.total_amount == Decimal("1908.00")


async def test_a_refund_of_what_earns_nothing_takes_nothing_back(time: Clock) -> None:
    shop = await a_csp_shop(five_day_refund=True)
    await ProgrammeApplication.filter(partner_id=shop.partner.id).delete()
    order, _ = await sold(shop, now=time.now)
    await given_back(shop, order, now=time.now)
    assert await Unsettled.all().count() == 0


async def test_usage_is_settled_by_the_month_on_what_was_charged(time: Clock, ask: Ask) -> None:
    """6.10: the order itself earns nothing; each import of the month brings what it has charged."""
    shop = await a_csp_shop()
    sku = await a_sku(shop.goods, price="0.33", charge_mode=ChargeMode.ON_DEMAND)
    await sold(replace(shop, sku=sku), now=time.now)
    assert await waiting(shop.partner) == []
    assert (await told(ask, shop))["waitingFor"] == ["SETTLED_BY_USE"]
    await fund(shop.customer, "200.00", now=time.now)
    later = time.now + DAY
    await handed_in(shop.seller, used(shop, sku, "1", "300", later), now=later)
    await handed_in(shop.seller, used(shop, sku, "2", "500", later), now=later + DAY)
    assert await waiting(shop.partner) == [SettledKind.USAGE] * 2
    await run()
    [statement] = await statements_of(shop.partner)
    lines = await SettlementLine.filter(statement_id=statement.id).order_by("id")
    # 99.00 is covered, of 165.00 only 101.00: what nobody has paid isn't shared.
    assert [(line.cash, line.amount) for line in lines] == [
        (Decimal("99.00"), Decimal("9.90")),
        (Decimal("101.00"), Decimal("10.10")),
    ]
    assert {line.deal_amount for line in lines} == {Decimal("99.00"), Decimal("165.00")}


async def test_usage_of_the_next_month_waits(time: Clock) -> None:
    shop = await a_csp_shop()
    sku = await a_sku(shop.goods, price="1.00", charge_mode=ChargeMode.PER_USE)
    await sold(replace(shop, sku=sku), now=time.now)
    await fund(shop.customer, "10.00", now=time.now)
    await handed_in(shop.seller, used(shop, sku, "1", "10", FEBRUARY_ENDS), now=FEBRUARY_ENDS + DAY)
    await run()
    assert await statements_of(shop.partner) == []
    await run(MARCH, now=NEXT_BILLING)
    [statement] = await statements_of(shop.partner)
    assert statement.total_amount == Decimal("1.00")
