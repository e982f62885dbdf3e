"""People, their seats and rights, and the viewer."""

from enum import Enum
from typing import Annotated

import strawberry
from strawberry import enum_value

from domain.identity import policy, seats
from domain.identity import viewer as domain
from domain.notifications import inbox
from kit import ids
from kit.reads import (
    Connection,
    Node,
    column,
    connection,
    items,
    made,
    one,
    sql,
    table,
)
from kit.scope import INHERITED
from models import identity as models
from models.customers import SupervisorLink
from schema.context import Context
from schema.document_mode import DocumentMode
from schema.partners import PartnerRef
from schema.permissions import PermissionItem, PresetRole, ViewerKind
from schema.personal import personal_email, personal_phone
from schema.rate_limit import RateLimit
from schema.references import CustomerRef
from schema.scalars import DateTime


@table(
    models.Person,
    prefix="psn",
    scope=INHERITED,
    description="Somebody with an account. Who sees a seat or a membership sees whose it is.",
)
class Person:
    id: strawberry.ID = sql(
        "'psn_' || replace({t}.id::text, '-', '')", "Opaque and stable; not good for `node`."
    )
    name: str = column("How they are called.")
    account_name: str = column("The name of their cloud account.")
    email: str = personal_email("email", "Mail address.", owner="id")
    phone: str | None = personal_phone("phone", "Phone number.", owner="id")


@table(models.Role, prefix="rol", scope=policy.ROLES, description="A named set of rights.")
class Role(Node):
    name: str = column("How it is called; preset ones in English.")
    preset: PresetRole | None = sql(
        "case when {t}.partner_id is null then {t}.code end",
        "Which preset role it is; null for a partner's own.",
    )
    items: list[PermissionItem] = sql("{t}.items", "What it allows.")
    version: int = column("Rises with every change; pass it as `expectedVersion`.")
    created_at: DateTime = column("When it was made.")


@table(
    models.OperatorRole,
    prefix="asg",
    scope=INHERITED,
    description="That an operator has a role.",
)
class RoleAssignment:
    role: Role | None = one("role_id", "The role.")
    since: DateTime = column("When it was given.", "created_at")


OperatorRef = Annotated["Operator", strawberry.lazy("schema.identity")]


@table(
    SupervisorLink,
    prefix="svn",
    scope=policy.SUPERVISIONS,
    description="That a supervisor oversaw an account manager, from when until when.",
)
class Supervision:
    supervisor: OperatorRef | None = one("supervisor_id", "The supervisor who oversaw.")
    manager: OperatorRef | None = one("manager_id", "The account manager who was overseen.")
    started_at: DateTime = column("Since when the supervisor oversees the manager.", "from_at")
    ended_at: DateTime | None = column(
        "Until when the supervisor oversaw the manager; null while it lasts.", "to_at"
    )


@table(
    models.Operator,
    prefix="opr",
    scope=policy.OPERATORS,
    description="A person's seat at a partner.",
)
class Operator(Node):
    person: Person = one("person_id", "Who sits there.")
    partner: PartnerRef | None = one("partner_id", "The partner where the seat is.")
    roles: list[RoleAssignment] = items(
        "operator_id", "One to three roles; none once removed.", order="created_at, id", limit=3
    )
    supervision: Supervision | None = one(
        "id",
        "Who oversees this account manager now; null for nobody.",
        match="manager_id",
        where="{t}.to_at is null",
    )
    supervisions: Connection[Supervision] = connection(
        "manager_id", "Who oversaw this account manager, the latest first.", default_order="from_at"
    )
    supervised: Connection[Supervision] = connection(
        "supervisor_id",
        "Whom this supervisor oversees now.",
        default_order="from_at",
        where="{t}.to_at is null",
    )
    version: int = column("Rises with every change; pass it as `expectedVersion`.")
    created_at: DateTime = column("When the seat was given.")
    removed_at: DateTime | None = column("When it was taken away; null while it stands.")


@strawberry.enum(description="Whether an API key opens anything.")
class ApiKeyStatus(Enum):
    LIVE = enum_value("LIVE", description="It does.")
    EXPIRED = enum_value("EXPIRED", description="Its end has come.")
    REVOKED = enum_value("REVOKED", description="Somebody ended it.")


# A key lives by real time, which is PostgreSQL's own, and not by business time.
KEY_IS_LIVE = "({t}.revoked_at is null and {t}.expires_at > now())"


