"""Making one file: a snapshot of the list as its creator sees it, streamed, stored when whole.

Nothing here is in a transaction of the house: the rows are read on a connection of their own, and
what becomes of the export is written in small transactions that look whether it is still in hand.
"""

import asyncio
import json
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Any

import asyncpg

from domain.exports import queue, sources, viewing
from domain.exports.deadlines import FOLDER
from domain.exports.downloads import CONTENT_TYPES, file_name
from domain.exports.lists import LISTS
from domain.exports.writing import Whole, Writing
from domain.files.uploads import disposition
from kit import clock, columns, copying, ids, store
from kit.columns import Rows
from kit.copying import inlined, literals
from kit.faults import reach
from kit.problems import Problem
from models.exports import Export, ExportFailure, ExportFormat

HEARTBEAT = 2.0  # seconds between two looks whether it was taken back, and words on how far it is
COUNTED = 20_000  # rows up to which they are counted first; of more, the planner's guess is told

log = logging.getLogger(__name__)


class RightLost(Exception):
    """Its creator may no longer see such a list, or is nobody any more."""


class StoreRefused(Exception):
    """The bytes could not be written or stored."""


@dataclass
class Progress:
    """How far it is, for the heartbeat."""

    expected: int | None = None
    rows: Callable[[], int] = lambda: 0
    is_lost: bool = False


async def run(export: Export) -> None:
    """Make the file of a claimed export and show it. Never raises, unless it is cancelled.

    When the claim is lost meanwhile, by a cancellation or to another worker, nothing is left.
    """
    progress = Progress()
    making = asyncio.create_task(_make(export, progress))
    keeping = asyncio.create_task(_keep(export, progress, making))
    try:
        await making
    except asyncio.CancelledError:
        if not progress.is_lost:
            await queue.give_back(export, now=await clock.now())
            raise
        log.info("export %s was taken back", ids.encode("exp", export.id))
    except RightLost:
        await _say(export, ExportFailure.RIGHT_LOST, RightLost())
    except StoreRefused as error:
        log.warning("export %s could not be stored", ids.encode("exp", export.id), exc_info=error)
        await _say(export, ExportFailure.STORE_REFUSED, error.__cause__ or error)
    except Exception as error:
        log.exception("export %s failed", ids.encode("exp", export.id))
        await _say(export, ExportFailure.UNEXPECTED, error)
    finally:
        keeping.cancel()


async def _say(export: Export, failure: ExportFailure, error: BaseException) -> None:
    now, text = await clock.now(), f"{type(error).__name__}: {error}"
    try:
        if failure is ExportFailure.RIGHT_LOST:
            await queue.fail(export, failure, error="", now=now)
        else:
            await queue.put_off(export, failure, error=text, now=now)
    except Exception:
        log.exception("not even that can be written down; the lease will end by itself")


async def _keep(export: Export, progress: Progress, making: asyncio.Task[None]) -> None:
    began = time.monotonic()
    while True:
        await asyncio.sleep(HEARTBEAT)
        try:
            held = await queue.keep(
                export,
                rows=progress.rows(),
                expected=progress.expected,
                busy_ms=int((time.monotonic() - began) * 1000),
            )
        except Exception:
            log.warning(
                "the lease of export %s was not renewed",
                ids.encode("exp", export.id),
                exc_info=True,
            )
            continue
        if not held:
            progress.is_lost = True
            making.cancel()
            return


async def _make(export: Export, progress: Progress) -> None:
    rows, written, seen_as = await _asked(export)
    if export.key is not None:
        await _forget(export.key)  # what an attempt before this one has left
    assert export.lease_token is not None
    key = f"{FOLDER}/{export.id.hex}/{export.lease_token.hex}"
    if not await queue.begin_file(export, key):
        return
    with store.draft() as file:
        reach("export.begun")

        async def copy(connection: asyncpg.Connection) -> Whole:
            if file.tell():  # what a standby has broken off
                file.seek(0)
                file.truncate()
            writing = _writing(export, written, file)
            progress.rows, progress.expected = lambda: writing.rows, None
            try:
                return await _copied(connection, export, rows, written, writing, progress)
            finally:
                await _settled(writing)

        whole = await sources.read(export, key, copy)
        reach("export.written")
        try:
            await store.put(
                key,
                file,
                content_type=CONTENT_TYPES[export.format],
                disposition=disposition(file_name(export)),
            )
        except Exception as error:
            raise StoreRefused from error
    reach("export.stored")
    if not await queue.finish(export, whole, seen_as=seen_as, now=await clock.now()):
        await store.delete(key)
        log.info("export %s had gone to another worker", ids.encode("exp", export.id))
    reach("export.shown")


async def _forget(key: str) -> None:
    try:
        await store.delete(key)
    except Exception as error:
        raise StoreRefused from error


def _writing(export: Export, written: list[columns.Written], file: IO[bytes]) -> Writing:
    return Writing(
        file,
        format=export.format,
        title=LISTS[export.listing].titles[export.language],
        columns=written,
        bom=export.csv_bom,
    )


async def _settled(writing: Writing) -> None:
    """The thread must be through with the file before it is closed, however this ends."""
    with suppress(OSError):  # it was raised where the piece was handed on, or it matters no more
        await writing.rest()


async def _asked(export: Export) -> tuple[Rows, list[columns.Written], dict[str, Any]]:
    """The statement, by the creator's sight, and what that is. Raises RightLost."""
    await asyncio.to_thread(LISTS.load)  # deadlines go on meanwhile
    exported = LISTS[export.listing]
    now, wall = await clock.now(), clock.wall()
    today = await viewing.as_of_now(export.viewer, wall=wall)
    if today is None:
        raise RightLost
    try:
        exported.guard(today)
    except Problem as problem:
        raise RightLost from problem
    wanted = [exported.columns[name] for name in export.columns if name in exported.columns]
    rows = exported.listing.rows(
        [column.cell for column in wanted],
        arguments=exported.listing.read(export.arguments),
        parent_id=export.parent_id,
        viewers=viewing.sights(viewing.as_of_then(export.viewer), today),
        now=now,
    )
    seen_as = viewing.made_for(today, rows.asked)
    return rows, [column.written(export.language) for column in wanted], seen_as


async def _copied(
    connection: asyncpg.Connection,
    export: Export,
    rows: Rows,
    written: list[columns.Written],
    writing: Writing,
    progress: Progress,
) -> Whole:
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        values = await literals(connection, rows.sql, rows.values)
        sql = inlined(rows.sql, values)
        progress.expected = await _expected(connection, inlined(rows.count, values))
        statement, form = _in_form(export.format, written, sql)

        async def take(piece: bytes) -> None:
            try:
                await writing.take(piece)
            except OSError as error:
                raise StoreRefused from error
            reach("export.half")

        count = await copying.copy(connection, statement, take, **form)
    try:
        return await writing.end(count)
    except OSError as error:
        raise StoreRefused from error


async def _expected(connection: asyncpg.Connection, sql: str) -> int:
    plan = json.loads(await connection.fetchval(f"explain (format json) {sql}"))
    guess = int(plan[0]["Plan"]["Plan Rows"])
    if guess > COUNTED:
        return guess
    return int(await connection.fetchval(f"select count(*) from ({sql}) counted"))


def _in_form(
    format: ExportFormat, written: list[columns.Written], rows: str
) -> tuple[str, dict[str, str]]:
    if format is ExportFormat.CSV:
        return columns.as_csv(written, rows), columns.CSV
    if format is ExportFormat.JSONL:
        return columns.as_json(written, rows), columns.RAW
    return columns.as_sheet(written, rows), columns.SHEET
