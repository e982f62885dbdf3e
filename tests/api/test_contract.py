"""What was released stays: nothing that a client may rely on goes or changes without notice.

`schema/released.graphql` is the schema of the last release; a release replaces it.
"""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    find_breaking_changes,
    find_dangerous_changes,
)

from kit import clock

SCHEMA = Path(__file__).parents[2] / "schema"
EXCEPTIONS = SCHEMA / "exceptions.txt"

# What clients are told to be ready for (docs/integrating.md): new values, types and defaults.
EXPECTED_OF_CLIENTS = {
    "VALUE_ADDED_TO_ENUM",
    "TYPE_ADDED_TO_UNION",
    "IMPLEMENTED_INTERFACE_ADDED",
    "OPTIONAL_INPUT_FIELD_ADDED",
    "OPTIONAL_ARG_ADDED",
}

_LISTED = re.compile(r"(\d{4}-\d{2}-\d{2})  (\S.*)")
_REASON = re.compile(r"\S.* until (\d{4}-\d{2}-\d{2})\.?")


def changes(old: GraphQLSchema, new: GraphQLSchema) -> list[str]:
    """All that an existing client could stumble over, in a line each."""
    found: list[Any] = [*find_breaking_changes(old, new), *find_dangerous_changes(old, new)]
    return sorted(
        f"{change.type.name}: {change.description}"
        for change in found
        if change.type.name not in EXPECTED_OF_CLIENTS
    )


def exceptions(text: str) -> dict[str, date]:
    """Changes that were announced, and since when they hold."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    matches = [_LISTED.fullmatch(line) for line in lines]
    assert all(matches), "a line is a date, two blanks and the change"
    return {match[2]: date.fromisoformat(match[1]) for match in matches if match}


def promises(schema: GraphQLSchema) -> Iterator[tuple[str, str]]:
    """Everything deprecated, with what its reason says."""
    for name, type_ in schema.type_map.items():
        parts: dict[str, Any] = {}
        if isinstance(type_, GraphQLEnumType):
            parts = dict(type_.values)
        elif isinstance(type_, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            parts = dict(type_.fields)
        for part_name, part in parts.items():
            if part.deprecation_reason is not None:
                yield f"{name}.{part_name}", part.deprecation_reason
            for argument_name, argument in getattr(part, "args", {}).items():
                if argument.deprecation_reason is not None:
                    yield f"{name}.{part_name}({argument_name})", argument.deprecation_reason


def unkept(schema: GraphQLSchema, today: date) -> list[str]:
    """What is deprecated without saying until when, or stands though its time is over."""
    found = []
    for place, reason in promises(schema):
        match = _REASON.fullmatch(reason)
        if match is None:
            found.append(f"{place}: say what to use instead, and 'until YYYY-MM-DD'")
        elif date.fromisoformat(match[1]) < today:
            found.append(f"{place}: its time was over on {match[1]}; take it out")
    return found


@pytest.fixture(scope="module")
def released() -> GraphQLSchema:
    return build_schema((SCHEMA / "released.graphql").read_text())


@pytest.fixture(scope="module")
def current() -> GraphQLSchema:
    return build_schema((SCHEMA / "schema.graphql").read_text())


def test_nothing_breaks_but_what_was_announced(
    released: GraphQLSchema, current: GraphQLSchema
) -> None:
    announced = exceptions(EXCEPTIONS.read_text())
    found = changes(released, current)

    assert [change for change in found if change not in announced] == []
    assert [change for change in announced if change not in found] == [], "list no more than is so"
    assert all(day <= clock.wall().date() for day in announced.values()), "not before its day"


def test_what_is_deprecated_says_until_when_and_goes_then(current: GraphQLSchema) -> None:
    assert unkept(current, clock.wall().date()) == []


OLD = """
type Query { a(b: Int = 1): Int  c: Kind  d(e: In): String }
enum Kind { ONE TWO }
input In { f: Int }
"""


@pytest.mark.parametrize(
    ("was", "becomes", "expected"),
    [
        ("a(b: Int = 1): Int", "", ["FIELD_REMOVED"]),
        ("a(b: Int = 1)", "a", ["ARG_REMOVED"]),
        ("a(b: Int = 1)", "a(b: Int = 3)", ["ARG_DEFAULT_VALUE_CHANGE"]),
        ("f: Int", "f: Int g: Int!", ["REQUIRED_INPUT_FIELD_ADDED"]),
        ("ONE TWO", "ONE", ["VALUE_REMOVED_FROM_ENUM"]),
        ("d(e: In): String", "d(e: In): Int", ["FIELD_CHANGED_KIND"]),
        ("ONE TWO", "ONE TWO THREE", []),
        ("a(b: Int = 1)", "a(b: Int = 1, g: Int)", []),
        ("c: Kind", "c: Kind h: Int", []),
    ],
)
def test_a_change_is_noticed(was: str, becomes: str, expected: list[str]) -> None:
    found = changes(build_schema(OLD), build_schema(OLD.replace(was, becomes, 1)))

    assert [line.split(":")[0] for line in found] == expected


def test_a_deprecation_without_a_day_or_past_it_is_noticed() -> None:
    schema = build_schema("""
        type Query {
          a: Int @deprecated(reason: "Use b until 2030-06-30.")
          b: Int @deprecated(reason: "Use c.")
          c(d: Int @deprecated(reason: "until 2030-06-30")): Int
        }
        enum E { F @deprecated(reason: "Use G until 2030-01-01") G }
    """)

    assert unkept(schema, date(2030, 6, 30)) == [
        "Query.b: say what to use instead, and 'until YYYY-MM-DD'",
        "Query.c(d): say what to use instead, and 'until YYYY-MM-DD'",
        "E.F: its time was over on 2030-01-01; take it out",
    ]


def test_the_list_of_exceptions_is_read_strictly() -> None:
    assert exceptions("# why\n2030-07-01  FIELD_REMOVED: Query.a was removed.\n") == {
        "FIELD_REMOVED: Query.a was removed.": date(2030, 7, 1)
    }
    with pytest.raises(AssertionError):
        exceptions("FIELD_REMOVED: Query.a was removed.")
