"""What is delivered and goes on: supervised services, renewals, changes; several refunds."""

from typing import Any

from tests.faults.chaos.client import Refused
from tests.faults.chaos.visitor import Visitor
from tests.faults.chaos.world import Buyer, Ware

ORDER = "order { id version lines { id dueAmount { amount } } }"
SERVICE = "serviceSupervision { id step rejectionCount appeal }"
SUBSCRIPTION = "subscription { id }"
_LINES = """query($id: ID!) { order(id: $id) { lines {
  subscription { id status } serviceSupervision { id } } } }"""


def _buyer(v: Visitor) -> Buyer:
    return v.dice.choice(v.dice.choice(v.world.firms).customers)


async def _bought(v: Visitor, buyer: Buyer, ware: Ware) -> list[Any]:
    """Its lines, once the cloud has opened them all; none while nobody does."""
    lines = [{"skuId": ware.sku, "quantity": 1}]
    placed = await v.does(buyer.email, "orderPlace", ORDER, lines=lines, cartLineIds=[])
    await v.does(buyer.email, "orderPay", "order { id }", id=placed["id"], coupons=[])
    found = await v.until(
        buyer.email,
        _LINES,
        lambda order: all(
            line["subscription"] and line["subscription"]["status"] != "OPENING"
            for line in order["lines"]
        ),
        id=placed["id"],
    )
    lines = found["lines"]
    return lines if all(line["subscription"] for line in lines) else []


async def service(v: Visitor) -> None:
    """Wanted, taken on, delivered; accepted, sent back, appealed about, reviewed."""
    buyer = _buyer(v)
    merchant = v.world.merchant.email
    bought = await _bought(v, buyer, v.world.watched)
    if not bought:
        return
    id = bought[0]["serviceSupervision"]["id"]
    for returned in (True, False) if v.likely(0.3) else (False,):
        wanted = "For forty desks."
        await v.does(buyer.email, "serviceRequirementSubmit", SERVICE, id=id, requirement=wanted)
        if returned:
            await v.does(merchant, "serviceRequirementReturn", SERVICE, id=id, reason="Which?")
    await v.does(merchant, "serviceRequirementConfirm", SERVICE, id=id)
    if v.likely(0.3):
        await v.does(v.world.staff, "serviceReviewRequire", SERVICE, id=id)
    rejections = v.dice.choice((0, 0, 1, 3))
    for _ in range(rejections):
        await v.does(merchant, "serviceDeliver", SERVICE, id=id)
        await v.does(buyer.email, "serviceReject", SERVICE, id=id, reason="A page is missing.")
    if rejections == 3:
        await v.does(merchant, "serviceDeliver", SERVICE, id=id)
        await v.does(merchant, "serviceAppeal", SERVICE, id=id, reason="It is all there.")
        granted = v.likely(0.5)
        now = await v.does(
            v.world.staff, "serviceAppealDecide", SERVICE, id=id, granted=granted, reason="So."
        )
    elif v.likely(0.3):
        return  # nobody says anything
    else:
        await v.does(merchant, "serviceDeliver", SERVICE, id=id)
        now = await v.does(buyer.email, "serviceAccept", SERVICE, id=id)
    if now["step"] == "PLATFORM_REVIEW":
        await v.does(
            v.world.staff, "serviceReview", SERVICE, id=id, passed=v.likely(0.7), reason="Seen."
        )


async def subscription(v: Visitor) -> None:
    """Goes on, gets larger, or renews itself; each paid like any other order, or not."""
    buyer = _buyer(v)
    bought = await _bought(v, buyer, v.world.wares[2])
    if not bought:
        return
    id = bought[0]["subscription"]["id"]
    await v.does(buyer.email, "subscriptionAutoRenewSet", SUBSCRIPTION, id=id, autoRenew=True)
    if v.likely(0.5):
        order = await v.does(buyer.email, "subscriptionRenew", ORDER, ids=[id], months=12)
    else:
        order = await v.does(buyer.email, "subscriptionChange", ORDER, id=id, quantity=2)
    if v.likely(0.6):
        await v.does(buyer.email, "ordersPay", "results { id done }", ids=[order["id"]])
    elif v.likely(0.5):
        await v.does(buyer.email, "orderCancel", "order { id }", id=order["id"], reason="Later.")


async def refunds(v: Visitor) -> None:
    """Two at once; the platform gives back over the merchant's head."""
    buyer = _buyer(v)
    ids = []
    for ware in (v.world.wares[1], v.world.wares[2]):
        ids += [line["subscription"]["id"] for line in await _bought(v, buyer, ware)]
    if not ids:
        return
    await v.does(
        buyer.email,
        "refundsRequest",
        "results { id done }",
        subscriptionIds=ids,
        reason="NOT_NEEDED",
        renewalsOnly=False,
    )
    found = await v.reads(
        v.world.staff,
        """query($of: ID) { refunds(first: 9, filter: {customerId: $of,
          status: [MERCHANT_REVIEW]}) { nodes { id } } }""",
        of=buyer.id,
    )
    for each in found["nodes"][:1]:
        await v.does(
            v.world.staff, "refundOverride", "refund { id }", id=each["id"], reason="It is right."
        )


async def adjusted_order(v: Visitor) -> None:
    """Strictly selected goods get cheaper; the partner is asked to pay, and then isn't."""
    buyer = _buyer(v)
    lines = [{"skuId": v.world.strict.sku, "quantity": 1}]
    placed = await v.does(buyer.email, "orderPlace", ORDER, lines=lines, cartLineIds=[])
    id = placed["id"]
    await v.does_to(
        v.dice.choice((v.world.merchant.email, v.world.staff)),
        "orderPriceAdjust",
        ORDER,
        placed,
        lines=[{"lineId": placed["lines"][0]["id"], "dueAmount": f"{v.dice.randrange(90, 150)}.5"}],
        reason="For an old friend.",
    )
    try:
        await v.does(buyer.email, "orderPartnerPaymentRequest", "order { id }", id=id)
        await v.does(buyer.email, "orderPartnerPaymentRecall", "order { id }", id=id)
    except Refused:
        pass  # nobody's customer, or a referral
    await v.does(buyer.email, "ordersPay", "results { id done }", ids=[id])
