"""Whoever is invited shows himself by accepting, and not a moment before (domain.md 5.2)."""

from typing import Any

import pytest

from domain.identity.items import Item
from domain.identity.viewer import Viewer
from domain.members import answers, invitations, links
from models.members import MemberInvitation
from models.notifications import Mail
from tests.conftest import Clock
from tests.factories import (
    a_partner,
    a_person,
    a_staff_viewer,
    an_administrator,
    an_invitation,
    as_person,
)
from tests.members.conftest import Ask

pytestmark = pytest.mark.usefixtures("database")

PERSON = "person { id name accountName phone email }"
SHOWN = f"""
  {PERSON} email status
  history(first: 9) {{ nodes {{
    name actor {{ name }} changes {{ before after }}
    subject {{ ... on MemberInvitation {{ {PERSON} }} }}
  }} }}
"""
# Every way there is to an invitation.
WAYS = f"""
query ($id: ID!) {{
  memberInvitations(first: 5) {{ nodes {{ {SHOWN} }} edges {{ node {{ {PERSON} }} }} }}
  memberInvitation(id: $id) {{ {SHOWN} }}
  node(id: $id) {{ ... on MemberInvitation {{ {SHOWN} }} }}
  nodes(ids: [$id]) {{ ... on MemberInvitation {{ {SHOWN} }} }}
}}
"""


async def everything(ask: Ask, by: Viewer, invitation: MemberInvitation) -> str:
    """All that this viewer can read of the invitation, as one text."""
    return str(await ask(WAYS, by=by, id=f"inv_{invitation.id.hex}"))


@pytest.mark.parametrize("answer", ["none", "lapsed", "revoked", "rejected"])
async def test_nothing_but_the_typed_address_is_shown_of_who_did_not_accept(
    ask: Ask, time: Clock, answer: str
) -> None:
    partner = await a_partner()
    person = await a_person("Li Lei", email="lilei@example.com")
    invitation = await an_invitation(of=partner, to=person, now=time.now)
    administrator = await an_administrator(of=partner)
    if answer == "lapsed":
        time.forward(days=7)
    if answer == "revoked":
        await invitations.revoke(viewer=administrator, invitation_id=invitation.id, now=time.now)
    if answer == "rejected":
        await answers.reject(
            viewer=await as_person(person), invitation_id=invitation.id, now=time.now
        )

    for viewer in (administrator, await a_staff_viewer(Item.MEMBER_VIEW)):
        told = await everything(ask, viewer, invitation)

        assert "'person': None" in told
        for secret in ("Li Lei", person.account_name, person.phone, f"psn_{person.id.hex}"):
            assert str(secret) not in told
    assert "lilei@example.com" in await everything(ask, administrator, invitation)


async def test_whoever_accepted_is_shown_also_when_the_link_has_ended(
    ask: Ask, time: Clock
) -> None:
    partner = await a_partner()
    person = await a_person("Li Lei")
    invitation = await an_invitation(of=partner, to=person, now=time.now)
    administrator = await an_administrator(of=partner)
    member = await answers.accept(
        viewer=await as_person(person), invitation_id=invitation.id, consent=True, now=time.now
    )

    linked = await everything(ask, administrator, invitation)
    await links.unlink(
        viewer=administrator, member_id=member.id, reason="has left us", now=time.now
    )
    unlinked = await everything(ask, administrator, invitation)

    for told in (linked, unlinked):
        assert "'person': None" not in told
        assert f"psn_{person.id.hex}" in told
        assert "'actor': {'name': 'Li Lei'}" in told


async def test_who_rejects_first_and_accepts_later_is_shown_from_then_on(
    ask: Ask, time: Clock
) -> None:
    partner = await a_partner()
    person = await a_person("Li Lei")
    invitation = await an_invitation(of=partner, to=person, now=time.now)
    administrator, invited = await an_administrator(of=partner), await as_person(person)
    await answers.reject(viewer=invited, invitation_id=invitation.id, now=time.now)
    assert await _who_rejected(ask, administrator, invitation) == ["***"]
    assert await _who_rejected(ask, invited, invitation) == ["Li Lei"]

    await invitations.resend(viewer=administrator, invitation_id=invitation.id, now=time.now)
    assert await _who_rejected(ask, administrator, invitation) == ["***"]
    await answers.accept(viewer=invited, invitation_id=invitation.id, consent=True, now=time.now)

    assert await _who_rejected(ask, administrator, invitation) == ["Li Lei"]


async def test_the_invited_person_sees_himself(ask: Ask, time: Clock) -> None:
    person = await a_person("Li Lei")
    invitation = await an_invitation(of=await a_partner(), to=person, now=time.now)

    told = await ask(
        "query ($id: ID!) { memberInvitation(id: $id) { person { name } } }",
        by=await as_person(person),
        id=f"inv_{invitation.id.hex}",
    )

    assert told == {"memberInvitation": {"person": {"name": "Li Lei"}}}


async def test_a_new_address_of_the_account_gets_the_mail_and_stays_unknown(
    ask: Ask, time: Clock
) -> None:
    partner = await a_partner()
    person = await a_person(email="old@example.com")
    invitation = await an_invitation(of=partner, to=person, now=time.now)
    administrator = await an_administrator(of=partner)
    person.email = "new@example.com"
    await person.save(update_fields=["email"])

    await invitations.resend(viewer=administrator, invitation_id=invitation.id, now=time.now)

    told = await everything(ask, administrator, invitation)
    assert "old@example.com" in told
    assert "new@example.com" not in told
    assert (await Mail.filter(status="QUEUED").get()).recipient == "new@example.com"


async def _who_rejected(ask: Ask, by: Viewer, invitation: MemberInvitation) -> list[Any]:
    told = await ask(WAYS, by=by, id=f"inv_{invitation.id.hex}")
    return [
        event["actor"]["name"]
        for event in told["memberInvitation"]["history"]["nodes"]
        if event["name"] == "member_invitation.rejected"
    ]
