"""Inputs are what Strawberry would make of them, of every mutation that there is."""

from enum import Enum
from typing import Any

import pytest
import strawberry
from hypothesis import given, settings
from hypothesis import strategies as st
from strawberry.types.arguments import convert_argument

from kit.graphql.inputs import maker
from partner_center import graphql


@strawberry.enum
class Colour(Enum):
    RED = "RED"
    BLUE = "BLUE"


@strawberry.input
class Leaf:
    colour: Colour
    how_many: int | None
    named: str = strawberry.field(name="called", default="nobody")


@strawberry.input
class Tree:
    first_leaf: Leaf
    no_leaf: Leaf | None
    leaves: list[Leaf]
    more: list[Leaf | None] | None = None
    words: list[str] = strawberry.field(default_factory=lambda: ["none"])


@strawberry.type
class Query:
    @strawberry.field
    def grow(self, tree: Tree) -> int:
        return 1


SCHEMA = strawberry.Schema(Query)
NAMED = SCHEMA.config.name_converter.from_field

LEAVES = st.fixed_dictionaries(
    {"colour": st.sampled_from(Colour)},
    optional={"howMany": st.none() | st.integers(), "called": st.text()},
)
TREES = st.fixed_dictionaries(
    {"firstLeaf": LEAVES, "leaves": st.lists(LEAVES, max_size=3)},
    optional={
        "noLeaf": st.none() | LEAVES,
        "more": st.none() | st.lists(st.none() | LEAVES, max_size=3),
        "words": st.lists(st.text(), max_size=3),
    },
)


@given(TREES)
@settings(max_examples=60, deadline=None)
def test_objects_are_made_as_strawberry_makes_them(tree: dict[str, Any]) -> None:
    make = maker(Tree, NAMED)

    assert make is not None
    assert make(tree) == convert_argument(
        tree, Tree, SCHEMA.schema_converter.scalar_registry, SCHEMA.config
    )


def test_a_list_is_a_copy() -> None:
    make, words = maker(Tree, NAMED), ["a"]
    assert make is not None

    tree = make({"firstLeaf": {"colour": Colour.RED}, "leaves": [], "words": words})

    assert tree.words == words
    assert tree.words is not words


def test_a_type_that_builds_itself_is_refused() -> None:
    @strawberry.input
    class Perhaps:
        name: strawberry.Maybe[str]

    with pytest.raises(TypeError, match="is no type that inputs have here"):
        maker(Perhaps, NAMED)


def test_every_mutation_is_called_without_a_detour() -> None:
    mutations = graphql.schema()._schema.mutation_type
    assert mutations is not None

    assert {each.resolve.__module__ for each in mutations.fields.values() if each.resolve} == {
        "resolvers.mutation"
    }
