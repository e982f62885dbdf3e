"""Taking files in: examined, written down, stored."""

import asyncio
from datetime import datetime, timedelta
from typing import IO
from urllib.parse import quote
from uuid import UUID

from domain.audit import events
from domain.files import content
from domain.files.content import Content
from domain.identity.viewer import Viewer
from kit import database, store
from kit.ids import new_id
from kit.problems import Forbidden, Problem
from kit.transaction import lock, transactional
from models.files import StoredFile
from models.partners import Partner

UNATTACHED_FOR = timedelta(hours=24)
UNATTACHED_MOST = 100


class TooManyFiles(Problem):
    """The partner has uploaded a hundred files that belong to nothing yet."""

    en = "{limit} uploaded files wait to be used; use some, or wait until they are removed."
    zh = "已有 {limit} 个上传文件尚未使用,请先使用或等待系统清理。"
    about = {"limit": "How many may wait."}
    limit: int = UNATTACHED_MOST


async def upload(*, viewer: Viewer, name: str, file: IO[bytes], now: datetime) -> StoredFile:
    """Keep a file of the viewer's partner; within 24 hours something must attach it.

    Raises Forbidden for who acts for no partner, FileTooLarge, FileOfUnknownType, TooManyFiles,
    InvalidInput. Reads and stores outside any transaction: a crash in between leaves a row that
    nobody knows of, and the sweep takes it.
    """
    viewer.require_operator()
    if viewer.partner_id is None:
        raise Forbidden(needs="OPERATOR")
    name = content.bare_name(name)
    found = await asyncio.to_thread(content.examine, file)
    kept = await _write_down(viewer=viewer, name=name, found=found, now=now)
    await store.put(
        kept.key,
        file,
        content_type=kept.content_type,
        disposition=disposition(kept.name),
    )
    return await _confirm(viewer=viewer, file_id=kept.id, now=now)


def disposition(name: str) -> str:
    """The Content-Disposition that makes a browser save it under its name, never show it."""
    plain = "".join(letter if letter.isascii() and letter not in '"\\%' else "_" for letter in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


@transactional
async def _write_down(*, viewer: Viewer, name: str, found: Content, now: datetime) -> StoredFile:
    assert viewer.partner_id is not None
    assert viewer.actor_id is not None
    await lock(Partner, id=viewer.partner_id)
    await _refuse_too_many(viewer.partner_id, now)
    id = new_id()
    file = StoredFile(
        id=id,
        created_at=now,
        partner_id=viewer.partner_id,
        uploaded_by=viewer.actor_id,
        key=f"files/{id.hex[-2:]}/{id.hex}",
        name=name,
        content_type=found.content_type,
        size=found.size,
        sha256=found.sha256,
    )
    await file.insert()
    return file


async def _refuse_too_many(partner_id: UUID, now: datetime) -> None:
    waiting = await database.row(
        "select count(*) as files from stored_file where partner_id = $1 and created_at > $2"
        " and attached_to is null and removed_at is null",
        partner_id,
        now - UNATTACHED_FOR,
    )
    if waiting is not None and waiting["files"] >= UNATTACHED_MOST:
        raise TooManyFiles()


@transactional
async def _confirm(*, viewer: Viewer, file_id: UUID, now: datetime) -> StoredFile:
    file = await lock(StoredFile, id=file_id)
    assert file is not None
    file.stored_at = now
    await file.save(update_fields=["stored_at"])
    await events.record(
        "stored_file.uploaded",
        actor=viewer,
        subject_type="stored_file",
        subject_id=file.id,
        tenant_id=file.partner_id,
        at=now,
        after={"content_type": file.content_type, "size": file.size},
    )
    return file
