"""Exports asked for through the API, made as a worker makes them, read as owners read them."""

import csv
import io
import json
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from domain.exports import queue, running
from kit import ids, store
from models.exports import Export
from tests.customers.conftest import Ask

CREATE = """mutation($list: ExportListInput!, $columns: [String!], $format: ExportFormat!,
  $language: ExportLanguage!, $csvBom: Boolean!) {
  exportCreate(input: {list: $list, columns: $columns, format: $format, language: $language,
    csvBom: $csvBom}) { export { id status position columns } errors { code message path } } }"""
CANCEL = """mutation($id: ID!) { exportCancel(input: {id: $id}) {
  export { status } errors { code } } }"""
RETRY = """mutation($id: ID!) { exportRetry(input: {id: $id}) {
  export { status attemptCount } errors { code } } }"""
SHOW = """query($id: ID!) { export(id: $id) { listName status failure position rowsDone rowsExpected
  attemptCount fileName size sha256 downloadUrl withheldBy { code } deadline { status dueAt }
  availableActions { name allowed blockedBy { code } }
  history { nodes { name actor { kind } } } } }"""


async def requested(
    ask: Ask,
    *,
    by: Any,
    list: dict[str, Any],
    columns: Any = None,
    format: str = "CSV",
    language: str = "EN",
    bom: bool = False,
) -> Export:
    """One that waits. Fails when it was refused."""
    answer = await ask(
        CREATE,
        by=by,
        list=list,
        columns=columns,
        format=format,
        language=language,
        csvBom=bom,
    )
    assert answer["errors"] == [], answer
    return await Export.get(id=ids.decode("exp", answer["export"]["id"]))


async def made(now: datetime) -> int:
    """Make all that wait, one after the other; how many."""
    count = 0
    while (export := await queue.claim(now=now)) is not None:
        await running.run(export)
        count += 1
    return count


async def content(export: Export) -> bytes:
    """The bytes of its file."""
    await export.refresh_from_db()
    assert export.key is not None, (export.state, export.failure, export.last_error)
    pieces: AsyncIterator[bytes] = await store.get(export.key)
    return b"".join([piece async for piece in pieces])


async def lines(export: Export) -> list[list[str]]:
    """The rows of a CSV file, the heading included."""
    text = (await content(export)).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


async def objects(export: Export) -> list[dict[str, Any]]:
    """The rows of a JSONL file."""
    return [json.loads(line) for line in (await content(export)).splitlines()]


def global_id(export: Export) -> str:
    """Its id in the API."""
    return ids.encode("exp", export.id)
