"""How firms keep their house: keys, roles, seats, specialists, endpoints; and pauses of work."""

import base64

from tests.faults.chaos.client import Refused
from tests.faults.chaos.visitor import Answer, Visitor

KEY = "apiKey { id version }"
OPERATOR = "operator { id version }"
MEMBER = "member { id specialist }"
_KINDS = ("customer_report.expire", "order.expire", "recharge.expire")
_ROLES = "query { roles(first: 30) { nodes { id preset } } }"


async def api_key(v: Visitor) -> None:
    """Made, called something else, given another secret, and ended at last."""
    email = v.dice.choice(v.world.firms).email
    made = await v.does(
        email,
        "apiKeyCreate",
        KEY,
        name=f"ERP {v.dice.randrange(10**6)}",
        items=["CUSTOMER_VIEW"],
    )
    if v.likely(0.5):
        await v.does_to(email, "apiKeyUpdate", KEY, made, name=f"CRM {v.dice.randrange(10**6)}")
    if v.likely(0.5):
        await v.does(email, "apiKeyRotate", KEY, id=made["id"], overlapHours=1)
    await v.does(email, "apiKeyRevoke", KEY, id=made["id"])


async def seats(v: Visitor) -> None:
    """A role of one's own, a seat with it, other roles, a supervisor; and all of it away again."""
    firm, person = v.dice.choice(v.world.firms), v.dice.choice(v.world.people)
    email = firm.email
    made = await v.does(
        email,
        "roleCreate",
        "role { id version }",
        name=f"Desk {v.dice.randrange(10**6)}",
        items=["CUSTOMER_VIEW", "ORDER_VIEW"],
    )
    await v.does_to(email, "roleUpdate", "role { id version }", made, items=["CUSTOMER_VIEW"])
    presets = {
        each["preset"]: each["id"]
        for each in (await v.reads(email, _ROLES))["nodes"]
        if each["preset"]
    }
    try:
        seat = await v.does(
            email, "operatorAdd", OPERATOR, partnerId=firm.id, email=person, roleIds=[made["id"]]
        )
        await v.does_to(
            email, "operatorRolesSet", OPERATOR, seat, roleIds=[presets["ACCOUNT_MANAGER"]]
        )
        if v.likely(0.6):
            await v.does(email, "operatorRemove", OPERATOR, id=seat["id"])
    except Refused:
        pass  # has a seat already
    await v.does(email, "roleDelete", "deletedId", id=made["id"])


async def specialist(v: Visitor) -> None:
    """A member becomes a specialist, and none again; its projects are written down."""
    firm, person = v.dice.choice(v.world.firms), v.dice.choice(v.world.people)
    staff, email = v.world.staff, firm.email
    sent = await v.does(email, "memberInvite", "memberInvitation { id } link", email=person)
    member = await v.does(person, "memberInvitationAccept", MEMBER, id=sent["id"], consent=True)
    id = member["id"]
    project = await v.does(
        person,
        "memberProjectRecord",
        "memberProject { id version }",
        memberId=id,
        name="A harbour",
        role="ARCHITECT",
        startedOn="2029-03-01",
    )
    await v.does_to(
        person,
        "memberProjectEdit",
        "memberProject { id }",
        project,
        name="A harbour, and its cranes",
        role="ARCHITECT",
        startedOn="2029-04-01",
    )
    await v.does(email, "memberSpecialistApply", MEMBER, memberId=id)
    if v.likely(0.2):
        await v.does(staff, "memberSpecialistReject", MEMBER, memberId=id, reason="Too young.")
    else:
        await v.does(staff, "memberSpecialistApprove", MEMBER, memberId=id)
        await v.does(
            email,
            "memberSpecialistCancel",
            MEMBER,
            memberId=id,
            reason="Has left.",
            file={"name": "letter.pdf", "content": base64.b64encode(b"%PDF-1.4\n%%EOF").decode()},
        )
        answers: list[Answer] = [
            (staff, "memberSpecialistCancelApprove", {}),
            (staff, "memberSpecialistCancelReject", {"reason": "Not yet."}),
            (email, "memberSpecialistCancelWithdraw", {}),
        ]
        now = await v.one_wins(v.dice.sample(answers, 2), MEMBER, memberId=id)
        if now is None or now["specialist"] != "NONE":
            return
    await v.does(person, "memberProjectRemove", "memberProject { id }", id=project["id"])
    await v.does(email, "memberUnlink", "member { id }", id=id, reason="Left.")


async def another_endpoint(v: Visitor) -> None:
    """A second endpoint, which gets another name and secret, and is deleted."""
    email, asked = v.dice.choice(v.world.firms).email, "webhookEndpoint { id version }"
    made = await v.does(
        email,
        "webhookEndpointCreate",
        asked,
        url=f"{v.visit.receiver_url}/none",
        types=["api_key.created"],
        description="another",
    )
    await v.does_to(email, "webhookEndpointEdit", asked, made, description="still another")
    await v.does(email, "webhookSecretRotate", asked, id=made["id"])
    await v.does(email, "webhookEndpointDelete", "deletedId", id=made["id"])


async def pause(v: Visitor) -> None:
    """Timers of a firm, or of a kind, are held, and let go again."""
    what = (
        {"partnerId": v.dice.choice(v.world.firms).id}
        if v.likely(0.5)
        else {"kind": v.dice.choice(_KINDS)}
    )
    held = await v.does(v.world.staff, "opsPause", "opsPause { id }", reason="To look.", **what)
    await v.does(v.world.staff, "opsResume", "opsPause { id }", id=held["id"], reason="Seen.")
