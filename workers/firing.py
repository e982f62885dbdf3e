"""Firing: the effect of a deadline, exactly once, in one transaction with the timer's end."""

import logging
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from kit import database, ids, metrics, pauses, tracing
from kit.faults import reach
from kit.leases import is_passing
from kit.timers import TIMERS
from kit.transaction import after_commit, transactional
from workers.effects import EFFECTS, Effect

# What may be the fault of one among many: somebody holds it, or all of them take too long.
_SPLITS = (asyncpg.LockNotAvailableError, asyncpg.QueryCanceledError)

# How long many wait for one that somebody holds; meanwhile they hold up whoever wants the others.
_PATIENCE = "2s"
_PATIENCE_WITH_EACH = "100ms"
_MOST_HELD = 100  # that are met before the rest is left to a later attempt

log = logging.getLogger(__name__)


async def fire(
    kind: str,
    timer_ids: Sequence[UUID],
    *,
    token: UUID,
    now: datetime,
    traces: Sequence[str] = (),
) -> int:
    """Fire those of the timers that are due and still carry the token; how many did.

    Safe to call early, late, twice or in two places: the rows decide, not the caller. Never
    raises: what fails is put off and told in the log. `traces` are those that set them.
    """
    facts = {"timers": len(timer_ids)}
    with tracing.span(f"timer {kind}", kind="CONSUMER", of=traces, facts=facts):
        return await _fire(kind, timer_ids, token=token, now=now)


async def _fire(kind: str, timer_ids: Sequence[UUID], *, token: UUID, now: datetime) -> int:
    patience = _PATIENCE if len(timer_ids) > 1 else None
    try:
        fired = await _fire_together(kind, timer_ids, token=token, patience=patience, now=now)
        reach("effect.after_commit")
        return fired
    except Exception as error:
        is_shared = is_passing(error) and not isinstance(error, _SPLITS)
        if is_shared or len(timer_ids) == 1:
            await _put_off(kind, timer_ids, token=token, error=error, now=now)
            return 0
        log.warning("%d %s together failed (%r): one by one", len(timer_ids), kind, error)
    return await _fire_one_by_one(kind, timer_ids, token=token, now=now)


async def _fire_one_by_one(
    kind: str, timer_ids: Sequence[UUID], *, token: UUID, now: datetime
) -> int:
    """So that the one that can't be done, or is held, doesn't hold up those that can."""
    fired, held = 0, 0
    for place, timer_id in enumerate(timer_ids):
        try:
            fired += await _fire_together(
                kind, [timer_id], token=token, patience=_PATIENCE_WITH_EACH, now=now
            )
        except Exception as error:
            if isinstance(error, asyncpg.LockNotAvailableError):
                held += 1
                is_shared = held >= _MOST_HELD
            else:
                is_shared = is_passing(error)
            # Without a way to the data the others would fail alike.
            affected = timer_ids[place:] if is_shared else [timer_id]
            await _put_off(kind, affected, token=token, error=error, now=now)
            if is_shared:
                break
    return fired


@transactional
async def _fire_together(
    kind: str, timer_ids: Sequence[UUID], *, token: UUID, patience: str | None, now: datetime
) -> int:
    """`patience` is how long to wait for a row that somebody holds; None: as workflows do."""
    effect = EFFECTS[kind]
    await pauses.share(kind)
    if patience is not None:
        await database.rows("select set_config('lock_timeout', $1, true)", patience)
    await _lock_subjects(effect, timer_ids, token=token)
    subject_ids = await _end_timers(kind, timer_ids, token=token, now=now)
    reach("effect.locked")
    if len(subject_ids) < len(timer_ids):
        log.debug("%d of %d %s were stale", len(timer_ids) - len(subject_ids), len(timer_ids), kind)
    if subject_ids:
        await effect.run(subject_ids=subject_ids, now=now)
    reach("effect.before_commit")
    return len(subject_ids)


async def _lock_subjects(effect: Effect, timer_ids: Sequence[UUID], *, token: UUID) -> None:
    """In the order of their ids, and before their timers.

    A mutation has its subject locked when it cancels the timer; the other way round we would wait
    for each other.
    """
    if effect.of_customers:
        await database.rows(_LOCK_CUSTOMERS.format(table=effect.table), list(timer_ids), token)
    await database.rows(_LOCK_SUBJECTS.format(table=effect.table), list(timer_ids), token)


async def _end_timers(
    kind: str, timer_ids: Sequence[UUID], *, token: UUID, now: datetime
) -> list[UUID]:
    """Mark those as fired that are still to fire; their subjects.

    Not those that fired, were cancelled or moved meanwhile, or that another worker has claimed
    since; nor those that by this worker's clock aren't due yet, or that an operator holds.
    """
    rows = await database.rows(
        f"""
        update timer
        set state = 'FIRED', fired_at = $3, last_error = null,
            lateness_ms = (extract(epoch from $3::timestamptz - due_at) * 1000)::bigint,
            lease_token = null, leased_until = null, leased_by = null
        where id = any($1) and lease_token = $2 and state = 'SCHEDULED' and next_attempt_at <= $3
            and {pauses.TIMER_MAY_RUN}
        returning subject_id, lateness_ms""",
        list(timer_ids),
        token,
        now,
    )

    async def measure() -> None:
        lateness = metrics.TIMER_LATENESS_SECONDS.labels(kind)
        for row in rows:
            lateness.observe(row["lateness_ms"] / 1000)

    after_commit(measure)
    return sorted(row["subject_id"] for row in rows)


async def _put_off(
    kind: str, timer_ids: Sequence[UUID], *, token: UUID, error: Exception, now: datetime
) -> None:
    first = ids.encode("tmr", timer_ids[0])
    log.warning("%d %s put off, the first is %s", len(timer_ids), kind, first, exc_info=error)
    try:
        dead = await TIMERS.put_off(timer_ids, token=token, error=error, now=now)
    except Exception:
        log.exception("not even that can be written down; the leases will end by themselves")
        return
    metrics.TIMER_FAILURES.labels(kind, "put_off").inc(len(timer_ids) - len(dead))
    metrics.TIMER_FAILURES.labels(kind, "dead").inc(len(dead))
    for timer_id in dead:
        log.error("timer %s (%s) is dead: %r", ids.encode("tmr", timer_id), kind, error)


_SUBJECTS = """
where {table}.id = any(array(
    select subject_id from timer
    where id = any($1) and lease_token = $2 and state = 'SCHEDULED'))"""
_LOCK_SUBJECTS = f"select id from {{table}} {_SUBJECTS} order by id for no key update"
_LOCK_CUSTOMERS = f"""
select id from customer where id = any(array(select customer_id from {{table}} {_SUBJECTS}))
order by id for no key update"""
