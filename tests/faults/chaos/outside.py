"""The audit of what left the house: answers under keys, webhooks that came, files shown."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import orjson

from domain.audit.changes import camel
from kit import database, ids
from tests.faults.chaos.book import Book
from tests.faults.chaos.looked import Looked
from tests.receiver import Received


async def keys(book: Book) -> Looked:
    """Each key has one outcome, the one that its client was told."""
    rows = await database.rows("select mutation, key, outcome::text from idempotency_record")
    kept: dict[tuple[str, str], list[dict[str, object]]] = defaultdict(list)
    for row in rows:
        kept[camel(row["mutation"]), row["key"]].append(orjson.loads(row["outcome"]))
    looked = Looked("idempotency keys", len(rows))
    for asked in book.asked:
        outcomes = kept.get((asked.mutation, asked.key), [])
        if not asked.answered:
            if len(outcomes) > 1:
                looked.wrong.append(f"{asked.mutation} {asked.key}: {len(outcomes)} outcomes")
            continue
        if not asked.retryable and len(outcomes) != 1:
            looked.wrong.append(f"{asked.mutation} {asked.key}: {len(outcomes)} outcomes")
        for outcome in outcomes:
            known = set(_flat((outcome.get("ids") or {}).values()))  # type: ignore[attr-defined]
            told = {id.partition("_")[2] for id in asked.ids}
            if not told <= known:
                looked.wrong.append(f"{asked.mutation}: told {sorted(told)}, kept {sorted(known)}")
    return looked


def _flat(ids: Iterable[str | list[str]]) -> list[str]:
    return [id for each in ids for id in ([each] if isinstance(each, str) else each)]


async def deliveries(received: list[Received]) -> Looked:
    """Whatever counts as delivered came, and what came under one id was always the same."""
    bodies: dict[tuple[str, str], set[bytes]] = defaultdict(set)
    for each in received:
        bodies[each.path, each.id].add(each.body)
    looked = Looked("webhooks received", len(received))
    looked.wrong = [
        f"{id} came with two bodies" for (_, id), known in bodies.items() if len(known) > 1
    ]
    rows = await database.rows(
        """
        select endpoint.url, delivery.event_id from webhook_delivery delivery
        join webhook_endpoint endpoint on endpoint.id = delivery.endpoint_id
        where delivery.state = 'DELIVERED' and delivery.event_id is not null"""
    )
    for row in rows:
        path = "/" + row["url"].split("/", 3)[3]
        if (path, ids.encode("evt", row["event_id"])) not in bodies:
            looked.wrong.append(f"event {row['event_id']} counts as delivered and never came")
    return looked


async def files(folder: Path) -> Looked:
    """Each file that is shown is whole, and there are no others."""
    rows = await database.rows("select id, state, key, size, sha256 from export")
    looked = Looked("exported files", 0)
    shown = {row["key"]: row for row in rows if row["state"] == "DONE"}
    for key, row in shown.items():
        looked.count += 1
        place = folder / key
        if not place.is_file():
            looked.wrong.append(f"export {row['id']} has no file")
            continue
        content = place.read_bytes()
        if (len(content), hashlib.sha256(content).hexdigest()) != (row["size"], row["sha256"]):
            looked.wrong.append(f"the file of export {row['id']} isn't what it is said to be")
    known = {row["key"] for row in rows if row["key"] is not None}
    for place in folder.glob("exports/*/*"):  # noqa: ASYNC240 -- nobody else waits
        if str(place.relative_to(folder)) not in known:
            looked.wrong.append(f"{place.relative_to(folder)} is nobody's")
    return looked
