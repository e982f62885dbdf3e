"""What people write today: Strawberry, Tortoise and dataloaders, with the caches switched on.

The same types as far as the seven requests go, over the same tables and models, written with care:
no query per row, uvloop and httptools.
"""

import base64
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import strawberry
from starlette.applications import Starlette
from starlette.routing import Route
from strawberry.asgi import GraphQL
from strawberry.dataloader import DataLoader
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.schema.config import StrawberryConfig
from tortoise import Tortoise
from tortoise.connection import get_connection
from tortoise.transactions import in_transaction

from bench.limit import known_viewers, serve
from bench.plain_orders import Order, OrderConnection, lines_of
from bench.plain_types import (
    Context,
    Customer,
    CustomerConnection,
    Info,
    MemberInvitation,
    MemberInvitationConnection,
    MemberProject,
    MemberProjectRecordInput,
    MemberProjectRecordPayload,
    PageInfo,
    Partner,
    PartnerConnection,
    UserError,
)
from kit import clock, ids
from models import MODULES, audit, catalogue, customers, identity, members, orders, partners, timers
from schema.scalars import SCALARS, Date

viewers: dict[str, dict[str, Any]]


@strawberry.type
class Query:
    @strawberry.field
    async def member_invitation(self, info: Info, id: strawberry.ID) -> MemberInvitation | None:
        row = await members.MemberInvitation.get_or_none(
            id=ids.decode("inv", id), partner_id__in=info.context.viewer["partner_ids"]
        )
        return None if row is None else MemberInvitation(row=row)

    @strawberry.field
    async def member_invitations(self, info: Info, first: int = 20) -> MemberInvitationConnection:
        rows = (
            await members.MemberInvitation.filter(partner_id__in=info.context.viewer["partner_ids"])
            .order_by("-created_at", "-id")
            .limit(first + 1)
        )
        shown = rows[:first]
        cursor = None
        if shown:
            place = f"{shown[-1].id.hex}:{shown[-1].created_at}"
            cursor = base64.urlsafe_b64encode(place.encode()).decode()
        return MemberInvitationConnection(
            nodes=[MemberInvitation(row=row) for row in shown],
            page_info=PageInfo(has_next_page=len(rows) > first, end_cursor=cursor),
        )

    @strawberry.field
    async def customers(self, info: Info, first: int = 20) -> CustomerConnection:
        rows = (
            await customers.Customer.filter(partner_id__in=info.context.viewer["partner_ids"])
            .order_by("-listed_at", "-id")
            .limit(first + 1)
        )
        shown = rows[:first]
        cursor = None
        if shown:
            place = f"{shown[-1].id.hex}:{shown[-1].listed_at}"
            cursor = base64.urlsafe_b64encode(place.encode()).decode()
        return CustomerConnection(
            nodes=[Customer(row=row) for row in shown],
            page_info=PageInfo(has_next_page=len(rows) > first, end_cursor=cursor),
        )

    @strawberry.field
    async def orders(self, info: Info, first: int = 20) -> OrderConnection:
        rows = (
            await orders.Order.filter(partner_id__in=info.context.viewer["partner_ids"])
            .order_by("-created_at", "-id")
            .limit(first + 1)
        )
        shown = rows[:first]
        cursor = None
        if shown:
            place = f"{shown[-1].id.hex}:{shown[-1].created_at}"
            cursor = base64.urlsafe_b64encode(place.encode()).decode()
        return OrderConnection(
            nodes=[Order(row=row) for row in shown],
            page_info=PageInfo(has_next_page=len(rows) > first, end_cursor=cursor),
        )

    @strawberry.field
    async def partners(self, info: Info, first: int = 20) -> PartnerConnection:
        rows = await partners.Partner.all().order_by("-created_at", "-id").limit(first)
        return PartnerConnection(nodes=[Partner(row=row) for row in rows])


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def member_project_record(
        self, info: Info, input: MemberProjectRecordInput
    ) -> MemberProjectRecordPayload:
        viewer, now = info.context.viewer, info.context.now
        started_on: date = input.started_on
        assert started_on <= now.date()
        async with in_transaction():
            member = (
                await members.Member.filter(partner_id__in=viewer["partner_ids"])
                .select_for_update(no_key=True)
                .get_or_none(id=ids.decode("mbr", input.member_id))
            )
            if member is None:
                return MemberProjectRecordPayload(
                    member_project=None, errors=[UserError(code="NOT_FOUND")]
                )
            assert member.unlinked_at is None
            row = await members.MemberProject.create(
                created_at=now,
                member_id=member.id,
                partner_id=member.partner_id,
                name=input.name,
                role=input.role,
                started_on=started_on,
                ended_on=input.ended_on,
            )
            await audit.Event.create(
                created_at=now,
                tenant_id=member.partner_id,
                name="member_project.recorded",
                subject_type="member_project",
                subject_id=row.id,
                person_id=member.person_id,
                actor_kind="OPERATOR",
                actor_id=viewer["person_id"],
                actor_name=viewer["name"],
                after={"name": row.name, "role": row.role.value},
                occurred_at=now,
            )
        made = MemberProject(
            row=row,
            name=row.name,
            role=row.role,
            started_on=Date(row.started_on),
            ended_on=None if row.ended_on is None else Date(row.ended_on),
            version=row.version,
        )
        return MemberProjectRecordPayload(member_project=made, errors=[])


