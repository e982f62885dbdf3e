"""Without the executor, a query is answered as with it, to the letter."""

from typing import Any

import pytest

from kit.reads import straight
from tests.kit.reads import house
from tests.kit.reads.asking import Ask, first, read, run, told
from tests.kit.reads.world import NOW, World

READS = "{ partners(first: 2) { nodes { id name } } }"


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        (READS, {}),
        ("{ a: partners(first: 1) { nodes { id } } b: partners(first: 2) { nodes { id } } }", {}),
        ("query ($n: Int = 1) { partners(first: $n) { nodes { id } } }", {}),
        ("query ($n: Int) { partners(first: $n) { nodes { id } } }", {"n": 101}),
        ("query ($n: Int) { partners(first: $n) { nodes { id } } }", {"n": None}),
        ("query ($n: Int) { partners(first: $n) { nodes { id } } }", {"n": 2.0}),
        ("query ($n: Int) { partners(first: $n) { nodes { id } } }", {"n": 2, "more": 3}),
        ("query ($n: Int = 3) { partners(first: $n) { nodes { id } } }", {"n": 2}),
        ("query ($id: ID!) { partner(id: $id) { id } }", {"id": 5}),
        ("query ($id: ID!) { partner(id: $id) { id } }", {"id": "mbr_00"}),
        ("query ($id: ID!) { partner(id: $id) { id } node(id: $id) { id } }", {"id": "x"}),
        ("query ($id: ID!) { node(id: $id) { id } }", {"id": "ptn_" + "0" * 32}),
        ('{ partners(first: 1, after: "no") { nodes { id } } one: partners { nodes { id } } }', {}),
    ],
)
async def test_the_answer_is_the_executors(
    ask: Ask, world: World, text: str, variables: dict[str, Any]
) -> None:
    context = house.Context(viewer=world.viewers["staff"], now=NOW)
    asked = ask.schema, read(text)

    short = await straight(*asked, first(read(text)), variables, context)

    assert short is not None
    assert told(short) == told(await run(*asked, variables, context, by_executor=True))


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("{ __typename }", {}),
        ("{ ...All } fragment All on Query { partners { nodes { id } } }", {}),
        ("query ($yes: Boolean!) { partners @include(if: $yes) { nodes { id } } }", {"yes": True}),
        ("{ partners { nodes { id } } partners { nodes { name } } }", {}),
        ("query ($n: Int) { partners(first: $n) { nodes { id } } }", {"n": "one"}),
        ("query ($n: Int) { partners(first: $n) { nodes { id } } }", {"n": True}),
        ("query ($n: Int) { partners(first: $n) { nodes { id } } }", {"n": 2**31}),
        ("query ($id: ID!) { partner(id: $id) { id } }", {}),
        ("query ($id: ID!) { partner(id: $id) { id } }", {"id": None}),
    ],
)
async def test_the_rest_is_left_to_the_executor(
    ask: Ask, world: World, text: str, variables: dict[str, Any]
) -> None:
    context = house.Context(viewer=world.viewers["staff"], now=NOW)

    assert await straight(ask.schema, read(text), first(read(text)), variables, context) is None


async def test_mutations_are_left_to_the_executor(ask: Ask, world: World) -> None:
    mutation = ask.schema.mutation_type
    assert mutation is not None
    text = "mutation { __typename }"
    context = house.Context(viewer=world.viewers["staff"], now=NOW)

    assert await straight(ask.schema, read(text), first(read(text)), {}, context) is None
