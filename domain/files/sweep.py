"""Files that nothing has attached within 24 hours: bytes first, then the row that knew of them."""

import logging
from datetime import datetime
from uuid import UUID

from domain.files.uploads import UNATTACHED_FOR
from kit import database, store
from kit.transaction import after_commit, transactional

BATCH = 500

log = logging.getLogger(__name__)


@transactional
async def sweep(*, now: datetime) -> int:
    """Mark what is over, and remove its bytes after the commit; how many files.

    A file that is being attached this moment is left to who attaches it. What a crash leaves
    marked is removed by the next sweep.
    """
    doomed = await database.rows(
        f"""
        update stored_file set removed_at = coalesce(removed_at, $1)
        where id = any(array(
            select id from stored_file
            where attached_to is null and (removed_at is not null or created_at <= $2)
            order by id limit {BATCH} for update skip locked))
        returning id""",
        now,
        now - UNATTACHED_FOR,
    )
    ids = [row["id"] for row in doomed]
    if ids:
        after_commit(lambda: _remove(ids))
    return len(ids)


async def _remove(ids: list[UUID]) -> None:
    for id in ids:
        alone = await database.row(
            """
            select key from stored_file file where id = $1 and not exists (
                select from stored_file other
                where other.key = file.key and other.id <> file.id and other.removed_at is null)""",
            id,
        )
        if alone is not None:
            await store.delete(alone["key"])
        await database.execute(
            "delete from stored_file where id = $1 and removed_at is not null", id
        )
    log.info("removed %d files that belonged to nothing", len(ids))
