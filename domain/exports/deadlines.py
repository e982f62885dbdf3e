"""The three days for which a file is kept."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from domain.exports import history
from domain.identity.viewer import SYSTEM
from kit import database, store, timers
from kit.timers import Waits
from kit.transaction import after_commit
from models.exports import Export, ExportState

EXPIRE = "export.expire"
KEPT = timedelta(days=3)
LANDING = timedelta(minutes=10)  # in which bytes that are on their way to the store have come
BATCH = 500


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


# Every file that is there has its timer, and nothing else has one.
EXPIRE_WAITS = Waits(
    kind=EXPIRE,
    table="export",
    live="state = 'DONE'",
    due_at="expires_at",
    tenant_id="tenant_id",
    on_timeout="EXPIRE",
)
