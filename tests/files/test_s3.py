"""The object store in a bucket of a real S3 server, told of by the environment alone."""

import os
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import httpx
import pytest

from kit import store
from tests import s3


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return s3.installed(tmp_path_factory.mktemp("s3"))


@pytest.fixture
def address(installation: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A store in an empty bucket; where the server is."""
    with s3.serving(installation, tmp_path / "s3") as address:
        s3.told(monkeypatch, address)
        store.configure(folder=tmp_path, bucket=f"s3://{s3.BUCKET}/prefix")
        yield address
    store.configure(folder=Path("unused"))


async def put(key: str, content: bytes) -> None:
    await store.put(
        key, BytesIO(content), content_type="text/csv", disposition='attachment; filename="a.csv"'
    )


async def whole(key: str) -> bytes:
    return b"".join([piece async for piece in await store.get(key)])


async def test_what_is_put_is_got_and_can_be_forgotten(address: str) -> None:
    await put("exports/1", b"hello")

    assert await whole("exports/1") == b"hello"
    await store.delete("exports/1")
    await store.delete("exports/1")
    with pytest.raises(store.Missing):
        await store.get("exports/1")


async def test_a_large_file_goes_in_parts_and_is_whole(address: str) -> None:
    content = os.urandom(17 * 2**20 + 1)

    await put("exports/1", content)

    assert await whole("exports/1") == content


async def test_a_link_hands_it_out_with_its_type_and_name(address: str) -> None:
    await put("exports/1", b"hello")

    link = store.link("exports/1", lasts=timedelta(minutes=1))

    assert link is not None
    async with httpx.AsyncClient() as client:
        answer = await client.get(link)
    assert (answer.status_code, answer.content) == (200, b"hello")
    assert answer.headers["content-type"] == "text/csv"
    assert answer.headers["content-disposition"] == 'attachment; filename="a.csv"'


@pytest.mark.parametrize("size", [1, 11 * 2**20])
async def test_a_bucket_that_is_not_there_is_an_error(
    address: str, tmp_path: Path, size: int
) -> None:
    store.configure(folder=tmp_path, bucket="s3://elsewhere")

    with pytest.raises(Exception, match="NoSuchBucket"):
        await put("exports/1", b"x" * size)

    with pytest.raises(store.Missing):
        await store.get("exports/1")


async def test_a_key_that_the_server_does_not_know_is_an_error(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3.told(monkeypatch, address, key="NOBODY")
    store.configure(folder=tmp_path, bucket=f"s3://{s3.BUCKET}")

    with pytest.raises(Exception, match="InvalidAccessKeyId"):
        await put("exports/1", b"hello")
