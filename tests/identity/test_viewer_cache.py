"""What a process may believe of a viewer, for how long, and what makes it think again."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from domain.identity import announcements, api_keys, operators, presets, roles, sessions
from domain.identity.items import Item
from domain.identity.presets import Preset
from domain.identity.recognition import Recognised
from domain.identity.viewer import Unauthenticated, Viewer, ViewerKind
from kit import database
from kit.ids import new_id
from kit.transaction import transactional
from models.identity import Role, Session
from partner_center.authentication import Authentication
from partner_center.viewer_cache import ViewerCache
from tests.conftest import Clock, Servers
from tests.identity.people import (
    PASSWORD,
    a_partner,
    a_person,
    an_administrator_of,
    an_operator,
)

pytestmark = pytest.mark.usefixtures("database", "wall")

Made = Callable[..., Awaitable[ViewerCache]]


class Stopwatch:
    """Elapsed time that stands still: what a cache forgets, it forgets because it was told."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def elapsed() -> Stopwatch:
    return Stopwatch()


@pytest.fixture
async def a_cache(servers: Servers, elapsed: Stopwatch) -> AsyncIterator[Made]:
    """Caches as other processes have them: told by PostgreSQL alone."""
    made = []

    async def start(**more: Any) -> ViewerCache:
        cache = ViewerCache(servers.database_url, elapsed=elapsed, **more)
        await cache.start()
        made.append(cache)
        return cache

    yield start
    for cache in made:
        await cache.stop()


async def until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not happened():  # noqa: ASYNC110 -- another connection will tell
            await asyncio.sleep(0.005)


def somebody(until: datetime, **more: Any) -> Recognised:
    viewer = Viewer(kind=ViewerKind.PERSON, **({"person_id": new_id()} | more))
    return Recognised(viewer, until=until)


async def bearer(time: Clock) -> str:
    signed_in = await sessions.sign_in(
        email="li-lei@example.com", password=PASSWORD, address="192.0.2.1", now=time.now
    )
    return f"Bearer {signed_in.access_token}"


