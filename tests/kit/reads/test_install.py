"""A type that promises what its table can't give is refused when the schema is put together."""

from collections.abc import Callable
from enum import Enum
from typing import Annotated, Any

import pytest
import strawberry
from strawberry.schema.config import StrawberryConfig

from kit.reads import (
    Argument,
    Connection,
    Node,
    OrderDirection,
    column,
    computed,
    connection,
    embedded,
    install,
    items,
    money,
    one,
    polymorphic,
    root_connection,
    root_one,
    search,
    sql,
    table,
    where,
    within,
)
from kit.scope import INHERITED, Scope
from models import audit, identity, members, partners
from schema.scalars import SCALARS, DateTime, Decimal
from tests.kit.reads.house import Hint, Money, Person, Timer, everybody

EVERYONE = Scope(STAFF="true")


@strawberry.enum
class Colour(Enum):
    RED = "RED"


@strawberry.input
class Unconditional:
    name: str | None = None


@strawberry.input
class Holey:
    name: str | None = where("{t}.name = {valu}", "With a hole that nothing fills.")


@strawberry.input
class HoleyRange:
    name: str | None = within("{t}.created_at + {delay}", "With a hole that nothing fills.")


@strawberry.input
class Sound:
    search: str | None = search("name", description="In the name.")


def an_order(*values: str) -> Any:
    """An order whose field is one of these columns."""
    kind: Any = Enum("OddOrderField", {value.upper(): value for value in values})  # type: ignore[misc]
    hints = {"field": strawberry.enum(kind), "direction": OrderDirection}
    return strawberry.input(type("OddOrder", (), {"__annotations__": hints}))


@strawberry.type
class WithResolver:
    @strawberry.field
    def text(self) -> str:
        return ""


@strawberry.interface
class Abstract:
    text: str


@strawberry.type
class Concrete(Abstract):
    text: str


@strawberry.type
class Nested:
    inside: list[WithResolver]


@strawberry.type
class Stranger:
    text: str


def nothing(row: Any, request: Any) -> Any:
    return None


Odd = Annotated[Person | Stranger, strawberry.union("Odd")]


def a_type(model: Any, **fields: tuple[Any, Any]) -> Any:
    """A type `Thing` with these fields: hint and declaration."""
    body = {name: declared for name, (_, declared) in fields.items()}
    hints = {name: hint for name, (hint, _) in fields.items()}
    made = type("Thing", (Node,), {"__annotations__": hints, **body})
    return table(model, prefix="tng", scope=EVERYONE, description="A thing.")(made)


def put_together(thing: Any, root: Any = None, hint: Any = None) -> None:
    fields = {"thing": root or root_one("One.", prefix="tng")}
    hints = {"thing": hint or (thing | None)}
    query = strawberry.type(type("Query", (), {"__annotations__": hints, **fields}))
    schema = strawberry.Schema(
        query, types=[Concrete, Person], config=StrawberryConfig(scalar_map=SCALARS)
    )
    install(schema, guard=everybody)


