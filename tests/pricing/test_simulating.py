"""What an order would cost: through the API, with all that keeps offers from being used."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.identity.viewer import Viewer
from domain.offers import bindings, withdrawing
from domain.private_offers.terms import Price
from kit import database, ids
from kit.ids import new_id
from models.catalogue import Goods, GoodsKind, ShareModel, Sku
from models.customers import Customer
from models.offers import ExclusiveOffer, OfferOrigin
from tests.catalogue.factories import a_policy, a_price, a_sku, gds, sku_id, some_goods
from tests.conftest import Clock
from tests.customers.conftest import Ask, Refused
from tests.customers.factories import a_customer, cus
from tests.factories import (
    a_customer_user_viewer,
    a_partner,
    a_person,
    a_staff_viewer,
    an_administrator,
)
from tests.offers.factories import a_draft, a_scheduled_offer, an_application, configuration, eof
from tests.offers.factories import joined as joined_to_the_programme
from tests.private_offers.factories import a_published, an_effective, pvo, use
from tests.requirements.factories import Sale, a_sale

pytestmark = pytest.mark.usefixtures("database")

DAY, MICROSECOND = timedelta(days=1), timedelta(microseconds=1)
AMOUNTS = "list { amount } discount { amount } deal { amount currency }"
OFFER = "id usable findings { code rule message }"
SIMULATE = f"""
query ($input: PriceSimulateInput!) {{
  priceSimulate(input: $input) {{
    at partnerId
    total {{ {AMOUNTS} }}
    authorizedFloor {{ amount }}
    lines {{
      code quantity usedOfferId discountRatio
      unitListPrice {{ amount }} authorizedFloor {{ amount }} floorPrice {{ amount }}
      amounts {{ {AMOUNTS} }}
      findings {{ code }}
      exclusiveOffers {{ {OFFER} }} privateOffers {{ {OFFER} }}
      automaticOffer {{ wouldBeMade findings {{ code rule }} }}
    }}
  }}
}}
"""


class Shop:
    """A partner in the programme, a customer of its, goods with a SKU; and how to ask."""

    def __init__(self, ask: Ask, time: Clock) -> None:
        self._ask, self.time = ask, time

    async def open(self) -> "Shop":
        self.partner = await joined_to_the_programme(await a_partner())
        self.by = await an_administrator(self.partner)
        self.customer = await a_customer(of=self.partner)
        self.goods = await some_goods("Archive")
        self.sku = await a_sku(self.goods, code="YEAR", price="99.99", floor="60.00")
        return self

    async def simulate(self, *lines: dict[str, Any], by: Viewer | None = None, **more: Any) -> Any:
        wanted = {"customerId": cus(self.customer), "lines": list(lines)} | more
        return await self._ask(SIMULATE, by=by or self.by, input=wanted)

    def line(self, sku: Sku | None = None, quantity: int = 1, **offers: Any) -> dict[str, Any]:
        return {"skuId": sku_id(sku or self.sku), "quantity": quantity} | offers

    async def offer(self, *goods: Goods, **more: Any) -> ExclusiveOffer:
        return await a_scheduled_offer(
            *(goods or (self.goods,)), by=self.by, of=self.customer, now=self.time.now, **more
        )


@pytest.fixture
async def shop(ask: Ask, time: Clock) -> Shop:
    return await Shop(ask, time).open()


def codes(findings: list[dict[str, Any]]) -> list[str]:
    return [finding["code"] for finding in findings]


async def everything() -> dict[str, str]:
    """How many rows each table has, and how often they were written."""
    counts = {}
    for row in await database.rows("select relname from pg_stat_user_tables"):
        [found] = await database.rows(
            f"select count(*) || ':' || coalesce(max(xmin::text::bigint), 0) as marks"
            f' from "{row["relname"]}"'
        )
        counts[row["relname"]] = found["marks"]
    return counts


async def test_without_an_offer_the_list_price_is_paid(shop: Shop) -> None:
    other = await a_sku(shop.goods, code="USE", price="0.10")

    before = await everything()
    told = await shop.simulate(shop.line(quantity=3), shop.line(other, 7))

    assert await everything() == before
    assert told["at"] == "2030-01-31T23:30:00.000000Z"
    assert told["partnerId"] == ids.encode("ptn", shop.partner.id)
    assert [line["code"] for line in told["lines"]] == ["YEAR", "USE"]
    year, use = (line["amounts"] for line in told["lines"])
    assert year["deal"] == {"amount": "299.97", "currency": "CNY"}
    assert use["deal"]["amount"] == "0.70"
    assert told["total"] == {
        "list": {"amount": "300.67"},
        "discount": {"amount": "0.00"},
        "deal": {"amount": "300.67", "currency": "CNY"},
    }
    # 85 % of 299.97 is 254.9745, and of 0.70 it is 0.595.
    assert [line["authorizedFloor"]["amount"] for line in told["lines"]] == ["254.97", "0.60"]
    assert told["authorizedFloor"] == {"amount": "255.57"}
    assert [line["floorPrice"] for line in told["lines"]] == [None, None]
    assert told["lines"][0]["findings"] == []


async def test_an_offer_in_force_lets_its_share_be_paid_rounded_once_a_line(shop: Shop) -> None:
    offer = await shop.offer(discount="0.8888")
    shop.time.forward(days=1)

    told = await shop.simulate(shop.line(quantity=7, exclusiveOfferId=eof(offer)))

    [line] = told["lines"]
    assert line["usedOfferId"] == eof(offer)
    assert line["discountRatio"] == "0.8888"
    assert line["amounts"] == {
        "list": {"amount": "699.93"},
        "discount": {"amount": "77.83"},
        "deal": {"amount": "622.10", "currency": "CNY"},
    }
    assert line["exclusiveOffers"] == [{"id": eof(offer), "usable": True, "findings": []}]


async def test_an_offer_is_usable_from_its_first_instant_up_to_its_end(shop: Shop) -> None:
    offer = await shop.offer()
    begin, end = offer.effective_at, offer.expires_at

    async def why(at: Any) -> list[str]:
        told = await shop.simulate(shop.line(exclusiveOfferId=eof(offer)), at=at.isoformat())
        [verdict] = told["lines"][0]["exclusiveOffers"]
        used = told["lines"][0]["usedOfferId"]
        assert (used is not None) == verdict["usable"] == (verdict["findings"] == [])
        assert told["total"]["deal"]["amount"] == ("89.99" if used else "99.99")
        return codes(verdict["findings"])

    assert await why(begin - MICROSECOND) == ["NOT_EFFECTIVE_YET"]
    assert await why(begin) == []
    assert await why(end - MICROSECOND) == []
    assert await why(end) == ["EXPIRED"]
    shop.time.now = end  # and no worker has come by
    assert await why(end) == ["EXPIRED"]


async def test_every_reason_against_an_offer_is_told_with_its_rule(shop: Shop) -> None:
    other = await some_goods("Other")
    common = await some_goods("Common", kind=GoodsKind.COMMON)
    far = await a_customer("Far", of=shop.partner)
    await a_policy(shop.goods, since=shop.time.now + 2 * DAY, allows_discount=False)
    foreign = await a_scheduled_offer(other, by=shop.by, of=far, now=shop.time.now)
    sku = await a_sku(common)

    told = await shop.simulate(
        shop.line(exclusiveOfferId=eof(foreign)),
        shop.line(sku, exclusiveOfferId=eof(foreign)),
    )
    first, second = told["lines"]
    [verdict] = first["exclusiveOffers"]
    assert [(each["code"], each["rule"]) for each in verdict["findings"]] == [
        ("OTHER_CUSTOMER", "X-13"),
        ("NOT_EFFECTIVE_YET", "X-11"),
        ("GOODS_NOT_INCLUDED", "X-12"),
    ]
    assert all(each["message"] for each in verdict["findings"])
    assert codes(second["exclusiveOffers"][0]["findings"])[-1] == "GOODS_KIND_EXCLUDED"

    own = await shop.offer()
    at = (shop.time.now + 2 * DAY).isoformat()
    [line] = (await shop.simulate(shop.line(), at=at))["lines"]
    [verdict] = line["exclusiveOffers"]
    assert verdict["id"] == eof(own)
    assert codes(verdict["findings"]) == ["DISCOUNT_NOT_ALLOWED"]
    assert line["authorizedFloor"] == {"amount": "99.99"}


async def test_what_isnt_approved_or_was_taken_back_is_no_offer(shop: Shop) -> None:
    draft = await a_draft(shop.goods, by=shop.by, of=shop.customer, now=shop.time.now)
    apart: dict[str, Any] = {
        "effective_at": shop.time.now + 40 * DAY,
        "expires_at": shop.time.now + 50 * DAY,
    }
    asked = await an_application(
        shop.goods, by=shop.by, of=shop.customer, now=shop.time.now, **apart
    )
    gone = await shop.offer()
    await withdrawing.withdraw(viewer=shop.by, offer_id=gone.id, now=shop.time.now)

    [line] = (await shop.simulate(shop.line()))["lines"]

    assert {offer["id"]: codes(offer["findings"]) for offer in line["exclusiveOffers"]} == {
        eof(gone): ["WITHDRAWN"],
        ids.encode("eof", asked.offer_id): ["NOT_APPROVED"],
        eof(draft): ["NOT_APPROVED"],
    }


async def test_a_configuration_is_for_its_skus_and_their_number_alone(shop: Shop) -> None:
    other = await a_sku(shop.goods, code="USE", price="10.00")
    offer = await shop.offer(goods_ids=(), **configuration((shop.sku, 5)))
    shop.time.forward(days=1)
    use: dict[str, Any] = {"exclusiveOfferId": eof(offer)}

    async def why(*lines: dict[str, Any]) -> list[list[str]]:
        told = await shop.simulate(*lines)
        return [codes(line["exclusiveOffers"][0]["findings"]) for line in told["lines"]]

    assert await why(shop.line(quantity=5, **use)) == [[]]
    assert await why(shop.line(quantity=6, **use)) == [["QUANTITY_EXCEEDED"]]
    both = ["QUANTITY_EXCEEDED"]
    assert await why(shop.line(quantity=3, **use), shop.line(quantity=3, **use)) == [both, both]
    assert await why(shop.line(quantity=3, **use), shop.line(quantity=3)) == [[], []]
    assert await why(shop.line(other, **use)) == [["SKU_NOT_INCLUDED"]]


async def test_what_an_order_has_made_is_good_for_no_other(shop: Shop) -> None:
    offer = await shop.offer()
    shop.time.forward(days=1)
    await ExclusiveOffer.filter(id=offer.id).update(origin=OfferOrigin.AUTOMATIC, order_id=new_id())

    [line] = (await shop.simulate(shop.line(exclusiveOfferId=eof(offer))))["lines"]

    assert codes(line["exclusiveOffers"][0]["findings"]) == ["MADE_BY_AN_ORDER"]
    assert line["usedOfferId"] is None


async def test_whether_the_system_would_make_its_own_offer_is_told(shop: Shop) -> None:
    async def automatic(**more: Any) -> tuple[bool, list[str]]:
        [line] = (await shop.simulate(shop.line(), **more))["lines"]
        told = line["automaticOffer"]
        assert {each["rule"] for each in told["findings"]} <= {"X-09", "X-01"}
        return told["wouldBeMade"], codes(told["findings"])

    assert await automatic() == (True, [])
    offer = await shop.offer(effective_at=shop.time.now + 2 * DAY)
    assert await automatic() == (True, [])
    look_ahead = offer.effective_at - DAY
    assert await automatic(at=look_ahead.isoformat()) == (True, [])
    later = (look_ahead + MICROSECOND).isoformat()
    assert await automatic(at=later) == (False, ["OFFER_WITHIN_A_DAY"])
    begun = offer.effective_at.isoformat()
    assert await automatic(at=begun) == (False, ["OFFER_IN_FORCE"])
    staff = await a_staff_viewer()
    await Customer.filter(id=shop.customer.id).update(
        partner_id=None, association_id=None, association_type=None
    )
    assert await automatic(by=staff) == (False, ["NO_PARTNER"])


async def test_who_isnt_bound_gets_no_offer_by_itself(ask: Ask, time: Clock) -> None:
    shop = await Shop(ask, time).open()
    stranger = await a_partner("Not joined")
    shop.customer = await a_customer("Theirs", of=stranger)
    await database.execute("delete from association where partner_id = $1", stranger.id)
    by = await an_administrator(stranger)

    [line] = (await shop.simulate(shop.line(), by=by))["lines"]
    assert codes(line["automaticOffer"]["findings"]) == ["PROGRAMME_NOT_JOINED", "NOT_BOUND"]
    await bindings.bind(customer_id=shop.customer.id, partner_id=stranger.id, now=time.now)
    await joined_to_the_programme(stranger)
    [line] = (await shop.simulate(shop.line(), by=by))["lines"]
    assert line["automaticOffer"]["wouldBeMade"] is True


async def private_line(sale: Sale, offer: Any, **more: Any) -> dict[str, Any]:
    return {"skuId": sku_id(sale.sku), "quantity": 1, "privateOfferId": pvo(offer)} | more


async def test_a_private_offer_has_its_own_price(ask: Ask, time: Clock) -> None:
    sale = await a_sale()
    offer = await an_effective(
        sale, now=time.now, prices=[Price(sale.sku.id, Decimal("900.55"), quantity=4)]
    )

    async def simulate(quantity: int, **more: Any) -> Any:
        line = await private_line(sale, offer, quantity=quantity)
        wanted = {"customerId": cus(sale.customer), "lines": [line]} | more
        [line] = (await ask(SIMULATE, by=sale.by, input=wanted))["lines"]
        return line

    line = await simulate(3)
    assert line["usedOfferId"] == pvo(offer)
    assert line["discountRatio"] is None
    assert line["amounts"]["deal"]["amount"] == "2701.65"
    assert line["amounts"]["list"]["amount"] == "3000.00"
    assert codes(line["automaticOffer"]["findings"]) == ["PRIVATE_OFFER_CHOSEN"]
    too_many = await simulate(5)
    assert codes(too_many["privateOffers"][0]["findings"]) == ["QUANTITY_EXCEEDED"]
    assert too_many["amounts"]["deal"]["amount"] == "5000.00"
    over = await simulate(1, at=offer.expires_at.isoformat())
    assert codes(over["privateOffers"][0]["findings"]) == ["EXPIRED"]
    await use(offer, sale, now=time.now)
    assert codes((await simulate(1))["privateOffers"][0]["findings"]) == ["USED"]


async def test_a_private_offer_is_for_its_merchants_goods(ask: Ask, time: Clock) -> None:
    sale = await a_sale()
    offer = await a_published(sale, now=time.now)
    other = await a_sku(await some_goods("Own"))
    line = {"skuId": sku_id(other), "quantity": 1, "privateOfferId": pvo(offer)}
    wanted = {"customerId": cus(sale.customer), "lines": [line]}

    [told] = (await ask(SIMULATE, by=sale.by, input=wanted))["lines"]

    findings = told["privateOffers"][0]["findings"]
    assert codes(findings) == ["NOT_EFFECTIVE_YET", "MERCHANT_NOT_OF_GOODS", "GOODS_NOT_INCLUDED"]


async def test_the_offers_of_one_order_are_of_one_partner(ask: Ask, time: Clock) -> None:
    """A-22: the owner of the first line's offer is whom the order is bound to."""
    shop = await Shop(ask, time).open()
    first = await shop.offer()
    rival = await joined_to_the_programme(await a_partner("Rival"))
    await Customer.filter(id=shop.customer.id).update(partner_id=rival.id)
    by = await an_administrator(rival)
    second = await a_scheduled_offer(shop.goods, by=by, of=shop.customer, now=time.now)
    time.forward(days=1)
    lines = [shop.line(exclusiveOfferId=eof(each)) for each in (first, second)]

    told = await shop.simulate(*lines, by=await a_staff_viewer())

    assert told["partnerId"] == ids.encode("ptn", shop.partner.id)
    assert [line["usedOfferId"] for line in told["lines"]] == [eof(first), None]
    by_id = {each["id"]: each for each in told["lines"][1]["exclusiveOffers"]}
    assert by_id[eof(second)]["findings"][0]["code"] == "OTHER_PARTNER"
    assert by_id[eof(second)]["findings"][0]["rule"] == "A-22"


