"""The readers' pool: as few connections as do, none lost, none with somebody else's answer."""

import asyncio
from collections.abc import AsyncIterator, Callable

import asyncpg
import pytest

from kit import pool
from kit.pool import Readers
from tests.conftest import Servers

WAIT = "select pg_sleep(0.05), pg_backend_pid()"


Open = Callable[[int], Readers]


@pytest.fixture
async def opened(servers: Servers) -> AsyncIterator[Open]:
    made: list[Readers] = []

    def open(maximum: int) -> Readers:
        host = servers.database_url.partition("host=")[2]
        made.append(
            Readers(
                maximum,
                host=host,
                port=5432,
                user="partner",
                database="partner",
                server_settings=pool.SESSION,
            )
        )
        return made[-1]

    yield open
    for readers in made:
        await readers.close()


@pytest.fixture
def readers(opened: Open) -> Readers:
    return opened(2)


async def pid(readers: Readers) -> int:
    return int(await readers.fetchval("select pg_backend_pid()"))


async def test_one_after_the_other_they_share_a_connection(readers: Readers) -> None:
    assert await pid(readers) == await pid(readers)


async def test_ten_at_once_make_do_with_two_connections(readers: Readers) -> None:
    rows = await asyncio.gather(*(readers.fetch(WAIT) for _ in range(10)))

    assert len({row[0]["pg_backend_pid"] for row in rows}) == 2


async def test_nothing_can_be_written(readers: Readers) -> None:
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        await readers.fetchval("create table t ()")


async def test_a_refused_statement_costs_no_connection(readers: Readers) -> None:
    before = await pid(readers)

    with pytest.raises(asyncpg.DivisionByZeroError):
        await readers.fetchval("select 1 / 0")
    with pytest.raises(asyncpg.DataError):
        await readers.fetchval("select $1::int", "no number")

    assert await pid(readers) == before


async def test_who_gives_up_takes_the_answer_along(readers: Readers) -> None:
    given_up = asyncio.create_task(readers.fetchval("select pg_sleep(60), 'late'"))
    while not await readers.fetchval(  # noqa: ASYNC110
        "select exists (select from pg_stat_activity where query like 'select pg_sleep(60)%')"
    ):
        await asyncio.sleep(0.01)

    given_up.cancel()

    with pytest.raises(asyncio.CancelledError):
        await given_up
    assert await asyncio.gather(*(readers.fetchval("select $1::int", n) for n in range(10))) == [
        *range(10)
    ]


async def test_a_connection_that_broke_is_replaced(readers: Readers) -> None:
    broken = await pid(readers)
    with pytest.raises(asyncpg.PostgresConnectionError):
        await readers.fetchval("select pg_terminate_backend(pg_backend_pid())")

    assert await pid(readers) != broken
    rows = await asyncio.gather(*(readers.fetch(WAIT) for _ in range(4)))
    assert len({row[0]["pg_backend_pid"] for row in rows}) == 2


async def test_who_gives_up_waiting_takes_nobodys_turn(readers: Readers) -> None:
    busy = [asyncio.create_task(readers.fetch(WAIT)) for _ in range(2)]
    await asyncio.sleep(0)
    waiting = [asyncio.create_task(pid(readers)) for _ in range(3)]
    await asyncio.sleep(0)

    waiting[0].cancel()

    await asyncio.gather(*busy, *waiting[1:])
    assert waiting[0].cancelled()


async def test_a_turn_that_comes_while_one_gives_up_goes_to_the_next(opened: Open) -> None:
    readers = opened(1)

    async def read_and_send_away() -> None:
        await readers.fetch(WAIT)
        waiting[0].cancel()

    busy = asyncio.create_task(read_and_send_away())
    await asyncio.sleep(0)
    waiting = [asyncio.create_task(pid(readers)) for _ in range(2)]

    await asyncio.gather(busy, waiting[1])

    assert waiting[0].cancelled()
    assert await pid(readers) == waiting[1].result()


async def test_a_connection_that_broke_while_idle_is_not_handed_out(readers: Readers) -> None:
    rows = await asyncio.gather(*(readers.fetch(WAIT) for _ in range(2)))
    idle = [row[0]["pg_backend_pid"] for row in rows]
    killer = await pid(readers)
    broken = next(each for each in idle if each != killer)

    await readers.fetchval("select pg_terminate_backend($1, 5000)", broken)
    await asyncio.sleep(0.01)

    rows = await asyncio.gather(*(readers.fetch(WAIT) for _ in range(4)))
    assert broken not in {row[0]["pg_backend_pid"] for row in rows}


async def test_a_server_that_is_not_there_is_said_to_everybody() -> None:
    nowhere = Readers(1, host="/nowhere", port=5432, user="partner", database="partner")

    for _ in range(2):
        results = await asyncio.gather(
            *(nowhere.fetchval("select 1") for _ in range(3)), return_exceptions=True
        )
        assert {type(result) for result in results} == {FileNotFoundError}


async def test_a_search_is_planned_for_what_is_searched(readers: Readers) -> None:
    search = "select 'Acme' ilike $1::text as found"
    for _ in range(8):
        assert await readers.fetchval(search, "%cm%") is True
        [row] = await readers.fetch(search, "%x%")
        assert row["found"] is False

    kept = "select statement, generic_plans from pg_prepared_statements"
    plans = {row["statement"]: row["generic_plans"] for row in await readers.fetch(kept)}
    assert plans.get(search, 0) == 0


async def test_other_statements_keep_their_plan(readers: Readers) -> None:
    other = "select $1::int + 1"
    for number in range(8):
        assert await readers.fetchval(other, number) == number + 1

    kept = "select statement, generic_plans from pg_prepared_statements"
    plans = {row["statement"]: row["generic_plans"] for row in await readers.fetch(kept)}
    assert plans[other] > 0
