"""Customer invitations and associations through the API: the whole story, told by mutations."""

from base64 import b64decode
from typing import Any

import pytest

from domain.identity.viewer import ANONYMOUS
from models.customer_invitations import CustomerInvitation
from models.customers import Association, AssociationType, Customer
from tests.associations.factories import a_link, a_mailed_invitation, civ, invited, token_of
from tests.conftest import Clock
from tests.customers.conftest import Ask, Refused
from tests.customers.factories import (
    a_customer,
    a_manager,
    a_supervisor,
    a_user_of,
    cus,
    opr,
    supervise,
)
from tests.factories import (
    a_distributor,
    a_partner,
    a_staff_viewer,
    an_administrator,
)
from tests.reports.factories import a_lead, a_live_report, a_pending_report, rep

pytestmark = pytest.mark.usefixtures("database")

ERRORS = "errors { __typename code message path retryable }"
INVITE = f"""
mutation Invite($report: ID!, $type: AssociationType! = AGENCY, $email: String) {{
  customerInviteByMail(input: {{reportId: $report, type: $type, email: $email}}) {{
    customerInvitation {{
      id channel type status email tag link expiresAt generation version
      partner {{ name }} manager {{ id }} inviter {{ name }} report {{ id }} customer {{ id }}
      deadline {{ dueAt status onTimeout }}
      availableActions {{ name allowed blockedBy {{ code }} }}
      history {{ nodes {{ name actor {{ kind }} }} }}
    }}
    link
    {ERRORS}
  }}
}}
"""
LINK = f"""
mutation Link($type: AssociationType! = REFERRAL) {{
  customerInviteByLink(input: {{type: $type}}) {{
    customerInvitation {{ id channel status tag link expiresAt deadline {{ dueAt }} }}
    {ERRORS}
  }}
}}
"""
ACCEPT = f"""
mutation Accept($token: String, $id: ID, $consent: Boolean! = true, $key: String) {{
  customerInvitationAccept(
    input: {{token: $token, id: $id, consent: $consent, idempotencyKey: $key}}
  ) {{
    association {{ id type status startedAt tag partner {{ name }} customer {{ name }} }}
    customerInvitation {{ status failedChecks {{ code rule agencyOnly message }} }}
    replayed
    {ERRORS}
    errors {{ ... on AssociationCheckFailed {{ checks {{ code rule agencyOnly message }} }} }}
  }}
}}
"""
LANDING = """
query Landing($token: String!) {
  customerInvitationByToken(token: $token) {
    partnerName partnerNameEn associationType channel maskedEmail status expiresAt
  }
}
"""


def actions(node: Any) -> dict[str, Any]:
    return {
        action["name"]: action["allowed"] or action["blockedBy"]["code"]
        for action in node["availableActions"]
    }


def codes(payload: Any) -> list[str]:
    return [error["code"] for error in payload["errors"]]


async def test_from_the_report_to_the_association(ask: Ask, time: Clock) -> None:
    partner = await a_partner("Acme")
    seat, manager = await a_manager(partner)
    lead = await a_lead(email="buyer@x.example")
    user = await a_user_of(lead)
    report = await a_live_report(by=manager, of=lead, now=time.now)

    invited = await ask(INVITE, by=manager, report=rep(report))
    node = invited["customerInvitation"]
    token = invited["link"].partition("#")[2]

    assert invited["errors"] == []
    assert (node["channel"], node["type"], node["status"]) == ("EMAIL", "AGENCY", "SENT")
    assert (node["email"], node["tag"], node["link"]) == ("buyer@x.example", None, None)
    assert node["expiresAt"] == "2030-02-07T23:30:00.000000Z"
    assert node["deadline"] == {
        "dueAt": "2030-02-07T23:30:00.000000Z",
        "status": "SCHEDULED",
        "onTimeout": "EXPIRE",
    }
    assert (node["manager"], node["report"]) == ({"id": opr(seat)}, {"id": rep(report)})
    assert node["customer"] is None
    assert actions(node) == {
        "customerInvitationAccept": "CUSTOMER_SEAT_NEEDED",
        "customerInvitationResend": True,
        "customerInvitationCancel": True,
    }
    assert node["history"]["nodes"] == [
        {"name": "customer_invitation.sent", "actor": {"kind": "OPERATOR"}}
    ]

    assert await ask(LANDING, by=ANONYMOUS, token=token) == {
        "partnerName": "Acme",
        "partnerNameEn": None,
        "associationType": "AGENCY",
        "channel": "EMAIL",
        "maskedEmail": "b***@x.example",
        "status": "SENT",
        "expiresAt": "2030-02-07T23:30:00.000000Z",
    }

    without = await ask(ACCEPT, by=user, token=token, consent=False)
    assert (codes(without), without["errors"][0]["path"]) == (
        *(["NOTICE_NOT_ACCEPTED"],),
        ["input", "consent"],
    )
    done = await ask(ACCEPT, by=user, token=token)
    assert done["errors"] == []
    assert done["association"] == {
        "id": done["association"]["id"],
        "type": "AGENCY",
        "status": "ACTIVE",
        "startedAt": "2030-01-31T23:30:00.000000Z",
        "tag": None,
        "partner": {"name": "Acme"},
        "customer": {"name": "Yangtze"},
    }
    assert done["customerInvitation"] == {"status": "ACCEPTED", "failedChecks": []}

    seen = await ask(
        """query Seen($id: ID!) { customer(id: $id) {
          partner { name } manager { id } association { id type }
          associations { nodes { id status invitation { id } } }
          invitations(filter: {channel: [EMAIL]}) { nodes { id status associations {
            nodes { id } } } }
        } }""",
        by=manager,
        id=cus(lead),
    )
    id = done["association"]["id"]
    assert seen == {
        "partner": {"name": "Acme"},
        "manager": {"id": opr(seat)},
        "association": {"id": id, "type": "AGENCY"},
        "associations": {
            "nodes": [{"id": id, "status": "ACTIVE", "invitation": {"id": node["id"]}}]
        },
        "invitations": {
            "nodes": [
                {"id": node["id"], "status": "ACCEPTED", "associations": {"nodes": [{"id": id}]}}
            ]
        },
    }


