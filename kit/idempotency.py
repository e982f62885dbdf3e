"""Idempotency keys: the answer is stored with the effect, in one transaction, and said again."""

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, get_type_hints
from uuid import UUID

import orjson
from pydantic import TypeAdapter

from kit import database
from kit.ids import new_id
from kit.problems import IdempotencyKeyReused, Problem
from kit.transaction import savepoint, transactional


@dataclass(frozen=True)
class Answer:
    """What a mutation came to: the ids it answers with, or the refusal; and whether it is old.

    `items` are the outcomes of a batch, JSON-ready.
    """

    ids: Mapping[str, UUID | list[UUID]] = field(default_factory=dict)
    items: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)
    told: Mapping[str, Any] = field(default_factory=dict)
    problem: Problem | None = None
    replayed: bool = False


Run = Callable[[], Awaitable[Answer]]


def digest(input: Any) -> str:
    """A hash of a mutation's input (a dataclass), for telling two requests apart."""
    text = orjson.dumps(input, option=orjson.OPT_SORT_KEYS, default=str)
    return hashlib.sha256(text).hexdigest()


@transactional
async def once(
    run: Run,
    *,
    caller_id: UUID,
    mutation: str,
    key: str,
    input_hash: str,
    problems: Mapping[str, type[Problem]],
    now: datetime,
) -> Answer:
    """Run the mutation, unless this caller's key has an answer already: then give that.

    A second request with the same key waits for the first. A refusal is an answer too, unless it
    may heal by itself (`retryable`). What is told once (secrets) is never stored. Raises
    IdempotencyKeyReused when the key came with another input before.
    """
    claimed = await database.row(
        "insert into idempotency_record"
        " (id, created_at, caller_id, mutation, key, input_hash, outcome)"
        " values ($1, $2, $3, $4, $5, $6, '{}')"
        " on conflict (caller_id, mutation, key) do nothing returning id",
        *(new_id(), now, caller_id, mutation, key, input_hash),
    )
    if claimed is None:
        return await _earlier(caller_id, mutation, key, input_hash, problems)
    try:
        async with savepoint():
            answer = await run()
    except Problem as problem:
        if problem.retryable or type(problem).__name__ not in problems:
            raise
        answer = Answer(problem=problem)
    await database.execute(
        "update idempotency_record set outcome = $2::jsonb where id = $1",
        *(claimed["id"], json.dumps(_stored(answer))),
    )
    return answer


async def _earlier(
    caller_id: UUID,
    mutation: str,
    key: str,
    input_hash: str,
    problems: Mapping[str, type[Problem]],
) -> Answer:
    row = await database.row(
        "select input_hash, outcome from idempotency_record"
        " where caller_id = $1 and mutation = $2 and key = $3",
        *(caller_id, mutation, key),
    )
    assert row is not None, "the conflicting row is committed, so it is there"
    if row["input_hash"] != input_hash:
        raise IdempotencyKeyReused(path=("input", "idempotencyKey"))
    outcome = json.loads(row["outcome"]) if isinstance(row["outcome"], str) else row["outcome"]
    problem = None
    if outcome["problem"] is not None:
        problem = _problem(problems[outcome["problem"]["type"]], outcome["problem"]["facts"])
    ids = {
        name: [UUID(id) for id in found] if isinstance(found, list) else UUID(found)
        for name, found in outcome["ids"].items()
    }
    return Answer(ids=ids, items=outcome.get("items", {}), problem=problem, replayed=True)


def _stored(answer: Answer) -> dict[str, Any]:
    problem = None
    if answer.problem is not None:
        kind = type(answer.problem)
        facts = {
            name: adapter.dump_python(getattr(answer.problem, name), mode="json")
            for name, adapter in _adapters(kind).items()
        }
        problem = {"type": kind.__name__, "facts": facts}
    ids = {
        name: [id.hex for id in found] if isinstance(found, list) else found.hex
        for name, found in answer.ids.items()
    }
    return {"ids": ids, "items": answer.items, "problem": problem}


def _problem(kind: type[Problem], facts: Mapping[str, Any]) -> Problem:
    adapters = _adapters(kind)
    return kind(**{name: adapters[name].validate_python(fact) for name, fact in facts.items()})


def _adapters(kind: type[Problem]) -> dict[str, TypeAdapter[Any]]:
    hints = get_type_hints(kind)
    return {fact.name: TypeAdapter(hints[fact.name]) for fact in fields(kind)}
