"""Members, reports, invitations, associations: how people and customers come and go."""

from tests.faults.chaos.visitor import Visitor
from tests.faults.chaos.world import AGENCY

INVITATION = "memberInvitation { id }"
CHANGE = "associationChange { id status }"


async def member_invitation(v: Visitor) -> None:
    """Invited; then accepts, rejects, is written to again, is taken back, or lets it lapse."""
    firm, person = v.dice.choice(v.world.firms), v.dice.choice(v.world.people)
    sent = await v.does(firm.email, "memberInvite", "memberInvitation { id } link", email=person)
    id = sent["id"]
    answer = v.dice.choice(("accept", "reject", "resend", "revoke", "lapse", "accept"))
    if answer == "lapse":
        return
    if answer == "revoke":
        await v.does(firm.email, "memberInvitationRevoke", INVITATION, id=id, reason="A mistake.")
        return
    if answer == "resend":
        await v.does(firm.email, "memberInvitationResend", INVITATION, id=id)
    if answer == "reject":
        await v.does(person, "memberInvitationReject", INVITATION, id=id, reason="No.")
        return
    member = await v.does(person, "memberInvitationAccept", "member { id }", id=id, consent=True)
    await v.does(
        person,
        "memberProjectRecord",
        "memberProject { id }",
        memberId=member["id"],
        name="A warehouse",
        role="ENGINEER",
        startedOn="2029-03-01",
    )
    if v.likely(0.7):
        await v.does(firm.email, "memberUnlink", "member { id }", id=member["id"], reason="Left.")


async def customer_report(v: Visitor) -> None:
    """Reported, invited, associated; or the report and the invitation come to another end."""
    firm, buyer = v.dice.choice(v.world.firms), v.dice.choice(v.world.free)
    report = await v.does(
        firm.email,
        "customerReportSubmit",
        "customerReport { id status }",
        name="A lead",
        accountName=buyer.account_name,
        track="STANDARD",
    )
    if v.likely(0.15):
        await v.does(firm.email, "customerReportDelete", "customerReport { id }", id=report["id"])
        return
    type = v.dice.choice(("AGENCY", "REFERRAL"))
    asked = "customerInvitation { id }"
    sent = await v.does(firm.email, "customerInviteByMail", asked, reportId=report["id"], type=type)
    answer = v.dice.choice(("accept", "accept", "accept", "resend", "cancel", "lapse"))
    if answer == "lapse":
        return
    if answer == "cancel":
        await v.does(firm.email, "customerInvitationCancel", asked, id=sent["id"], reason="No.")
        return
    if answer == "resend":
        await v.does(firm.email, "customerInvitationResend", asked, id=sent["id"])
    await v.does(buyer.email, "customerInvitationAccept", asked, id=sent["id"], consent=True)
    if v.likely(0.6):
        await _parting(v, firm.email, buyer.id, buyer.email)


async def association_change(v: Visitor) -> None:
    """One side wants to part, or another type; the other side and the platform decide."""
    firm = v.dice.choice(v.world.firms)
    buyer = v.dice.choice(firm.customers)
    if v.likely(0.5):
        change = await v.does(
            firm.email,
            "associationSwitchRequest",
            CHANGE,
            customerId=buyer.id,
            toType=v.dice.choice(("AGENCY", "REFERRAL")),
            understood=True,
        )
        await _decided(v, change["id"], firm.email, buyer.email)
    elif buyer.type is not AGENCY:
        await _parting(v, firm.email, buyer.id, buyer.email)


async def _parting(v: Visitor, firm: str, customer_id: str, buyer: str) -> None:
    change = await v.does(
        firm,
        "associationEndRequest",
        CHANGE,
        customerId=customer_id,
        reason="It has closed.",
        understood=True,
    )
    await _decided(v, change["id"], firm, buyer)


async def _decided(v: Visitor, id: str, firm: str, buyer: str) -> None:
    if v.likely(0.15):
        await v.does(firm, "associationChangeCancel", CHANGE, id=id)
        return
    read = "query($id: ID!) { associationChange(id: $id) { status } }"
    if (await v.reads(firm, read, id=id) or {}).get("status") == "PRE_REVIEW":
        if v.likely(0.15):
            await v.does(
                v.world.staff, "associationChangeReviewFail", CHANGE, id=id, reason="Not yet."
            )
            return
        await v.does(v.world.staff, "associationChangeReviewPass", CHANGE, id=id)
    if v.likely(0.2):
        await v.does(buyer, "associationChangeReject", CHANGE, id=id, reason="We stay.")
    else:
        await v.does(buyer, "associationChangeApprove", CHANGE, id=id)