def by_id(table: type[Any]) -> Any:
    async def load(keys: list[UUID]) -> Sequence[Any]:
        found = {row.id: row for row in await table.filter(id__in=keys)}
        return [found.get(key) for key in keys]

    return load


async def deadlines_of(keys: list[UUID]) -> Sequence[timers.Timer | None]:
    rows = await timers.Timer.filter(subject_id__in=keys, kind="member_invitation.expire").order_by(
        "generation"
    )
    found = {row.subject_id: row for row in rows}
    return [found.get(key) for key in keys]


async def members_of(keys: list[tuple[UUID, int]]) -> list[list[members.Member]]:
    most = max(first for _, first in keys)
    found: dict[UUID, list[members.Member]] = defaultdict(list)
    wanted = ", ".join(f"'{partner_id}'::uuid" for partner_id, _ in keys)
    rows: list[members.Member] = await members.Member.raw(
        f"select m.* from unnest(array[{wanted}]) as wanted (id) cross join lateral ("
        " select * from member where partner_id = wanted.id"
        f" order by linked_at desc, id desc limit {most}) m"
    )
    for row in rows:
        found[row.partner_id].append(row)
    return [found[partner_id][:first] for partner_id, first in keys]


class View(GraphQL[Context, None]):
    async def get_context(self, request: Any, response: Any) -> Context:
        return Context(
            viewer=viewers[request.headers["authorization"]],
            now=clock.wall(),
            partners=DataLoader(by_id(partners.Partner)),
            deadlines=DataLoader(deadlines_of),
            members=DataLoader(members_of),
            operators=DataLoader(by_id(identity.Operator)),
            people=DataLoader(by_id(identity.Person)),
            associations=DataLoader(by_id(customers.Association)),
            customers=DataLoader(by_id(customers.Customer)),
            goods=DataLoader(by_id(catalogue.Goods)),
            lines=DataLoader(lines_of),
        )


def main() -> None:
    """`python -m bench.plain PORT DATABASE_URL VIEWERS`."""
    global viewers
    port, database_url, file = sys.argv[1:]
    viewers = known_viewers(Path(file))

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        await Tortoise.init(
            db_url=f"{database_url}&minsize=10&maxsize=10",
            modules={"models": MODULES},
            _enable_global_fallback=True,
        )
        await get_connection("default").execute_query("select 1")
        yield
        await Tortoise.close_connections()

    schema = strawberry.Schema(
        Query,
        Mutation,
        config=StrawberryConfig(scalar_map=SCALARS),
        extensions=[ParserCache, ValidationCache],
    )
    serve(Starlette(routes=[Route("/graphql", View(schema))], lifespan=lifespan), int(port))


if __name__ == "__main__":
    main()
