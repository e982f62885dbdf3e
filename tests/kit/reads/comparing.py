"""What both ways answer to a question, and where they differ."""

import asyncio
from datetime import datetime
from typing import Any

import orjson
from graphql import GraphQLSchema

from tests.kit.reads.asking import code, run
from tests.kit.reads.dressing import Question
from tests.kit.reads.mistakes import mistakes

# The data as a client gets it, and by root field what was refused.
Answer = tuple[Any, dict[str, str]]


async def answer(
    schema: GraphQLSchema, question: Question, context: Any, *, by_executor: bool = False
) -> Answer:
    """As the server answers; or `by_executor`, which a schema without the compiler needs."""
    others = asyncio.all_tasks()
    result = await run(
        schema, question.document, question.variables, context, by_executor=by_executor
    )
    # Beside a problem, the standard executor answers before it has done with the other fields.
    if left := asyncio.all_tasks() - others:
        await asyncio.wait(left)
    refused: dict[str, str] = {}
    for error in result.errors or ():
        refused.setdefault(str(error.path[0]) if error.path else "", code(error))
    return orjson.loads(orjson.dumps(result.data)), refused


def difference(
    question: Question, schema: GraphQLSchema, compiled: Answer, plain: Answer, *, now: datetime
) -> str | None:
    """What the compiler did wrong, if anything."""
    (data, refused), (expected, expected_refused) = compiled, plain
    for root in refused.keys() | expected_refused.keys():
        told, expected_told = refused.get(root), expected_refused.get(root)
        if told == expected_told:
            continue
        if data is expected is None and None in (told, expected_told):
            continue  # another root's refusal took everything with it
        if told not in mistakes(question, schema, now=now).get(root, set()):
            return f"{root}: {told} instead of {expected_told}"
    if expected is None or data is None:
        return None if data is None and refused else f"{data} instead of {expected}"
    for root in expected:
        if root not in refused and _text(data.get(root)) != _text(expected[root]):
            return f"{root}: {_text(data.get(root))}\ninstead of {_text(expected[root])}"
    return None if list(data) == list(expected) else "roots in another order"


def _text(value: Any) -> str:
    return orjson.dumps(value).decode()
