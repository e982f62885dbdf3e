"""One workflow, one transaction; whatever leaves the database leaves after the commit."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import asyncpg
from tortoise.models import Model
from tortoise.transactions import in_transaction

from kit import database, rows

P = ParamSpec("P")
R = TypeVar("R")
M = TypeVar("M", bound=Model)
Hook = Callable[[], Awaitable[object]]

ATTEMPTS = 4

log = logging.getLogger(__name__)
_hooks: ContextVar[list[Hook] | None] = ContextVar("after_commit_hooks", default=None)


@asynccontextmanager
async def transaction() -> AsyncIterator[None]:
    """Open a transaction, or join the one that a calling workflow has open."""
    if _hooks.get() is not None:
        yield
        return
    hooks: list[Hook] = []
    token = _hooks.set(hooks)
    try:
        async with in_transaction():
            yield
    finally:
        _hooks.reset(token)
    for hook in hooks:
        try:
            await hook()
        except Exception:
            # The facts are committed and the dispatcher will find them; the caller has its answer.
            log.exception("after-commit hook failed")


@asynccontextmanager
async def savepoint() -> AsyncIterator[None]:
    """Undo only what happens inside when it raises; hooks of the failed part are dropped too."""
    hooks = _hooks_of_the_open_transaction()
    kept = len(hooks)
    try:
        async with in_transaction():
            yield
    except BaseException:
        del hooks[kept:]
        raise


def transactional(
    workflow: Callable[P, Coroutine[Any, Any, R]],
) -> Callable[P, Coroutine[Any, Any, R]]:
    """Run the workflow in one transaction; an inner workflow joins the outer one's.

    When PostgreSQL breaks a deadlock at the workflow's expense, the outermost one is run again,
    so a workflow must not change anything but the database before its commit.
    """

    @wraps(workflow)
    async def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        if _hooks.get() is not None:
            return await workflow(*args, **kwargs)
        for attempt in range(1, ATTEMPTS + 1):
            try:
                async with transaction():
                    return await workflow(*args, **kwargs)
            except (asyncpg.DeadlockDetectedError, asyncpg.SerializationError):
                if attempt == ATTEMPTS:
                    raise
                await asyncio.sleep(random.uniform(0, 0.02 * 2**attempt))
        raise AssertionError

    return wrapper


def after_commit(hook: Hook) -> None:
    """Run `hook` once the outermost transaction has committed; never when it rolls back."""
    _hooks_of_the_open_transaction().append(hook)


def assert_open() -> None:
    """Refuse to go on outside a transaction: what is locked there, PostgreSQL lets go at once."""
    _hooks_of_the_open_transaction()


async def lock(table: type[M], **key: object) -> M | None:
    """Hold the row until the transaction ends; everyone else who wants it waits.

    Lock in one order everywhere: customer, order, quota or account, timer; parent before child.
    """
    assert_open()
    keys = tuple((name, value is not None) for name, value in key.items())
    fields_map = table._meta.fields_map
    values = [
        fields_map[name].to_db_value(value, table)
        for name, value in key.items()
        if value is not None
    ]
    found = rows.as_models(table, await database.rows(rows.locking(table, keys), *values))
    assert len(found) <= 1, "the key names a single row"
    return found[0] if found else None


def _hooks_of_the_open_transaction() -> list[Hook]:
    hooks = _hooks.get()
    assert hooks is not None, "only inside a @transactional workflow"
    return hooks
