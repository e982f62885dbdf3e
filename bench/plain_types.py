"""The types of the plain server: an object for every row, a dataloader for every relation."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry
from strawberry.dataloader import DataLoader

from kit import ids
from models import catalogue, customers, identity, members, orders, partners, timers
from models.members import MemberInvitationStatus, ProjectRole, SpecialistStatus
from schema.deadlines import DeadlineStatus
from schema.scalars import Date, DateTime

COUNT_MOST = 10_000

strawberry.enum(customers.AssociationType)
strawberry.enum(customers.CustomerLevel)
strawberry.enum(MemberInvitationStatus)
strawberry.enum(SpecialistStatus)
strawberry.enum(ProjectRole)


@dataclass
class Context:
    """Who asks, and the loaders of one request."""

    viewer: dict[str, Any]
    now: datetime
    partners: DataLoader[UUID, partners.Partner | None]
    deadlines: DataLoader[UUID, timers.Timer | None]
    members: DataLoader[tuple[UUID, int], list[members.Member]]
    operators: DataLoader[UUID, identity.Operator | None]
    people: DataLoader[UUID, identity.Person | None]
    associations: DataLoader[UUID, customers.Association | None]
    customers: DataLoader[UUID, customers.Customer | None]
    goods: DataLoader[UUID, catalogue.Goods | None]
    lines: DataLoader[UUID, list[orders.OrderLine]]


Info = strawberry.Info[Context, None]


@strawberry.type
class Deadline:
    row: strawberry.Private[timers.Timer]

    @strawberry.field
    def due_at(self) -> DateTime:
        return DateTime(self.row.due_at)

    @strawberry.field
    def status(self, info: Info) -> DeadlineStatus:
        state = self.row.state.value
        overdue = state == "SCHEDULED" and self.row.due_at <= info.context.now
        return DeadlineStatus.DUE if overdue else DeadlineStatus(state)


@strawberry.type
class Member:
    row: strawberry.Private[members.Member]

    @strawberry.field
    def id(self) -> strawberry.ID:
        return strawberry.ID(ids.encode("mbr", self.row.id))

    @strawberry.field
    def linked_at(self) -> DateTime:
        return DateTime(self.row.linked_at)

    @strawberry.field
    def specialist(self) -> SpecialistStatus:
        return self.row.specialist


@strawberry.type
class MemberConnection:
    nodes: list[Member]


@strawberry.type
class Partner:
    row: strawberry.Private[partners.Partner]

    @strawberry.field
    def id(self) -> strawberry.ID:
        return strawberry.ID(ids.encode("ptn", self.row.id))

    @strawberry.field
    def name(self) -> str:
        return self.row.name

    @strawberry.field
    def tier(self) -> int:
        return self.row.tier

    @strawberry.field
    async def members(self, info: Info, first: int = 20) -> MemberConnection:
        rows = await info.context.members.load((self.row.id, first))
        return MemberConnection(nodes=[Member(row=row) for row in rows])


@strawberry.type
class PartnerConnection:
    nodes: list[Partner]


@strawberry.type
class MemberInvitation:
    row: strawberry.Private[members.MemberInvitation]

    @strawberry.field
    def id(self) -> strawberry.ID:
        return strawberry.ID(ids.encode("inv", self.row.id))

    @strawberry.field
    def email(self) -> str:
        return self.row.email

    @strawberry.field
    def status(self, info: Info) -> MemberInvitationStatus:
        overdue = self.row.is_overdue(info.context.now)
        return MemberInvitationStatus.EXPIRED if overdue else self.row.status

    @strawberry.field
    def sent_at(self) -> DateTime:
        return DateTime(self.row.sent_at)

    @strawberry.field
    def expires_at(self) -> DateTime:
        return DateTime(self.row.expires_at)

    @strawberry.field
    async def partner(self, info: Info) -> Partner | None:
        found = await info.context.partners.load(self.row.partner_id)
        return None if found is None else Partner(row=found)

    @strawberry.field
    async def deadline(self, info: Info) -> Deadline | None:
        found = await info.context.deadlines.load(self.row.id)
        return None if found is None else Deadline(row=found)


@strawberry.type
class PageInfo:
    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class Person:
    name: str


@strawberry.type
class Operator:
    row: strawberry.Private[identity.Operator]

    @strawberry.field
    def id(self) -> strawberry.ID:
        return strawberry.ID(ids.encode("opr", self.row.id))

    @strawberry.field
    async def person(self, info: Info) -> Person | None:
        found = await info.context.people.load(self.row.person_id)
        return None if found is None else Person(name=found.name)


@strawberry.type
class Association:
    row: strawberry.Private[customers.Association]

    @strawberry.field
    def id(self) -> strawberry.ID:
        return strawberry.ID(ids.encode("asc", self.row.id))

    @strawberry.field
    def type(self) -> customers.AssociationType:
        return self.row.type

    @strawberry.field
    def started_at(self) -> DateTime:
        return DateTime(self.row.started_at)


@strawberry.type
class Customer:
    row: strawberry.Private[customers.Customer]

    @strawberry.field
    def id(self) -> strawberry.ID:
        return strawberry.ID(ids.encode("cus", self.row.id))

    @strawberry.field
    def name(self) -> str:
        return self.row.name

    @strawberry.field
    def account_name(self) -> str:
        return self.row.account_name

    @strawberry.field
    def level(self) -> customers.CustomerLevel:
        return self.row.level

    @strawberry.field
    def listed_at(self) -> DateTime:
        return DateTime(self.row.listed_at)

    @strawberry.field
    async def manager(self, info: Info) -> Operator | None:
        if self.row.manager_id is None:
            return None
        found = await info.context.operators.load(self.row.manager_id)
        return None if found is None else Operator(row=found)

    @strawberry.field
    async def association(self, info: Info) -> Association | None:
        if self.row.association_id is None:
            return None
        found = await info.context.associations.load(self.row.association_id)
        return None if found is None else Association(row=found)


@strawberry.type
class CustomerConnection:
    nodes: list[Customer]
    page_info: PageInfo


@strawberry.type
class Count:
    value: int
    precision: str


@strawberry.type
class MemberInvitationConnection:
    nodes: list[MemberInvitation]
    page_info: PageInfo

    @strawberry.field
    async def total_count(self, info: Info) -> Count:
        matching = members.MemberInvitation.filter(
            partner_id__in=info.context.viewer["partner_ids"]
        )
        total = await matching.count()
        precision = "EXACT" if total <= COUNT_MOST else "AT_LEAST"
        return Count(value=min(total, COUNT_MOST), precision=precision)


@strawberry.type
class MemberProject:
    row: strawberry.Private[members.MemberProject]
    name: str
    role: ProjectRole
    started_on: Date
    ended_on: Date | None
    version: int

    @strawberry.field
    def id(self) -> strawberry.ID:
        return strawberry.ID(ids.encode("prj", self.row.id))


@strawberry.input
class MemberProjectRecordInput:
    member_id: strawberry.ID
    name: str
    role: ProjectRole
    started_on: Date
    ended_on: Date | None = None


@strawberry.type
class UserError:
    code: str


@strawberry.type
class MemberProjectRecordPayload:
    member_project: MemberProject | None
    errors: list[UserError]
