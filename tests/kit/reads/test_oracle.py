"""Whatever is asked, the compiler answers what the standard executor answers.

`READS_EXAMPLES=20000` asks that many questions, other ones each time.
"""

import os
from random import Random

import pytest
from graphql import parse, validate
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import mutations, queries

from tests.kit.reads import house
from tests.kit.reads.comparing import answer, difference
from tests.kit.reads.dressing import Question
from tests.kit.reads.keys import Keys
from tests.kit.reads.minimal import smallest
from tests.kit.reads.oracle import Oracle
from tests.kit.reads.questions import Asker
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


@pytest.fixture
async def oracle(world: World) -> Oracle:
    return Oracle(PLAIN)


@pytest.fixture
async def keys(oracle: Oracle, world: World) -> Keys:
    keys = Keys()
    await keys.learn(oracle, world.rows)
    return keys


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
            compiled = await answer(COMPILED, question, context)
            plain = await answer(PLAIN, question, context, by_executor=True)
            return difference(question, PLAIN, compiled, plain, now=NOW)

        if await differs(asked):
            small = await smallest(asked, PLAIN, differs)
            pytest.fail(f"{await differs(small)}\nfor {viewer}: {small.text}\n{small.variables}")
