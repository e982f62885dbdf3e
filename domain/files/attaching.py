"""Files and what they belong to: a file is attached once, and stays with what it proves."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from domain.files.uploads import UNATTACHED_FOR
from kit.ids import new_id
from kit.problems import NotFound, Problem
from kit.transaction import assert_open
from models.files import StoredFile


class FileExpired(Problem):
    """It was uploaded 24 hours ago or earlier, and nothing attached it."""

    en = "The file {name} was removed at {expired_at:%Y-%m-%d %H:%M} UTC; upload it again."
    zh = "文件 {name} 已于 {expired_at:%Y-%m-%d %H:%M}(UTC)被清理,请重新上传。"
    about = {"name": "The file's name.", "expired_at": "When its 24 hours were over."}
    name: str
    expired_at: datetime


class FileAlreadyAttached(Problem):
    """It belongs to something else; a file proves one thing."""

    en = "The file {name} is used elsewhere already; upload it again."
    zh = "文件 {name} 已用于其他单据,请重新上传。"
    about = {"name": "The file's name."}
    name: str


Place = Callable[[int], tuple[str, ...]]


def _nowhere(number: int) -> tuple[str, ...]:
    return ()


async def attach(
    *,
    file_ids: Sequence[UUID],
    to: UUID,
    partner_id: UUID,
    now: datetime,
    place: Place = _nowhere,
) -> dict[UUID, StoredFile]:
    """Make exactly these files of the partner's belong to `to`; others that did are let go.

    `place` tells where in the input the file of a number, from 0 on, is named. Call it in the
    workflow that has `to` locked. Raises NotFound for foreign and unknown files, FileExpired,
    FileAlreadyAttached.
    """
    assert_open()
    wanted = set(file_ids)
    # In the order of ids, as everybody who wants several.
    files = (
        await StoredFile.filter(id__in=[*wanted], partner_id=partner_id)
        .order_by("id")
        .select_for_update(no_key=True)
    )
    found = {file.id: file for file in files if file.stored_at is not None}
    for number, id in enumerate(file_ids):
        _refuse(found.get(id), to, now, place(number))
    await StoredFile.filter(attached_to=to).exclude(id__in=[*wanted]).update(attached_to=None)
    await StoredFile.filter(id__in=[*wanted]).update(attached_to=to)
    return found


async def copy(*, file_ids: Sequence[UUID], to: UUID, now: datetime) -> Mapping[UUID, UUID]:
    """Give `to` files of its own with the same content; by the old file's id, the new one's.

    The bytes are shared: the sweep leaves them as long as any row has their key.
    """
    assert_open()
    copies = {}
    for file in await StoredFile.filter(id__in=[*file_ids], removed_at=None).order_by("id"):
        copies[file.id] = new_id()
        await StoredFile.create(
            id=copies[file.id],
            created_at=now,
            partner_id=file.partner_id,
            uploaded_by=file.uploaded_by,
            key=file.key,
            name=file.name,
            content_type=file.content_type,
            size=file.size,
            sha256=file.sha256,
            stored_at=now,
            attached_to=to,
        )
    return copies


def _refuse(file: StoredFile | None, to: UUID, now: datetime, path: tuple[str, ...]) -> None:
    if file is None:
        raise NotFound(thing="file", path=path)
    if file.attached_to == to:
        return
    if file.attached_to is not None:
        raise FileAlreadyAttached(name=file.name, path=path)
    expires_at = file.created_at + UNATTACHED_FOR
    if file.removed_at is not None or expires_at <= now:
        raise FileExpired(name=file.name, expired_at=expires_at, path=path)
