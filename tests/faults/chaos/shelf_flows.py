"""What is for sale and at which price: goods, SKUs, and offers up to their next terms."""

from typing import Any

from tests.faults.chaos.visitor import Answer, Visitor

GOODS = "goods { id version }"
SKU = "sku { id version }"
OFFER = "privateOffer { id version }"
REQUIREMENT = "customerRequirement { id version status }"
SPECIAL = "specialApplication { id status }"


async def shelf(v: Visitor) -> None:
    """Goods are written down, priced, put on sale and taken off again."""
    merchant, staff = v.world.merchant.email, v.world.staff
    made = await v.does(
        merchant,
        "goodsCreate",
        "goods { id version }",
        name="Charts",
        number=f"C{v.dice.randrange(10**9)}",
        kind="JOINT_OPERATED",
        category="SAAS",
    )
    id = made["id"]
    made = await v.does_to(
        merchant, "goodsEdit", GOODS, made, name="Charts of rivers", category="SAAS"
    )
    sku = await v.does(
        merchant,
        "skuCreate",
        SKU,
        goodsId=id,
        code=f"S{v.dice.randrange(10**9)}",
        name="A year",
        chargeMode="PERIOD",
        months=12,
    )
    sku = await v.does_to(merchant, "skuEdit", SKU, sku, name="A whole year")
    later = v.visit.moment(days=2)
    for moment in ({}, {"validFrom": later}):
        priced = await v.does(
            merchant,
            "skuPriceSet",
            "skuPrice { id } sku { version }",
            skuId=sku["id"],
            expectedVersion=sku["version"],
            listPrice="120.00",
            **moment,
        )
        sku["version"] += 1
    if v.likely(0.5):
        await v.does(merchant, "skuPriceRemove", SKU, id=priced["id"])
    policy: dict[str, Any] = {
        "strategy": "STANDARD",
        "shareModel": "DEAL_PRICE",
        "shareRatio": "0.2",
        "maxRatio": "0.3",
        "authorizedFloorRatio": "0.85",
        "allowsDiscount": True,
        "taxRatio": "0.06",
        "requiresSupervision": False,
        "fiveDayRefund": False,
    }
    version = (await _version(v, id))["version"]
    await v.does(
        staff, "goodsPolicySet", "goodsPolicy { id }", goodsId=id, expectedVersion=version, **policy
    )
    version = (await _version(v, id))["version"]
    later_one = await v.does(
        staff,
        "goodsPolicySet",
        "goodsPolicy { id }",
        goodsId=id,
        expectedVersion=version,
        validFrom=later,
        **policy,
    )
    if v.likely(0.5):
        await v.does(staff, "goodsPolicyRemove", GOODS, id=later_one["id"])
    await v.does(merchant, "goodsPutOnSale", GOODS, id=id)
    more = await v.does(
        merchant,
        "skuCreate",
        SKU,
        goodsId=id,
        code=f"S{v.dice.randrange(10**9)}",
        name="A month",
        chargeMode="PERIOD",
        months=1,
    )
    await v.does(
        merchant,
        "skuPriceSet",
        "skuPrice { id }",
        skuId=more["id"],
        expectedVersion=more["version"],
        listPrice="12.00",
    )
    await v.does(merchant, "skuPutOnSale", SKU, id=more["id"])
    await v.does(merchant, "skuTakeOffSale", SKU, id=more["id"])
    await v.does(merchant, "goodsTakeOffSale", GOODS, id=id)


async def _version(v: Visitor, id: str) -> Any:
    return await v.reads(v.world.staff, "query($id: ID!) { goods(id: $id) { version } }", id=id)


