"""Whatever is asked, the compiler answers what the standard executor answers.

`READS_EXAMPLES=20000` asks that many questions, other ones each time.
"""

import os
from random import Random
from typing import Any

import orjson
import pytest
from graphql import GraphQLSchema, parse, validate
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import mutations, queries

from tests.kit.reads import house
from tests.kit.reads.asking import code, run
from tests.kit.reads.keys import Keys
from tests.kit.reads.minimal import smallest
from tests.kit.reads.mistakes import mistakes
from tests.kit.reads.oracle import Oracle
from tests.kit.reads.questions import Asker, Question
from tests.kit.reads.world import NOW, World

EXAMPLES = int(os.environ.get("READS_EXAMPLES", "0"))
"""How many to ask at random; 0 for the same few each time."""

COMPILED = house.compiled()._schema
PLAIN = house.plain()._schema


def _selections() -> st.SearchStrategy[str]:
    """Documents without arguments: those come later."""
    schema = house.plain()._schema
    for type_ in schema.type_map.values():
        for field in getattr(type_, "fields", {}).values():
            field.args = {}
    assert schema.query_type is not None
    one_root = [queries(schema, fields=(name,)) for name in schema.query_type.fields]
    return st.one_of(*one_root, queries(schema), mutations(schema))


async def answer(schema: GraphQLSchema, question: Question, context: house.Context) -> Any:
    """The data as a client gets it, and by root field what was refused."""
    plain = schema is PLAIN
    result = await run(schema, question.document, question.variables, context, by_executor=plain)
    refused: dict[str, str] = {}
    for error in result.errors or ():
        refused.setdefault(str(error.path[0]) if error.path else "", code(error))
    return orjson.loads(orjson.dumps(result.data)), refused


def difference(question: Question, compiled: Any, plain: Any) -> str | None:
    """What the compiler did wrong, if anything."""
    (data, refused), (expected, expected_refused) = compiled, plain
    for root in refused.keys() | expected_refused.keys():
        if data is expected is None and root not in refused:
            continue  # another root's refusal took everything with it
        told, expected_told = refused.get(root), expected_refused.get(root)
        if told != expected_told and told not in mistakes(question, PLAIN).get(root, set()):
            return f"{root}: {told} instead of {expected_told}"
    if expected is None or data is None:
        return None if data is None and refused else f"{data} instead of {expected}"
    for root in expected:
        if root not in refused and _text(data.get(root)) != _text(expected[root]):
            return f"{root}: {_text(data.get(root))}\ninstead of {_text(expected[root])}"
    return None if list(data) == list(expected) else "roots in another order"


def _text(value: Any) -> str:
    return orjson.dumps(value).decode()


@pytest.fixture
async def oracle(world: World) -> Oracle:
    return Oracle(PLAIN)


@pytest.fixture
async def keys(oracle: Oracle, world: World) -> Keys:
    keys = Keys()
    await keys.learn(oracle, world)
    return keys


# The standard executor lets go of resolvers, unawaited, when their object is given up.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@settings(
    max_examples=EXAMPLES or 300,
    derandomize=not EXAMPLES,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(drawn=_selections(), seed=st.integers(0, 2**32), wild=st.text(max_size=20))
async def test_the_compiler_answers_as_the_standard_executor_does(
    oracle: Oracle, world: World, keys: Keys, drawn: str, seed: int, wild: str
) -> None:
    dice = Random(seed)
    question = Asker(oracle, world, keys, dice, wild).question(parse(drawn))
    assert not (errors := validate(PLAIN, question.document)), (errors, question)

    other = dice.choice(sorted(world.viewers.keys() - {"staff"}))
    for viewer, asked in (("staff", question), ("staff", question.again()), (other, question)):
        context = house.Context(viewer=world.viewers[viewer], now=NOW, locale="zh")

        async def differs(question: Question, context: house.Context = context) -> str | None:
            return difference(
                question,
                await answer(COMPILED, question, context),
                await answer(PLAIN, question, context),
            )

        if await differs(asked):
            small = await smallest(asked, PLAIN, differs)
            pytest.fail(f"{await differs(small)}\nfor {viewer}: {small.text}\n{small.variables}")
