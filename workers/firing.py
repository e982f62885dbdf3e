"""Firing: the effect of a deadline, exactly once, in one transaction with the timer's end."""

import logging
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from kit import database, metrics, pauses, tracing
from kit.faults import reach
from kit.leases import is_passing
from kit.timers import TIMERS
from kit.transaction import after_commit, transactional
from workers.effects import EFFECTS, Effect

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
    try:
        fired = await _fire_together(kind, timer_ids, token=token, now=now)
        reach("effect.after_commit")
        return fired
    except Exception as error:
        if is_passing(error) or len(timer_ids) == 1:
            await _put_off(kind, timer_ids, token=token, error=error, now=now)
            return 0
        log.warning("%d %s together failed (%r): one by one", len(timer_ids), kind, error)
    return await _fire_one_by_one(kind, timer_ids, token=token, now=now)


async def _fire_one_by_one(
    kind: str, timer_ids: Sequence[UUID], *, token: UUID, now: datetime
) -> int:
    """So that the one that can't be done doesn't hold up those that can."""
    fired = 0
    for place, timer_id in enumerate(timer_ids):
        try:
            fired += await _fire_together(kind, [timer_id], token=token, now=now)
        except Exception as error:
            # Without a way to the data the others would fail alike.
            affected = timer_ids[place:] if is_passing(error) else [timer_id]
            await _put_off(kind, affected, token=token, error=error, now=now)
            if is_passing(error):
                break
    return fired


@transactional
async def _fire_together(
    kind: str, timer_ids: Sequence[UUID], *, token: UUID, now: datetime
) -> int:
    effect = EFFECTS[kind]
    await pauses.share(kind)
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
    log.warning("%d %s put off", len(timer_ids), kind, exc_info=error)
    try:
        dead = await TIMERS.put_off(timer_ids, token=token, error=error, now=now)
    except Exception:
        log.exception("not even that can be written down; the leases will end by themselves")
        return
    metrics.TIMER_FAILURES.labels(kind, "put_off").inc(len(timer_ids) - len(dead))
    metrics.TIMER_FAILURES.labels(kind, "dead").inc(len(dead))
    for timer_id in dead:
        log.error("timer %s (%s) is dead: %r", timer_id, kind, error)


_SUBJECTS = """
where {table}.id = any(array(
    select subject_id from timer
    where id = any($1) and lease_token = $2 and state = 'SCHEDULED'))"""
_LOCK_SUBJECTS = f"select id from {{table}} {_SUBJECTS} order by id for no key update"
_LOCK_CUSTOMERS = f"""
select id from customer where id = any(array(select customer_id from {{table}} {_SUBJECTS}))
order by id for no key update"""
