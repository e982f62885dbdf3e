"""Where files' bytes lie: in a folder, or in a bucket of an S3-compatible store."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from io import BufferedRandom, FileIO
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

import obstore
from obstore.store import LocalStore, S3Store

CHUNK = 65_536
PARTS = 2  # of five megabytes each, that are on their way at a time
HALF = "#"  # in the name that obstore gives a file while it copies; no key of ours has it

_store: LocalStore | S3Store | None = None


class Missing(Exception):
    """The store has nothing under this key."""


class Draft(BufferedRandom):
    """A file without a name in the store's own folder: `put` names it instead of copying it."""


def configure(
    *, folder: Path, bucket: str | None = None, options: Mapping[str, Any] | None = None
) -> None:
    """Say where bytes go: into the `folder`, or into a bucket, `s3://bucket/prefix`.

    For a bucket, credentials, region and endpoint are taken from the environment by their usual
    names (`AWS_ACCESS_KEY_ID` …), unless `options` has them.
    """
    global _store
    if bucket is None:
        # Else what was deleted would leave its folder behind, one for each export ever made.
        _store = LocalStore(folder, mkdir=True, automatic_cleanup=True)
    else:
        _store = S3Store.from_url(bucket, **(options or {}))


def draft() -> IO[bytes]:
    """An empty file to write into what will be `put`; it is gone when it is closed before that."""
    if isinstance(_store, LocalStore) and hasattr(os, "O_TMPFILE"):
        with suppress(OSError):  # some file systems know no files without names
            flags = os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC
            return Draft(FileIO(os.open(_folder(_store), flags, mode=0o666), "r+"))
    return TemporaryFile()


async def put(key: str, content: IO[bytes], *, content_type: str, disposition: str) -> None:
    """Store the whole content under the key, from its start; it is there whole or not at all.

    The type and the Content-Disposition are what a bucket answers with to who follows a `link`.
    """
    content.seek(0)
    if isinstance(_store, S3Store):
        await obstore.put_async(
            _store,
            key,
            content,
            attributes={"Content-Type": content_type, "Content-Disposition": disposition},
            max_concurrency=PARTS,
        )
    elif not (isinstance(content, Draft) and await asyncio.to_thread(_name, content, key)):
        await obstore.put_async(_opened(), key, content, max_concurrency=PARTS)


async def get(key: str) -> AsyncIterator[bytes]:
    """The content in pieces. Raises Missing at once, not at the first piece."""
    try:
        found = await obstore.get_async(_opened(), key)
    except FileNotFoundError as error:
        raise Missing(key) from error
    return _pieces(found)


async def delete(key: str) -> None:
    """Forget the content; what isn't there needs no forgetting."""
    store = _opened()
    with suppress(FileNotFoundError):
        if HALF in key and isinstance(store, LocalStore):  # of which obstore wants to know nothing
            await asyncio.to_thread((_folder(store) / key).unlink)
        else:
            await obstore.delete_async(store, key)


async def older(folder: str, *, than: datetime) -> AsyncIterator[list[str]]:
    """Keys that begin with `folder/` and were stored before then, some at a time.

    Where they lie in a folder, so are the halves that a process has left that was killed while it
    copied. Of those in a bucket nobody is told; it removes them itself, if it was told to.
    """
    store = _opened()
    if isinstance(store, LocalStore):
        yield await asyncio.to_thread(_older, _folder(store), folder, than)
        return
    async for found in obstore.list(store, folder):
        yield [each["path"] for each in found if each["last_modified"] < than]


def link(key: str, *, lasts: timedelta) -> str | None:
    """An address at which the bucket itself hands it out for a while; None for a folder."""
    store = _opened()
    return obstore.sign(store, "GET", key, lasts) if isinstance(store, S3Store) else None


async def _pieces(found: Any) -> AsyncIterator[bytes]:
    async for piece in found.stream(min_chunk_size=CHUNK):
        yield bytes(piece)


def _name(draft: Draft, key: str) -> bool:
    """Whether it could be done; a copy says what is wrong, or can do without."""
    folder = _folder(_opened())
    path = (folder / key).resolve()
    if not path.is_relative_to(folder.resolve()):
        return False
    draft.flush()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        parent = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            # Only beside a folder of its own does Python follow the link that this is.
            os.link(f"/proc/self/fd/{draft.fileno()}", path.name, dst_dir_fd=parent)
        finally:
            os.close(parent)
    except OSError:
        return False
    return True


def _older(root: Path, folder: str, than: datetime) -> list[str]:
    found = []
    for path in (root / folder).rglob("*"):
        with suppress(FileNotFoundError):  # it goes this moment
            if path.is_file() and path.stat().st_mtime < than.timestamp():
                found.append(path.relative_to(root).as_posix())
    return found


def _folder(store: LocalStore | S3Store) -> Path:
    assert isinstance(store.prefix, Path)
    return store.prefix


def _opened() -> LocalStore | S3Store:
    assert _store is not None, "kit.store.configure() was not called"
    return _store
