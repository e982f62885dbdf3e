"""Exclusive offers through the API: made, refused, found, listed, opened; and who sees what."""

from base64 import b64decode
from typing import Any

import pytest

from domain.offers import links
from domain.offers.effects import HOLDS
from kit import ids
from models.offers import ExclusiveOffer
from models.partners import Partner
from tests.catalogue.factories import a_sku, gds, sku_id, some_goods
from tests.conftest import Clock
from tests.customers.conftest import Ask, Refused
from tests.customers.factories import a_customer, a_user_of, cus
from tests.offers.conftest import Scene
from tests.offers.factories import (
    MICROSECOND,
    a_draft,
    a_scheduled_offer,
    an_application,
    eof,
    spa,
    token_of,
)

pytestmark = pytest.mark.usefixtures("database")

CREATE = """
mutation ($input: ExclusiveOfferCreateInput!) {
  exclusiveOfferCreate(input: $input) {
    exclusiveOffer {
      id number status quotation origin discountRatio note effectiveAt expiresAt accountName
      customer { name } lines { position goods { name } sku { code } quantity }
    }
    replayed errors { code path ... on OfferCheckFailed { checks { code rule concerns message } } }
  }
}
"""
SUBMIT = """
mutation ($input: ExclusiveOfferSubmitInput!) {
  exclusiveOfferSubmit(input: $input) {
    exclusiveOffer { status floorRatio specialApplication { status reason sentTo } }
    errors {
      code message path retryable
      ... on BelowAuthorizedFloor { floors { goods name floorRatio } }
    }
  }
}
"""
OPEN = """
mutation ($token: String!, $key: String) {
  privateLinkOpen(input: {token: $token, idempotencyKey: $key}) {
    exclusiveOffer {
      discountRatio note floorRatio partnerName partner { name }
      lines { goods { name skus { code price { listPrice { amount currency } } } } }
    }
    replayed errors { code path }
  }
}
"""
ACTIONS = """
query ($id: ID!) {
  exclusiveOffer(id: $id) { availableActions { name allowed blockedBy { code } } }
}
"""


async def test_an_offer_from_draft_to_approval(ask: Ask, scene: Scene, time: Clock) -> None:
    sku = await a_sku(scene.goods)
    given = {
        "customerId": cus(scene.customer),
        "name": "双十一 🎁",
        "discountRatio": "0.8500",
        "effectiveAt": "2030-02-02T08:00:00.000001+08:00",
        "expiresAt": "2030-03-01T00:00:00Z",
        "configuration": [{"skuId": sku_id(sku), "quantity": 3}],
        "note": "Call first.",
        "idempotencyKey": "k1",
    }

    answer = await ask(CREATE, by=scene.by, input=given)
    again = await ask(CREATE, by=scene.by, input=given)

    assert answer["errors"] == []
    offer = answer["exclusiveOffer"]
    assert offer | {"id": "", "number": ""} == {
        "id": "",
        "number": "",
        "status": "DRAFT",
        "quotation": "CONFIGURATION",
        "origin": "MANUAL",
        "discountRatio": "0.8500",
        "note": "Call first.",
        "effectiveAt": "2030-02-02T00:00:00.000001Z",
        "expiresAt": "2030-03-01T00:00:00.000000Z",
        "accountName": scene.customer.account_name,
        "customer": {"name": "Yangtze"},
        "lines": [
            {
                "position": 1,
                "goods": {"name": "Cloud archive"},
                "sku": {"code": sku.code},
                "quantity": 3,
            }
        ],
    }
    assert offer["number"].startswith("EO300201-")
    assert (again["replayed"], again["exclusiveOffer"]["id"]) == (True, offer["id"])

    done = await ask(SUBMIT, by=scene.by, input={"id": offer["id"], "expectedVersion": 1})
    assert done == {
        "exclusiveOffer": {
            "status": "SCHEDULED",
            "floorRatio": "0.8500",
            "specialApplication": None,
        },
        "errors": [],
    }


async def test_too_low_a_discount_asks_for_a_confirmation(
    ask: Ask, scene: Scene, time: Clock
) -> None:
    draft = await a_draft(scene.goods, by=scene.by, of=scene.customer, discount="0.6", now=time.now)

    refused = await ask(SUBMIT, by=scene.by, locale="zh", input={"id": eof(draft)})
    done = await ask(
        SUBMIT,
        by=scene.by,
        input={"id": eof(draft), "confirmSpecialApplication": True, "reason": "A rival."},
    )

    number = scene.goods.number
    assert refused["errors"] == [
        {
            "code": "BELOW_AUTHORIZED_FLOOR",
            "message": f"申请的折扣超出授权范围:{number} ≥ 0.85。如需继续,请确认提交特殊商务申请。",
            "path": ["input", "id"],
            "retryable": False,
            "floors": [{"goods": number, "name": "Cloud archive", "floorRatio": "0.8500"}],
        }
    ]
    assert done["exclusiveOffer"] == {
        "status": "MANUAL_REVIEW",
        "floorRatio": "0.8500",
        "specialApplication": {
            "status": "SUBMITTED",
            "reason": "A rival.",
            "sentTo": "operations@localhost",
        },
    }