async def test_what_fails_is_told_and_stays_even_when_the_answer_is_repeated(
    ask: Ask, time: Clock
) -> None:
    by = await an_administrator(await a_partner())
    lead = await a_lead(has_credit_account=True, has_special_contract=True)
    user = await a_user_of(lead)
    sent = await a_mailed_invitation(by=by, to=lead, now=time.now, type=AssociationType.AGENCY)
    expected = [
        {
            "code": "CREDIT_ACCOUNT_NO_AGENCY",
            "rule": "C-03",
            "agencyOnly": True,
            "message": "客户有信用账户,无法以代售模式关联伙伴。"
            "请以顾问销售模式关联,或先关闭信用账户。",
        },
        {
            "code": "SPECIAL_CONTRACT",
            "rule": "C-06",
            "agencyOnly": False,
            "message": "客户有特殊合同,无法关联伙伴。请先作废合同,再重新关联。",
        },
    ]

    answers = [
        await ask(ACCEPT, by=user, token=token_of(sent), key="once", locale="zh") for _ in range(2)
    ]

    for answer, replayed in zip(answers, (False, True), strict=True):
        assert (answer["association"], answer["replayed"]) == (None, replayed)
        [error] = answer["errors"]
        assert (error["code"], error["checks"]) == ("ASSOCIATION_CHECK_FAILED", expected)
        assert answer["customerInvitation"] == {"status": "FAILED", "failedChecks": expected}
    assert (await CustomerInvitation.get()).status == "FAILED"
    assert not await Association.exists()

    await Customer.filter(id=lead.id).update(has_credit_account=False, has_special_contract=False)
    assert (await ask(ACCEPT, by=user, id=civ(sent.invitation)))["errors"] == []


async def test_a_link_is_shown_again_to_who_could_make_another(ask: Ask, time: Clock) -> None:
    distributor = await a_distributor()
    partner = await a_partner("Acme", distributor=distributor)
    _, manager = await a_manager(partner)
    _, colleague = await a_manager(partner, "Lan")
    supervisor_seat, supervisor = await a_supervisor(partner)
    await supervise(supervisor_seat, (await a_manager(partner, "Other"))[0])
    made = await ask(LINK, by=manager)
    node = made["customerInvitation"]
    mailed = await a_mailed_invitation(by=manager, now=time.now)

    assert (node["channel"], node["expiresAt"], node["deadline"]) == ("LINK", None, None)
    assert node["link"].startswith("http://127.0.0.1:8000/invitations/customer#")

    question = "query Seen($id: ID!) { customerInvitation(id: $id) { link } }"
    administrator = await an_administrator(partner)
    assert await ask(question, by=manager, id=node["id"]) == {"link": node["link"]}
    assert await ask(question, by=administrator, id=node["id"]) == {"link": node["link"]}
    assert await ask(question, by=await a_staff_viewer(), id=node["id"]) == {"link": None}
    assert await ask(question, by=await an_administrator(distributor), id=node["id"]) == {
        "link": None
    }
    for viewer in (colleague, supervisor, await an_administrator(await a_partner("Foreign"))):
        assert await ask(question, by=viewer, id=node["id"]) is None
    assert await ask(question, by=manager, id=civ(mailed.invitation)) == {"link": None}