@table(
    models.ApiKey,
    prefix="key",
    scope=policy.API_KEYS,
    description="A system's way in, with the rights that it was given. Its times are real time,"
    " also in a sandbox.",
)
class ApiKey(Node):
    name: str = column("What it is for.")
    beginning: str = sql("'pc_' || {t}.public", "How its secret begins, to tell keys apart.")
    items: list[PermissionItem] = sql("{t}.items", "What it allows.")
    documents: DocumentMode = column("Which documents it may ask for.")
    version: int = column("Rises with every change; pass it as `expectedVersion`.")
    status: ApiKeyStatus = sql(
        f"case when {KEY_IS_LIVE} then 'LIVE' when {{t}}.revoked_at is null then 'EXPIRED'"
        " else 'REVOKED' end",
        "Whether it opens anything.",
    )
    created_at: DateTime = column("When it was made.")
    created_by: Person | None = one("created_by", "Who made it.")
    expires_at: DateTime = column("From when on it opens nothing.")
    revoked_at: DateTime | None = column("When it was ended; null if it wasn't.")
    previous_secret_until: DateTime | None = sql(
        "case when {t}.previous_until > now() then {t}.previous_until end",
        "Until when the secret before the last rotation works; null if it doesn't.",
    )
    last_used_at: DateTime | None = column("When it was last used, to the minute.")


@table(
    models.Session,
    prefix="ses",
    scope=policy.SESSIONS,
    description="A sign-in with a password. Its times are real time, also in a sandbox.",
)
class Session(Node):
    created_at: DateTime = column("When it began.")
    refreshed_at: DateTime = column("When its tokens were last renewed.")
    expires_at: DateTime = column("When it ends at the latest.")
    client: str | None = column("What the client called itself at sign-in.")


@strawberry.type(description="A capacity in which the viewer may act.")
class Seat:
    id: strawberry.ID = strawberry.field(
        description="Pass it as `seat` to `signIn` or `sessionSwitchSeat`."
    )
    kind: ViewerKind = strawberry.field(description="What kind of seat.")
    label: str = strawberry.field(description="Where: the partner, customer or person.")

    @staticmethod
    def of(seat: seats.Seat) -> "Seat":
        """The seat as the API tells it."""
        return Seat(
            id=strawberry.ID(seat.global_id), kind=ViewerKind(seat.kind.value), label=seat.label
        )


@strawberry.type(name="Viewer", description="Who asks, and what they may do at this moment.")
class ViewerInfo:
    of: strawberry.Private[domain.Viewer]
    id: strawberry.ID | None = strawberry.field(
        description="The person's id; null for an API key and for nobody."
    )
    display_name: str = strawberry.field(description="The person's or API key's name, or empty.")
    kind: ViewerKind = strawberry.field(description="In which capacity.")
    email: str | None = strawberry.field(description="The person's mail address.")
    locale: str | None = strawberry.field(
        description="The language that the person reads mails in."
    )
    permissions: list[PermissionItem] = strawberry.field(
        description="The items of all roles together, or of the API key."
    )
    is_administrator: bool = strawberry.field(
        description="Whether it is the partner's administrator."
    )
    seat_id: strawberry.ID | None = strawberry.field(description="The seat that is taken now.")
    partner: PartnerRef | None = made("The partner that an operator or API key acts for.")
    customer: CustomerRef | None = made("The customer that its user acts for.")
    session: Session | None = made("The session, if it was begun with a password here.")
    api_key: ApiKey | None = made("The API key that was used.")

    @strawberry.field(description="All capacities of the person; the default one first.")
    async def seats(self) -> list[Seat]:
        """Read only when asked for."""
        person_id = self.of.person_id
        return [] if person_id is None else [Seat.of(s) for s in await seats.of_person(person_id)]

    @strawberry.field(
        description="How many messages of the seat's inbox are unread, 1,000 for that many or more."
    )
    async def unread_count(self) -> int:
        """Counted only when asked for."""
        return await inbox.unread(viewer=self.of)

    @strawberry.field(
        description="What the client may still spend, as of this operation; null where nobody"
        " counts. It is told, not asked for: it costs no more than any object."
    )
    def rate_limit(self, info: strawberry.Info[Context, None]) -> RateLimit | None:
        """Known since the operation was let in."""
        allowance = info.context.allowance
        return None if allowance is None else RateLimit.of(allowance)

    @staticmethod
    def about(viewer: domain.Viewer) -> "ViewerInfo":
        """The viewer as the API tells it; the objects are read from the ids when asked for."""
        seat = None
        if viewer.seat_id is not None:
            seat = seats.Seat(viewer.kind, viewer.seat_id).global_id
        person_id = viewer.person_id
        return ViewerInfo(
            of=viewer,
            id=strawberry.ID(ids.encode("psn", person_id)) if person_id else None,
            display_name=viewer.display_name,
            kind=ViewerKind(viewer.kind.value),
            email=viewer.email,
            locale=viewer.locale,
            permissions=[PermissionItem(item.value) for item in sorted(viewer.items)],
            is_administrator=viewer.is_administrator,
            seat_id=strawberry.ID(seat) if seat else None,
            partner=viewer.partner_id,  # type: ignore[arg-type]  # `made` reads it by this id
            customer=viewer.customer_id,  # type: ignore[arg-type]
            session=viewer.session_id,  # type: ignore[arg-type]
            api_key=viewer.api_key_id,  # type: ignore[arg-type]
        )
