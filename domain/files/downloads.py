"""Handing files out: by a link that was given to somebody who may, and that soon ends."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from domain.files.uploads import disposition
from kit import clock, links, store, tickets
from models.files import StoredFile

PURPOSE = "file"
GOOD_FOR = timedelta(minutes=15)
BUCKET_GOOD_FOR = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Download:
    """A file on its way: from elsewhere (`address`), or in pieces."""

    file: StoredFile
    disposition: str
    address: str | None = None
    pieces: AsyncIterator[bytes] | None = None


def link(file_id: UUID) -> str:
    """An address that gives the file to whoever opens it, for a quarter of an hour."""
    until = clock.wall() + GOOD_FOR
    return links.page(f"files/{tickets.issue(PURPOSE, id=file_id, until=until)}")


async def open(*, ticket: str, wall: datetime) -> Download | None:
    """What the ticket opens; None when it is none of ours, is over, or its file is gone."""
    id = tickets.read(PURPOSE, ticket, wall=wall)
    file = await StoredFile.get_or_none(id=id, removed_at=None) if id else None
    if file is None or file.stored_at is None:
        return None
    address = store.link(file.key, lasts=BUCKET_GOOD_FOR)
    if address is not None:
        return Download(file, disposition(file.name), address=address)
    try:
        return Download(file, disposition(file.name), pieces=await store.get(file.key))
    except store.Missing:
        return None