PARTNER, EVENT, ROLE, MEMBER = partners.Partner, audit.Event, identity.Role, members.Member
HINT = {"text": "'x'", "at": "null"}
WRONG: dict[str, tuple[Any, Any, Any, str]] = {
    "no such column": (PARTNER, str, column("?"), "Partner has no column thing"),
    "a relation is no column": (PARTNER, str, column("?", "distributor"), "no column distributor"),
    "a reverse one neither": (PARTNER, str, column("?", "resellers"), "no column resellers"),
    "nullable column": (PARTNER, str, column("?", "city"), "column city may be null"),
    "nullable key": (PARTNER, strawberry.ID, column("?", "distributor_id"), "may be null"),
    "another enum": (PARTNER, Colour, column("?", "kind"), "aren't the names of Colour"),
    "no enum at all": (PARTNER, Colour, column("?", "name"), "aren't the names of Colour"),
    "no source": (PARTNER, str, strawberry.field(description="?"), "doesn't say how it is read"),
    "a resolver": (
        PARTNER,
        str,
        strawberry.field(resolver=lambda: "", description="?"),
        "doesn't say how it is read",
    ),
    "a hole": (PARTNER, str, sql("{t}.name || {name}", "?"), "no hole is called name"),
    "an argument's hole": (PARTNER, str, sql("{arg.x}", "?"), "no hole is called arg.x"),
    "a list of times": (PARTNER, list[DateTime], sql("array[now()]", "?"), "no lists of DateTime"),
    "a list of decimals": (
        PARTNER,
        list[Decimal] | None,
        sql("array[1.0]", "?"),
        "no lists of Decimal",
    ),
    "too few parts": (PARTNER, Hint, embedded({"text": "'x'"}, "?"), "other parts than Hint: at"),
    "too many parts": (
        PARTNER,
        Hint,
        embedded(HINT | {"more": "1"}, "?"),
        "other parts than Hint: more",
    ),
    "a hole in a part": (
        PARTNER,
        Hint,
        embedded(HINT | {"text": "{u}.name"}, "?"),
        "no hole is called u",
    ),
    "an object that may be missing": (
        PARTNER,
        Hint,
        embedded(HINT, "?", unless="{t}.tier > 1"),
        "can't be non-null: it is null when",
    ),
    "an object that is missing with its column": (
        PARTNER,
        Money,
        money("city", "site", "?"),
        "can't be non-null: it is null when",
    ),
    "a part that may be missing": (
        PARTNER,
        Hint,
        embedded(HINT | {"text": "{t}.city"}, "?"),
        r"thing.text can't be non-null: column city",
    ),
    "a currency that may be missing": (
        PARTNER,
        Money | None,
        money("tier", "city", "?"),
        r"thing.currency can't be non-null: column city",
    ),
    "a row that may be hidden": (MEMBER, Person, one("person_id", "?"), "may not see the row"),
    "no such key": (MEMBER, Person | None, one("who_id", "?"), "Member has no column who_id"),
    "no such match": (MEMBER, Timer | None, one("id", "?", match="of"), "Timer has no column of"),
    "a hole in a relation": (
        MEMBER,
        Timer | None,
        one("id", "?", match="subject_id", where="{t}.kind = {kind}", newest="generation"),
        "no hole is called kind",
    ),
    "a row by an argument that isn't declared": (
        MEMBER,
        Timer | None,
        one(
            "id",
            "?",
            match="subject_id",
            where="{t}.kind = {arg.other}",
            newest="generation",
            arguments={"kind": Argument(str, "?")},
        ),
        "no hole is called arg.other",
    ),
    "newest by what may be null": (
        MEMBER,
        Timer | None,
        one("id", "?", match="subject_id", newest="fired_at"),
        "fired_at may be null",
    ),
    "a row that may not be there": (
        MEMBER,
        Timer,
        one("id", "?", match="subject_id", newest="generation"),
        "there may be no such row",
    ),
    "a row that may not fit": (
        MEMBER,
        Timer,
        one("invitation_id", "?", where="{t}.state = 'DEAD'"),
        "there may be no such row",
    ),
    "a row that isn't told to everybody": (
        MEMBER,
        Timer,
        one("invitation_id", "?", when="{t}.unlinked_at is null"),
        "it is told only when",
    ),
    "a key that may be null": (
        MEMBER,
        Timer,
        one("specialist_evidence_id", "?"),
        "there may be no such row",
    ),
    "items by no column": (
        MEMBER,
        list[Timer],
        items("member_id", "?", order="kind", limit=1),
        "Timer has no column member_id",
    ),
    "items in no order": (
        MEMBER,
        list[Timer],
        items("subject_id", "?", order="kind desc, due", limit=1),
        "Timer has no column due",
    ),
    "a hole in items": (
        MEMBER,
        list[Timer],
        items("subject_id", "?", order="kind", limit=1, where="{x}"),
        "no hole is called x",
    ),
    "a polymorphic that is never null": (
        EVENT,
        Node,
        polymorphic("subject_type", "subject_id", {"p": "Person"}, "?"),
        "may not see the row",
    ),
    "a polymorphic by no column": (
        EVENT,
        Node | None,
        polymorphic("kind", "subject_id", {"p": "Person"}, "?"),
        "Event has no column kind",
    ),
    "a polymorphic on no column": (
        EVENT,
        Node | None,
        polymorphic("subject_type", "subject", {"p": "Person"}, "?"),
        "Event has no column subject",
    ),
    "a type that is none of them": (
        EVENT,
        Node | None,
        polymorphic("subject_type", "subject_id", {"h": "Hint"}, "?"),
        "Hint is no Node",
    ),
    "a type without a table": (
        EVENT,
        Odd | None,
        polymorphic("subject_type", "subject_id", {"s": "Stranger"}, "?"),
        "Stranger is not read from a table",
    ),
    "computed from no column": (PARTNER, int, computed(nothing, ("x",), "?"), "no column x"),
    "computed beside an unknown hole": (
        PARTNER,
        int,
        computed(nothing, (), "?", told={"x": "{u}.id"}),
        "no hole is called u",
    ),
    "computed and abstract": (
        PARTNER,
        Abstract | None,
        computed(nothing, (), "?"),
        "Abstract is abstract",
    ),
    "computed with a resolver": (
        PARTNER,
        list[Nested],
        computed(nothing, (), "?"),
        "WithResolver.text is no plain attribute",
    ),
    "computed with a table's object": (
        PARTNER,
        Timer | None,
        computed(nothing, (), "?"),
        r"Timer\.\w+ is no plain attribute",
    ),
    "a list by no column": (
        PARTNER,
        Connection[Person],
        connection("partner_id", "?"),
        "Person has no column partner_id",
    ),
    "a hole in a list": (
        PARTNER,
        Connection[Person],
        connection("id", "?", where="{t}.id = {me}"),
        "no hole is called me",
    ),
    "ordered by nothing": (
        PARTNER,
        Connection[Person],
        connection("id", "?", default_order="age"),
        "Person has no column age",
    ),
    "ordered by what may be null": (
        PARTNER,
        Connection[Person],
        connection("id", "?", default_order="phone"),
        "can't be ordered by phone",
    ),
    "orderable by what may be null": (
        PARTNER,
        Connection[Person],
        connection("id", "?", order=an_order("name", "phone")),
        "can't be ordered by phone",
    ),
    "a filter that says nothing": (
        PARTNER,
        Connection[Person],
        connection("id", "?", filter=Unconditional),
        "name of its filter says no condition",
    ),
    "a hole in a filter": (
        PARTNER,
        Connection[Person],
        connection("id", "?", filter=Holey),
        "no hole is called valu",
    ),
    "a hole in a range": (
        PARTNER,
        Connection[Person],
        connection("id", "?", filter=HoleyRange),
        "no hole is called delay",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_can_not_be_read_as_declared_is_refused(wrong: str) -> None:
    model, hint, declared, message = WRONG[wrong]
    with pytest.raises(TypeError, match=message):
        put_together(a_type(model, thing=(hint, declared)))


def test_what_can_be_json_only_is_no_order() -> None:
    thing = a_type(ROLE, name=(str, column("A name.")))
    root = root_connection("All.", order=an_order("name", "items"))
    with pytest.raises(TypeError, match="Role can't be ordered by items"):
        put_together(thing, root, Connection[thing])  # type: ignore[valid-type]


SOUND: dict[str, tuple[Any, Any, Any]] = {
    "a nullable column": (PARTNER, str | None, column("?", "city")),
    "money of a column that is never null": (PARTNER, Money, money("tier", "site", "?")),
    "a part that may be missing": (
        PARTNER,
        Hint,
        embedded(HINT | {"at": "{t}.created_at", "text": "coalesce({t}.city, '')"}, "?"),
    ),
    "an owned row behind a key": (MEMBER, Timer, one("invitation_id", "?")),
    "braces that are no holes": (PARTNER, str, sql("'{a,b}' || '{\"x\": 1}' || '{0}'", "?")),
    "ordered by what is never null there": (
        PARTNER,
        Connection[Person],
        connection("id", "?", default_order="phone", where="{t}.phone is not null"),
    ),
    "filtered": (PARTNER, Connection[Person], connection("id", "?", filter=Sound)),
}


@pytest.mark.parametrize("sound", SOUND)
def test_what_can_be_read_is_not_refused(sound: str) -> None:
    model, hint, declared = SOUND[sound]
    put_together(a_type(model, thing=(hint, declared)))


# Rows that are seen where their owner is seen must not be reached without him.


def an_owned(*bases: type) -> Any:
    made = type("Owned", bases, {"__annotations__": {"name": str}, "name": column("A name.")})
    return table(partners.Partner, prefix="own", scope=INHERITED, description="?")(made)


def test_what_inherits_its_scope_is_no_node() -> None:
    with pytest.raises(TypeError, match="Owned can't be a node"):
        put_together(an_owned(Node))


@pytest.mark.parametrize(
    ("root", "hint"),
    [
        (lambda: root_one("?", prefix="own"), lambda owned: owned | None),
        (lambda: root_connection("?"), lambda owned: Connection[owned]),  # type: ignore[valid-type]
    ],
)
def test_what_inherits_its_scope_is_no_root(
    root: Callable[[], Any], hint: Callable[[Any], Any]
) -> None:
    owned = an_owned()
    with pytest.raises(TypeError, match="thing can't be a root: the scope of Owned is inherited"):
        put_together(owned, root(), hint(owned))


def test_a_prefix_belongs_to_one_type() -> None:
    def named(name: str) -> Any:
        made = type(name, (Node,), {"__annotations__": {"name": str}, "name": column("?")})
        return table(partners.Partner, prefix="two", scope=EVERYONE, description="?")(made)

    here, there = named("Here"), named("There")
    query = type(
        "Query",
        (),
        {
            "__annotations__": {"a": here | None, "b": there | None},
            "a": root_one("?", prefix="two"),
            "b": root_one("?", prefix="two"),
        },
    )
    with pytest.raises(TypeError, match="There and Here share a prefix"):
        install(strawberry.Schema(strawberry.type(query)), guard=everybody)
