"""What is said of customers and done in their name: freezes, tags, carts, authorizations."""

from domain.associations import commitment
from domain.associations.commitment import Letter
from tests.faults.chaos.client import Refused
from tests.faults.chaos.visitor import Answer, Visitor
from tests.faults.chaos.world import AGENCY, Buyer, Firm

CUSTOMER = "customer { id }"
AUTHORIZATION = "onBehalfAuthorization { id status }"
_MANAGERS = """query { operators(first: 20) { nodes { id roles { role { preset } } } } }"""


def _somebody(v: Visitor) -> tuple[Firm, Buyer]:
    firm = v.dice.choice(v.world.firms)
    return firm, v.dice.choice(firm.customers)


async def standing(v: Visitor) -> None:
    """What the platform says of a customer: its level and segment; and a freeze that ends."""
    firm, buyer = _somebody(v)
    staff = v.world.staff
    level = v.dice.choice(("V0", "V1", "V3", "V5"))
    await v.does(staff, "customerLevelSet", CUSTOMER, id=buyer.id, level=level)
    segment = v.dice.choice(("NAMED", "MID_LONG_TAIL", "UNCLASSIFIED"))
    await v.does(staff, "customerSegmentSet", CUSTOMER, id=buyer.id, segment=segment, reason="So.")
    freeze = v.dice.choice(("ACCOUNT", "ACCOUNT_AND_RESOURCES"))
    by = v.dice.choice((staff, firm.email)) if buyer.type is AGENCY else staff
    await v.does(by, "customerFreeze", CUSTOMER, id=buyer.id, freeze=freeze, reason="It owes.")
    await v.does(by, "customerUnfreeze", CUSTOMER, id=buyer.id, reason="It has paid.")


async def care(v: Visitor) -> None:
    """A partner's notes on a customer, who looks after it, and what it is called by."""
    firm, buyer = _somebody(v)
    email = firm.email
    await v.does(email, "customerTagsSet", CUSTOMER, id=buyer.id, tags=["north", "big"])
    await v.does(email, "customerTagAdd", CUSTOMER, id=buyer.id, tag="late")
    await v.does(email, "customerTagRemove", CUSTOMER, id=buyer.id, tag="big")
    found = await v.reads(email, _MANAGERS)
    managers = [
        each["id"]
        for each in found["nodes"]
        if any(role["role"]["preset"] == "ACCOUNT_MANAGER" for role in each["roles"])
    ]
    if managers:
        await v.does(
            email,
            "customerAssign",
            "results { id done }",
            customerIds=[buyer.id],
            managerId=v.dice.choice(managers),
        )
    if v.likely(0.4):
        await v.does(email, "customerUnassign", "results { id done }", customerIds=[buyer.id])
    if v.likely(0.3):
        await v.does(
            email,
            "customerReveal",
            "customer { id } email",
            id=buyer.id,
            fields=["EMAIL"],
            reason="To call.",
        )
    if v.likely(0.3):
        await v.does(email, "customerInviteByLink", "customerInvitation { id }", type="AGENCY")


async def on_behalf(v: Visitor) -> None:
    """Asked for, put forward by the distributor, given or refused, and taken back by either."""
    firm = v.dice.choice(v.world.firms)
    buyer = v.dice.choice([each for each in firm.customers if each.type is AGENCY])
    asked = await v.does(
        firm.email,
        "onBehalfAuthorizationRequest",
        AUTHORIZATION,
        customerId=buyer.id,
        scopes=["ORDER"],
        commitmentVersion=commitment.VERSIONS[Letter.COMMITMENT],
    )
    id = asked["id"]
    if asked["status"] == "DISTRIBUTOR_PENDING":
        house = v.world.distributor.email
        if v.likely(0.2):
            await v.does(house, "onBehalfAuthorizationReject", AUTHORIZATION, id=id, reason="No.")
            return
        await v.does(house, "onBehalfAuthorizationEndorse", AUTHORIZATION, id=id)
    answer = v.dice.choice(("grant", "grant", "race", "reject", "withdraw"))
    if answer == "reject":
        await v.does(buyer.email, "onBehalfAuthorizationReject", AUTHORIZATION, id=id, reason="No.")
        return
    if answer == "withdraw":
        await v.does(firm.email, "onBehalfAuthorizationWithdraw", AUTHORIZATION, id=id)
        return
    await v.does(
        buyer.email,
        "onBehalfAuthorizationGrant",
        AUTHORIZATION,
        id=id,
        letterVersion=commitment.VERSIONS[Letter.CONSENT],
    )
    await _in_its_name(v, firm, buyer)
    ends: list[Answer] = [
        (buyer.email, "onBehalfAuthorizationRevoke", {}),
        (firm.email, "onBehalfAuthorizationWithdraw", {}),
    ]
    await v.one_wins(v.dice.sample(ends, 2 if answer == "race" else 1), AUTHORIZATION, id=id)


async def _in_its_name(v: Visitor, firm: Firm, buyer: Buyer) -> None:
    """The partner fills the customer's cart, and orders what is in it."""
    line = {"skuId": v.world.wares[2].sku, "quantity": 1}
    try:
        made = await v.does(
            firm.email, "cartLineAdd", "cartLine { id version }", line=line, onBehalfOf=buyer.id
        )
        placed = await v.does(
            firm.email,
            "orderPlace",
            "order { id }",
            lines=[],
            cartLineIds=[made["id"]],
            onBehalfOf=buyer.id,
        )
        await v.does(buyer.email, "orderCancel", "order { id }", id=placed["id"], reason="No.")
    except Refused:
        pass  # frozen for the moment, or given to another


async def cart(v: Visitor) -> None:
    """Filled, changed, emptied in part, and ordered."""
    _, buyer = _somebody(v)
    asked = "cartLine { id version }"
    line = {"skuId": v.world.wares[2].sku, "quantity": 2}
    made = await v.does(buyer.email, "cartLineAdd", asked, line=line)
    try:
        made = await v.does_to(
            buyer.email, "cartLineChange", asked, made, quantity=v.dice.choice((1, 3))
        )
    except Refused:
        return  # ordered meanwhile by somebody else of the same house
    if v.likely(0.3):
        await v.does(buyer.email, "cartLineRemove", "removedCount", ids=[made["id"]])
        return
    await v.does(buyer.email, "orderPlace", "order { id }", lines=[], cartLineIds=[made["id"]])
