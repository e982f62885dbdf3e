"""One key, one effect: whoever comes second waits, and gets the first one's answer."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import pytest
from tortoise.context import TortoiseContext

from kit import database
from kit.idempotency import Answer, digest, once
from kit.ids import new_id
from kit.problems import IdempotencyKeyReused, NotFound, Problem
from models.customers import Customer

NOW = datetime(2030, 1, 31, 23, 30, tzinfo=UTC)
CALLER = UUID(int=7)


@dataclass(frozen=True)
class Line:
    """A nested fact."""

    code: str
    at: datetime


class Full(Problem):
    """A refusal with facts of several types."""

    en = "{count} are enough."
    zh = "{count} 个已够。"
    count: int
    since: datetime
    lines: tuple[Line, ...]


class Busy(Problem):
    """A refusal that heals by itself."""

    en = "Later."
    zh = "稍后。"
    retryable = True


PROBLEMS: dict[str, type[Problem]] = {kind.__name__: kind for kind in (Full, Busy, NotFound)}


async def ask(run, *, key: str = "k", input: object = None, caller: UUID = CALLER) -> Answer:  # type: ignore[no-untyped-def]
    return await once(
        run,
        caller_id=caller,
        mutation="customer_add",
        key=key,
        input_hash=digest(input),
        problems=PROBLEMS,
        now=NOW,
    )


async def add_customer() -> Answer:
    id = new_id()
    await Customer.create(id=id, name="Acme", account_name=id.hex, created_at=NOW)
    return Answer(ids={"customer": id}, told={"secret": "shown once"})


async def test_the_second_request_repeats_the_first_answer_without_its_secret(
    database: TortoiseContext,
) -> None:
    first = await ask(add_customer)
    second = await ask(add_customer)

    assert first.told == {"secret": "shown once"}
    assert second == Answer(ids=first.ids, replayed=True)
    assert await Customer.all().count() == 1


async def test_the_key_of_another_input_is_refused(database: TortoiseContext) -> None:
    await ask(add_customer, input={"name": "Acme"})

    with pytest.raises(IdempotencyKeyReused):
        await ask(add_customer, input={"name": "Other"})
    assert await Customer.all().count() == 1


async def test_a_key_belongs_to_its_caller(database: TortoiseContext) -> None:
    await ask(add_customer)
    other = await ask(add_customer, caller=UUID(int=8))

    assert not other.replayed
    assert await Customer.all().count() == 2


async def test_a_refusal_is_repeated_with_all_its_facts(database: TortoiseContext) -> None:
    runs = 0

    async def refuse() -> Answer:
        nonlocal runs
        runs += 1
        await add_customer()
        raise Full(count=3, since=NOW, lines=(Line("A", NOW),), path=("input", "name"))

    first, second = await ask(refuse), await ask(refuse)

    assert runs == 1
    assert (first.replayed, second.replayed) == (False, True)
    assert isinstance(second.problem, Full)
    assert vars(second.problem) == vars(first.problem)
    assert not await Customer.exists()


async def test_what_may_heal_and_what_is_a_bug_are_not_kept(database: TortoiseContext) -> None:
    async def busy() -> Answer:
        await add_customer()
        raise Busy()

    async def broken() -> Answer:
        await add_customer()
        raise ZeroDivisionError

    with pytest.raises(Busy):
        await ask(busy)
    with pytest.raises(ZeroDivisionError):
        await ask(broken)
    assert not await Customer.exists()

    assert not (await ask(add_customer)).replayed


@pytest.mark.parametrize("first_fails", [False, True])
async def test_two_at_once_have_one_effect(database: TortoiseContext, first_fails: bool) -> None:
    """The second waits for the first; where the first is lost, the second does the work."""
    entered, go_on = asyncio.Event(), asyncio.Event()

    async def slow() -> Answer:
        answer = await add_customer()
        entered.set()
        await go_on.wait()
        if first_fails:
            raise ZeroDivisionError
        return answer

    first = asyncio.create_task(ask(slow))
    await entered.wait()
    second = asyncio.create_task(ask(add_customer))
    await someone_waits_for_a_lock()
    assert not second.done()
    go_on.set()
    answers = await asyncio.gather(first, second, return_exceptions=True)

    assert await Customer.all().count() == 1
    assert isinstance(answers[1], Answer)
    assert answers[1].replayed is not first_fails


async def someone_waits_for_a_lock() -> None:
    async with asyncio.timeout(10):
        while not await database.row("select 1 from pg_locks where not granted"):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