async def test_failed_checks_speak_the_readers_language(
    ask: Ask, scene: Scene, time: Clock
) -> None:
    off_sale = await some_goods(on_sale=False)

    answer = await ask(
        CREATE,
        by=scene.by,
        locale="zh",
        input={
            "accountName": scene.customer.account_name,
            "name": "A",
            "discountRatio": "0.9",
            "effectiveAt": "2030-02-02T08:00:00Z",
            "expiresAt": "2030-02-03T08:00:00Z",
            "goodsIds": [gds(off_sale)],
        },
    )

    [error] = answer["errors"]
    assert error["code"] == "OFFER_CHECK_FAILED"
    assert error["checks"] == [
        {
            "code": "GOODS_NOT_ON_SALE",
            "rule": "5.7",
            "concerns": [off_sale.number],
            "message": f"商品未在售:{off_sale.number}。",
        }
    ]
    assert not await ExclusiveOffer.exists()


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"discountRatio": "1.01"}, ["input", "discountRatio"]),
        ({"discountRatio": "0.85001"}, ["input", "discountRatio"]),
        ({"name": "名" * 300}, ["input", "name"]),
        ({"goodsIds": ["eof_" + "0" * 32]}, ["input", "goodsIds"]),
        ({"goodsIds": ["gds_" + "0" * 32]}, ["input", "goodsIds", "0"]),
        ({"customerId": "cus_" + "0" * 32}, ["input", "customerId"]),
        ({"expiresAt": "9999-12-31T23:59:59Z"}, ["input", "expiresAt"]),
        (
            {"configuration": [{"skuId": "nonsense", "quantity": 1}]},
            ["input", "configuration", "skuId"],
        ),
    ],
)
async def test_bad_input_is_pointed_at(
    ask: Ask, scene: Scene, given: dict[str, Any], path: list[str]
) -> None:
    good = {
        "customerId": cus(scene.customer),
        "name": "A",
        "discountRatio": "0.9",
        "effectiveAt": "2030-02-02T08:00:00Z",
        "expiresAt": "2030-02-03T08:00:00Z",
        "goodsIds": [gds(scene.goods)],
    }

    answer = await ask(CREATE, by=scene.by, input=good | given)

    assert [error["path"] for error in answer["errors"]] == [path]
    assert not await ExclusiveOffer.exists()


async def test_the_link_is_there_only_while_the_offer_is_in_force(
    ask: Ask, scene: Scene, time: Clock
) -> None:
    """X-12, though no worker has come by."""
    offer = await a_scheduled_offer(scene.goods, by=scene.by, of=scene.customer, now=time.now)
    query = """
    query ($id: ID!) {
      exclusiveOffer(id: $id) { privateLink { url openedCount lastOpenedAt } }
    }
    """

    async def link() -> Any:
        return (await ask(query, by=scene.by, id=eof(offer)))["privateLink"]

    async def drawn(by: Any = scene.by) -> Any:
        code = "query ($id: ID!) { privateLinkQrCode(exclusiveOfferId: $id) { link svg png } }"
        return await ask(code, by=by, id=eof(offer))

    time.now = offer.effective_at - MICROSECOND
    assert await link() is None
    assert await drawn() is None
    time.now = offer.effective_at
    shown = await link()
    assert shown["url"] == f"https://partners.example/offers/private#{await token_of(offer)}"
    assert (code := await drawn())["link"] == shown["url"]
    assert code["svg"].startswith("<svg ")
    assert b64decode(code["png"]).startswith(b"\x89PNG")
    assert (shown["openedCount"], shown["lastOpenedAt"]) == (0, None)
    buyer = await a_user_of(scene.customer)
    await links.open_link(viewer=buyer, token=await token_of(offer), now=time.now)
    assert (await link())["openedCount"] == 1
    time.now = offer.expires_at
    assert await link() is None
    assert await drawn() is None


