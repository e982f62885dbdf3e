"""Migrating, and what a process opens when it starts."""

import asyncio
import json
import sys
from pathlib import Path

import asyncpg
import pytest
from pydantic import SecretStr

from partner_center import startup
from partner_center.server_user import ServersUnavailable
from partner_center.settings import Settings

ROOT = Path(__file__).parents[2]

# The process of a test has its own connections; this opens them as a server does.
OPENS = """
import asyncio, json, sys
from kit import clock, database, links, pool, secrets, standby
from partner_center import startup
from partner_center.settings import Settings

NAMES = ("TimeZone", "statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout",
         "default_transaction_read_only", "application_name")
SQL = "select " + ", ".join(f"current_setting('{name}') as \\"{name}\\"" for name in NAMES)

async def main():
    await startup.open_database(Settings())
    # In a task that knows nothing of this one's context, as a server's requests are.
    writing = await asyncio.get_running_loop().create_task(
        database.row(SQL), context=__import__("contextvars").Context())
    [reading] = map(dict, await pool.readers().fetch(SQL))
    told = {"writing": writing, "reading": reading, "sandbox": clock.is_sandbox(),
            "standby": await (await standby.connect("select", within=9, settings={})).fetchval(SQL),
            "secret": len(secrets.derive("x")), "link": links.url("/a", "b")}
    await startup.close()
    print(json.dumps(told))

asyncio.run(main())
"""


def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(database_url=database_url, data_dir=tmp_path, secret_key=SecretStr("k" * 32))


async def test_four_may_migrate_at_once(fresh: str, tmp_path: Path) -> None:
    await asyncio.gather(*(startup.migrate(settings(fresh, tmp_path)) for _ in range(4)))

    connection = await asyncpg.connect(fresh.replace("asyncpg://", "postgresql://"))
    applied = await connection.fetch("select name, count(*) from tortoise_migrations group by name")
    roles = await connection.fetch("select code from role where partner_id is null order by code")
    others = await connection.fetchval(
        "select count(*) from pg_stat_activity where datname = current_database()"
    )
    await connection.close()
    assert {row["name"]: row["count"] for row in applied} == {
        file.stem: 1 for file in (ROOT / "models" / "migrations").glob("0*.py")
    }
    assert [row["code"] for row in roles] == [
        "ACCOUNT_MANAGER",
        "ADMINISTRATOR",
        "FINANCE",
        "SUPERVISOR",
    ]
    assert others == 1, "a connection was left open"


async def test_migrating_again_changes_nothing(fresh: str, tmp_path: Path) -> None:
    await startup.migrate(settings(fresh, tmp_path))
    connection = await asyncpg.connect(fresh.replace("asyncpg://", "postgresql://"))
    before = await connection.fetch("select * from tortoise_migrations order by id")
    roles = await connection.fetch("select * from role order by id")

    await startup.migrate(settings(fresh, tmp_path))

    assert await connection.fetch("select * from tortoise_migrations order by id") == before
    assert await connection.fetch("select * from role order by id") == roles
    await connection.close()


async def test_no_change_of_the_models_is_without_its_migration() -> None:
    assert await startup.pending() == []


async def test_a_process_opens_what_it_needs(fresh: str, tmp_path: Path) -> None:
    await startup.migrate(settings(fresh, tmp_path))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", OPENS),
        cwd=ROOT,
        env={
            "DATABASE_URL": fresh,
            "EXPORT_DATABASE_URL": fresh,
            "SECRET_KEY": "k" * 32,
            "SANDBOX": "1",
            "PUBLIC_URL": "https://pc.example",
            "DATA_DIR": str(tmp_path),
        },
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()

    assert process.returncode == 0
    assert json.loads(output) == {
        "writing": {
            "TimeZone": "UTC",
            "statement_timeout": "30s",
            "lock_timeout": "10s",
            "idle_in_transaction_session_timeout": "1min",
            "default_transaction_read_only": "off",
            "application_name": "partner-center",
        },
        "reading": {
            "TimeZone": "UTC",
            "statement_timeout": "10s",
            "lock_timeout": "0",
            "idle_in_transaction_session_timeout": "0",
            "default_transaction_read_only": "on",
            "application_name": "partner-center reads",
        },
        "sandbox": True,
        "standby": "UTC",
        "secret": 32,
        "link": "https://pc.example/a#b",
    }


async def test_nothing_is_told_to_a_database_without_the_tls_that_was_asked_for(
    tmp_path: Path,
) -> None:
    heard: list[bytes] = []

    async def speak_no_tls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while asked := await reader.read(1024):
            heard.append(asked)
            writer.write(b"N")
        writer.close()

    server = await asyncio.start_server(speak_no_tls, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    url = f"postgresql://ann:secret@127.0.0.1:{port}/partner?sslmode=require"
    async with server:
        for opening in (startup.migrate, startup.promised):
            with pytest.raises(ServersUnavailable, match=r"lets nobody in: .*rejected SSL"):
                await opening(settings(url, tmp_path))

    assert {len(asked) for asked in heard} == {8}, "an SSLRequest, and nothing after it"


def test_managed_databases_are_reached_over_tls(tmp_path: Path) -> None:
    url = "postgresql://ann:p%40ss@db.example:6432/partner?sslmode=verify-full"

    connection = startup.orm_config(settings(url, tmp_path))["connections"]["default"]

    credentials = connection["credentials"]
    assert connection["engine"] == "kit.connections"
    assert "sslmode" not in credentials
    assert credentials["ssl"] == "verify-full"
    assert (credentials["host"], credentials["port"]) == ("db.example", 6432)
    assert (credentials["user"], credentials["password"]) == ("ann", "p@ss")
    assert (credentials["minsize"], credentials["maxsize"]) == (2, 10)
