"""Partners, members and invitations through the API: lists, and who sees what."""

from datetime import timedelta
from typing import Any

import pytest

from domain.identity.items import Item
from domain.identity.presets import Preset
from domain.identity.viewer import ANONYMOUS, Viewer
from kit import ids
from models.members import Member, MemberProject
from models.partners import PartnerKind
from tests.conftest import Clock
from tests.factories import (
    a_distributor,
    a_member,
    a_partner,
    a_person,
    a_staff_viewer,
    an_administrator,
    an_invitation,
    an_operator,
    as_operator,
    as_person,
)
from tests.members.conftest import Ask, Refused

pytestmark = pytest.mark.usefixtures("database")

ACCEPT = """
mutation Accept($id: ID) {
  memberInvitationAccept(input: {id: $id, consent: true}) { errors { code } }
}
"""
INVITATIONS = """
query Invitations($filter: MemberInvitationFilter, $orderBy: MemberInvitationOrder) {
  memberInvitations(first: 20, filter: $filter, orderBy: $orderBy) {
    totalCount { value precision }
    nodes { id email status }
  }
}
"""


async def emails(ask: Ask, by: Viewer, **variables: Any) -> list[str]:
    page = await ask(INVITATIONS, by=by, **variables)
    return [node["email"] for node in page["memberInvitations"]["nodes"]]


async def test_an_overdue_invitation_reads_as_expired_though_no_worker_has_run(
    ask: Ask, time: Clock
) -> None:
    """M-02."""
    partner = await a_partner()
    administrator = await an_administrator(of=partner)
    person = await a_person()
    invitation = await an_invitation(of=partner, to=person, now=time.now)
    query = """
    query ($id: ID!) { memberInvitation(id: $id) {
      status decidedAt deadline { dueAt remainingSeconds status onTimeout firedAt latenessMs }
      availableActions { name allowed blockedBy { code } } } }
    """
    id = ids.encode("inv", invitation.id)

    time.forward(days=7, microseconds=-1)
    before = (await ask(query, by=administrator, id=id))["memberInvitation"]
    assert (before["status"], before["decidedAt"]) == ("PENDING", None)
    assert before["deadline"]["status"] == "SCHEDULED"

    time.forward(microseconds=1)
    after = (await ask(query, by=administrator, id=id))["memberInvitation"]
    assert (after["status"], after["decidedAt"]) == ("EXPIRED", "2030-02-07T23:30:00.000000Z")
    assert after["deadline"] == {
        "dueAt": "2030-02-07T23:30:00.000000Z",
        "remainingSeconds": 0,
        "status": "DUE",
        "onTimeout": "EXPIRE",
        "firedAt": None,
        "latenessMs": None,
    }
    assert after["availableActions"][2:] == [
        {
            "name": "memberInvitationRevoke",
            "allowed": False,
            "blockedBy": {"code": "INVITATION_EXPIRED"},
        },
        {"name": "memberInvitationResend", "allowed": True, "blockedBy": None},
    ]
    for status, found in (("PENDING", []), ("EXPIRED", [person.email])):
        assert await emails(ask, administrator, filter={"status": [status]}) == found
    late = (await ask(ACCEPT, by=await as_person(person), id=id))["memberInvitationAccept"]
    assert [error["code"] for error in late["errors"]] == ["INVITATION_EXPIRED"]
    assert not await Member.exists()


async def test_invitations_are_found_by_status_address_time_and_partner(
    ask: Ask, time: Clock
) -> None:
    partner = await a_partner()
    administrator = await an_administrator(of=partner)
    for number, name in enumerate(("lilei", "hanmeimei", "li.lei_2")):
        person = await a_person(email=f"{name}@example.com")
        await an_invitation(of=partner, to=person, now=time.now + timedelta(hours=number))
    hour = timedelta(hours=1)
    time.forward(hours=3)

    assert await emails(ask, administrator) == [
        "li.lei_2@example.com",
        "hanmeimei@example.com",
        "lilei@example.com",
    ]
    by_deadline = {"field": "EXPIRES_AT", "direction": "ASC"}
    assert (await emails(ask, administrator, orderBy=by_deadline))[0] == "lilei@example.com"
    assert await emails(ask, administrator, filter={"email": "MEI"}) == ["hanmeimei@example.com"]
    assert await emails(ask, administrator, filter={"email": "l_l"}) == []
    assert await emails(ask, administrator, filter={"email": "lei_2"}) == ["li.lei_2@example.com"]
    sent = {"from": (time.now - 2 * hour).isoformat(), "to": (time.now - hour).isoformat()}
    assert await emails(ask, administrator, filter={"sent": sent}) == ["hanmeimei@example.com"]
    of_partner = {"partnerId": ids.encode("ptn", partner.id), "status": ["PENDING"]}
    page = await ask(INVITATIONS, by=administrator, filter=of_partner)
    assert page["memberInvitations"]["totalCount"] == {"value": 3, "precision": "EXACT"}


async def test_addresses_are_masked_without_the_right_and_can_not_be_guessed(
    ask: Ask, time: Clock
) -> None:
    partner = await a_partner()
    person = await a_person(email="lilei@example.com")
    await an_invitation(of=partner, to=person, now=time.now)
    manager = await as_operator(await an_operator(of=partner, role=Preset.ACCOUNT_MANAGER))

    assert await emails(ask, manager) == ["l***@example.com"]
    assert await emails(ask, manager, filter={"email": "lilei"}) == []
    assert await emails(ask, await as_person(person)) == ["lilei@example.com"]