async def test_prices_to_come_count_for_the_platform_alone(shop: Shop) -> None:
    at = shop.time.now + 2 * DAY
    await a_price(shop.sku, "120.00", floor="80.00", since=at)
    staff = await a_staff_viewer()

    async def unit(by: Viewer) -> tuple[str, Any]:
        [line] = (await shop.simulate(shop.line(), by=by, at=at.isoformat()))["lines"]
        return line["unitListPrice"]["amount"], line["floorPrice"]

    assert await unit(shop.by) == ("99.99", None)
    assert await unit(staff) == ("120.00", {"amount": "80.00"})


async def test_what_cant_be_sold_says_why(shop: Shop) -> None:
    goods = await some_goods("Gone", on_sale=False, policy=False)
    sku = await a_sku(goods, price=None, on_sale=False)

    told = await shop.simulate(shop.line(sku), shop.line())

    assert codes(told["lines"][0]["findings"]) == [
        "GOODS_NOT_ON_SALE",
        "SKU_NOT_ON_SALE",
        "NO_PRICE",
        "NO_POLICY",
    ]
    assert told["lines"][0]["amounts"] is None
    assert told["total"] is None
    assert told["authorizedFloor"] is None


async def test_a_customer_sees_its_own_price_and_no_floor(shop: Shop) -> None:
    offer = await shop.offer()
    shop.time.forward(days=1)
    by = await a_customer_user_viewer(await a_person())
    assert by.customer_id is not None
    await database.execute(
        "update customer_user set customer_id = $1 where customer_id = $2",
        shop.customer.id,
        by.customer_id,
    )
    itself = replace(by, customer_id=shop.customer.id)
    told = await shop.simulate(shop.line(exclusiveOfferId=eof(offer)), by=itself)

    [line] = told["lines"]
    assert line["amounts"]["deal"]["amount"] == "89.99"
    assert line["authorizedFloor"] is None
    assert line["floorPrice"] is None
    with pytest.raises(Refused) as refused:
        await shop.simulate(shop.line(), by=by)
    assert refused.value.codes == ["NOT_FOUND"]


