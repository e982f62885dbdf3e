"""What is sold: orders in every way that they are paid or not, refunds, offers, requirements."""

from typing import Any

from tests.faults.chaos.client import Refused
from tests.faults.chaos.visitor import Visitor
from tests.faults.chaos.world import Buyer, Firm

ORDER = "order { id status paymentState }"
REFUND = "refund { id status }"
_COUPONS = """query($id: ID) { coupons(first: 5, filter: {customerId: $id, status: [USABLE]}) {
  nodes { id } } }"""
_LINES = "query($id: ID!) { order(id: $id) { lines { subscription { id } } } }"


def _somebody(v: Visitor) -> tuple[Firm, Buyer]:
    firm = v.dice.choice(v.world.firms)
    return firm, v.dice.choice(firm.customers)


async def _placed(v: Visitor, firm: Firm, buyer: Buyer) -> Any:
    ware = v.dice.choice(v.world.wares)
    bound = {"sellerAccountName": firm.account_name} if v.likely(0.7) else {}
    lines = [{"skuId": ware.sku, "quantity": v.dice.choice((1, 1, 2))}]
    return await v.does(buyer.email, "orderPlace", ORDER, lines=lines, cartLineIds=[], **bound)


async def _paid(v: Visitor, buyer: Buyer, order: Any) -> None:
    found = await v.reads(buyer.email, _COUPONS, id=buyer.id)
    ids = [coupon["id"] for coupon in found["nodes"]]
    coupons = [{"id": v.dice.choice(ids)}] if ids and v.likely(0.7) else []
    try:
        await v.does(buyer.email, "orderPay", ORDER, id=order["id"], coupons=coupons)
    except Refused:
        if not coupons:
            raise
        await v.does(buyer.email, "orderPay", ORDER, id=order["id"], coupons=[])


async def order(v: Visitor) -> None:
    """Placed; then paid, with or without a coupon, cancelled, or left until its deadline."""
    firm, buyer = _somebody(v)
    placed = await _placed(v, firm, buyer)
    end = v.dice.choice(("pay", "pay", "pay", "cancel", "lapse", "online", "partner"))
    if end == "pay":
        await _paid(v, buyer, placed)
    elif end == "cancel":
        await v.does(buyer.email, "orderCancel", ORDER, id=placed["id"], reason="Another time.")
    elif end == "online":
        await v.does(
            buyer.email, "orderPayOnline", ORDER, id=placed["id"], channel="ALIPAY", coupons=[]
        )
    elif end == "partner":
        await v.does(buyer.email, "orderPartnerPaymentRequest", ORDER, id=placed["id"])
        if v.likely(0.6):
            await v.does(firm.email, "orderPartnerPay", ORDER, id=placed["id"])
        elif v.likely(0.5):
            await v.does(
                firm.email, "orderPartnerPaymentDecline", ORDER, id=placed["id"], reason="No."
            )


async def race_for_an_order(v: Visitor) -> None:
    """Paid and cancelled at once: one of them wins."""
    firm, buyer = _somebody(v)
    placed = await _placed(v, firm, buyer)
    won = []
    for mutation in v.dice.sample(("orderPay", "orderCancel"), 2):
        more: dict[str, Any] = {"coupons": []} if mutation == "orderPay" else {}
        try:
            await v.does(buyer.email, mutation, ORDER, id=placed["id"], **more)
            won.append(mutation)
        except Refused:
            pass
    if len(won) > 1:
        v.book.wrong("one outcome", f"order {placed['id']}: {' and '.join(won)}")


