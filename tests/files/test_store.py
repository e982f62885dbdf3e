"""The object store: a folder, and a bucket behind an S3 server of our own."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
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
