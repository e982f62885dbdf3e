"""The object store: a folder, and a bucket behind an S3 server of our own."""

import asyncio
import errno
import os
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from kit import store


class Bucket:
    """What S3 does with objects that come, are asked for, and go; it checks no signatures."""

    def __init__(self) -> None:
        self.objects: dict[str, tuple[bytes, dict[str, str]]] = {}
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Requests of one connection."""
        while head := await _head(reader):
            method, path, headers = head
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            key = urlsplit(path).path
            status, content, kind = "204 No Content", b"", ""
            if method == "PUT":
                self.objects[key] = body, headers
                status = "200 OK"
            elif method == "GET" and key in self.objects:
                content, kept = self.objects[key]
                status, kind = "200 OK", kept.get("content-type", "")
            elif method == "GET":
                status = "404 Not Found"
            elif method == "POST":  # many at once: the only way in which it is asked to delete
                deleted = re.findall(rb"<Key>.*?</Key>", body)
                for named in deleted:
                    self.objects.pop(f"{key}/{named.decode()[5:-6]}", None)
                told = b"".join(b"<Deleted>%s</Deleted>" % named for named in deleted)
                status, content = "200 OK", b"<DeleteResult>%s</DeleteResult>" % told
            writer.write(
                f'HTTP/1.1 {status}\r\ncontent-length: {len(content)}\r\netag: "1"\r\n'
                f"content-type: {kind}\r\nlast-modified: Thu, 31 Jan 2030 23:30:00 GMT\r\n"
                "\r\n".encode()
                + content
            )
            await writer.drain()
        writer.close()


async def _head(reader: asyncio.StreamReader) -> tuple[str, str, dict[str, str]] | None:
    try:
        text = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except (asyncio.IncompleteReadError, ConnectionResetError):
        return None
    first, *lines = text.strip().split("\r\n")
    method, path, _ = first.split(" ")
    headers = dict(line.split(": ", 1) for line in lines)
    return method, path, {name.lower(): value for name, value in headers.items()}


@pytest.fixture
async def bucket() -> AsyncIterator[Bucket]:
    """A bucket, and the store configured for it."""
    bucket = Bucket()
    server = await asyncio.start_server(bucket.serve, "127.0.0.1", 0)
    bucket.port = server.sockets[0].getsockname()[1]
    store.configure(
        folder=Path("unused"),
        bucket="s3://files/prefix",
        options={
            "access_key_id": "key",
            "secret_access_key": "secret",
            "region": "cn-north-1",
            "endpoint": f"http://127.0.0.1:{bucket.port}",
            "client_options": {"allow_http": True},
        },
    )
    yield bucket
    store.configure(folder=Path("unused"))
    server.close()


async def put(content: bytes = b"hello") -> None:
    await store.put(
        "files/ab/1",
        BytesIO(content),
        content_type="application/pdf",
        disposition='attachment; filename="a.pdf"',
    )


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def whole(key: str) -> bytes:
    return b"".join([piece async for piece in await store.get(key)])


async def test_a_folder_keeps_what_it_was_given(tmp_path: Path) -> None:
    store.configure(folder=tmp_path / "deep" / "objects")
    content = BytesIO(b"x" * 200_000)
    content.seek(100)  # wherever somebody has read to

    await store.put("files/ab/1", content, content_type="a/b", disposition="attachment")

    assert await whole("files/ab/1") == b"x" * 200_000
    assert store.link("files/ab/1", lasts=timedelta(minutes=1)) is None
    await store.delete("files/ab/1")
    await store.delete("files/ab/1")
    with pytest.raises(store.Missing):
        await store.get("files/ab/1")


@pytest.mark.parametrize("key", ["../evil", "files/../../evil"])
async def test_no_key_leads_out_of_the_folder(tmp_path: Path, key: str) -> None:
    store.configure(folder=tmp_path / "objects")

    with pytest.raises(ValueError, match=r"\.\."):
        await store.put(key, BytesIO(b"x"), content_type="a/b", disposition="attachment")

    assert names_in(tmp_path) == ["objects"]


async def drafted(content: bytes, key: str) -> int:
    """Put a draft; gives the number of its inode."""
    with store.draft() as draft:
        draft.write(content)
        await store.put(key, draft, content_type="a/b", disposition="attachment")
        return os.fstat(draft.fileno()).st_ino


async def test_a_draft_is_given_its_name_and_not_copied(tmp_path: Path) -> None:
    store.configure(folder=tmp_path)

    inode = await drafted(b"x" * 200_000, "deep/er/1")

    assert (tmp_path / "deep/er/1").stat().st_ino == inode
    assert await whole("deep/er/1") == b"x" * 200_000


async def test_a_draft_that_is_given_up_leaves_nothing(tmp_path: Path) -> None:
    store.configure(folder=tmp_path)

    with store.draft() as draft:
        draft.write(b"x" * 200_000)

        assert names_in(tmp_path) == []
    assert names_in(tmp_path) == []


async def test_a_draft_takes_the_place_of_what_was_there(tmp_path: Path) -> None:
    store.configure(folder=tmp_path)

    await drafted(b"the first", "1")
    await drafted(b"the second", "1")

    assert await whole("1") == b"the second"


async def test_a_folder_that_knows_only_files_with_names_gets_a_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.configure(folder=tmp_path)

    real = os.open

    def refuse(path: Any, flags: int, *args: Any, **more: Any) -> int:
        if flags & os.O_TMPFILE == os.O_TMPFILE:
            raise OSError(errno.EOPNOTSUPP, "Operation not supported")
        return real(path, flags, *args, **more)

    monkeypatch.setattr(os, "open", refuse)
    with store.draft() as draft:
        draft.write(b"x")
        await store.put("1", draft, content_type="a/b", disposition="attachment")

    assert await whole("1") == b"x"


@pytest.mark.parametrize("key", ["../evil", "files/../../evil"])
async def test_no_name_of_a_draft_leads_out_of_the_folder(tmp_path: Path, key: str) -> None:
    store.configure(folder=tmp_path / "objects")

    with pytest.raises(ValueError, match=r"\.\."):
        await drafted(b"x", key)

    assert names_in(tmp_path) == ["objects"]


async def test_a_bucket_keeps_what_it_was_given_with_its_type_and_name(bucket: Bucket) -> None:
    await put()

    [(key, (content, headers))] = bucket.objects.items()
    assert (key, content) == ("/files/prefix/files/ab/1", b"hello")
    assert headers["content-type"] == "application/pdf"
    assert headers["content-disposition"] == 'attachment; filename="a.pdf"'
    assert await whole("files/ab/1") == b"hello"
    await store.delete("files/ab/1")
    assert bucket.objects == {}
    with pytest.raises(store.Missing):
        await store.get("files/ab/1")


async def test_a_bucket_hands_files_out_itself_by_a_link_that_ends(bucket: Bucket) -> None:
    await put()

    link = store.link("files/ab/1", lasts=timedelta(minutes=1))

    assert link is not None
    parts = urlsplit(link)
    assert parts.path == "/files/prefix/files/ab/1"
    query = parse_qs(parts.query)
    assert query["X-Amz-Expires"] == ["60"]
    assert len(query["X-Amz-Signature"][0]) == 64
    async with httpx.AsyncClient() as client:
        assert (await client.get(link)).content == b"hello"
