"""Members through the API: the whole story, told by mutations."""

from typing import Any

import pytest

from domain.identity.items import Item
from domain.identity.viewer import ANONYMOUS, Viewer
from domain.members import answers, invitations
from kit import ids
from models.audit import Event
from models.identity import RealName
from models.members import Member, MemberInvitation
from tests.conftest import Clock
from tests.factories import (
    a_member,
    a_partner,
    a_person,
    a_staff_viewer,
    an_administrator,
    an_operator,
    as_person,
)
from tests.members.conftest import Ask

pytestmark = pytest.mark.usefixtures("database")

ERRORS = "errors { __typename code message path retryable }"
INVITE = f"""
mutation Invite($email: String!, $key: String) {{
  memberInvite(input: {{email: $email, idempotencyKey: $key}}) {{
    memberInvitation {{ id status email expiresAt version partner {{ name }} person {{ name }} }}
    link replayed
    {ERRORS}
    errors {{ ... on MemberCheckFailed {{ checks {{ code rule message }} }} }}
    errors {{ ... on AccountNotInvitable {{ reason }} }}
  }}
}}
"""
ACCEPT = f"""
mutation Accept($token: String, $id: ID, $consent: Boolean! = true) {{
  memberInvitationAccept(input: {{token: $token, id: $id, consent: $consent}}) {{
    member {{ id linkedAt specialist partner {{ name }} person {{ name email }} }}
    memberInvitation {{ status member {{ id }} }}
    {ERRORS}
  }}
}}
"""
LANDING = """
query Landing($token: String!) {
  memberInvitationByToken(token: $token) { partnerName maskedEmail status expiresAt }
}
"""


async def test_from_the_invitation_to_the_end_of_the_link(ask: Ask, time: Clock) -> None:
    partner = await a_partner("Acme")
    person = await a_person("Li Lei", email="lilei@example.com")
    administrator, invited = await an_administrator(of=partner), await as_person(person)

    sent = (await ask(INVITE, by=administrator, email="LiLei@example.com"))["memberInvite"]
    assert sent["errors"] == []
    assert sent["memberInvitation"] | {"id": ...} == {
        "id": ...,
        "status": "PENDING",
        "email": "lilei@example.com",
        "expiresAt": "2030-02-07T23:30:00.000000Z",
        "version": 1,
        "partner": {"name": "Acme"},
        "person": None,
    }

    token = sent["link"].partition("#")[2]
    assert await ask(LANDING, by=ANONYMOUS, token=token) == {
        "memberInvitationByToken": {
            "partnerName": "Acme",
            "maskedEmail": "l***@example.com",
            "status": "PENDING",
            "expiresAt": "2030-02-07T23:30:00.000000Z",
        }
    }

    accepted = (await ask(ACCEPT, by=invited, token=token))["memberInvitationAccept"]
    member_id = accepted["member"]["id"]
    assert accepted == {
        "member": {
            "id": member_id,
            "linkedAt": "2030-01-31T23:30:00.000000Z",
            "specialist": "NONE",
            "partner": {"name": "Acme"},
            "person": {"name": "Li Lei", "email": "lilei@example.com"},
        },
        "memberInvitation": {"status": "LINKED", "member": {"id": member_id}},
        "errors": [],
    }

    unlinked = await ask(
        "mutation ($id: ID!) { memberUnlink(input: {id: $id}) {"
        " member { unlinkedAt invitation { status } history(first: 5) { nodes { name } } } } }",
        by=administrator,
        id=member_id,
    )
    assert unlinked["memberUnlink"]["member"] == {
        "unlinkedAt": "2030-01-31T23:30:00.000000Z",
        "invitation": {"status": "UNLINKED"},
        "history": {"nodes": [{"name": "member.unlinked"}, {"name": "member.linked"}]},
    }


