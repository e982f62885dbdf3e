"""The API as it is committed, and that nothing in it is left unexplained."""

import re
from collections.abc import Iterator
from pathlib import Path

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    is_specified_directive,
    is_specified_scalar_type,
)

from domain.audit.subjects import PREFIXES
from kit.reads.plans import table_of_type
from partner_center import graphql
from partner_center.graphql import sdl
from schema import events

# What makes sense only behind the description of another field.
_LEANING = re.compile(
    r"^(The same (as|by|in|to)|Both|The two|The three) |^(How much|What) of that\b"
    r"|the above|all below"
)

COMMITTED = Path(__file__).parents[2] / "schema" / "schema.graphql"


def test_the_committed_schema_is_the_one_that_is_served() -> None:
    committed = COMMITTED.read_text().rstrip("\n")

    assert committed == sdl(), "run `make schema`, and look at what has changed"


def test_everything_has_a_description() -> None:
    assert list(_unexplained(graphql.schema()._schema)) == []


def test_what_a_field_holds_is_said_without_its_neighbours() -> None:
    """A client meets it alone, or in alphabetical order: `When.` needs the field before it."""
    odd = []
    for name, type_ in graphql.schema()._schema.type_map.items():
        if isinstance(type_, GraphQLObjectType | GraphQLInputObjectType | GraphQLInterfaceType):
            for key, field in type_.fields.items():
                told = field.description or ""
                if not name.startswith("__") and (" " not in told or _LEANING.search(told)):
                    odd.append(f"{name}.{key}: {told}")

    assert odd == []


def test_a_description_is_missed_wherever_it_is_missing() -> None:
    schema = build_schema("""
        type Query { "x" a("x" b: In, c: In): E  d: I  e: S }
        "x" input In { f: Int }
        "x" enum E { G }
        "x" interface I { h: Int }
        scalar S
        directive @dir(i: Int) on FIELD
    """)

    assert sorted(_unexplained(schema)) == [
        "@dir",
        "@dir(i)",
        "E.G",
        "I.h",
        "In.f",
        "Query",
        "Query.a(c)",
        "Query.d",
        "Query.e",
        "S",
    ]


def _unexplained(schema: GraphQLSchema) -> Iterator[str]:
    for name, type_ in schema.type_map.items():
        if not name.startswith("__") and not is_specified_scalar_type(type_):
            yield from _unexplained_in(name, type_)
    for directive in schema.directives:
        if not is_specified_directive(directive):
            if not directive.description:
                yield f"@{directive.name}"
            for name, argument in directive.args.items():
                if not argument.description:
                    yield f"@{directive.name}({name})"


def _unexplained_in(name: str, type_: GraphQLNamedType) -> Iterator[str]:
    if not type_.description:
        yield name
    if isinstance(type_, GraphQLEnumType):
        yield from (f"{name}.{key}" for key, value in type_.values.items() if not value.description)
    if isinstance(type_, GraphQLInputObjectType):
        yield from (f"{name}.{key}" for key, field in type_.fields.items() if not field.description)
    if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
        for key, field in type_.fields.items():
            if not field.description:
                yield f"{name}.{key}"
            for argument_name, argument in field.args.items():
                if not argument.description:
                    yield f"{name}.{key}({argument_name})"


def test_subjects_of_events_have_the_same_ids_in_webhooks_as_in_the_api() -> None:
    served = graphql.schema()._schema
    prefixes = {
        subject: table_of_type(served.type_map[type_name]).prefix
        for subject, type_name in events.SUBJECTS.items()
    }

    assert prefixes == PREFIXES