async def test_opening_shows_goods_prices_and_the_discount(
    ask: Ask, scene: Scene, time: Clock
) -> None:
    """X-13; what the partner has noted for itself stays with it."""
    sku = await a_sku(scene.goods, price="1000.00")
    offer = await a_scheduled_offer(
        scene.goods, by=scene.by, of=scene.customer, note="Desperate.", now=time.now
    )
    buyer, token = await a_user_of(scene.customer), await token_of(offer)
    time.now = offer.effective_at

    for replayed in (False, True):
        answer = await ask(OPEN, by=buyer, token=token, key="k")
        assert answer == {
            "exclusiveOffer": {
                "discountRatio": "0.9000",
                "note": None,
                "floorRatio": None,
                "partnerName": "Acme",
                "partner": {"name": "Acme"},
                "lines": [
                    {
                        "goods": {
                            "name": "Cloud archive",
                            "skus": [
                                {
                                    "code": sku.code,
                                    "price": {
                                        "listPrice": {"amount": "1000.00", "currency": "CNY"}
                                    },
                                }
                            ],
                        }
                    }
                ],
            },
            "replayed": replayed,
            "errors": [],
        }
    query = "query ($id: ID!) { exclusiveOffer(id: $id) { privateLink { openedCount } } }"
    assert await ask(query, by=scene.by, id=eof(offer)) == {"privateLink": {"openedCount": 1}}
    assert await ask(query, by=buyer, id=eof(offer)) == {"privateLink": None}

    for stranger in (scene.by, scene.platform, await a_user_of(await a_customer("Amur"))):
        refused = await ask(OPEN, by=stranger, token=token)
        assert refused["errors"] == [{"code": "NOT_FOUND", "path": ["input", "token"]}]
        assert refused["exclusiveOffer"] is None


async def test_the_platforms_queue(ask: Ask, scene: Scene, time: Clock) -> None:
    first = await an_application(scene.goods, by=scene.by, of=scene.customer, now=time.now)
    query = """
    query ($filter: SpecialApplicationFilter) {
      specialApplications(filter: $filter) { nodes {
        status crmNumber offer { number } partner { name } deadline { dueAt }
        availableActions { name allowed blockedBy { code } }
      } }
    }
    """
    open_ones = {"status": ["SUBMITTED", "IN_CRM"]}
    verbs = ("specialApplicationTake", "specialApplicationGrant", "specialApplicationReject")

    [seen] = (await ask(query, by=scene.platform, filter=open_ones))["nodes"]
    assert [action["name"] for action in seen["availableActions"]] == list(verbs)
    assert all(action["allowed"] for action in seen["availableActions"])
    assert seen["deadline"] == {"dueAt": "2030-03-03T23:30:00.000000Z"}
    [own] = (await ask(query, by=scene.by, filter=open_ones))["nodes"]
    assert {action["blockedBy"]["code"] for action in own["availableActions"]} == {"FORBIDDEN"}

    take = """
    mutation ($id: ID!) {
      specialApplicationTake(input: {id: $id, crmNumber: "CRM-1"}) {
        specialApplication { status crmNumber } errors { code }
      }
    }
    """
    grant = """
    mutation ($id: ID!, $floor: Decimal!) {
      specialApplicationGrant(input: {id: $id, grantedFloorRatio: $floor}) {
        specialApplication { status grantedFloorRatio offer { status } }
        errors { code ... on GrantTooHigh { grantedRatio discountRatio } }
      }
    }
    """
    taken = await ask(take, by=scene.platform, id=spa(first))
    assert taken["specialApplication"] == {"status": "IN_CRM", "crmNumber": "CRM-1"}
    refused = await ask(grant, by=scene.platform, id=spa(first), floor="0.6")
    assert refused["errors"] == [
        {"code": "GRANT_TOO_HIGH", "grantedRatio": "0.6", "discountRatio": "0.5"}
    ]
    done = await ask(grant, by=scene.platform, id=spa(first), floor="0.4")
    assert done["specialApplication"] == {
        "status": "GRANTED",
        "grantedFloorRatio": "0.4000",
        "offer": {"status": "SCHEDULED"},
    }
    with pytest.raises(Refused) as forbidden:
        await ask(take, by=scene.by, id=spa(first))
    assert forbidden.value.codes == ["FORBIDDEN"]


async def test_an_application_is_over_with_its_offer_though_no_worker_has_come(
    ask: Ask, scene: Scene, time: Clock
) -> None:
    asked = await an_application(scene.goods, by=scene.by, of=scene.customer, now=time.now)
    time.now = asked.expires_at
    query = """
    query ($id: ID!) {
      specialApplication(id: $id) {
        status decidedAt offer { status } availableActions { blockedBy { code } }
      }
    }
    """

    assert await ask(query, by=scene.platform, id=spa(asked)) == {
        "status": "CANCELLED",
        "decidedAt": "2030-03-03T23:30:00.000000Z",
        "offer": {"status": "EXPIRED"},
        "availableActions": [{"blockedBy": {"code": "OFFER_EXPIRED"}}] * 3,
    }


