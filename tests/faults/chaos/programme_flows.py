"""Programmes: partners apply, are invited, reviewed and leave; what they are certified for."""

from contextlib import suppress
from typing import Any

from tests.faults.chaos.before import OPEN_PROGRAMMES
from tests.faults.chaos.client import Refused
from tests.faults.chaos.visitor import Answer, Visitor

APPLICATION = "programmeApplication { id version status }"
PLAN = "improvementPlan { id version status }"
FACTS = "businessInformation { id status }"
ROLE = "roleCertification { id stage }"
_PROGRAMMES = """query($code: [String!]!) { programmes(first: 9, filter: {code: $code}) {
  nodes { id code admission } } }"""
_PROOF = b"%PDF-1.4\n% a proof\n%%EOF\n"


async def programme_application(v: Visitor) -> None:
    """Begun, with an invitation where one is needed; reviewed, withdrawn, given up, left again."""
    firm = v.dice.choice(v.world.firms)
    found = await v.reads(v.world.staff, _PROGRAMMES, code=list(OPEN_PROGRAMMES))
    programme = v.dice.choice(found["nodes"])
    if programme["admission"] == "INVITATION":
        invited = await v.does(
            v.world.staff,
            "programmeInvite",
            "programmeInvitation { id }",
            partnerId=firm.id,
            programmeId=programme["id"],
        )
        if v.likely(0.3):
            await v.does(
                v.world.staff,
                "programmeInvitationRevoke",
                "programmeInvitation { id }",
                id=invited["id"],
                reason="A mistake.",
            )
            return
    draft = await v.does(
        firm.email,
        "programmeApplicationCreate",
        APPLICATION,
        programmeId=programme["id"],
        contactName="Han Meimei",
        statement="We sell to hospitals.",
    )
    if v.likely(0.15):
        await v.does(firm.email, "programmeApplicationCancel", APPLICATION, id=draft["id"])
        if v.likely(0.5):
            return
        draft = await v.does(firm.email, "programmeApplicationCopy", APPLICATION, id=draft["id"])
    proof = await v.uploads(firm.email, "proof.pdf", _PROOF)
    draft = await v.does_to(
        firm.email,
        "programmeApplicationEdit",
        APPLICATION,
        draft,
        contactName="Han Meimei",
        statement="We sell to hospitals and schools.",
        evidence=[{"kind": "SALES_RECORD", "fileId": proof}],
    )
    await _handed_in(v, firm.email, draft)


async def _handed_in(v: Visitor, email: str, draft: Any) -> None:
    sent = await v.does_to(
        email, "programmeApplicationSubmit", APPLICATION, draft, acceptedAgreementIds=[]
    )
    id = sent["id"]
    if sent["status"] == "SUBMITTED":
        answer = v.dice.choice(("approve", "approve", "reject", "withdraw", "both", ""))
        if answer == "withdraw":
            await v.does(email, "programmeApplicationWithdraw", APPLICATION, id=id)
            await v.does(email, "programmeApplicationCancel", APPLICATION, id=id)
        elif answer == "both":
            await _race(v, email, id)
        elif answer == "reject":
            await v.does(
                v.world.staff, "programmeApplicationReject", APPLICATION, id=id, reason="No."
            )
        elif answer:
            await v.does(v.world.staff, "programmeApplicationApprove", APPLICATION, id=id)
    if v.likely(0.7):  # to make room for the next one
        with suppress(Refused):  # never joined
            await v.does(
                v.world.staff, "programmeApplicationExit", APPLICATION, id=id, reason="It asked."
            )


async def _race(v: Visitor, email: str, id: str) -> None:
    """Approved and rejected: one of them wins."""
    answers: list[Answer] = [
        (v.world.staff, "programmeApplicationApprove", {}),
        (v.world.staff, "programmeApplicationReject", {"reason": "No."}),
    ]
    await v.one_wins(v.dice.sample(answers, 2), APPLICATION, id=id)


async def improvement_plan(v: Visitor) -> None:
    """A distributor's: written, sent back, taken back, agreed to, followed."""
    email = v.world.distributor.email
    file = await v.uploads(email, "plan.pdf", _PROOF)
    plan = await v.does(email, "improvementPlanCreate", PLAN, handling="IMPROVE", fileId=file)
    plan = await v.does(email, "improvementPlanSubmit", PLAN, id=plan["id"])
    if v.likely(0.3):
        plan = await v.does(email, "improvementPlanWithdraw", PLAN, id=plan["id"])
        plan = await v.does(email, "improvementPlanSubmit", PLAN, id=plan["id"])
    if v.likely(0.4):
        plan = await v.does(
            v.world.staff, "improvementPlanReject", PLAN, id=plan["id"], reason="Too vague."
        )
        another = await v.uploads(email, "plan.pdf", _PROOF)
        plan = await v.does_to(
            email, "improvementPlanEdit", PLAN, plan, handling="LOWER_TIER", fileId=another
        )
        await v.does(email, "improvementPlanSubmit", PLAN, id=plan["id"])
    await v.does(v.world.staff, "improvementPlanApprove", PLAN, id=plan["id"])
    await v.does(
        v.world.staff, "improvementPlanProgressRecord", PLAN, id=plan["id"], progressRatio="0.4"
    )


async def certification(v: Visitor) -> None:
    """Bank and tax facts, and a role that is earned by achievements."""
    firm = v.dice.choice(v.world.firms)
    facts = await v.does(
        firm.email,
        "businessInformationSubmit",
        FACTS,
        legalName=f"{firm.account_name} Ltd.",
        bankName="Bank of Rivers",
        bankAccount=f"{v.dice.randrange(10**15, 10**16)}",
        taxpayerKind="GENERAL",
        feeTaxRatio="0.06",
        currency="CNY",
        signingEntity="Cloud Ltd.",
    )
    if v.likely(0.3):
        await v.does(
            v.world.staff, "businessInformationFail", FACTS, id=facts["id"], reason="Whose is it?"
        )
    else:
        await v.does(v.world.staff, "businessInformationCertify", FACTS, id=facts["id"])
    role = v.dice.choice(("SERVICE", "SOFTWARE", "SYSTEM_INTEGRATION"))
    with suppress(Refused):  # it is on its way already
        await v.does(firm.email, "developmentPathSelect", ROLE, role=role)
    today = v.visit.moment()[:10]
    await v.does(
        v.world.staff,
        "achievementRecord",
        ROLE,
        partnerId=firm.id,
        role=role,
        achievement="DELIVERED_PROJECT",
        count=v.dice.randrange(12),
        on=today,
    )
    await v.does(
        v.world.staff,
        "heldCertificatesRecord",
        "partner { id }",
        partnerId=firm.id,
        accountName=f"person-{v.dice.randrange(20)}",
        kinds=v.dice.sample(("HCIA", "HCIP", "HCSA"), 2),
        obtainedOn=today,
    )