async def test_every_failed_check_is_named_in_the_readers_language(ask: Ask, time: Clock) -> None:
    """M-03."""
    person = await a_person(real_name=RealName.NONE)
    await an_operator(of=await a_partner("Other"), person=person)
    administrator = await an_administrator(of=await a_partner())

    answer = await ask(INVITE, by=administrator, locale="zh-CN", email=person.email)

    [error] = answer["memberInvite"]["errors"]
    assert error == {
        "__typename": "MemberCheckFailed",
        "code": "MEMBER_CHECK_FAILED",
        "message": "帐号校验失败:个人帐号未完成实名认证。 个人帐号本身为伙伴帐号。",
        "path": ["input", "email"],
        "retryable": False,
        "checks": [
            {
                "code": "V3_NOT_REAL_NAME_VERIFIED",
                "rule": "M-03",
                "message": "个人帐号未完成实名认证。",
            },
            {
                "code": "V4_PARTNER_ACCOUNT",
                "rule": "M-03",
                "message": "个人帐号本身为伙伴帐号。",
            },
        ],
    }
    assert not await MemberInvitation.exists()


async def test_a_refused_invitation_says_why_and_changes_nothing(ask: Ask, time: Clock) -> None:
    administrator = await an_administrator(of=await a_partner())

    for email, code, path in (
        ("nobody@example.com", "ACCOUNT_NOT_INVITABLE", ["input", "email"]),
        ("not a mail", "INVALID_INPUT", ["input", "email"]),
    ):
        answer = (await ask(INVITE, by=administrator, email=email))["memberInvite"]
        assert (answer["memberInvitation"], answer["link"]) == (None, None)
        [error] = answer["errors"]
        assert (error["code"], error["path"]) == (code, path)

    assert not await Event.exists()


async def test_a_repeated_request_invites_once_and_tells_the_link_once(
    ask: Ask, time: Clock
) -> None:
    person = await a_person()
    administrator = await an_administrator(of=await a_partner())

    first = await ask(INVITE, by=administrator, email=person.email, key="k1")
    second = await ask(INVITE, by=administrator, email=person.email, key="k1")

    assert first["memberInvite"]["link"]
    assert second["memberInvite"]["link"] is None
    assert second["memberInvite"]["replayed"] is True
    assert second["memberInvite"]["memberInvitation"] == first["memberInvite"]["memberInvitation"]
    assert await MemberInvitation.all().count() == 1


async def test_a_specialist_through_the_api(ask: Ask, time: Clock) -> None:
    """M-05."""
    partner = await a_partner()
    member = await a_member(of=partner, now=time.now)
    administrator = await an_administrator(of=partner)
    reviewer = await a_staff_viewer(Item.SPECIALIST_REVIEW)
    id = ids.encode("mbr", member.id)

    async def change(name: str, by: Viewer, more: str = "") -> Any:
        answer = await ask(
            f"mutation ($id: ID!) {{ answer: {name}(input: {{memberId: $id {more}}}) {{"
            " member { specialist specialistReason specialistEvidence { name contentType size"
            f" content }} }} {ERRORS} }} }}",
            by=by,
            id=id,
        )
        return answer["answer"]

    for name, by, status in (
        ("memberSpecialistApply", administrator, "APPLYING"),
        ("memberSpecialistApprove", reviewer, "SPECIALIST"),
    ):
        assert (await change(name, by))["member"]["specialist"] == status
    refused = await ask(
        f"mutation ($id: ID!) {{ memberUnlink(input: {{id: $id}}) {{ {ERRORS} }} }}",
        by=administrator,
        id=id,
    )
    assert refused["memberUnlink"]["errors"][0]["code"] == "SPECIALIST_MUST_BE_CANCELLED"

    file = 'reason: "left" file: {name: "proof.pdf", content: "JVBERi0xLjc="}'
    asked = await change("memberSpecialistCancel", administrator, file)
    assert asked["member"] == {
        "specialist": "CANCELLING",
        "specialistReason": "left",
        "specialistEvidence": {
            "name": "proof.pdf",
            "contentType": "application/pdf",
            "size": 8,
            "content": "JVBERi0xLjc=",
        },
    }
    no_file = 'reason: "left" file: {name: "proof.txt", content: "aGVsbG8="}'
    wrong = await change("memberSpecialistCancel", administrator, no_file)
    assert wrong["errors"][0]["code"] == "WRONG_STATUS"
    assert (await change("memberSpecialistCancelApprove", reviewer))["member"] == {
        "specialist": "NONE",
        "specialistReason": None,
        "specialistEvidence": None,
    }