async def refund(v: Visitor) -> None:
    """Bought, opened, and wanted back; the merchant says yes, no, or nothing for fifteen days."""
    firm, buyer = _somebody(v)
    placed = await _placed(v, firm, buyer)
    await _paid(v, buyer, placed)
    found = await v.until(
        buyer.email,
        _LINES,
        lambda order: all(line["subscription"] for line in order["lines"]),
        id=placed["id"],
    )
    subscription = found["lines"][0]["subscription"]
    if subscription is None:
        return  # whoever opens it is dead at the moment
    asked = await v.does(
        buyer.email,
        "refundRequest",
        REFUND,
        subscriptionId=subscription["id"],
        reason="NOT_NEEDED",
        renewalsOnly=False,
    )
    if asked["status"] != "MERCHANT_REVIEW":
        return
    answer = v.dice.choice(("refundAccept", "refundReject", "refundCancel", ""))
    if answer == "refundCancel":
        await v.does(buyer.email, answer, REFUND, id=asked["id"])
    elif answer == "refundReject":
        await v.does(v.world.merchant.email, answer, REFUND, id=asked["id"], reason="It works.")
    elif answer:
        await v.does(v.world.merchant.email, answer, REFUND, id=asked["id"])


async def requirement(v: Visitor) -> None:
    """A better price is asked of the merchant, who answers or keeps still."""
    firm, buyer = _somebody(v)
    asked = "customerRequirement { id version status }"
    ware = v.world.wares[v.dice.choice((0, 1))]
    draft = await v.does(
        firm.email,
        "customerRequirementCreate",
        asked,
        customerId=buyer.id,
        expectedRatio="0.15",
        lines=[{"goodsId": ware.goods, "skuId": ware.sku, "quantity": 1}],
    )
    sent = await v.does_to(firm.email, "customerRequirementSubmit", asked, draft)
    merchant = v.world.merchant.email
    answer = v.dice.choice(("accept", "accept", "reject", "cancel", "silence", "silence"))
    if answer == "silence":
        return
    if answer == "cancel":
        await v.does(firm.email, "customerRequirementCancel", asked, id=sent["id"])
        return
    if answer == "reject":
        await v.does(merchant, "customerRequirementReject", asked, id=sent["id"], reason="No.")
        return
    await v.does(merchant, "customerRequirementAccept", asked, id=sent["id"])
    offer = await v.does(
        merchant,
        "privateOfferCreate",
        "privateOffer { id version }",
        name="For you",
        requirementId=sent["id"],
        ratio="0.15",
        effectiveAt=v.visit.moment(hours=1),
        expiresAt=v.visit.moment(days=v.dice.choice((2, 9, 40))),
        lines=[{"skuId": ware.sku, "quantity": 1, "unitPrice": "300.00"}],
    )
    published = await v.does_to(
        merchant, "privateOfferPublish", "privateOffer { id status }", offer
    )
    if v.likely(0.3):
        await v.does(
            merchant,
            "privateOfferWithdraw",
            "privateOffer { id }",
            id=published["id"],
            reason="Sold out.",
        )


async def exclusive_offer(v: Visitor) -> None:
    """A discount that needs nobody's leave, or one that does."""
    firm, buyer = _somebody(v)
    asked = "exclusiveOffer { id version status specialApplication { id } }"
    special = v.likely(0.4)
    draft = await v.does(
        firm.email,
        "exclusiveOfferCreate",
        asked,
        name="Spring",
        accountName=buyer.account_name,
        discountRatio="0.5" if special else "0.9",
        effectiveAt=v.visit.moment(hours=2),
        expiresAt=v.visit.moment(days=v.dice.choice((2, 8, 30))),
        goodsIds=[v.world.wares[0].goods],
    )
    sent = await v.does(
        firm.email,
        "exclusiveOfferSubmit",
        asked,
        id=draft["id"],
        confirmSpecialApplication=special,
        reason="A rival asks less.",
    )
    application = sent["specialApplication"]
    if application and v.likely(0.6):
        await v.does(
            v.world.staff,
            "specialApplicationReject",
            "specialApplication { id }",
            id=application["id"],
            reason="Too cheap.",
        )
    elif v.likely(0.3):
        await v.does(firm.email, "exclusiveOfferWithdraw", "exclusiveOffer { id }", id=draft["id"])
