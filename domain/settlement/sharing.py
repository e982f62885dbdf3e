"""A partner's part of a run, made in one transaction by whichever worker comes first.

Killed anywhere, nothing of it is there, and the next worker makes the same: everything is worked
out as of the run's moment. The lines go from the partner's unsettled rows to its statements in a
handful of statements of SQL, however many there are.
"""

import logging
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from domain.audit import events
from domain.audit.events import PLATFORM_TENANT
from domain.identity.viewer import SYSTEM
from domain.settlement import stating, working
from domain.settlement.effects import GENERATED, Generated
from kit import database, faults
from kit.transaction import savepoint, transactional
from models.settlement_runs import RunState, SettlementRun, SettlementShare

RETRY = timedelta(minutes=1)
LONGEST_FAILURE = 500

log = logging.getLogger(__name__)


@transactional
async def settle_next(*, now: datetime) -> bool:
    """Make the statements of one partner that waits for its turn; whether there was one.

    Any number may be called at once; a partner's own come in the order of their periods. What
    fails is written down, and tried again a minute later, behind all others.
    """
    claimed = await database.row(_CLAIM, now - RETRY)
    if claimed is None:
        return False
    faults.reach("settlement.claimed")
    share = await SettlementShare.get(id=claimed["id"])
    run = await SettlementRun.get(id=share.run_id)
    try:
        async with savepoint():
            done = await _settle(run, share, now)
    except (asyncpg.DeadlockDetectedError, asyncpg.SerializationError):
        raise
    except Exception as error:
        log.exception("the share %s of the run %s failed", share.id, run.id)
        share.failed_at, share.failure = now, repr(error)[:LONGEST_FAILURE]
        await share.save(update_fields=["failed_at", "failure"])
        return True
    await _finish(run, share, done, now)
    faults.reach("settlement.before_commit")
    return True


async def _settle(run: SettlementRun, share: SettlementShare, now: datetime) -> stating.Stated:
    # The partner's next share, or one that makes its statements again, waits until the commit.
    await database.rows(
        "select pg_advisory_xact_lock(hashtextextended('settlement:' || $1::text, 0))",
        str(share.partner_id),
    )
    await database.rows(working.BEGIN)
    done = await stating.state(run, share.partner_id)
    faults.reach("settlement.stated")
    if done.statement_ids:
        await GENERATED.run(Generated(statement_ids=done.statement_ids, run_id=run.id, now=now))
    return done


async def _finish(
    run: SettlementRun, share: SettlementShare, done: stating.Stated, now: datetime
) -> None:
    """The share is done, and the run when all of its shares are; who comes last sees all others."""
    await database.rows("select id from settlement_run where id = $1 for no key update", run.id)
    share.lines, share.statements, share.waiting = done.lines, len(done.statement_ids), done.waiting
    share.failed_at = share.failure = None
    share.done_at = now
    await share.save(
        update_fields=["lines", "statements", "waiting", "failed_at", "failure", "done_at"]
    )
    summed: dict[str, Any] | None = await database.row(_SUMMED, run.id)
    assert summed is not None
    if summed.pop("open"):
        return
    run.state = run.state.to(RunState.DONE)
    run.finished_at = now
    await run.save(update_fields=["state", "finished_at"])
    await events.record(
        "settlement_run.done",
        actor=SYSTEM,
        subject_type="settlement_run",
        subject_id=run.id,
        tenant_id=PLATFORM_TENANT,
        before={"state": RunState.RUNNING.value},
        after={"state": RunState.DONE.value} | summed,
        at=now,
    )


_CLAIM = """
select share.id from settlement_share share join settlement_run run on run.id = share.run_id
where share.done_at is null and (share.failed_at is null or share.failed_at <= $1)
  and not exists (
    select from settlement_share earlier join settlement_run its on its.id = earlier.run_id
    where earlier.done_at is null and earlier.partner_id = share.partner_id
      and (its.ends_at, its.id) < (run.ends_at, run.id))
order by share.failed_at nulls first, run.ends_at, share.id limit 1
for no key update of share skip locked
"""

_SUMMED = """
select count(*) filter (where done_at is null) as open, coalesce(sum(lines), 0)::bigint as lines,
  coalesce(sum(statements), 0)::bigint as statements
from settlement_share where run_id = $1
"""