async def test_actions_say_what_stands_in_the_way(ask: Ask, scene: Scene, time: Clock) -> None:
    draft = await a_draft(scene.goods, by=scene.by, of=scene.customer, now=time.now)
    live = await a_scheduled_offer(await some_goods(), by=scene.by, of=scene.customer, now=time.now)

    async def blocked(offer: ExclusiveOffer) -> dict[str, str | None]:
        seen = await ask(ACTIONS, by=scene.by, id=eof(offer))
        return {
            action["name"]: action["blockedBy"] and action["blockedBy"]["code"]
            for action in seen["availableActions"]
        }

    assert await blocked(draft) == {
        "exclusiveOfferEdit": None,
        "exclusiveOfferSubmit": None,
        "exclusiveOfferWithdraw": None,
    }
    assert await blocked(live) == {
        "exclusiveOfferEdit": "WRONG_STATUS",
        "exclusiveOfferSubmit": "WRONG_STATUS",
        "exclusiveOfferWithdraw": None,
    }
    time.now = live.expires_at
    assert (await blocked(live))["exclusiveOfferWithdraw"] == "OFFER_EXPIRED"


async def test_a_withdrawal_tells_the_orders_in_its_way(
    ask: Ask, scene: Scene, time: Clock
) -> None:
    offer = await a_scheduled_offer(scene.goods, by=scene.by, of=scene.customer, now=time.now)
    withdraw = """
    mutation ($id: ID!) {
      exclusiveOfferWithdraw(input: {id: $id, reason: "Never mind."}) {
        exclusiveOffer { status endedAt history(first: 1) { nodes { name reason } } }
        errors { code ... on OfferInUse { orders } }
      }
    }
    """

    async def orders(_: object) -> list[str]:
        return ["OR-1"]

    with HOLDS.also(orders=orders):
        refused = await ask(withdraw, by=scene.by, id=eof(offer))
    assert refused["errors"] == [{"code": "OFFER_IN_USE", "orders": ["OR-1"]}]
    done = await ask(withdraw, by=scene.by, id=eof(offer))
    assert done["exclusiveOffer"]["status"] == "WITHDRAWN"
    assert done["exclusiveOffer"]["history"]["nodes"] == [
        {"name": "exclusive_offer.withdrawn", "reason": "Never mind."}
    ]


async def test_the_platform_says_who_of_direct_sales_looks_after_a_partner(
    ask: Ask, scene: Scene, time: Clock
) -> None:
    """X-05."""
    query = """
    mutation ($id: ID!, $email: String) {
      partnerDirectSalesSet(input: {partnerId: $id, email: $email}) {
        partner { directSalesEmail } errors { code path }
      }
    }
    """
    id = ids.encode("ptn", scene.partner.id)

    done = await ask(query, by=scene.platform, id=id, email="Sales@Cloud.example")
    assert done == {"partner": {"directSalesEmail": "sales@cloud.example"}, "errors": []}
    asked = await an_application(scene.goods, by=scene.by, of=scene.customer, now=time.now)
    assert asked.sent_to == "sales@cloud.example"
    seen = "query ($id: ID!) { partner(id: $id) { directSalesEmail } }"
    assert await ask(seen, by=scene.by, id=id) == {"directSalesEmail": None}

    bad = await ask(query, by=scene.platform, id=id, email="nonsense")
    assert bad["errors"] == [{"code": "INVALID_INPUT", "path": ["input", "email"]}]
    unknown = await ask(query, by=scene.platform, id="ptn_" + "0" * 32, email=None)
    assert unknown["errors"] == [{"code": "NOT_FOUND", "path": ["input", "partnerId"]}]
    with pytest.raises(Refused) as forbidden:
        await ask(query, by=scene.by, id=id, email=None)
    assert forbidden.value.codes == ["FORBIDDEN"]
    assert (await Partner.get(id=scene.partner.id)).direct_sales_email == "sales@cloud.example"
    gone = await ask(query, by=scene.platform, id=id, email=None)
    assert gone["partner"] == {"directSalesEmail": None}


async def test_a_customers_offers_are_reached_from_it(ask: Ask, scene: Scene, time: Clock) -> None:
    await a_draft(scene.goods, by=scene.by, of=scene.customer, now=time.now)
    query = "query ($id: ID!) { customer(id: $id) { exclusiveOffers { nodes { name status } } } }"

    assert await ask(query, by=scene.by, id=cus(scene.customer)) == {
        "exclusiveOffers": {"nodes": [{"name": "Spring", "status": "DRAFT"}]}
    }
    buyer = await a_user_of(scene.customer)
    assert await ask(query, by=buyer, id=cus(scene.customer)) == {"exclusiveOffers": {"nodes": []}}
