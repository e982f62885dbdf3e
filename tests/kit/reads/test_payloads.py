"""Without the executor, a mutation is answered as with it, to the letter; and it runs once."""

from typing import Any

import pytest
from graphql import GraphQLField

from kit.reads import Done, straight
from tests.kit.reads import house
from tests.kit.reads.asking import Ask, first, read, run, told
from tests.kit.reads.world import NOW, World

PARTNER = """mutation ($p: ID, $words: [String!]) {
  touch(partner: $p, words: $words) { %s } }"""


@pytest.fixture
def runs(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """An entry for each time that the mutation runs, and not only gives back what it came to."""
    assert ask.schema.mutation_type is not None
    field: GraphQLField = ask.schema.mutation_type.fields["touch"]
    resolve, ran = field.resolve, list[Any]()
    assert resolve is not None

    async def counted(root: Any, info: Any, **arguments: Any) -> Any:
        if not isinstance(root, Done):
            ran.append(arguments)
        return await resolve(root, info, **arguments)

    monkeypatch.setattr(field, "resolve", counted)
    return ran


@pytest.mark.parametrize("by", ["staff", "other distributor"])
@pytest.mark.parametrize(
    "asked",
    [
        "partner { id name } event { id }",
        "is: done a: partner { ...P } b: partner { name } __typename words event { id }",
        "partner { __typename members(first: 2) { nodes { id } pageInfo { endCursor } } }",
        "done",
    ],
)
async def test_the_answer_is_the_executors(
    ask: Ask, world: World, runs: list[Any], asked: str, by: str
) -> None:
    context = house.Context(viewer=world.viewers[by], now=NOW)
    text = PARTNER % asked + ("fragment P on Partner { id name }" if "...P" in asked else "")
    given = {"p": world.ids(*world.nodes)[0]}

    short = await straight(ask.schema, read(text), first(read(text)), given, context)

    assert not isinstance(short, Done)
    assert len(runs) == 1
    assert told(short) == told(await run(ask.schema, read(text), given, context, by_executor=True))


@pytest.mark.parametrize(
    "given",
    [{"p": "mbr_00"}, {"p": "nothing"}],
    ids=["the id of something else", "no id"],
)
async def test_a_mutation_that_raises_is_told_as_the_executor_tells_it(
    ask: Ask, world: World, runs: list[Any], given: dict[str, Any]
) -> None:
    context = house.Context(viewer=world.viewers["staff"], now=NOW)
    text = PARTNER % "done"

    short = await straight(ask.schema, read(text), first(read(text)), given, context)

    assert len(runs) == 1
    assert short is not None
    assert told(short) == told(await run(ask.schema, read(text), given, context, by_executor=True))


@pytest.mark.parametrize(
    "asked",
    ["words partner { id }", 'partner { id members(after: "no") { nodes { id } } } done'],
    ids=["a list of something", "a read that fails"],
)
async def test_what_the_executor_has_to_shape_it_shapes_and_the_mutation_runs_once(
    ask: Ask, world: World, runs: list[Any], asked: str
) -> None:
    context = house.Context(viewer=world.viewers["staff"], now=NOW)
    text, given = PARTNER % asked, {"p": world.ids(*world.nodes)[0], "words": ["so", "it is"]}

    left = await straight(ask.schema, read(text), first(read(text)), given, context)
    assert isinstance(left, Done)
    assert len(runs) == 1

    shaped = await run(ask.schema, read(text), given, context)
    assert len(runs) == 2
    by_executor = await run(ask.schema, read(text), given, context, by_executor=True)
    assert told(shaped) == told(by_executor)


@pytest.mark.parametrize(
    "text",
    [
        "mutation { __typename }",
        "mutation { touch { done } again: touch { done } }",
        "mutation { touch { done done } }",
        "mutation { touch { ...T } } fragment T on TouchPayload { done }",
        "mutation { touch { ... { done } } }",
        "mutation { touch { done @include(if: true) } }",
        "mutation { touch @include(if: true) { done } }",
        "mutation ($p: ID!) { touch(partner: $p) { done } }",
    ],
)
async def test_any_other_mutation_is_left_to_the_executor_before_it_runs(
    ask: Ask, world: World, runs: list[Any], text: str
) -> None:
    context = house.Context(viewer=world.viewers["staff"], now=NOW)

    assert await straight(ask.schema, read(text), first(read(text)), {}, context) is None
    assert runs == []
