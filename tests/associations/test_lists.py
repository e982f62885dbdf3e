"""Lists of invitations and associations: filters as of now, who sees what, and the dashboard."""

from datetime import timedelta
from typing import Any

import pytest

from domain.associations import deadlines
from domain.identity.viewer import Viewer
from kit import ids
from models.customer_invitations import CustomerInvitation
from models.customers import Association, AssociationType
from tests.associations.factories import a_link, a_mailed_invitation, accepted, civ, invited
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
    a_person,
    an_administrator,
    as_operator,
    as_person,
)
from tests.reports.factories import a_lead, a_live_report

pytestmark = pytest.mark.usefixtures("database")

LIST = """
query List($filter: CustomerInvitationFilter, $orderBy: CustomerInvitationOrder) {
  customerInvitations(filter: $filter, orderBy: $orderBy) {
    nodes { id status } totalCount { value }
  }
}
"""


async def everything(by: Viewer, time: Clock) -> dict[str, str]:
    """An invitation in every state, by the state's name."""
    found: dict[str, str] = {}
    old = await a_live_report(by=by, now=time.now)
    lapsed = await invited(await a_live_report(by=by, now=time.now), by=by, now=time.now)
    time.forward(days=9)
    void = await invited(old, by=by, now=time.now)
    time.forward(days=6)
    found |= {"EXPIRED": civ(lapsed.invitation), "CANCELLED": civ(void.invitation)}
    for name, facts in (("ACCEPTED", {}), ("FAILED", {"has_debt": True})):
        lead = await a_lead(email=f"{name.lower()}@x.example", **facts)
        sent = await a_mailed_invitation(by=by, to=lead, now=time.now)
        await accepted(sent, by=await a_user_of(lead), now=time.now)
        found[name] = civ(sent.invitation)
    found["SENT"] = civ((await a_link(by=by, now=time.now, type=AssociationType.AGENCY)).invitation)
    return found


async def test_lists_are_filtered_by_where_things_stand_now_without_a_worker(
    ask: Ask, time: Clock
) -> None:
    partner = await a_partner()
    seat, by = await a_manager(partner)
    by_state = await everything(by, time)
    administrator = await an_administrator(partner)

    async def found(**filter: Any) -> list[str]:
        answer = await ask(LIST, by=administrator, filter=filter)
        return sorted(node["status"] for node in answer["nodes"])

    for state, id in by_state.items():
        answer = await ask(LIST, by=administrator, filter={"status": [state]})
        assert answer["nodes"] == [{"id": id, "status": state}]
    assert await found(channel=["LINK"]) == ["SENT"]
    assert await found(type=["AGENCY"]) == ["SENT"]
    assert len(await found(managerId=opr(seat))) == 5
    assert await found(search="ACCEPTED@x") == ["ACCEPTED"]
    tag = (await CustomerInvitation.get(channel="LINK")).tag
    assert tag is not None
    assert await found(search=tag[:5]) == ["SENT"]
    assert await found(sent={"from": time.now.isoformat()}) == ["ACCEPTED", "FAILED", "SENT"]
    assert await found(expires={"to": time.now.isoformat()}) == ["EXPIRED"]
    oldest = await ask(LIST, by=administrator, orderBy={"direction": "ASC"})
    assert oldest["nodes"][0]["id"] == by_state["EXPIRED"]
    await deadlines.expire(
        subject_ids=[row.id for row in await CustomerInvitation.all()], now=time.now
    )
    for state, id in by_state.items():
        answer = await ask(LIST, by=administrator, filter={"status": [state]})
        assert answer["nodes"] == [{"id": id, "status": state}]


async def test_who_sees_addresses_masked_finds_nothing_by_them(ask: Ask, time: Clock) -> None:
    partner = await a_partner()
    _, manager = await a_manager(partner)
    lead = await a_lead(email="secret@x.example")
    await a_mailed_invitation(by=await an_administrator(partner), to=lead, now=time.now)
    await a_mailed_invitation(by=manager, now=time.now)

    answer = await ask(LIST, by=manager, filter={"search": "example"})
    assert answer["nodes"] == []


