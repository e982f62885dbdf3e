"""Handing a file out: by a link that only its creator and the administrator are given."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from domain.exports import guards, viewing
from domain.files.uploads import disposition
from domain.identity.viewer import Viewer
from kit import clock, links, store, tickets
from kit.workdays import SHANGHAI
from models.exports import Export, ExportFormat, ExportLanguage

PURPOSE = "export"
GOOD_FOR = timedelta(minutes=15)
BUCKET_GOOD_FOR = timedelta(minutes=1)

CONTENT_TYPES = {
    ExportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ExportFormat.CSV: "text/csv; charset=utf-8",
    ExportFormat.JSONL: "application/jsonl",
}


class Named(Protocol):
    """What the name of a file is made of."""

    @property
    def title(self) -> str: ...
    @property
    def title_en(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def format(self) -> str: ...
    @property
    def created_at(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Download:
    """A file on its way: from elsewhere (`address`), or in pieces."""

    content_type: str
    size: int
    disposition: str
    address: str | None = None
    pieces: AsyncIterator[bytes] | None = None


def file_name(export: Named) -> str:
    """`订单-20300201-073000.xlsx`: what it is, and when it was asked for, in Shanghai."""
    is_chinese = export.language == ExportLanguage.ZH
    title = export.title if is_chinese else export.title_en
    asked_at = export.created_at.astimezone(SHANGHAI)
    return f"{title}-{asked_at:%Y%m%d-%H%M%S}.{ExportFormat(export.format).value.lower()}"


def link(export_id: UUID, *, viewer: Viewer) -> str:
    """An address that gives the file to whoever opens it, for a quarter of an hour.

    It is good as long as the viewer, who is in it, may have the file.
    """
    until, holder = clock.wall() + GOOD_FOR, viewing.holder(viewer)
    ticket = tickets.issue(f"{PURPOSE} {holder}", id=export_id, until=until)
    return links.page(f"exports/{holder}~{ticket}")


async def open(*, ticket: str, wall: datetime, now: datetime) -> Download | None:
    """What the ticket opens; None when it is none of ours, is over, or its file is gone."""
    holder, _, proof = ticket.partition("~")
    id = tickets.read(f"{PURPOSE} {holder}", proof, wall=wall)
    export = await Export.get_or_none(id=id) if id else None
    viewer = await viewing.held_by(holder, wall=wall) if export else None
    if export is None or viewer is None or guards.download(export, viewer, now) is not None:
        return None
    assert export.key is not None
    assert export.size is not None
    told = (CONTENT_TYPES[export.format], export.size, disposition(file_name(export)))
    address = store.link(export.key, lasts=BUCKET_GOOD_FOR)
    if address is not None:
        return Download(*told, address=address)
    try:
        return Download(*told, pieces=await store.get(export.key))
    except store.Missing:
        return None
