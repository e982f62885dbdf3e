"""The limit: Starlette, asyncpg, and SQL written by hand for seven requests and nothing else.

Of the ways to make the lists' JSON (flat rows put together in Python, text put together in SQL,
`json_build_object`), the first two take the same time on the whole and the third a quarter more.
Here it is text, since then PostgreSQL's answer is the body. As with us, plans are made once.
"""

import base64
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from uuid_utils.compat import uuid7

from bench import limit_orders
from kit import clock

_TIME = """to_char({}, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
_HEX = "encode(uuid_send({}), 'hex')"
_STATUS = "case when i.status = 'PENDING' and i.expires_at <= $2 then 'EXPIRED' else i.status end"

_INVITATION = f"""'{{"id":"inv_' || {_HEX.format("i.id")} || '","email":' || to_json(i.email)
  || ',"status":"' || {_STATUS} || '","sentAt":"' || {_TIME.format("i.sent_at")}"""
_EXPIRES = f"""|| '","expiresAt":"' || {_TIME.format("i.expires_at")}"""
_PARTNER = f"""|| '","partner":{{"id":"ptn_' || {_HEX.format("p.id")}
  || '","name":' || to_json(p.name) || '}}'"""

_POINT = f"""
select {_INVITATION} {_EXPIRES} {_PARTNER} || '}}'
from member_invitation i join partner p on p.id = i.partner_id
where i.id = $3 and i.partner_id = any($1)
"""

_PAGE = """
select * from member_invitation where partner_id = any($1)
order by created_at desc, id desc limit {}
"""

_LIST = f"""
select {_INVITATION} {_EXPIRES} {_PARTNER}
    || case when d.due_at is null then ',"deadline":null}}'
       else ',"deadline":{{"dueAt":"' || {_TIME.format("d.due_at")} || '","status":"'
         || case when d.state = 'SCHEDULED' and d.due_at <= $2 then 'DUE' else d.state end
         || '"}}}}' end,
  i.created_at, i.id
from ({_PAGE.format(51)}) i
join partner p on p.id = i.partner_id
left join lateral (
  select due_at, state from timer
  where subject_id = i.id and kind = 'member_invitation.expire'
  order by generation desc limit 1) d on true
order by i.created_at desc, i.id desc
limit $3
"""

_CUSTOMERS = f"""
select '{{"id":"cus_' || {_HEX.format("c.id")} || '","name":' || to_json(c.name)
    || ',"accountName":' || to_json(c.account_name) || ',"level":"' || c.level
    || '","listedAt":"' || {_TIME.format("c.listed_at")}
    || case when o.id is null then '","manager":null' else '","manager":{{"id":"opr_'
      || {_HEX.format("o.id")} || '","person":{{"name":' || to_json(p.name) || '}}}}' end
    || case when a.id is null then ',"association":null}}' else ',"association":{{"id":"asc_'
      || {_HEX.format("a.id")} || '","type":"' || a.type || '","startedAt":"'
      || {_TIME.format("a.started_at")} || '"}}}}' end,
  c.listed_at, c.id
from (select * from customer where partner_id = any($1)
  order by listed_at desc, id desc limit 51) c
left join operator o on o.id = c.manager_id
left join person p on p.id = o.person_id
left join association a on a.id = c.association_id
order by c.listed_at desc, c.id desc
limit $2
"""

_NESTED = f"""
select string_agg('{{"id":"ptn_' || {_HEX.format("p.id")} || '","name":' || to_json(p.name)
    || ',"tier":' || tier || ',"members":{{"nodes":[' || coalesce(members, '') || ']}}}}',
  ',' order by p.created_at desc, p.id desc)
from (select * from partner order by created_at desc, id desc limit 20) p
cross join lateral (
  select string_agg('{{"id":"mbr_' || {_HEX.format("m.id")} || '","linkedAt":"'
      || {_TIME.format("m.linked_at")} || '","specialist":"' || m.specialist || '"}}',
    ',' order by m.linked_at desc, m.id desc) as members
  from (
    select * from member where partner_id = p.id
    order by linked_at desc, id desc limit 10) m) m
