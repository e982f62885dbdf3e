"""docs/backup.md, done as it stands: dumped, brought back, looked at, and what fires then."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

from kit import clock
from partner_center import server_programs
from partner_center.server_user import ServerUser
from tests.conftest import Servers
from tests.factories import a_partner, an_invitation
from tests.ledger.factories import an_account

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "backup.md"
NAME = "partner_restored"

Connect = Callable[[str], Awaitable[asyncpg.Connection]]

_TABLES = """
select table_name as name from information_schema.tables where table_schema = 'public' order by 1
"""
_ROWS = 'select md5(string_agg(of::text, chr(10) order by of::text)) from "{}" of'
# By name: what a cast in a condition looks like changes with each dump, what it means doesn't.
_PROMISES = """
select conrelid::regclass::text as of, conname as name from pg_constraint
where connamespace = 'public'::regnamespace and convalidated
union all
select tablename, indexname from pg_indexes where schemaname = 'public'
union all
select tgrelid::regclass::text, tgname from pg_trigger where not tgisinternal
union all
select table_name, column_name || ' ' || column_default from information_schema.columns
where table_schema = 'public' and column_default is not null
order by 1, 2
"""
_STATES = """
select invitation.expires_at, invitation.status, timer.kind, timer.state,
  (select count(*) from event where event.subject_id = invitation.id
     and event.name = 'member_invitation.expired') as events
from member_invitation invitation join timer on timer.subject_id = invitation.id order by 1, 3
"""
# What the commands of the page leave in the database; tests/operating/test_pausing.py types them.
_HOLD = """
insert into pause (id, created_at, kind, reason, begun_by)
values (uuidv7(), $1, 'member_invitation.remind', 'answers are lost', 'Wang Fang')
"""
_LET_GO = "update pause set ended_at = now(), ended_by = begun_by, end_reason = 'sorted out'"


def blocks() -> list[str]:
    return re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(), re.M | re.S)


@pytest.fixture
async def environment(servers: Servers, tmp_path: Path) -> AsyncIterator[dict[str, str]]:
    url = servers.database_url.replace("asyncpg://", "postgresql://")
    path, query = url.split("?")
    programs = server_programs.postgres(ServerUser.for_data_in(servers.data_dir))
    if not (programs / "pg_dump").exists():
        pytest.skip("no pg_dump beside the server")
    python = tmp_path / "bin"
    python.mkdir()
    (python / "python").symlink_to(sys.executable)
    yield os.environ | {
        "PATH": f"{programs}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": url,
        "RESTORED_URL": f"{path.rsplit('/', 1)[0]}/{NAME}?{query}",
        "REDIS_URL": servers.redis_url,
        "SECRET_KEY": "for the test of a backup, and for nothing else",
        "DATA_DIR": str(tmp_path / "data"),
        "LOG_LEVEL": "WARNING",
    }
    admin = await asyncpg.connect(url)
    await admin.execute(f"drop database if exists {NAME} with (force)")
    await admin.close()


@pytest.fixture
async def connected(environment: dict[str, str]) -> AsyncIterator[Connect]:
    """Opens sessions, and closes them at the end."""
    open_ones: list[asyncpg.Connection] = []

    async def connect(url: str) -> asyncpg.Connection:
        open_ones.append(await asyncpg.connect(url))
        return open_ones[-1]

    yield connect
    for each in open_ones:
        await each.close()


async def rows_of(connection: asyncpg.Connection) -> dict[str, str | None]:
    tables = [row["name"] for row in await connection.fetch(_TABLES)]
    return {name: await connection.fetchval(_ROWS.format(name)) for name in tables}


async def run(block: str, environment: dict[str, str], place: Path) -> str:
    process = await asyncio.create_subprocess_exec(
        *("bash", "-euo", "pipefail", "-c", block),
        env=environment,
        cwd=place,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    return output.decode()


@pytest.mark.usefixtures("database")
async def test_what_the_page_says_is_so(
    environment: dict[str, str], connected: Connect, tmp_path: Path
) -> None:
    now = clock.wall()
    partner = await a_partner()
    await an_invitation(of=partner, now=now - timedelta(days=30))
    await an_invitation(of=partner, now=now)
    await an_account(partner, 100, now=now)

    dump, restore, fires, leaves, positions = blocks()
    await run(dump, environment, tmp_path)
    await run(restore, environment, tmp_path)
    before = await connected(environment["DATABASE_URL"])
    restored = await connected(environment["RESTORED_URL"])
    # Those of empty tables aside: `migrate` brings what every installation has.
    there = {name: rows for name, rows in (await rows_of(before)).items() if rows is not None}
    assert there.items() <= (await rows_of(restored)).items()
    assert {"timer", "event", "mail", "ledger_entry", "member_invitation"} <= there.keys()
    assert await restored.fetch(_PROMISES) == await before.fetch(_PROMISES)
    assert await restored.fetch(_STATES) == await before.fetch(_STATES)

    assert "member_invitation.expire" in (told := await run(fires, environment, tmp_path))
    assert "member_invitation.remind" in told
    await restored.execute(_HOLD, now)
    told = await run(leaves, environment, tmp_path)
    assert all(what in told for what in ("mails", "text messages", "webhooks", "exports"))
    assert "last_position" in await run(positions, environment, tmp_path)
    scheduled = {row["state"] for row in await restored.fetch(_STATES)}
    assert scheduled == {"SCHEDULED"}, "nothing fires without a worker"

    worker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "partner_center", "worker"),
        cwd=ROOT,
        env=environment | {"DATABASE_URL": environment["RESTORED_URL"]},
    )
    due = "select kind from timer where state = 'SCHEDULED' and due_at <= now()"
    try:
        async with asyncio.timeout(180):
            while len(await restored.fetch(due)) > 1:  # noqa: ASYNC110 -- PostgreSQL can't call us
                await asyncio.sleep(0.1)
            assert await restored.fetchval(due) == "member_invitation.remind", "it is held"
            await restored.execute(_LET_GO)
            while await restored.fetch(due):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
    finally:
        worker.terminate()
        await worker.wait()

    after = [
        (row["status"], row["kind"], row["state"], row["events"])
        for row in await restored.fetch(_STATES)
    ]
    expire, remind = "member_invitation.expire", "member_invitation.remind"
    assert after == [
        ("EXPIRED", expire, "FIRED", 1),
        ("EXPIRED", remind, "FIRED", 1),  # without effect: there is nothing to remind of
        ("PENDING", expire, "SCHEDULED", 0),
        ("PENDING", remind, "SCHEDULED", 0),
    ]
    assert {row["state"] for row in await before.fetch(_STATES)} == {"SCHEDULED"}