async def test_a_repeated_credential_costs_no_statement(
    a_cache: Made, time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_person()
    header = await bearer(time)
    here = Authentication(cache=await a_cache())
    statements = []
    row = database.row

    async def counted(sql: str, *values: Any) -> dict[str, Any] | None:
        statements.append(sql)
        return await row(sql, *values)

    monkeypatch.setattr(database, "row", counted)

    first = await here.viewer(header)
    assert len(statements) == 1
    assert await here.viewer(header) is first
    assert len(statements) == 1


async def test_a_session_ended_in_one_process_is_over_in_another(
    a_cache: Made, time: Clock
) -> None:
    await a_person()
    header = await bearer(time)
    here, there_cache = Authentication(cache=await a_cache()), await a_cache()
    there = Authentication(cache=there_cache)
    viewer = await here.viewer(header)
    await there.viewer(header)
    heard = there_cache.generation

    await sessions.sign_out_everywhere(viewer=viewer, now=time.now)
    await until(lambda: there_cache.generation > heard)

    with pytest.raises(Unauthenticated):
        await there.viewer(header)


@pytest.mark.parametrize("change", ["operator", "role", "api key", "presets"])
async def test_every_change_of_rights_is_heard_elsewhere(
    a_cache: Made, time: Clock, wall: Clock, roles: dict[Preset, Role], change: str
) -> None:
    partner = await a_partner()
    administrator = an_administrator_of(partner.id)
    own = await Role.create(
        created_at=time.now, partner_id=partner.id, code="X", name="X", items=["PARTNER_VIEW"]
    )
    operator = await an_operator(await a_person(), own, at=partner)
    made = await api_keys.create(
        viewer=administrator, name="ERP", items=[Item.PARTNER_VIEW], now=time.now
    )
    header = f"Bearer {made.secret}" if change == "api key" else await bearer(time)
    cache = await a_cache()
    there = Authentication(cache=cache)
    before = await there.viewer(header)
    assert cache.get(header, wall=wall.now) is before

    heard = cache.generation
    await change_rights(change, administrator, operator, own, made, roles, time)
    await until(lambda: cache.generation > heard)

    assert cache.get(header, wall=wall.now) is None


async def change_rights(
    change: str,
    administrator: Viewer,
    operator: Any,
    own: Role,
    made: api_keys.Made,
    presets_by_code: dict[Preset, Role],
    time: Clock,
) -> None:
    if change == "operator":
        await operators.set_roles(
            viewer=administrator,
            operator_id=operator.id,
            role_ids=[presets_by_code[Preset.FINANCE].id],
            now=time.now,
        )
    elif change == "role":
        await roles.update(
            viewer=administrator,
            role_id=own.id,
            items=[Item.MEMBER_VIEW],
            expected_version=1,
            now=time.now,
        )
    elif change == "api key":
        await api_keys.revoke(viewer=administrator, api_key_id=made.key.id, now=time.now)
    else:
        await Role.filter(code="FINANCE", partner_id=None).update(items=[])
        await presets.ensure_presets(now=time.now)


async def test_what_is_rolled_back_is_not_announced(a_cache: Made, wall: Clock) -> None:
    cache = await a_cache()
    told: list[UUID] = []
    recognised = somebody(wall.now.replace(year=2031))
    id = recognised.viewer.person_id
    assert id is not None
    cache.put("x", recognised, generation=cache.generation)
    announcements.listen(told.append)

    @transactional
    async def undone() -> None:
        await announcements.announce(id)
        raise InterruptedError

    @transactional
    async def done() -> None:
        await announcements.announce(marker)

    marker = new_id()
    with pytest.raises(InterruptedError):
        await undone()
    heard = cache.generation
    await done()
    announcements.unlisten(told.append)
    await until(lambda: cache.generation > heard)

    assert told == [marker]
    assert cache.generation == heard + 1
    assert cache.get("x", wall=wall.now) is recognised.viewer


async def test_who_was_looked_up_before_a_change_is_not_believed_after_it(
    a_cache: Made, wall: Clock
) -> None:
    cache = await a_cache()
    generation = cache.generation
    cache.forget(new_id())

    cache.put("x", somebody(wall.now.replace(year=2031)), generation=generation)

    assert cache.get("x", wall=wall.now) is None


async def test_a_look_up_overtaken_by_a_sign_out_leaves_no_trace(
    a_cache: Made, time: Clock, wall: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_person()
    header = await bearer(time)
    cache = await a_cache()
    there = Authentication(cache=cache)
    row = database.row

    async def and_then_it_ends(sql: str, *values: Any) -> dict[str, Any] | None:
        found = await row(sql, *values)
        monkeypatch.undo()
        heard = cache.generation
        person_id = (await Session.get()).person_id
        viewer = Viewer(kind=ViewerKind.PERSON, person_id=person_id)
        await sessions.sign_out_everywhere(viewer=viewer, now=time.now)
        await until(lambda: cache.generation > heard)
        return found

    monkeypatch.setattr(database, "row", and_then_it_ends)

    await there.viewer(header)

    monkeypatch.setattr("kit.clock.wall", lambda: wall.now)
    with pytest.raises(Unauthenticated):
        await there.viewer(header)


async def test_an_entry_is_believed_for_five_seconds(
    a_cache: Made, wall: Clock, elapsed: Stopwatch
) -> None:
    cache = await a_cache()
    recognised = somebody(wall.now.replace(year=2031))
    cache.put("x", recognised, generation=cache.generation)

    elapsed.seconds = 4.999
    assert cache.get("x", wall=wall.now) is recognised.viewer
    elapsed.seconds = 5.0
    assert cache.get("x", wall=wall.now) is None


async def test_an_entry_ends_with_its_credential(a_cache: Made, wall: Clock) -> None:
    cache = await a_cache()
    cache.put("x", somebody(wall.now), generation=cache.generation)

    assert cache.get("x", wall=wall.now) is None


async def test_the_longest_unused_entry_makes_room(a_cache: Made, wall: Clock) -> None:
    cache = await a_cache(most=2)
    for name in ("a", "b"):
        cache.put(name, somebody(wall.now.replace(year=2031)), generation=cache.generation)
    cache.get("a", wall=wall.now)

    cache.put("c", somebody(wall.now.replace(year=2031)), generation=cache.generation)

    assert [cache.get(name, wall=wall.now) is not None for name in "abc"] == [True, False, True]


async def test_a_partner_stands_for_all_who_act_for_it_and_nobody_else(
    a_cache: Made, wall: Clock
) -> None:
    cache, partner_id = await a_cache(), new_id()
    later = wall.now.replace(year=2031)
    for name in ("its", "its too"):
        cache.put(name, somebody(later, partner_id=partner_id), generation=cache.generation)
    cache.put("other", somebody(later, partner_id=new_id()), generation=cache.generation)

    cache.forget(partner_id)

    assert [cache.get(name, wall=wall.now) is None for name in ("its", "its too", "other")] == [
        True,
        True,
        False,
    ]


async def test_with_the_connection_lost_nothing_is_believed_until_it_is_back(
    a_cache: Made, time: Clock, wall: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("partner_center.viewer_cache.RECONNECT_AFTER", 0.05)
    await a_person()
    header = await bearer(time)
    cache = await a_cache()
    there = Authentication(cache=cache)
    await there.viewer(header)

    await database.rows(
        "select pg_terminate_backend(pid) from pg_stat_activity "
        "where application_name = 'partner-center viewers'"
    )
    await until(lambda: not cache.is_listening)

    assert cache.get(header, wall=wall.now) is None
    await there.viewer(header)
    assert cache.is_listening or cache.get(header, wall=wall.now) is None
    await until(lambda: cache.is_listening)
    viewer = await there.viewer(header)
    assert cache.get(header, wall=wall.now) is viewer
    heard = cache.generation
    await sessions.sign_out(viewer=viewer, now=time.now)
    await until(lambda: cache.generation > heard)
    with pytest.raises(Unauthenticated):
        await there.viewer(header)


async def test_a_cache_without_a_database_believes_nothing_and_does_not_stop_the_server(
    wall: Clock, tmp_path: Any
) -> None:
    cache = ViewerCache(f"asyncpg://nobody@/nothing?host={tmp_path}")

    await cache.start()
    cache.put("x", somebody(wall.now.replace(year=2031)), generation=cache.generation)

    assert not cache.is_listening
    assert cache.get("x", wall=wall.now) is None
    await cache.stop()