"""

_COUNT = f"""
select (select count(*) from (
    select from member_invitation where partner_id = any($1) limit 10001) matching),
  (select string_agg({_INVITATION} || '"}}', ',' order by i.created_at desc, i.id desc)
   from ({_PAGE.format(20)}) i)
"""

_SEES = "select 1 from member where id = $1 and partner_id = any($2)"
_LOCK = "select * from member where id = $1 for no key update"
_RECORD = """
insert into member_project (id, created_at, version, member_id, partner_id, name, role, started_on,
  ended_on) values ($1, $2, 1, $3, $4, $5, $6, $7, $8)
"""
_EVENT = """
insert into event (id, created_at, tenant_id, name, subject_type, subject_id, person_id,
  actor_kind, actor_id, actor_name, before, after, request_id, occurred_at)
values ($1, $2, $3, 'member_project.recorded', 'member_project', $4, $5, 'OPERATOR', $6, $7, '{}',
  $8, $9, $2)
"""

_MADE = """
select '{"id":"prj_' || encode(uuid_send(id), 'hex') || '","name":' || to_json(name)
  || ',"role":"' || role || '","startedOn":"' || started_on || '","endedOn":'
  || coalesce('"' || ended_on || '"', 'null') || ',"version":' || version || '}'
from member_project where id = $1 and partner_id = any($2)
"""

Answer = Callable[[dict[str, Any], dict[str, Any]], Awaitable[str]]

pool: asyncpg.Pool
viewers: dict[str, dict[str, Any]]


async def point(viewer: dict[str, Any], variables: dict[str, Any]) -> str:
    id = UUID(variables["id"].removeprefix("inv_"))
    found = await pool.fetchval(_POINT, viewer["partner_ids"], clock.wall(), id)
    return f'{{"data":{{"memberInvitation":{found or "null"}}}}}'


async def list_(viewer: dict[str, Any], variables: dict[str, Any]) -> str:
    size = variables["first"]
    now = clock.wall()
    rows = await pool.fetch(_LIST, viewer["partner_ids"], now, size + 1)
    shown = rows[:size]
    cursor = "null"
    if shown:
        _, created_at, id = shown[-1]
        cursor = base64.urlsafe_b64encode(f"{id.hex}:{created_at}".encode()).decode()
    more = "true" if len(rows) > size else "false"
    return (
        f'{{"data":{{"memberInvitations":{{"nodes":[{",".join([row[0] for row in shown])}],'
        f'"pageInfo":{{"hasNextPage":{more},"endCursor":"{cursor}"}}}}}}}}'
    )


async def customers(viewer: dict[str, Any], variables: dict[str, Any]) -> str:
    size = variables["first"]
    rows = await pool.fetch(_CUSTOMERS, viewer["partner_ids"], size + 1)
    shown = rows[:size]
    cursor = "null"
    if shown:
        _, listed_at, id = shown[-1]
        cursor = base64.urlsafe_b64encode(f"{id.hex}:{listed_at}".encode()).decode()
    more = "true" if len(rows) > size else "false"
    return (
        f'{{"data":{{"customers":{{"nodes":[{",".join([row[0] for row in shown])}],'
        f'"pageInfo":{{"hasNextPage":{more},"endCursor":"{cursor}"}}}}}}}}'
    )


async def orders(viewer: dict[str, Any], variables: dict[str, Any]) -> str:
    return await limit_orders.page(pool, viewer, variables["first"])


async def nested(viewer: dict[str, Any], variables: dict[str, Any]) -> str:
    return f'{{"data":{{"partners":{{"nodes":[{await pool.fetchval(_NESTED)}]}}}}}}'


async def count(viewer: dict[str, Any], variables: dict[str, Any]) -> str:
    now = clock.wall()
    total, nodes = await pool.fetchrow(_COUNT, viewer["partner_ids"], now)
    precision = "EXACT" if total <= 10_000 else "AT_LEAST"
    return (
        f'{{"data":{{"memberInvitations":{{"totalCount":{{"value":{min(total, 10_000)},'
        f'"precision":"{precision}"}},"nodes":[{nodes or ""}]}}}}}}'
    )


async def mutation(viewer: dict[str, Any], variables: dict[str, Any]) -> str:
    given, now = variables["input"], clock.wall()
    member_id, id = UUID(given["memberId"].removeprefix("mbr_")), uuid7()
    started_on = date.fromisoformat(given["startedOn"])
    ended_on = date.fromisoformat(given["endedOn"]) if given.get("endedOn") else None
    assert len(given["name"]) <= 200
    assert started_on <= now.date()
    shown = {
        "name": given["name"],
        "role": given["role"],
        "startedOn": given["startedOn"],
        "endedOn": given.get("endedOn"),
    }
    async with pool.acquire() as connection, connection.transaction():
        if not await connection.fetchval(_SEES, member_id, viewer["partner_ids"]):
            return '{"data":{"memberProjectRecord":{"errors":[{"code":"NOT_FOUND"}]}}}'
        member = await connection.fetchrow(_LOCK, member_id)
        assert member["unlinked_at"] is None
        assert member["partner_id"] == viewer["partner_id"]
        await connection.execute(
            _RECORD,
            *(id, now, member_id, member["partner_id"], given["name"], given["role"]),
            *(started_on, ended_on),
        )
        await connection.execute(
            _EVENT,
            *(uuid7(), now, member["partner_id"], id, member["person_id"], viewer["person_id"]),
            *(viewer["name"], orjson.dumps(shown).decode(), uuid7().hex),
        )
    made = await pool.fetchval(_MADE, id, viewer["partner_ids"])
    return f'{{"data":{{"memberProjectRecord":{{"memberProject":{made},"errors":[]}}}}}}'


def endpoint(answer: Answer) -> Callable[[Request], Awaitable[Response]]:
    async def respond(request: Request) -> Response:
        viewer = viewers.get(request.headers.get("authorization", ""))
        if viewer is None:
            return Response(status_code=401)
        asked = orjson.loads(await request.body())
        body = await answer(viewer, asked["variables"])
        return Response(body, media_type="application/json")

    return respond


async def _keep(connection: Any) -> None:
    """No RESET: nothing of a session is ever changed."""


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    global pool
    async with asyncpg.create_pool(
        app.state.database_url,
        min_size=10,
        max_size=10,
        statement_cache_size=1000,
        max_cached_statement_lifetime=0,
        max_inactive_connection_lifetime=0,
        reset=_keep,
        server_settings={
            "TimeZone": "UTC",
            "jit": "off",
            "plan_cache_mode": "force_generic_plan",
            "random_page_cost": "1.1",
        },
    ) as pool:
        yield


def known_viewers(file: Path) -> dict[str, dict[str, Any]]:
    """Viewers by their Authorization header, as the measuring process wrote them down."""
    known: dict[str, dict[str, Any]] = orjson.loads(file.read_bytes())
    for viewer in known.values():
        for name in ("person_id", "partner_id"):
            viewer[name] = UUID(viewer[name]) if viewer[name] else None
        viewer["partner_ids"] = [viewer["partner_id"]]
    return known


def serve(app: Any, port: int) -> None:
    """Run the app as the API runs: one process, uvloop, httptools, no access log."""
    uvicorn.run(app, port=port, loop="uvloop", http="httptools", log_level="warning")


def main() -> None:
    """`python -m bench.limit PORT DATABASE_URL VIEWERS`."""
    global viewers
    port, database_url, file = sys.argv[1:]
    viewers = known_viewers(Path(file))
    operations = {
        "point": point,
        "list": list_,
        "customers": customers,
        "orders": orders,
        "nested": nested,
        "count": count,
    }
    app = Starlette(
        routes=[
            Route(f"/{name}", endpoint(answer), methods=["POST"])
            for name, answer in (operations | {"mutation": mutation}).items()
        ],
        lifespan=lifespan,
    )
    app.state.database_url = database_url
    serve(app, int(port))


if __name__ == "__main__":
    main()
