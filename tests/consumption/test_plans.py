"""Lists of much consumption: a page walks an index and reads no more than it shows."""

import pytest

from domain.identity.items import Item
from kit import ids
from models.consumption import ConsumptionRecord
from tests.conftest import Clock
from tests.consumption.factories import handed_in, metered, used
from tests.crowds import beside, copy
from tests.customers.conftest import Ask
from tests.factories import a_staff_viewer
from tests.orders.factories import Shop
from tests.plans import FEW, most_rows, plan_of

pytestmark = pytest.mark.usefixtures("database")

LIST = """query ($filter: ConsumptionFilter) { consumption(first: 50, filter: $filter) { nodes {
  period status debtPaid { amount } cash { amount } debt { amount } goods { name } } } }"""


async def test_a_page_of_consumption_walks_an_index(shop: Shop, time: Clock, ask: Ask) -> None:
    """Of usage that is all owed for: what has paid it since is looked for by each record's id."""
    sku = await metered(shop, now=time.now)
    await handed_in(shop.seller, used(shop, sku, "r1", "10", time.now), now=time.now)
    [record] = await ConsumptionRecord.all()
    await copy(
        record,
        at="occurred_at",
        dealt={
            "customer_id": beside(shop.customer.id, 99),
            "partner_id": beside(shop.partner.id, 49),
            "goods_id": beside(shop.goods.id, 199),
        },
    )
    staff = await a_staff_viewer(Item.ORDER_REVIEW)
    time.forward(days=1)

    for by, filter, index in (
        (staff, {}, "consumption_by_age"),
        (staff, {"period": "2030-02"}, "consumption_"),
        (staff, {"period": "2030-01"}, "consumption_of_month"),
        (staff, {"goodsId": ids.encode("gds", shop.goods.id)}, "consumption_of_goods"),
        (shop.by, {}, "consumption_of_partner"),
        (shop.by, {"period": "2030-02"}, "consumption_of_partner"),
        (shop.buyer, {}, "consumption_of_customer"),
        (shop.buyer, {"period": "2030-02"}, "consumption_of_customer"),
    ):
        plan = await plan_of(ask, LIST, by=by, filter=filter)
        assert f"using {index}" in plan, plan
        assert "Seq Scan on consumption_record" not in plan, plan
        assert most_rows(plan) <= FEW, plan
