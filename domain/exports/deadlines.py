"""The three days for which a file is kept."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from domain.exports import history
from domain.identity.viewer import SYSTEM
from kit import clock, database, store, timers
from kit.timers import Waits
from kit.transaction import after_commit
from models.exports import Export, ExportState

EXPIRE = "export.expire"
KEPT = timedelta(days=3)
LANDING = timedelta(minutes=10)  # in which bytes that are on their way to the store have come
STRAY = timedelta(days=1)  # after which bytes that no export names are taken for nobody's
FOLDER = "exports"
BATCH = 500

log = logging.getLogger(__name__)


async def schedule(export: Export, *, now: datetime) -> None:
    """Set the timer of a file that has just become whole."""
    assert export.expires_at is not None
    await timers.schedule(
        EXPIRE,
        tenant_id=export.tenant_id,
        subject_id=export.id,
        due_at=export.expires_at,
        on_timeout="EXPIRE",
        now=now,
    )


async def expire(*, subject_ids: Sequence[UUID], now: datetime) -> None:
    """The effect of the timer `export.expire`: the files are gone after the commit."""
    due = await Export.filter(
        id__in=list(subject_ids), state=ExportState.DONE, expires_at__lte=now
    ).order_by("id")
    for export in due:
        export.state = export.state.to(ExportState.EXPIRED)
        export.version += 1
        await export.save(update_fields=["state", "version"])
        await history.record(
            "expired",
            export,
            viewer=SYSTEM,
            before={"state": ExportState.DONE.value},
            after={"state": ExportState.EXPIRED.value},
            now=now,
        )
    if due:
        after_commit(lambda: sweep(now=now))


async def sweep(*, now: datetime) -> int:
    """Remove the bytes that no export shows any more; how many files there were.

    What a crash leaves is removed by the next one. What was broken off is left alone for a while:
    the worker that was at it may not know yet, and bytes that came later would be nobody's.
    """
    left = await database.rows(
        "select id, key from export where key is not null"
        " and state in ('FAILED', 'CANCELLED', 'EXPIRED')"
        f" and (state = 'EXPIRED' or finished_at <= $1) order by id limit {BATCH}",
        now - LANDING,
    )
    for row in left:
        await store.delete(row["key"])
        await database.execute(
            "update export set key = null where id = $1 and key = $2"
            " and state in ('FAILED', 'CANCELLED', 'EXPIRED')",
            row["id"],
            row["key"],
        )
    return len(left)


async def sweep_strays() -> int:
    """Remove bytes that no export knows of; how many files there were.

    A worker that is killed just after it has lost its export leaves such, and one that is killed
    while it copies. An export notes where its bytes will be before they are, so what it doesn't
    name after a day is nobody's.
    """
    count = 0
    async for keys in store.older(FOLDER, than=clock.wall() - STRAY):
        strays = await database.rows(
            "select key from unnest($1::text[]) as lying (key)"
            " where not exists (select from export where export.key = lying.key)",
            keys,
        )
        for stray in strays:
            await store.delete(stray["key"])
        count += len(strays)
    if count:
        log.warning("removed %d files that no export knew of", count)
    return count


# Every file that is there has its timer, and nothing else has one.
EXPIRE_WAITS = Waits(
    kind=EXPIRE,
    table="export",
    live="state = 'DONE'",
    due_at="expires_at",
    tenant_id="tenant_id",
    on_timeout="EXPIRE",
)