async def test_what_one_may_not_see_one_cant_ask_for(shop: Shop) -> None:
    offer = await shop.offer()
    rival = await joined_to_the_programme(await a_partner("Rival"))
    theirs = await an_administrator(rival)
    hidden = await a_sku(
        await some_goods("Hidden", kind=GoodsKind.COMMON, is_listed=False), price="1.00"
    )

    for lines, by in (
        ([shop.line()], theirs),
        ([shop.line(hidden)], shop.by),
        ([shop.line(exclusiveOfferId="eof_" + "0" * 32)], shop.by),
        ([shop.line(privateOfferId="pvo_" + "0" * 32)], shop.by),
    ):
        with pytest.raises(Refused) as refused:
            await shop.simulate(*lines, by=by)
        assert refused.value.codes == ["NOT_FOUND"]
    shop.customer = await a_customer("Rival's", of=rival)
    with pytest.raises(Refused) as refused:
        await shop.simulate(shop.line(exclusiveOfferId=eof(offer)), by=theirs)
    assert refused.value.codes == ["NOT_FOUND"]


async def test_what_makes_no_sense_is_refused(shop: Shop) -> None:
    offer = await shop.offer()
    both: dict[str, Any] = {"exclusiveOfferId": eof(offer), "privateOfferId": "pvo_" + "0" * 32}
    dear = await a_sku(shop.goods, price="9999999999999999.99")
    past = (shop.time.now - MICROSECOND).isoformat()
    lines: tuple[list[dict[str, Any]], ...] = (
        [],
        [shop.line()] * 51,
        [shop.line(quantity=0)],
        [shop.line(quantity=1_000_001)],
        [shop.line(**both)],
        [shop.line(dear, 2)],
        [{"skuId": gds(shop.goods)}],
        [shop.line(exclusiveOfferId="nonsense")],
    )
    for wanted in lines:
        with pytest.raises(Refused) as refused:
            await shop.simulate(*wanted)
        assert refused.value.codes == ["INVALID_INPUT"]
    with pytest.raises(Refused) as refused:
        await shop.simulate(shop.line(), at=past)
    assert refused.value.codes == ["INVALID_INPUT"]
    assert (await shop.simulate(*[shop.line()] * 50))["total"]["deal"]["amount"] == "4999.50"


async def test_a_floor_share_model_changes_no_price(shop: Shop) -> None:
    await a_policy(shop.goods, since=shop.time.now + DAY, share_model=ShareModel.FLOOR_PRICE)
    at = (shop.time.now + DAY).isoformat()

    assert (await shop.simulate(shop.line(), at=at))["total"]["deal"]["amount"] == "99.99"