async def test_each_sees_the_invitations_and_associations_that_are_his(
    ask: Ask, time: Clock
) -> None:
    distributor = await a_distributor()
    partner = await a_partner("Acme", distributor=distributor)
    seat, manager = await a_manager(partner)
    _, colleague = await a_manager(partner, "Lan")
    supervisor_seat, _ = await a_supervisor(partner)
    await supervise(supervisor_seat, seat)
    supervisor = await as_operator(supervisor_seat)
    lead = await a_lead()
    user = await a_user_of(lead)
    sent = await a_mailed_invitation(by=manager, to=lead, now=time.now)
    await accepted(sent, by=user, now=time.now)
    await a_link(by=colleague, now=time.now)
    administrator = await an_administrator(partner)
    lists = "{ customerInvitations { nodes { id } totalCount { value } } }"
    associations = "{ associations { nodes { id } totalCount { value } } }"
    node = "query N($id: ID!) { node(id: $id) { id } }"
    asc = ids.encode("asc", (await Association.get()).id)

    async def seen(viewer: Viewer) -> tuple[int, int, bool, bool]:
        counts = []
        for question in (lists, associations):
            answer = await ask(question, by=viewer)
            assert answer["totalCount"]["value"] == len(answer["nodes"])
            counts.append(len(answer["nodes"]))
        return (
            *counts,
            await ask(node, by=viewer, id=civ(sent.invitation)) is not None,
            await ask(node, by=viewer, id=asc) is not None,
        )  # type: ignore[return-value]

    assert await seen(administrator) == (2, 1, True, True)
    assert await seen(manager) == (1, 1, True, True)
    assert await seen(colleague) == (1, 0, False, False)
    assert await seen(supervisor) == (1, 1, True, True)
    assert await seen(await an_administrator(distributor)) == (2, 1, True, True)
    assert await seen(user) == (1, 1, True, True)
    assert await seen(await an_administrator(await a_partner("Foreign"))) == (0, 0, False, False)
    assert await seen(await a_user_of(await a_customer())) == (0, 0, False, False)
    for question in (lists, associations):
        with pytest.raises(Refused) as refused:
            await ask(question, by=await as_person(await a_person()))
        assert refused.value.codes == ["FORBIDDEN"]


async def test_associations_are_found_by_type_state_tag_and_time(ask: Ask, time: Clock) -> None:
    partner = await a_partner()
    by = await an_administrator(partner)
    link = await a_link(by=by, now=time.now, type=AssociationType.AGENCY)
    tagged = await a_customer("Tagged")
    await accepted(link, by=await a_user_of(tagged), now=time.now)
    left = await a_customer("Left", of=partner, since=time.now - timedelta(days=9))
    await Association.filter(customer_id=left.id).update(
        state="ENDED", ended_at=time.now, end_reason="SWITCHED"
    )
    question = """query Found($filter: AssociationFilter) {
      associations(filter: $filter) { nodes { customer { name } endReason } } }"""

    async def found(**filter: Any) -> list[str]:
        answer = await ask(question, by=by, filter=filter)
        return [node["customer"]["name"] for node in answer["nodes"]]

    assert await found() == ["Tagged", "Left"]
    assert await found(status=["ENDED"]) == ["Left"]
    assert await found(type=["AGENCY"]) == ["Tagged"]
    assert await found(search=(link.invitation.tag or "")[:4]) == ["Tagged"]
    assert await found(invitationId=civ(link.invitation)) == ["Tagged"]
    assert await found(customerId=cus(left)) == ["Left"]
    assert await found(ended={"from": time.now.isoformat()}) == ["Left"]
    assert await found(started={"to": time.now.isoformat()}) == ["Left"]


async def test_the_dashboard_counts_what_ends_within_two_days(ask: Ask, time: Clock) -> None:
    partner = await a_partner()
    _, manager = await a_manager(partner)
    administrator = await an_administrator(partner)
    report = await a_live_report(by=manager, now=time.now)
    await a_mailed_invitation(by=administrator, now=time.now)
    await a_link(by=administrator, now=time.now)
    question = "{ customerDashboard { dueInvitationCount } }"

    async def due(viewer: Viewer) -> int:
        return int((await ask(question, by=viewer))["dueInvitationCount"])

    assert (await due(administrator), await due(manager)) == (0, 0)
    time.forward(days=5)
    assert (await due(administrator), await due(manager)) == (1, 0)
    time.forward(days=2)
    assert await due(administrator) == 0
    time.forward(days=6)
    await invited(report, by=manager, now=time.now)
    assert (await due(administrator), await due(manager)) == (1, 1)
    time.forward(days=2)
    assert (await due(administrator), await due(manager)) == (0, 0)
