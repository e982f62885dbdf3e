"""What happened: listed for whom it concerns, and told as it happens."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from tortoise.context import TortoiseContext

from domain.audit import events, relay
from domain.identity import staying
from domain.identity.viewer import ANONYMOUS, SYSTEM, Viewer
from kit import bells, clock, database
from kit.ids import encode
from models.identity import Session
from models.partners import Partner
from resolvers import events as resolvers
from tests.api.edge import Desk, answer, codes
from tests.api.sse import streaming
from tests.conftest import Clock, Servers
from tests.factories import (
    a_distributor,
    a_partner,
    a_person,
    a_staff_viewer,
    an_administrator,
    as_person,
)

pytestmark = pytest.mark.usefixtures("database")

FOLLOW = """subscription ($partner: ID, $after: Int) {
    events(partnerId: $partner, after: $after) { position name }
}"""


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
async def acme(database: TortoiseContext) -> Partner:
    return await a_partner("Acme")


async def recorded(
    name: str,
    time: Clock,
    *,
    at: UUID,
    by: Viewer = SYSTEM,
    subject_type: str = "thing",
    about: UUID | None = None,
    **more: Any,
) -> UUID:
    """An event without a position yet."""
    return await events.record(
        name,
        actor=by,
        subject_type=subject_type,
        subject_id=about or uuid4(),
        tenant_id=at,
        at=time.now,
        **more,
    )


async def something(name: str, time: Clock, *, at: UUID, **more: Any) -> UUID:
    """An event with its position."""
    id = await recorded(name, time, at=at, **more)
    await relay.place_all(now=time.now)
    return id


async def test_an_event_is_told_whole(desk: Desk, acme: Partner, time: Clock) -> None:
    viewer = await an_administrator(acme)
    id = await something(
        "partner.edited",
        time,
        at=acme.id,
        by=viewer,
        subject_type="partner",
        about=acme.id,
        reason="merger",
        before={"name": "Acne", "tier": 1},
        after={"name": "Acme", "tier": 2, "tags": ["new"]},
    )

    response = await desk.ask(
        viewer,
        """{ events { totalCount { value } nodes {
            id name occurredAt actor { kind name }
            subjectType subject { id ... on Partner { name } }
            reason changes { field before after } position requestId
        } } }""",
    )

    assert response.json()["data"]["events"] == {
        "totalCount": {"value": 1},
        "nodes": [
            {
                "id": encode("evt", id),
                "name": "partner.edited",
                "occurredAt": "2030-01-31T23:30:00.000000Z",
                "actor": {"kind": "OPERATOR", "name": "Han Meimei"},
                "subjectType": "partner",
                "subject": {"id": encode("ptn", acme.id), "name": "Acme"},
                "reason": "merger",
                "changes": [
                    {"field": "name", "before": "Acne", "after": "Acme"},
                    {"field": "tier", "before": "1", "after": "2"},
                    {"field": "tags", "before": None, "after": '["new"]'},
                ],
                "position": 1,
                "requestId": None,
            }
        ],
    }


async def test_events_are_seen_by_whom_they_concern(desk: Desk, time: Clock) -> None:
    distributor = await a_distributor()
    reseller, stranger = await a_partner("Reseller", distributor=distributor), await a_partner("X")
    person = await a_person()
    await something("thing.sold", time, at=reseller.id, person_id=person.id)
    await something("operator.added", time, at=reseller.id, subject_type="operator")
    await something("thing.kept", time, at=stranger.id)
    await something("clock.advanced", time, at=events.PLATFORM_TENANT)

    async def seen(viewer: Viewer) -> set[str]:
        response = await desk.ask(viewer, "{ events { nodes { name } } }")
        return {node["name"] for node in response.json()["data"]["events"]["nodes"]}

    assert await seen(await an_administrator(reseller)) == {"thing.sold", "operator.added"}
    assert await seen(await an_administrator(distributor)) == {"thing.sold"}
    assert await seen(await an_administrator(stranger)) == {"thing.kept"}
    assert await seen(await as_person(person)) == {"thing.sold"}
    assert await seen(await as_person(await a_person())) == set()
    assert await seen(await a_staff_viewer()) == {
        "thing.sold",
        "operator.added",
        "thing.kept",
        "clock.advanced",
    }


async def test_nobody_sees_no_events(desk: Desk) -> None:
    response = await desk.ask(ANONYMOUS, "{ events { nodes { name } } }")

    assert response.status_code == 401
    assert codes(response) == ["UNAUTHENTICATED"]


async def test_an_event_is_listed_once_it_has_its_position(
    desk: Desk, acme: Partner, time: Clock
) -> None:
    await something("thing.placed", time, at=acme.id)
    await recorded("thing.unplaced", time, at=acme.id)

    response = await desk.ask(await an_administrator(acme), "{ events { nodes { name } } }")

    assert response.json()["data"]["events"]["nodes"] == [{"name": "thing.placed"}]


async def test_a_log_is_read_page_by_page_in_its_order(
    desk: Desk, acme: Partner, time: Clock
) -> None:
    for number in range(5):
        await something(f"thing.{number}", time, at=acme.id)
    await something("thing.other", time, at=(await a_partner("Other")).id)

    response = await desk.ask(
        await a_staff_viewer(),
        """query ($partner: ID!) { events(
            first: 2, filter: { partnerId: $partner, afterPosition: 2 },
            orderBy: { field: POSITION, direction: ASC }
        ) { nodes { position name } pageInfo { hasNextPage } } }""",
        partner=encode("ptn", acme.id),
    )

    assert response.json()["data"]["events"] == {
        "nodes": [{"position": 3, "name": "thing.2"}, {"position": 4, "name": "thing.3"}],
        "pageInfo": {"hasNextPage": True},
    }


async def test_events_are_found_by_name_subject_and_time(
    desk: Desk, acme: Partner, time: Clock
) -> None:
    viewer = await an_administrator(acme)
    await something("thing.made", time, at=acme.id, subject_type="partner", about=acme.id)
    time.forward(hours=1)
    await something("thing.made", time, at=acme.id)
    await something("thing.lost", time, at=acme.id)

    async def found(filter: dict[str, Any]) -> list[int]:
        response = await desk.ask(
            viewer,
            "query ($f: EventFilter) { events(filter: $f) { nodes { position } } }",
            f=filter,
        )
        return [node["position"] for node in response.json()["data"]["events"]["nodes"]]

    assert await found({"name": ["thing.made"]}) == [2, 1]
    assert await found({"name": ["thing.lost", "thing.none"]}) == [3]
    assert await found({"subjectId": encode("ptn", acme.id)}) == [1]
    assert await found({"occurred": {"from": "2030-02-01T08:30:00+08:00"}}) == [3, 2]


async def test_an_event_is_a_node(desk: Desk, acme: Partner, time: Clock) -> None:
    id = encode("evt", await something("thing.made", time, at=acme.id))
    query = "query ($id: ID!) { node(id: $id) { ... on Event { name } } }"

    mine = await desk.ask(await an_administrator(acme), query, id=id)
    theirs = await desk.ask(await an_administrator(await a_partner("Other")), query, id=id)

    assert answer(mine) == {"data": {"node": {"name": "thing.made"}}}
    assert answer(theirs) == {"data": {"node": None}}


@pytest.fixture
async def rung(servers: Servers) -> AsyncIterator[None]:
    """Bells are rung, and so surely that nobody looks without hearing one."""
    kept, resolvers.POLL = resolvers.POLL, 60.0
    await bells.open(servers.database_url, relay.CHANNEL)
    yield
    await bells.close()
    resolvers.POLL = kept


@pytest.mark.usefixtures("rung")
async def test_a_subscriber_is_told_what_was_and_what_comes(
    desk: Desk, acme: Partner, time: Clock
) -> None:
    by = desk.seat(await an_administrator(acme))
    await something("thing.first", time, at=acme.id)

    async with streaming(desk.app, FOLLOW, authorization=by, after=0) as stream:
        assert await stream.data() == {"events": {"position": 1, "name": "thing.first"}}
        await something("thing.second", time, at=acme.id)
        assert await stream.data() == {"events": {"position": 2, "name": "thing.second"}}
        await something("thing.elsewhere", time, at=(await a_partner("Other")).id)
        await something("thing.third", time, at=acme.id)
        assert await stream.data() == {"events": {"position": 3, "name": "thing.third"}}

    assert bells._bells == {}


@pytest.mark.usefixtures("rung")
async def test_a_subscriber_who_names_no_position_is_told_only_what_comes(
    desk: Desk, acme: Partner, time: Clock
) -> None:
    by = desk.seat(await an_administrator(acme))
    await something("thing.old", time, at=acme.id)

    async with streaming(desk.app, FOLLOW, authorization=by) as stream:
        while not bells._bells:
            await bells.Bell().wait(within=0.01)
        await something("thing.new", time, at=acme.id)
        assert await stream.data() == {"events": {"position": 2, "name": "thing.new"}}


async def test_who_comes_back_misses_nothing(desk: Desk, acme: Partner, time: Clock) -> None:
    by = desk.seat(await an_administrator(acme))
    for number in range(250):
        await recorded(f"thing.{number}", time, at=acme.id)
    await relay.place_all(now=time.now)
    # As if the later ones had been committed first.
    await database.execute("update event set position = position + 1000")
    await database.execute("update event set position = 1251 - position")

    told, after = [], 0
    for many in (1, 120, 129):
        async with streaming(desk.app, FOLLOW, authorization=by, after=after) as stream:
            told += [(await stream.data())["events"]["position"] for _ in range(many)]
        after = told[-1]

    assert told == list(range(1, 251))


async def test_without_bells_a_subscriber_looks_by_itself(
    desk: Desk, acme: Partner, time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resolvers, "POLL", 0.02)
    by = desk.seat(await an_administrator(acme))

    async with streaming(desk.app, FOLLOW, authorization=by, after=0) as stream:
        await something("thing.made", time, at=acme.id)
        assert await stream.data() == {"events": {"position": 1, "name": "thing.made"}}


async def test_a_subscriber_is_told_nothing_that_it_may_not_see(desk: Desk, time: Clock) -> None:
    distributor = await a_distributor()
    reseller = await a_partner("Reseller", distributor=distributor)
    by = desk.seat(await an_administrator(distributor))
    await something("thing.sold", time, at=reseller.id)
    await something("operator.added", time, at=reseller.id, subject_type="operator")
    await something("thing.returned", time, at=reseller.id)

    async with streaming(
        desk.app, FOLLOW, authorization=by, partner=encode("ptn", reseller.id), after=0
    ) as stream:
        assert (await stream.data())["events"]["name"] == "thing.sold"
        assert (await stream.data())["events"] == {"position": 3, "name": "thing.returned"}


async def test_a_subscription_ends_with_the_sign_in(
    desk: Desk, acme: Partner, time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resolvers, "POLL", 0.02)
    monkeypatch.setattr(staying, "RECHECK", timedelta(0))
    viewer = await an_administrator(acme)
    session = await Session.create(
        created_at=clock.wall(),
        person_id=viewer.person_id,
        seat_kind=viewer.kind,
        seat_id=viewer.seat_id,
        refresh_hash="x",
        refreshed_at=clock.wall(),
        expires_at=clock.wall() + timedelta(days=1),
    )
    by = desk.seat(replace(viewer, session_id=session.id))

    async with streaming(desk.app, FOLLOW, authorization=by, after=0) as stream:
        await something("thing.made", time, at=acme.id)
        assert (await stream.data())["events"]["position"] == 1
        session.revoked_at = clock.wall()
        await session.save(update_fields=["revoked_at"])
        assert await stream.next() == ("complete", None)


async def test_a_subscription_ends_with_the_seat(
    desk: Desk, acme: Partner, time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resolvers, "POLL", 0.02)
    monkeypatch.setattr(staying, "RECHECK", timedelta(0))
    by = desk.seat(await an_administrator(acme))

    async with streaming(desk.app, FOLLOW, authorization=by, after=0) as stream:
        await something("thing.made", time, at=acme.id)
        assert (await stream.data())["events"]["position"] == 1
        await database.execute("update operator set removed_at = $1", time.now)
        assert await stream.next() == ("complete", None)


@pytest.mark.parametrize(
    ("who", "variables", "code"),
    [
        ("nobody", {}, "UNAUTHENTICATED"),
        ("person", {}, "FORBIDDEN"),
        ("operator", {"partner": encode("ptn", UUID(int=7))}, "NOT_FOUND"),
        ("operator", {"partner": encode("mbr", UUID(int=7))}, "INVALID_INPUT"),
        ("operator", {"partner": "Acme"}, "INVALID_INPUT"),
        ("operator", {"after": -1}, "INVALID_INPUT"),
        ("operator", {"after": "1"}, "BAD_USER_INPUT"),
    ],
)
async def test_who_may_not_follow_a_log_is_told_why(
    desk: Desk, acme: Partner, who: str, variables: dict[str, Any], code: str
) -> None:
    viewers = {
        "nobody": ANONYMOUS,
        "person": await as_person(await a_person()),
        "operator": await an_administrator(acme),
    }
    by = desk.seat(viewers[who])

    async with streaming(desk.app, FOLLOW, authorization=by, **variables) as stream:
        name, result = await stream.next()

    assert name == "next"
    assert [error["extensions"]["code"] for error in result["errors"]] == [code]


async def test_staff_follow_any_log(desk: Desk, acme: Partner, time: Clock) -> None:
    by = desk.seat(await a_staff_viewer())
    await something("thing.made", time, at=acme.id)
    await something("clock.advanced", time, at=events.PLATFORM_TENANT)

    async with streaming(desk.app, FOLLOW, authorization=by, after=0) as stream:
        assert (await stream.data())["events"]["name"] == "clock.advanced"
    async with streaming(
        desk.app, FOLLOW, authorization=by, partner=encode("ptn", acme.id), after=0
    ) as stream:
        assert (await stream.data())["events"]["name"] == "thing.made"