async def test_a_link_is_a_qr_code_for_screens_and_for_print(ask: Ask, time: Clock) -> None:
    partner = await a_partner()
    _, manager = await a_manager(partner)
    _, colleague = await a_manager(partner, "Lan")
    _, supervisor = await a_supervisor(partner)
    sent = await a_link(by=manager, now=time.now)
    mailed = await a_mailed_invitation(by=manager, now=time.now)
    question = "query Code($id: ID!) { customerInvitationQrCode(id: $id) { link png svg } }"

    code = await ask(question, by=manager, id=civ(sent.invitation))

    assert code["link"] == sent.link
    assert b64decode(code["png"]).startswith(b"\x89PNG\r\n\x1a\n")
    assert code["svg"].startswith("<svg ")
    assert "<script" not in code["svg"]
    assert await ask(question, by=manager, id=civ(mailed.invitation)) is None
    assert await ask(question, by=colleague, id=civ(sent.invitation)) is None
    with pytest.raises(Refused) as refused:
        await ask(question, by=supervisor, id=civ(sent.invitation))
    assert refused.value.codes == ["FORBIDDEN"]


async def test_refusals_are_typed_and_change_nothing(ask: Ask, time: Clock) -> None:
    by = await an_administrator(await a_partner())
    pending = await a_pending_report(by=by, now=time.now)
    live = await a_live_report(by=by, now=time.now)
    user = await a_user_of(await a_customer())

    assert codes(await ask(INVITE, by=by, report=rep(pending))) == ["REPORT_NEEDED"]
    assert codes(await ask(INVITE, by=by, report="rep_" + "0" * 32)) == ["NOT_FOUND"]
    assert codes(await ask(INVITE, by=by, report="nonsense")) == ["INVALID_INPUT"]
    assert codes(await ask(INVITE, by=by, report=rep(live), email="nonsense")) == ["INVALID_INPUT"]
    assert not await CustomerInvitation.exists()
    for input in ({"token": "x"}, {"id": "civ_" + "0" * 32}):
        assert codes(await ask(ACCEPT, by=user, **input)) == ["NOT_FOUND"]
    assert codes(await ask(ACCEPT, by=user)) == ["INVALID_INPUT"]
    with pytest.raises(Refused) as refused:
        await ask(ACCEPT, by=ANONYMOUS, token="x")
    assert refused.value.codes == ["UNAUTHENTICATED"]
    for token in ("", "x", "0" * 32 + "A" * 43):
        assert await ask(LANDING, by=ANONYMOUS, token=token) is None


async def test_sending_again_and_taking_back(ask: Ask, time: Clock) -> None:
    by = await an_administrator(await a_partner())
    sent = await a_mailed_invitation(by=by, now=time.now)
    id = civ(sent.invitation)
    verb = "mutation Do($id: ID!) {{ {}(input: {{id: $id{}}}) {{ {} {} }} }}"
    resend = verb.format(
        "customerInvitationResend", "", "link customerInvitation { generation }", ERRORS
    )
    cancel = verb.format(
        "customerInvitationCancel",
        ', reason: "gone"',
        "customerInvitation { status history { nodes { name reason } } }",
        ERRORS,
    )

    again = await ask(resend, by=by, id=id)
    gone = await ask(cancel, by=by, id=id)
    twice = await ask(cancel, by=by, id=id)

    assert (again["customerInvitation"]["generation"], again["errors"]) == (2, [])
    assert again["link"] != sent.link
    assert gone["customerInvitation"] == {
        "status": "CANCELLED",
        "history": {
            "nodes": [
                {"name": "customer_invitation.cancelled", "reason": "gone"},
                {"name": "customer_invitation.resent", "reason": None},
                {"name": "customer_invitation.sent", "reason": None},
            ]
        },
    }
    assert codes(twice) == ["WRONG_STATUS"]
    assert await ask(LANDING, by=ANONYMOUS, token=token_of(sent)) is None


async def test_deleting_a_report_takes_its_invitation_back(ask: Ask, time: Clock) -> None:
    by = await an_administrator(await a_partner())
    report = await a_live_report(by=by, now=time.now)
    await invited(report, by=by, now=time.now)

    await ask(
        "mutation Drop($id: ID!) { customerReportDelete(input: {id: $id}) { errors { code } } }",
        by=by,
        id=rep(report),
    )

    assert (await CustomerInvitation.get()).status == "CANCELLED"


async def test_the_checks_are_seen_before(ask: Ask, time: Clock) -> None:
    by = await an_administrator(await a_partner())
    lead = await a_lead(has_stored_value_card=True)
    report = await a_live_report(by=by, of=lead, now=time.now)
    question = """query Check($report: ID, $customer: ID, $type: AssociationType!) {
      customerAssociationCheck(reportId: $report, customerId: $customer, type: $type) {
        passes failedChecks { code rule agencyOnly } } }"""

    assert await ask(question, by=by, report=rep(report), type="AGENCY") == {
        "passes": False,
        "failedChecks": [{"code": "UNSPENT_STORED_CARD", "rule": "C-18", "agencyOnly": True}],
    }
    assert await ask(question, by=by, report=rep(report), type="REFERRAL") == {
        "passes": True,
        "failedChecks": [],
    }
    assert await ask(question, by=by, customer=cus(lead), type="REFERRAL") is None
    with pytest.raises(Refused) as refused:
        await ask(question, by=by, type="REFERRAL")
    assert refused.value.codes == ["INVALID_INPUT"]
