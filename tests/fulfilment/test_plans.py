"""Lists of many supervised deliveries: a page walks an index and reads no more than it shows."""

import pytest

from domain.identity.items import Item
from tests.conftest import Clock
from tests.crowds import beside, copy
from tests.customers.conftest import Ask
from tests.factories import a_staff_viewer
from tests.fulfilment.factories import delivered, supervision_of
from tests.orders.factories import a_shop
from tests.plans import FEW, most_rows, plan_of

pytestmark = pytest.mark.usefixtures("database")

LIST = """query ($filter: ServiceSupervisionFilter) { serviceSupervisions(first: 50,
  filter: $filter) { nodes { step appeal order { number } } } }"""


async def test_a_page_of_supervised_deliveries_walks_an_index(time: Clock, ask: Ask) -> None:
    shop = await a_shop(requires_supervision=True)
    order = await delivered(shop, now=time.now)
    await copy(
        await supervision_of(order),
        at="created_at",
        dealt={
            "customer_id": beside(shop.customer.id, 99),
            "partner_id": beside(shop.partner.id, 49),
            "merchant_id": beside(shop.merchant.id, 49),
        },
    )
    staff = await a_staff_viewer(Item.ORDER_REVIEW)

    for by, filter, index in (
        (staff, {}, "service_supervision_by_age"),
        (staff, {"step": ["DONE"]}, "service_supervision_by_step"),
        (shop.by, {}, "service_supervision_partner"),
        (shop.seller, {}, "service_supervision_served"),
        (shop.buyer, {}, "service_supervision_customer"),
    ):
        plan = await plan_of(ask, LIST, by=by, filter=filter)
        assert f"using {index}" in plan, plan
        assert "Seq Scan on service_supervision" not in plan, plan
        assert most_rows(plan) <= FEW, plan
