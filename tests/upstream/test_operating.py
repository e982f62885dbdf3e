"""What people of the platform see of other systems, and do in their place."""

from typing import Any

import pytest

from domain.identity.items import Item
from domain.upstream import silence
from kit import ids
from kit.problems import Forbidden
from models.upstream import Behaviour, RequestState, System, UpstreamBehaviour
from tests.conftest import Clock
from tests.customers.conftest import Ask, Refused, ask
from tests.factories import a_partner, a_staff_viewer, an_administrator
from tests.upstream.conftest import Asker, crm_is
from tests.upstream.working import work

__all__ = ["ask"]

pytestmark = pytest.mark.usefixtures("database")

RETRY = """mutation($id: ID!) { upstreamRequestRetry(input: {id: $id}) {
  upstreamRequest { status } errors { code } } }"""
RECORD = """mutation($id: ID!, $ok: Boolean!, $code: String) {
  upstreamAnswerRecord(input: {id: $id, ok: $ok, reference: "by phone", code: $code}) {
    upstreamRequest { status reference answers { ok heardCount } } errors { code } } }"""
LIST = """{ upstreamRequests(first: 10, filter: {system: [CRM], status: [SENT, DEAD]}) {
  totalCount { value }
  nodes { system operation status askedCount code availableActions { name allowed }
    history(first: 5) { nodes { name } } } } }"""
SET = """mutation($after: Duration) {
  sandboxUpstreamSet(input: {system: CRM, behaviour: LATE, after: $after}) {
    behaviour errors { code } } }"""


def upr(id: Any) -> str:
    return ids.encode("upr", id)


async def dead(asker: Asker, time: Clock) -> Any:
    await crm_is(Behaviour.NEVER)
    id = await asker.asks()
    for _ in range(silence.ASKINGS + 1):
        await work(time.now)
        time.now += silence.PATIENCE
    return id


async def test_what_was_given_up_is_listed_and_asked_anew(
    asker: Asker, time: Clock, ask: Ask
) -> None:
    by = await a_staff_viewer(Item.OPERATE)
    id = await dead(asker, time)

    listed = await ask(LIST, by=by)
    assert listed["totalCount"]["value"] == 1
    assert listed["nodes"] == [
        {
            "system": "CRM",
            "operation": "test",
            "status": "DEAD",
            "askedCount": 5,
            "code": "NO_ANSWER",
            "availableActions": [
                {"name": "upstreamRequestRetry", "allowed": True},
                {"name": "upstreamAnswerRecord", "allowed": True},
            ],
            "history": {"nodes": [{"name": "upstream_request.given_up"}]},
        }
    ]

    await crm_is(Behaviour.PROMPT)
    assert (await ask(RETRY, by=by, id=upr(id)))["upstreamRequest"] == {"status": "WAITING"}
    await work(time.now)
    assert asker.told == [(False, "NO_ANSWER"), (True, None)]

    assert (await ask(RETRY, by=by, id=upr(id)))["errors"] == [{"code": "WRONG_STATUS"}]


async def test_people_answer_in_the_place_of_a_system(asker: Asker, time: Clock, ask: Ask) -> None:
    by = await a_staff_viewer(Item.OPERATE)
    id = await asker.asks()

    answer = await ask(RECORD, by=by, id=upr(id), ok=True)

    assert answer["upstreamRequest"] == {
        "status": "ANSWERED",
        "reference": "by phone",
        "answers": [{"ok": True, "heardCount": 1}],
    }
    assert asker.told == [(True, None)]
    refused = await ask(RECORD, by=by, id=upr(id), ok=False)
    assert refused["errors"] == [{"code": "INVALID_INPUT"}]
    assert (await asker.request(id)).state is RequestState.ANSWERED


async def test_partners_know_nothing_of_other_systems(asker: Asker, ask: Ask) -> None:
    id = await asker.asks()
    by = await an_administrator(await a_partner())

    for question in (LIST, RETRY, RECORD):
        with pytest.raises(Refused, match="FORBIDDEN"):
            await ask(question, by=by, id=upr(id), ok=True)

    assert (await asker.request(id)).state is RequestState.WAITING
    assert Forbidden.code == "FORBIDDEN"


@pytest.mark.usefixtures("sandbox")
async def test_a_sandbox_tells_its_simulator_how_to_behave(
    asker: Asker, time: Clock, ask: Ask
) -> None:
    by = await an_administrator(await a_partner())

    assert await ask(SET, by=by, after="PT1H") == {"behaviour": "LATE", "errors": []}

    told = await UpstreamBehaviour.get(system=System.CRM)
    assert (told.behaviour, told.after_seconds) == (Behaviour.LATE, 3600)
    assert (await ask(SET, by=by, after="P401D"))["errors"] == [{"code": "INVALID_INPUT"}]


async def test_a_deployment_that_is_no_sandbox_has_no_simulator_to_tell(ask: Ask) -> None:
    by = await a_staff_viewer(Item.SANDBOX_CLOCK)

    assert (await ask(SET, by=by, after=None))["errors"] == [{"code": "SANDBOX_ONLY"}]
    assert await UpstreamBehaviour.all().count() == 0
