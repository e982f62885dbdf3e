"""What the fields and types of a schema cost, as directives that its SDL shows.

By the cost directives that IBM has specified (ibm.github.io/graphql-specs/cost-spec), so that a
client can work out the same number: an object is one point, a value nothing, and what is in a list
counts as often as the list may be long.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from graphql import (
    DirectiveLocation,
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLDirective,
    GraphQLField,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    GraphQLString,
    ObjectTypeDefinitionNode,
    parse,
)

WEIGHT = "weight"
LIST_SIZE = "list_size"

COST = GraphQLDirective(
    "cost",
    [DirectiveLocation.FIELD_DEFINITION, DirectiveLocation.OBJECT],
    {
        "weight": GraphQLArgument(
            GraphQLNonNull(GraphQLString), description="Points, a whole number."
        )
    },
    description="What one of it costs. Without this directive an object costs 1 and a value 0.",
)
SIZED = GraphQLDirective(
    "listSize",
    [DirectiveLocation.FIELD_DEFINITION],
    {
        "assumedSize": GraphQLArgument(
            GraphQLInt, description="How long it is taken to be where no argument says."
        ),
        "slicingArguments": GraphQLArgument(
            GraphQLList(GraphQLNonNull(GraphQLString)),
            description="The arguments that say how long it may be; of a list, its length.",
        ),
        "sizedFields": GraphQLArgument(
            GraphQLList(GraphQLNonNull(GraphQLString)),
            description="The fields of the object that are that long, if it is no list itself.",
        ),
        "requireOneSlicingArgument": GraphQLArgument(
            GraphQLBoolean, default_value=True, description="Whether one of them must be given."
        ),
    },
    description="How often what is selected below counts.",
)


@dataclass(frozen=True, slots=True)
class ListSize:
    """How long a list may be: as `slicing` arguments say, else `assumed`."""

    assumed: int
    slicing: tuple[str, ...] = ()
    sized_fields: tuple[str, ...] = ()


def declare(schema: GraphQLSchema) -> None:
    """Let the schema know the two directives."""
    schema.directives = (*schema.directives, COST, SIZED)


def weigh(thing: Any, weight: int) -> None:
    """Say what one object of a type, or one call of a field, costs."""
    thing.extensions[WEIGHT] = weight


def size(field: GraphQLField, list_size: ListSize) -> None:
    """Say how long a field's list may be."""
    field.extensions[LIST_SIZE] = list_size


def as_written(thing: Any) -> str:
    """The directives of a type or field as SDL; nothing for most."""
    words = []
    if WEIGHT in thing.extensions:
        words.append(f'@cost(weight: "{thing.extensions[WEIGHT]}")')
    found: ListSize | None = thing.extensions.get(LIST_SIZE)
    if found is not None:
        parts = [f"assumedSize: {found.assumed}"]
        if found.slicing:
            parts.append(f"slicingArguments: [{_quoted(found.slicing)}]")
        if found.sized_fields:
            parts.append(f"sizedFields: [{_quoted(found.sized_fields)}]")
        if found.slicing:
            parts.append("requireOneSlicingArgument: false")
        words.append(f"@listSize({', '.join(parts)})")
    return " ".join(words)


def in_text(schema: GraphQLSchema, sdl: str) -> str:
    """The SDL of the schema with the directives, which the printer leaves out."""
    whole, done = [], 0
    for place, words in sorted(_places(schema, sdl)):
        whole += [sdl[done:place], " ", words]
        done = place
    return "".join([*whole, sdl[done:]])


def _places(schema: GraphQLSchema, sdl: str) -> Iterator[tuple[int, str]]:
    for node in parse(sdl).definitions:
        if not isinstance(node, ObjectTypeDefinitionNode):
            continue
        type_: Any = schema.type_map[node.name.value]
        if words := as_written(type_):
            yield (node.interfaces[-1] if node.interfaces else node.name).loc.end, words  # type: ignore[union-attr]
        for field in node.fields or ():
            if words := as_written(type_.fields[field.name.value]):
                yield field.type.loc.end, words  # type: ignore[union-attr]


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
