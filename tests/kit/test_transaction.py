"""One workflow, one transaction: nothing leaves before the commit, nothing of a failure stays."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime

import asyncpg
import pytest
from tortoise.context import TortoiseContext

from kit.transaction import after_commit, lock, savepoint, transaction, transactional
from models.customers import Customer

NOW = datetime(2030, 1, 31, 23, 30, tzinfo=UTC)


async def a_customer(name: str) -> Customer:
    return await Customer.create(name=name, account_name=name, created_at=NOW)


async def test_hooks_run_after_the_outermost_commit(database: TortoiseContext) -> None:
    seen: list[bool] = []

    async def look() -> None:
        seen.append(await Customer.exists())

    @transactional
    async def inner() -> None:
        after_commit(look)

    @transactional
    async def outer() -> None:
        await inner()
        assert seen == []
        await a_customer("acme")

    await outer()

    assert seen == [True]


async def test_a_failure_drops_hooks_and_rows(database: TortoiseContext) -> None:
    ran: list[str] = []

    async def hook() -> None:
        ran.append("hook")

    @transactional
    async def fails() -> None:
        await a_customer("acme")
        after_commit(hook)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fails()

    assert ran == []
    assert not await Customer.exists()


async def test_a_savepoint_undoes_only_its_own_part(database: TortoiseContext) -> None:
    ran: list[str] = []

    def note(name: str) -> None:
        async def hook() -> None:
            ran.append(name)

        after_commit(hook)

    async with transaction():
        await a_customer("kept")
        note("kept")
        with suppress(ZeroDivisionError):
            async with savepoint():
                await a_customer("lost")
                note("lost")
                raise ZeroDivisionError

    assert [customer.name for customer in await Customer.all()] == ["kept"]
    assert ran == ["kept"]


async def test_a_hook_that_fails_leaves_the_answer_alone(
    database: TortoiseContext, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken() -> None:
        raise ZeroDivisionError

    @transactional
    async def works() -> str:
        after_commit(broken)
        return "done"

    assert await works() == "done"
    assert "after-commit hook failed" in caplog.text


async def test_the_victim_of_a_deadlock_is_run_again(database: TortoiseContext) -> None:
    await a_customer("a")
    await a_customer("b")
    both_hold_one = asyncio.Barrier(2)
    runs = {"a": 0, "b": 0}

    @transactional
    async def rename(first: str, second: str) -> None:
        runs[first] += 1
        await lock(Customer, account_name=first)
        if runs[first] == 1:
            await both_hold_one.wait()
        row = await lock(Customer, account_name=second)
        assert row is not None
        row.name += first
        await row.save(update_fields=["name"])

    await asyncio.gather(rename("a", "b"), rename("b", "a"))

    assert sorted(runs.values()) == [1, 2]
    assert {c.account_name: c.name for c in await Customer.all()} == {"a": "ab", "b": "ba"}


async def test_a_workflow_gives_up_after_four_deadlocks(database: TortoiseContext) -> None:
    runs = 0

    @transactional
    async def unlucky() -> None:
        nonlocal runs
        runs += 1
        raise asyncpg.DeadlockDetectedError

    with pytest.raises(asyncpg.DeadlockDetectedError):
        await unlucky()

    assert runs == 4


async def test_locking_outside_a_transaction_is_a_mistake(database: TortoiseContext) -> None:
    with pytest.raises(AssertionError, match="inside a @transactional workflow"):
        await lock(Customer, account_name="acme")
