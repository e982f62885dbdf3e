"""The stage: a database with everything in it, and the servers on it."""

import json
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg

from bench import client, data, node_peers, postgraphile
from bench.measuring import Bench
from bench.operations import KINDS, Operation, comparable, operations
from bench.servers import Server, finished, free_port, parent_of, running, started
from domain.identity import passwords
from kit import clock, ids
from partner_center.embedded import Embedded

PASSWORD = "bench"
SIGN_IN = """
mutation SignIn($input: SignInInput!) { signIn(input: $input) { session { accessToken } } }
"""


@asynccontextmanager
async def set_up(folder: Path, *, orders: int) -> AsyncIterator[Bench]:
    """Start PostgreSQL and Valkey in the folder, fill them, and start limit, API and peers."""
    async with AsyncExitStack() as stack:
        embedded = stack.enter_context(Embedded(folder / "data"))
        environment = {
            "DATABASE_URL": embedded.database_url,
            "REDIS_URL": embedded.redis_url,
            "SECRET_KEY": os.urandom(32).hex(),
            "RATE_PER_SECOND": "0",  # the others have no limits either
            "DATA_DIR": str(folder / "data"),
            "LOG_LEVEL": "WARNING",  # the others log nothing either
        }
        await finished("partner_center", "migrate", environment=environment)
        url = embedded.database_url.replace("asyncpg://", "postgresql://", 1)
        connection = await asyncpg.connect(url)
        stack.push_async_callback(connection.close)
        await _fill(connection, orders)

        def start(name: str, *command: str, **more: Any) -> Server:
            return stack.enter_context(running(name, *command, **more))

        port = free_port()
        api = start(
            "Partner Center",
            *("partner_center", "api"),
            port=port,
            environment=environment | {"PORT": str(port)},
        )
        tokens = {
            "administrator": await sign_in(port, data.ADMINISTRATOR),
            "staff": await sign_in(port, data.STAFF),
        }
        viewers = folder / "viewers.json"
        viewers.write_text(json.dumps(await _viewers(connection, tokens)))
        port = free_port()
        paths = {kind: f"/{kind}" for kind in KINDS}
        limit = start("limit", "bench.limit", str(port), url, str(viewers), port=port, paths=paths)
        asked = operations(
            invitation_ids=await _ids(connection, "inv", "member_invitation"),
            member_ids=await _ids(connection, "mbr", "member"),
        )
        servers = [limit, api]
        if node_peers.installed():
            await connection.execute((node_peers.PEERS / "postgraphile.sql").read_text())
            servers += _node_servers(stack, embedded.database_url, viewers, asked)
        port = free_port()
        servers.append(
            start("plain", "bench.plain", str(port), embedded.database_url, str(viewers), port=port)
        )
        yield Bench(servers, asked, tokens, parent_of(connection.get_server_pid()))


def _node_servers(
    stack: AsyncExitStack, database_url: str, viewers: Path, operations: Sequence[Operation]
) -> list[Server]:
    def start(name: str, program: str, url: str, **more: Any) -> Server:
        port = free_port()
        command = node_peers.command(program, str(port), url, str(viewers))
        environment = node_peers.environment()
        return stack.enter_context(
            started(name, command, port=port, environment=environment, **more)
        )

    role = node_peers.address(database_url, user="postgraphile")
    return [
        start("mercurius", "mercurius.js", node_peers.address(database_url)),
        start("PostGraphile", "postgraphile.js", role, asked=postgraphile.asked(operations)),
    ]


async def _fill(connection: Any, orders: int) -> None:
    midnight = clock.wall().replace(hour=0, minute=0, second=0, microsecond=0)
    hashed = await passwords.hash_of(PASSWORD)
    await data.fill(connection, password_hash=hashed, now=midnight, orders=orders)


async def _ids(connection: Any, prefix: str, table: str) -> list[str]:
    rows = await connection.fetch(
        f"select id from {table} where partner_id = (select id from partner"
        " where account_name = 'partner1') order by md5(id::text) limit 1000"
    )
    return [ids.encode(prefix, row["id"]) for row in rows]


async def sign_in(port: int, email: str) -> str:
    """An access token of who has this address."""
    operation = Operation(
        name="sign in",
        about="",
        viewer="",
        query=SIGN_IN,
        variables=[{"input": {"email": email, "password": PASSWORD}}],
        target=0,
    )
    answer = comparable(await client.ask(port, operation.requests(path="/graphql", token=None)[0]))
    token: str = answer["data"]["signIn"]["session"]["accessToken"]
    return token


async def _viewers(connection: Any, tokens: dict[str, str]) -> dict[str, Any]:
    row = await connection.fetchrow(
        "select person.id, person.name, operator.partner_id from operator"
        " join person on person.id = operator.person_id where person.email = $1",
        data.ADMINISTRATOR,
    )
    administrator = {
        "person_id": str(row["id"]),
        "partner_id": str(row["partner_id"]),
        "name": row["name"],
    }
    nobody = {"person_id": None, "partner_id": None, "name": "staff"}
    return {
        f"Bearer {tokens['administrator']}": administrator,
        f"Bearer {tokens['staff']}": nobody,
    }
