"""Where an export's rows are read: on a standby that shows the attempt itself, else the primary.

An attempt notes where its bytes will be before it reads a row. A standby that shows this note has
replayed whatever was committed before it: all that the export was asked for, and every right that
was taken away meanwhile. One that lags, follows another primary or is none at all doesn't show it.
"""

import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg

from kit import ids, metrics, standby
from kit.database import UNREACHABLE
from kit.pool import readers
from models.exports import Export

R = TypeVar("R")

PATIENCE = 15.0  # seconds that a standby gets to catch up
TRIES = 2  # on the standby, which may have to break off a long read to replay what removes rows

# What many rows refer to is kept at hand, instead of looked up again or sorted on the disk. Other
# processes of PostgreSQL's would only take from the API what they win here.
SESSION = {"work_mem": "32MB", "max_parallel_workers_per_gather": "0"}

_NOTED = "select from export where id = $1 and key = $2"

log = logging.getLogger(__name__)


async def read(export: Export, key: str, copy: Callable[[asyncpg.Connection], Awaitable[R]]) -> R:
    """What `copy` makes of a connection that shows what the primary has now.

    It is called anew, with another connection, when the standby has broken off.
    """
    for _ in range(TRIES if standby.is_named() else 0):
        connection = await _standby(export, key)
        if connection is None:
            break
        try:
            result = await copy(connection)
        except UNREACHABLE as error:
            metrics.EXPORT_READS.labels("broken_off").inc()
            log.warning("the standby broke off export %s: %r", ids.encode("exp", export.id), error)
        else:
            metrics.EXPORT_READS.labels("standby").inc()
            return result
        finally:
            connection.terminate()
    connection = await readers().apart(**SESSION)
    try:
        return await copy(connection)
    finally:
        connection.terminate()


async def _standby(export: Export, key: str) -> asyncpg.Connection | None:
    try:
        return await standby.connect(_NOTED, export.id, key, within=PATIENCE, settings=SESSION)
    except standby.Lagging:
        metrics.EXPORT_READS.labels("lagging").inc()
        log.warning(
            "the standby lags by %g s; export %s reads the primary",
            PATIENCE,
            ids.encode("exp", export.id),
        )
    except UNREACHABLE as error:
        metrics.EXPORT_READS.labels("away").inc()
        log.warning(
            "the standby is away; export %s reads the primary: %r",
            ids.encode("exp", export.id),
            error,
        )
    return None