async def test_projects_through_the_api(ask: Ask, time: Clock) -> None:
    """M-04."""
    person = await a_person()
    member = await a_member(of=await a_partner(), person=person, now=time.now)
    himself = await as_person(person)
    record = f"""
    mutation ($input: MemberProjectRecordInput!) {{ memberProjectRecord(input: $input) {{
      memberProject {{ id name role startedOn endedOn version member {{ projects {{ name }} }} }}
      {ERRORS} errors {{ ... on ProjectTooOld {{ oldest }} }} }} }}
    """
    facts = {
        "memberId": ids.encode("mbr", member.id),
        "name": "Move",
        "role": "ARCHITECT",
        "startedOn": "2027-01-01",
    }

    old = await ask(record, by=himself, input=facts | {"endedOn": "2028-01-31"})
    assert old["memberProjectRecord"]["errors"][0] | {"message": ...} == {
        "__typename": "ProjectTooOld",
        "code": "PROJECT_TOO_OLD",
        "message": ...,
        "path": ["input", "endedOn"],
        "retryable": False,
        "oldest": "2028-02-01",
    }
    recorded = (await ask(record, by=himself, input=facts | {"endedOn": "2028-02-01"}))[
        "memberProjectRecord"
    ]["memberProject"]
    assert recorded | {"id": ...} == {
        "id": ...,
        "name": "Move",
        "role": "ARCHITECT",
        "startedOn": "2027-01-01",
        "endedOn": "2028-02-01",
        "version": 1,
        "member": {"projects": [{"name": "Move"}]},
    }
    removed = await ask(
        "mutation ($id: ID!) { memberProjectRemove(input: {id: $id}) {"
        " memberProject { id member { projects { name } } } } }",
        by=himself,
        id=recorded["id"],
    )
    assert removed["memberProjectRemove"]["memberProject"] == {
        "id": recorded["id"],
        "member": {"projects": []},
    }


async def test_a_wrong_id_is_the_clients_mistake(ask: Ask, time: Clock) -> None:
    partner = await a_partner()
    administrator = await an_administrator(of=partner)
    revoke = f"mutation ($id: ID!) {{ memberInvitationRevoke(input: {{id: $id}}) {{ {ERRORS} }} }}"

    for id, code in (
        ("17", "INVALID_INPUT"),
        (ids.encode("ptn", partner.id), "INVALID_INPUT"),
        (ids.encode("inv", partner.id), "NOT_FOUND"),
    ):
        answer = await ask(revoke, by=administrator, id=id)
        assert [error["code"] for error in answer["memberInvitationRevoke"]["errors"]] == [code]


async def test_links_of_old_are_unknown_to_everybody(ask: Ask, time: Clock) -> None:
    person = await a_person()
    administrator = await an_administrator(of=await a_partner())
    old = await invitations.invite(viewer=administrator, email=person.email, now=time.now)
    await invitations.resend(viewer=administrator, invitation_id=old.invitation.id, now=time.now)
    token = old.link.partition("#")[2]

    assert await ask(LANDING, by=ANONYMOUS, token=token) == {"memberInvitationByToken": None}
    answer = (await ask(ACCEPT, by=await as_person(person), token=token))["memberInvitationAccept"]
    assert [error["code"] for error in answer["errors"]] == ["NOT_FOUND"]
    assert await answers.landing(token=token, now=time.now) is None
    assert not await Member.exists()
