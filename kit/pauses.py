"""Timed work that an operator has stopped for a while: what of it may run, and who waits for whom.

Whoever runs such work shares a lock with its likes; whoever stops it takes the lock alone. So a
stop waits for what is under way, and after it nothing of that kind runs, whatever was claimed or
handed out before.
"""

from uuid import UUID

from kit import database
from kit.transaction import assert_open

_LOCKS = 0x70617573  # the first half of all our advisory locks' keys
_EVERYBODY = 0  # the second half for whoever stops a tenant; for a kind it is the kind's hash

# The rows of `pause` that hold now; kinds are those of timers and the names of ticks.
KINDS = "select kind from pause where ended_at is null and kind is not null"
TENANTS = "select tenant_id from pause where ended_at is null and tenant_id is not null"

# Conditions on a row that may run. As arrays they are looked up once a statement, not once a row.
TIMER_MAY_RUN = (
    f"timer.kind <> all(array({KINDS})::text[]) and timer.tenant_id <> all(array({TENANTS}))"
)
TICK_MAY_RUN = f"tick.name <> all(array({KINDS})::text[])"


async def share(kind: str) -> None:
    """Run work of this kind until the transaction ends; waits for whoever is stopping it.

    What is stopped is to be looked up in a later statement, which then sees it.
    """
    assert_open()
    await database.rows(
        "select pg_advisory_xact_lock_shared($1::int, $2::int),"
        " pg_advisory_xact_lock_shared($1::int, hashtext($3))",
        _LOCKS,
        _EVERYBODY,
        kind,
    )


async def share_tick(tick_id: UUID) -> None:
    """As `share`, for the work whose tick this is."""
    assert_open()
    await database.rows(
        "select pg_advisory_xact_lock_shared($1::int, hashtext(name)) from tick where id = $2",
        _LOCKS,
        tick_id,
    )


async def stop(kind: str | None, *, patience: str) -> None:
    """Wait until nothing of the kind (None: of no tenant) is under way, and let none begin.

    That holds until the transaction ends. Raises LockNotAvailableError when `patience` (`10s`) is
    over first.
    """
    assert_open()
    await database.rows("select set_config('lock_timeout', $1, true)", patience)
    if kind is None:
        await database.rows("select pg_advisory_xact_lock($1::int, $2::int)", _LOCKS, _EVERYBODY)
    else:
        await database.rows("select pg_advisory_xact_lock($1::int, hashtext($2))", _LOCKS, kind)