async def offer_terms(v: Visitor) -> None:
    """A requirement is written anew; its offer gets next terms, a clone, and an end."""
    firm = v.dice.choice(v.world.firms)
    buyer = v.dice.choice(firm.customers)
    merchant, ware = v.world.merchant.email, v.world.wares[v.dice.choice((0, 1))]
    lines = [{"goodsId": ware.goods, "skuId": ware.sku, "quantity": 1}]
    facts = {"expectedRatio": "0.15", "lines": lines}
    draft = await v.does(
        firm.email, "customerRequirementCreate", REQUIREMENT, customerId=buyer.id, **facts
    )
    draft = await v.does_to(
        firm.email,
        "customerRequirementEdit",
        REQUIREMENT,
        draft,
        note="For the new office.",
        **facts,
    )
    sent = await v.does_to(firm.email, "customerRequirementSubmit", REQUIREMENT, draft)
    await v.does(merchant, "customerRequirementAccept", REQUIREMENT, id=sent["id"])
    if v.likely(0.2):
        await v.does(firm.email, "customerRequirementClose", REQUIREMENT, id=sent["id"])
        return
    terms = {
        "ratio": "0.15",
        "effectiveAt": v.visit.moment(hours=1),
        "expiresAt": v.visit.moment(days=v.dice.choice((2, 9, 40))),
        "lines": [{"skuId": ware.sku, "quantity": 1, "unitPrice": "300.00"}],
    }
    made = await v.does(
        merchant, "privateOfferCreate", OFFER, name="For you", requirementId=sent["id"], **terms
    )
    made = await v.does_to(
        merchant, "privateOfferDraftEdit", OFFER, made, note="And for your friends.", **terms
    )
    published = await v.does_to(merchant, "privateOfferPublish", OFFER, made)
    id = published["id"]
    await v.does(merchant, "privateOfferDraftOpen", OFFER, id=id)
    if v.likely(0.5):
        await v.does(merchant, "privateOfferDraftDiscard", OFFER, id=id)
    clone = await v.does(merchant, "privateOfferClone", OFFER, id=id, withoutRequirement=True)
    await v.does(merchant, "privateOfferDelete", "deletedId", id=clone["id"])


async def special_application(v: Visitor) -> None:
    """A discount that needs leave: taken on and granted or refused, perhaps both at once."""
    firm = v.dice.choice(v.world.firms)
    buyer = v.dice.choice(firm.customers)
    asked = "exclusiveOffer { id version status specialApplication { id } }"
    terms = {
        "name": "Summer",
        "discountRatio": "0.5",
        "effectiveAt": v.visit.moment(hours=2),
        "expiresAt": v.visit.moment(days=v.dice.choice((2, 8, 30))),
        "goodsIds": [v.world.wares[0].goods],
    }
    draft = await v.does(
        firm.email, "exclusiveOfferCreate", asked, accountName=buyer.account_name, **terms
    )
    draft = await v.does_to(
        firm.email, "exclusiveOfferEdit", asked, draft, note="A rival asks less.", **terms
    )
    sent = await v.does(
        firm.email,
        "exclusiveOfferSubmit",
        asked,
        id=draft["id"],
        confirmSpecialApplication=True,
        reason="A rival asks less.",
    )
    application = sent["specialApplication"]
    staff, id = v.world.staff, application["id"]
    if v.likely(0.6):
        await v.does(staff, "specialApplicationTake", SPECIAL, id=id, crmNumber="CRM-1")
    answers: list[Answer] = [
        (staff, "specialApplicationGrant", {"grantedFloorRatio": "0.5", "crmNumber": "CRM-1"}),
        (staff, "specialApplicationReject", {"reason": "Too cheap."}),
    ]
    await v.one_wins(v.dice.sample(answers, v.dice.choice((1, 2))), SPECIAL, id=id)


async def vague_report(v: Visitor) -> None:
    """A lead that leads to nobody: the platform looks at it; its partner may delete it."""
    firm = v.dice.choice([firm for firm in v.world.firms if not firm.under])
    asked = "customerReport { id status }"
    made = await v.does(
        firm.email,
        "customerReportSubmit",
        asked,
        name="A lead",
        email=f"lead-{v.dice.randrange(10**9)}@nowhere.example",
        track="STANDARD",
    )
    answers: list[Answer] = [
        (v.world.staff, "customerReportApprove", {}),
        (v.world.staff, "customerReportReject", {"reason": "Who is it?"}),
    ]
    await v.one_wins(v.dice.sample(answers, v.dice.choice((0, 1, 2))), asked, id=made["id"])
    if v.likely(0.6):
        await v.does(firm.email, "customerReportsDelete", "results { id done }", ids=[made["id"]])
