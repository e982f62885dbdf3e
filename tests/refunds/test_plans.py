"""Lists of many refunds: a page walks an index and reads no more than it shows."""

import pytest

from domain.identity.items import Item
from tests.conftest import Clock
from tests.crowds import beside, copy
from tests.customers.conftest import Ask
from tests.factories import a_staff_viewer
from tests.orders.factories import Shop
from tests.plans import FEW, most_rows, plan_of
from tests.refunds.factories import asked_back, bought

pytestmark = pytest.mark.usefixtures("database")

LIST = """query ($filter: RefundFilter) { refunds(first: 50, filter: $filter) { nodes {
  number status amount { amount } order { number } } } }"""


async def test_a_page_of_refunds_walks_an_index(shop: Shop, time: Clock, ask: Ask) -> None:
    _, subscription = await bought(shop, now=time.now)
    time.forward(days=30)
    refund = await asked_back(shop, subscription, now=time.now)
    await copy(
        refund,
        at="created_at",
        dealt={
            "customer_id": beside(shop.customer.id, 99),
            "partner_id": beside(shop.partner.id, 49),
            "merchant_id": beside(shop.merchant.id, 49),
        },
    )
    staff = await a_staff_viewer(Item.ORDER_REVIEW)
    time.forward(days=1)

    for by, filter, index in (
        (staff, {}, "refund_by_age"),
        (staff, {"status": ["MERCHANT_REVIEW"]}, "refund_by_"),
        (staff, {"status": ["REJECTED"]}, "refund_by_status"),
        (shop.by, {}, "refund_of_partner"),
        (shop.seller, {}, "refund_of_merchant"),
        (shop.buyer, {}, "refund_of_customer"),
    ):
        plan = await plan_of(ask, LIST, by=by, filter=filter)
        assert f"using {index}" in plan, plan
        assert "Seq Scan on refund" not in plan, plan
        assert most_rows(plan) <= FEW, plan