async def test_who_has_nothing_to_do_with_members_sees_none(ask: Ask, time: Clock) -> None:
    partner = await a_partner()
    member = await a_member(of=partner, now=time.now)
    finance = await as_operator(await an_operator(of=partner, role=Preset.FINANCE))

    for field in ("members", "memberInvitations"):
        with pytest.raises(Refused) as refusal:
            await ask(f"{{ {field}(first: 5) {{ nodes {{ id }} }} }}", by=finance)
        assert refusal.value.codes == ["FORBIDDEN"]
    answer = await ask(
        "query ($p: ID!, $m: ID!) { partner(id: $p) { members(first: 5) { nodes { id } } }"
        " node(id: $m) { id } }",
        by=finance,
        p=ids.encode("ptn", partner.id),
        m=ids.encode("mbr", member.id),
    )
    assert answer == {"partner": {"members": {"nodes": []}}, "node": None}


async def test_strangers_see_nothing(ask: Ask, time: Clock) -> None:
    partner = await a_partner("Acme")
    person = await a_person()
    member = await a_member(of=partner, person=person, now=time.now)
    project = await MemberProject.create(
        created_at=time.now,
        member_id=member.id,
        partner_id=partner.id,
        name="Move",
        role="ENGINEER",
        started_on=time.now.date(),
    )
    query = """
    query ($partner: ID!, $member: ID!, $invitation: ID!, $nodes: [ID!]!) {
      partner(id: $partner) { name }
      member(id: $member) { id }
      memberInvitation(id: $invitation) { id }
      partners(first: 5) { nodes { name members(first: 5) { nodes { id } } } totalCount { value } }
      nodes(ids: $nodes) { id }
    }
    """
    variables = {
        "partner": ids.encode("ptn", partner.id),
        "member": ids.encode("mbr", member.id),
        "invitation": ids.encode("inv", member.invitation_id),
    }
    nodes = [*variables.values(), ids.encode("prj", project.id)]

    for viewer, own in (
        (await an_administrator(of=await a_partner("Other")), ["Other"]),
        (await as_person(await a_person()), []),
    ):
        found = await ask(query, by=viewer, nodes=nodes, **variables)
        assert [found[name] for name in ("partner", "member", "memberInvitation")] == [None] * 3
        assert found["nodes"] == [None] * 4
        assert [node["name"] for node in found["partners"]["nodes"]] == own
        assert found["partners"]["totalCount"] == {"value": len(own)}
        for field in ("members", "memberInvitations"):
            page = await ask(
                f"{{ {field}(first: 5) {{ nodes {{ id }} totalCount {{ value }} }} }}", by=viewer
            )
            assert page[field] == {"nodes": [], "totalCount": {"value": 0}}
    with pytest.raises(Refused) as refusal:
        await ask(query, by=ANONYMOUS, nodes=nodes, **variables)
    assert set(refusal.value.codes) == {"UNAUTHENTICATED"}


async def test_a_distributor_sees_its_resellers_members_and_may_not_touch_them(
    ask: Ask, time: Clock
) -> None:
    distributor = await a_distributor()
    reseller = await a_partner("Reseller", distributor=distributor)
    await a_member(of=reseller, now=time.now)

    page = await ask(
        "{ members(first: 5) { nodes { partner { name distributor { name } }"
        " availableActions { name allowed blockedBy { code } } } } }",
        by=await an_administrator(of=distributor),
    )

    [member] = page["members"]["nodes"]
    assert member["partner"] == {"name": "Reseller", "distributor": {"name": "Great Wall"}}
    assert member["availableActions"][0] == {
        "name": "memberUnlink",
        "allowed": False,
        "blockedBy": {"code": "MANAGED_BY_ITS_PARTNER"},
    }
    assert not any(action["allowed"] for action in member["availableActions"])


async def test_the_platform_sees_every_partner_by_kind_tier_and_name(ask: Ask, time: Clock) -> None:
    distributor = await a_partner("中信达科技", kind=PartnerKind.DISTRIBUTOR)
    await a_partner("东岳网络", distributor=distributor)
    await a_partner("Acme")
    staff = await a_staff_viewer(Item.MEMBER_VIEW)
    query = """
    query ($filter: PartnerFilter) {
      partners(first: 9, filter: $filter, orderBy: {field: NAME, direction: ASC}) {
        nodes { name kind tier } } }
    """

    async def names(**filter: Any) -> list[str]:
        found = await ask(query, by=staff, filter=filter)
        return [node["name"] for node in found["partners"]["nodes"]]

    assert await names() == ["Acme", "东岳网络", "中信达科技"]
    assert await names(kind=["DISTRIBUTOR", "RESELLER"]) == ["东岳网络", "中信达科技"]
    assert await names(tier=[2]) == ["东岳网络"]
    assert await names(search="科技") == ["中信达科技"]
    assert await names(search="ACM") == ["Acme"]
    assert await names(distributorId=ids.encode("ptn", distributor.id)) == ["东岳网络"]
