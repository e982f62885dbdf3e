"""A small schema over real tables that uses everything that a type's author can declare."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import strawberry
from graphql import GraphQLError, GraphQLField
from strawberry.schema.config import StrawberryConfig

from kit import ids
from kit.problems import Forbidden
from kit.reads import (
    RESUMES,
    Connection,
    Done,
    Node,
    ReadsExecutor,
    column,
    computed,
    connection,
    embedded,
    install,
    items,
    made,
    money,
    node_field,
    nodes_field,
    one,
    polymorphic,
    root_connection,
    root_one,
    sql,
    table,
)
from kit.scope import INHERITED, Scope, Under
from models import audit, identity, members, partners, timers
from schema.scalars import SCALARS, CurrencyCode, Date, DateTime, Decimal
from tests.kit.reads.inputs import (
    CounterOrder,
    EventFilter,
    EventOrder,
    InvitationFilter,
    InvitationOrder,
    InvitationStatus,
    MemberFilter,
    PartnerFilter,
    PartnerKind,
    PartnerOrder,
    ProjectOrder,
    ProjectRole,
    Site,
    Specialist,
    TimerState,
)


@dataclass(frozen=True, kw_only=True)
class Viewer:
    """As much of a viewer as the scopes here ask for."""

    kind: str
    sight: str
    partner_id: UUID | None = None
    partner_ids: tuple[UUID, ...] = ()
    person_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Context:
    """What `info.context` is."""

    viewer: Viewer
    now: datetime
    locale: str = "en"


_OWN = {
    "STAFF": "true",
    "OPERATOR": "{t}.partner_id = any({viewer.partner_ids})",
    "PERSON": "{t}.person_id = {viewer.person_id}",
}
PARTNERS = Scope(
    STAFF="true",
    OPERATOR="{t}.id = any({viewer.partner_ids})",
    PERSON="exists (select from member_invitation i where i.partner_id = {t}.id"
    " and i.person_id = {viewer.person_id})",
)
INVITATIONS = Scope(
    **_OWN,
    OPERATOR__MANAGER="{t}.partner_id = {viewer.partner_id} and {t}.status <> 'REVOKED'",
)
MEMBERS = Scope(**_OWN)
PROJECTS = Under(MEMBERS, "member", by="member_id", PERSON="false")
PEOPLE = Scope(
    STAFF="true",
    OPERATOR="exists (select from member m where m.person_id = {t}.id"
    " and m.partner_id = any({viewer.partner_ids}))",
    PERSON="{t}.id = {viewer.person_id}",
)
ROLES = Scope(
    STAFF="true", OPERATOR="({t}.partner_id is null or {t}.partner_id = {viewer.partner_id})"
)
EVENTS = Scope(
    STAFF="true",
    OPERATOR="{t}.tenant_id = any({viewer.partner_ids}) and {t}.occurred_at <= {now}",
    PERSON="{t}.person_id = {viewer.person_id}",
)
COUNTERS = Scope(STAFF="true", OPERATOR="{t}.id = {viewer.partner_id}")

PartnerRef = Annotated["Partner", strawberry.lazy("tests.kit.reads.house")]
InvitationRef = Annotated["MemberInvitation", strawberry.lazy("tests.kit.reads.house")]
MemberRef = Annotated["Member", strawberry.lazy("tests.kit.reads.house")]
PersonRef = Annotated["Person", strawberry.lazy("tests.kit.reads.house")]


@strawberry.type
class Money:
    amount: Decimal
    currency: CurrencyCode


@strawberry.type
class Address:
    site: Site
    city: str | None
    full_text: str


@strawberry.type
class Hint:
    text: str
    at: DateTime | None


@strawberry.type
class Action:
    name: str
    is_allowed: bool
    hints: list[Hint]
    main_hint: Hint | None


def actions(row: Any, request: Any) -> list[Action]:
    hint = Hint(text=f"{row.name} / {request.viewer.kind} / {request.locale}", at=row.created_at)
    since = request.now - row.created_at
    return [
        Action(name="RENAME", is_allowed=row.tier > 1, hints=[], main_hint=None),
        Action(
            name=row.kind.name,
            is_allowed=since < timedelta(days=30),
            hints=[hint, Hint(text="", at=None)],
            main_hint=hint,
        ),
    ][: row.tier]


def age(row: Any, request: Any) -> int | None:
    """Days since the registration."""
    return (request.now.date() - row.registered_on).days if row.registered_on else None


def states(row: Any, request: Any) -> list[Any]:
    """What may follow, as GraphQL enum values."""
    return sorted(members.MemberInvitationStatus.arrows().get(row.status, ()))


def next_send(row: Any, request: Any) -> datetime | None:
    """A scalar made in Python, of a nullable column."""
    return row.decided_at + timedelta(days=7) if row.decided_at else None


def last_hint(row: Any, request: Any) -> Hint | None:
    """An object or null."""
    return Hint(text=str(row.partner_id), at=row.expires_at) if row.generation > 1 else None


def crowd(row: Any, request: Any) -> list[str]:
    """Of a column, and of expressions beside it."""
    assert row.nobody is None
    return [f"{row.tier}", *(f"{each['name']} {each['now']}" for each in row.names or ())]


def all_items(row: Any, request: Any) -> list[str]:
    """A list of scalars out of a JSON column."""
    return [item.upper() for item in row.items]


@table(timers.Timer, prefix="tmr", scope=INHERITED, description="A deadline.")
class Timer:
    kind: str = column("Its kind.")
    generation: int = column("How often it was set.")
    due_at: DateTime = column("When it falls due.")
    state: TimerState = column("Where it stands.")
    lateness_ms: int | None = column("How late it fired.")
    error: str | None = column("Why it failed.", "last_error")
    is_due: bool = sql("{t}.due_at <= {now}", "Whether it is due.")
    guess: int = computed(lambda row, request: row.attempts * 2, ("attempts",), "Made in Python.")


@table(members.Evidence, prefix="evd", scope=INHERITED, description="A file.")
class Evidence:
    name: str = column("Its name.")
    size: int = column("In bytes.")
    first_byte: int | None = sql("get_byte({t}.content, 0)", "Of binary content.")


@table(identity.Role, prefix="rol", scope=ROLES, description="A set of rights.")
class Role(Node):
    code: str = column("Its code.")
    items: list[str] = column("A JSON list.")
    upper_items: list[str] = computed(all_items, ("items",), "The same, made in Python.")
    words: list[str] = sql("string_to_array({t}.name, ' ')", "An SQL array.")
    sizes: list[int] | None = sql("nullif(array[length({t}.name)], array[0])", "Or null.")
    partner: PartnerRef | None = one("partner_id", "Whose.")


@table(members.MemberProject, prefix="prj", scope=PROJECTS, description="A project, no node.")
class Project:
    name: str = column("Its name.")
    role: ProjectRole = column("Done as.")
    started_on: Date = column("From.")
    ended_on: Date | None = column("To.")
    member: MemberRef | None = one("member_id", "Who did it.")


@table(identity.Person, prefix="per", scope=PEOPLE, description="A person.")
class Person(Node):
    name: str = column("Called.")
    email: str = column("Mailed.")
    phone: str | None = column("Phoned.")
    site: Site = column("Where.")
    memberships: Connection[MemberRef] = connection(
        "person_id", "Links.", filter=MemberFilter, default_order="linked_at"
    )
    current: MemberRef | None = one(
        "id", "The live link.", match="person_id", where="{t}.unlinked_at is null"
    )


@table(members.Member, prefix="mem", scope=MEMBERS, description="A member.")
class Member(Node):
    linked_at: DateTime = column("Since.")
    unlinked_at: DateTime | None = column("Until.")
    specialist: Specialist = column("Whether a specialist.")
    partner: PartnerRef | None = one("partner_id", "Of whom.")
    person: Person | None = one("person_id", "Who.")
    invitation: InvitationRef | None = one("invitation_id", "Invited by.")
    evidence: Evidence | None = one("specialist_evidence_id", "A nullable key.")
    projects: list[Project] = items("member_id", "Done.", order="started_on desc, id", limit=3)
    all_projects: Connection[Project] = connection("member_id", "Done.", order=ProjectOrder)
    live_projects: Connection[Project] = connection(
        "member_id", "Not removed.", where="{t}.removed_at is null or {t}.removed_at > {now}"
    )


@table(members.MemberInvitation, prefix="inv", scope=INVITATIONS, description="An offer.")
class MemberInvitation(Node):
    email: str = column("To.")
    message: str | None = column("Said.")
    expires_at: DateTime = column("Ends.")
    decided_at: DateTime | None = column("Answered.")
    status: InvitationStatus = sql(
        "case when {t}.status = 'PENDING' and {t}.expires_at <= {now} then 'EXPIRED'"
        " else {t}.status end",
        "As it is now.",
    )
    stored_status: InvitationStatus = column("As it is kept.", "status")
    next_statuses: list[InvitationStatus] = computed(states, ("status",), "What may follow.")
    next_send: DateTime | None = computed(next_send, ("decided_at",), "When.")
    last_hint: Hint | None = computed(
        last_hint, ("partner_id", "generation", "expires_at"), "Object or null."
    )
    partner: PartnerRef | None = one("partner_id", "Who invites.")
    person: Person | None = one("person_id", "Who is invited.")
    accepter: Person | None = one(
        "person_id", "Who accepted.", when="{t}.status = 'LINKED' or {t}.expires_at < {now}"
    )
    deadline: Timer | None = one(
        "id",
        "The timer set last.",
        match="subject_id",
        where="{t}.kind = 'member_invitation.expire' and {t}.state <> 'DEAD'",
        newest="generation",
    )
    members: Connection[Member] = connection("invitation_id", "Made of it.", default_order="id")


@table(partners.Partner, prefix="ptn", scope=PARTNERS, description="A company.")
class Partner(Node):
    name: str = column("Its name.")
    name_en: str | None = column("Its English name.")
    account: str = column("Its account.", "account_name")
    kind: PartnerKind = column("Its kind.")
    tier: int = column("Its tier.")
    joined: DateTime = column("Since.", "created_at")
    registered_on: Date | None = column("Registered.")
    has_city: bool = sql("{t}.city is not null", "Whether the city is known.")
    is_new: bool = sql("{t}.created_at > {now} - interval '30 days'", "Joined lately.")
    is_mine: bool | None = sql("{t}.id = {viewer.partner_id}", "Whether one's own.")
    rating: Decimal = sql("round({t}.tier / 3.0, 4)", "A decimal.")
    member_count: int = sql(
        "(select count(*) from member m where m.partner_id = {t}.id)", "How many, ever."
    )
    shout: str = sql("upper({t}.name) || '{\"t\"}'", "With braces.")
    credit: Money = embedded(
        {
            "amount": "{t}.tier * 1000.50",
            "currency": "case when {t}.tier > 1 then 'CNY' else 'USD' end",
        },
        "Never null.",
    )
    debt: Money | None = embedded(
        {"amount": "{t}.tier * -0.1", "currency": "'CNY'"}, "Or null.", unless="{t}.city is null"
    )
    limit: Money | None = money("tier", "site", "Of two columns.")
    address: Address = embedded(
        {
            "site": "{t}.site",
            "city": "{t}.city",
            "fullText": "concat_ws(', ', {t}.city, {t}.site, {viewer.kind}::text)",
        },
        "With an enum and a null in it.",
    )
    actions: list[Action] = computed(
        actions, ("name", "kind", "tier", "created_at"), "What can be."
    )
    age_in_days: int | None = computed(age, ("registered_on",), "Days.")
    crowd: list[str] = computed(
        crowd,
        ("tier",),
        "Of the row, and of others.",
        told={
            "names": "(select json_agg(json_build_object('name', below.name, 'now', {now} >"
            " below.created_at) order by below.id) from partner below"
            " where below.distributor_id = {t}.id)",
            "nobody": "(select nobody.name from partner nobody where nobody.id is null)",
        },
    )
    distributor: PartnerRef | None = one("distributor_id", "Above it.")
    resellers: Connection[PartnerRef] = connection(
        "distributor_id", "Below it.", filter=PartnerFilter, order=PartnerOrder
    )
    invitations: Connection[MemberInvitation] = connection(
        "partner_id",
        "Sent.",
        filter=InvitationFilter,
        order=InvitationOrder,
        default_order="expires_at",
    )
    members: Connection[Member] = connection(
        "partner_id", "Linked.", filter=MemberFilter, default_order="linked_at"
    )
    roles: list[Role] = items("partner_id", "Own ones.", order="code", limit=2)


@table(audit.EventCounter, prefix="cnt", scope=COUNTERS, description="Beyond 32 bits.")
class Counter(Node):
    text: str = sql("{t}.last_position::text", "The position.")


SUBJECTS = {"partner": "Partner", "invitation": "MemberInvitation"}
Subject = Annotated[Partner | MemberInvitation, strawberry.union("Subject")]


@table(audit.Event, prefix="evt", scope=EVENTS, description="What happened.")
class Event(Node):
    name: str = column("What.")
    actor_name: str = column("By whom.")
    reason: str | None = column("Why.")
    occurred_at: DateTime = column("When.")
    person: Person | None = one("person_id", "About whom.")
    subject: Node | None = polymorphic("subject_type", "subject_id", SUBJECTS, "About what.")
    thing: Subject | None = polymorphic("subject_type", "subject_id", SUBJECTS, "The same.")


def _no_strangers(viewer: Viewer) -> None:
    if viewer.kind == "PERSON":
        raise Forbidden(needs="COUNTERS")


@strawberry.type
class Query:
    partners: Connection[Partner] = root_connection(
        "All.", filter=PartnerFilter, order=PartnerOrder
    )
    invitations: Connection[MemberInvitation] | None = root_connection(
        "All.", filter=InvitationFilter, order=InvitationOrder
    )
    pending: Connection[MemberInvitation] = root_connection(
        "With a condition of its own.", where="{t}.status = 'PENDING'", order=InvitationOrder
    )
    members: Connection[Member] | None = root_connection("All.", filter=MemberFilter)
    people: Connection[Person] | None = root_connection("All.", default_order="name")
    roles: Connection[Role] | None = root_connection("All.", default_order="code")
    events: Connection[Event] | None = root_connection("All.", filter=EventFilter, order=EventOrder)
    counters: Connection[Counter] | None = root_connection(
        "Guarded.", order=CounterOrder, guard=_no_strangers
    )
    partner: Partner | None = root_one("By its id.", prefix="ptn")
    invitation: MemberInvitation | None = root_one("By its id.", prefix="inv")
    event: Event | None = root_one("By its id.", prefix="evt")
    partner_of_account: Partner | None = root_one(
        "By another argument.",
        argument="account_name",
        where="{t}.account_name = lower({value}::text)",
        prepare=str.strip,
    )
    node: Node | None = node_field()
    nodes: list[Node | None] = nodes_field()


@strawberry.type
class TouchPayload:
    partner: Partner | None = made("The partner.")
    event: Event | None = made("An event.")
    done: bool = True
    words: list[str] = strawberry.field(default_factory=list)


@strawberry.type
class Mutation:
    @strawberry.mutation
    def touch(
        self,
        partner: strawberry.ID | None = None,
        event: strawberry.ID | None = None,
        words: list[str] | None = None,
    ) -> TouchPayload:
        """Changes nothing: what matters is how the payload is read."""
        return TouchPayload(
            words=words or [],
            partner=ids.decode("ptn", partner) if partner else None,  # type: ignore[arg-type]
            event=ids.decode("evt", event) if event else None,  # type: ignore[arg-type]
        )


def everybody(viewer: Viewer) -> None:
    """The default guard: nobody is refused."""


class Schema(strawberry.Schema):
    """One that logs nothing: here refusals are expected."""

    def process_errors(self, errors: Sequence[GraphQLError], execution_context: Any = None) -> None:
        pass


def plain() -> Schema:
    """The schema as declared, before anything reads for it."""
    return Schema(
        Query,
        Mutation,
        types=[Role, Person, Counter],
        config=StrawberryConfig(scalar_map=SCALARS),
        execution_context_class=ReadsExecutor,
    )


def compiled() -> Schema:
    """The schema with the compiler behind it."""
    schema = plain()
    install(schema, guard=everybody)
    assert schema._schema.mutation_type is not None
    _resume(schema._schema.mutation_type.fields["touch"])
    return schema


def _resume(field: GraphQLField) -> None:
    """Let a mutation be shaped by the executor when it has run already."""
    run = field.resolve
    assert run is not None

    async def resolve(root: Any, info: Any, **arguments: Any) -> Any:
        return root.payload if isinstance(root, Done) else run(root, info, **arguments)

    field.resolve = resolve
    field.extensions[RESUMES] = True
