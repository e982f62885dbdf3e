"""What a batch has made is told in its order, as far as it is seen, also when it is repeated."""

import pytest

from kit import ids
from models.vouchers import Coupon
from tests.conftest import Clock
from tests.customers.conftest import Ask
from tests.customers.factories import a_customer, cus
from tests.factories import a_partner, an_administrator
from tests.vouchers.factories import AGENCY, a_quota, vqt

pytestmark = pytest.mark.usefixtures("database")

ISSUE = """
mutation ($input: CouponsIssueInput!) { couponsIssue(input: $input) {
  coupons { id customer { id } } errors { code } } }
"""


async def test_what_a_batch_has_made_comes_in_its_order_and_again_as_far_as_it_is_seen(
    ask: Ask, time: Clock
) -> None:
    house = await a_partner()
    by = await an_administrator(house)
    quota = await a_quota(house, 100, now=time.now)
    wanted = [cus(await a_customer(of=house, type=AGENCY)) for _ in range(3)][::-1]
    input = {
        "quotaId": vqt(quota),
        "customerIds": wanted,
        "faceValue": "10.00",
        "idempotencyKey": "once",
    }

    told = await ask(ISSUE, by=by, input=input)
    out_of_sight = Coupon.filter(id=ids.decode("cpn", told["coupons"][1]["id"]))
    await out_of_sight.update(partner_id=(await a_partner("Zenith")).id)
    again = await ask(ISSUE, by=by, input=input)

    assert [coupon["customer"]["id"] for coupon in told["coupons"]] == wanted
    assert [coupon["customer"]["id"] for coupon in again["coupons"]] == [wanted[0], wanted[2]]
    refused = await ask(ISSUE, by=by, input=input | {"customerIds": []})
    assert refused["coupons"] is None
