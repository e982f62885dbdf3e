"""Exports into a bucket of a real S3 server, into one that is away, and onto a full disk."""

import hashlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from domain.exports import downloads
from domain.exports.queue import ATTEMPTS
from kit import clock, store
from models.exports import Export, ExportFailure
from models.exports import ExportState as State
from tests import s3
from tests.conftest import Clock
from tests.customers.conftest import Ask
from tests.exports.factories import RETRY, SHOW, global_id, made, requested
from tests.orders.factories import Shop, place

pytestmark = pytest.mark.usefixtures("database")

ORDERS: dict[str, Any] = {"list": {"orders": {}}, "columns": ["number"]}


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return s3.installed(tmp_path_factory.mktemp("s3"))


@pytest.fixture
def own_store(tmp_path: Path) -> Iterator[None]:
    """Put the store back that other tests have."""
    before = store._store
    yield
    store._store = before


async def failed(export: Export, time: Clock) -> Export:
    """Let it be tried until it is given up."""
    for _ in range(ATTEMPTS):
        assert await made(time.now) == 1
        time.forward(minutes=5)
    return await Export.get(id=export.id)


async def test_a_file_in_a_bucket_is_handed_out_by_the_bucket(
    shop: Shop,
    time: Clock,
    ask: Ask,
    installation: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    own_store: None,
) -> None:
    order = await place(shop, now=time.now)
    export = await requested(ask, by=shop.by, **ORDERS)
    with s3.serving(installation, tmp_path / "s3") as address:
        s3.told(monkeypatch, address)
        store.configure(folder=tmp_path, bucket=f"s3://{s3.BUCKET}/house")
        await made(time.now)
        ticket = downloads.link(export.id, viewer=shop.by).rpartition("/")[2]
        found = await downloads.open(ticket=ticket, wall=clock.wall(), now=time.now)
        assert found is not None
        assert found.address is not None
        async with httpx.AsyncClient() as client:
            answer = await client.get(found.address)

    export = await Export.get(id=export.id)
    assert export.state is State.DONE
    assert answer.content.decode() == f'"Number"\n{order.number}\n'
    assert hashlib.sha256(answer.content).hexdigest() == export.sha256
    assert answer.headers["content-disposition"].startswith("attachment;")


async def test_without_the_bucket_it_fails_and_says_so_and_can_be_asked_for_again(
    shop: Shop,
    time: Clock,
    ask: Ask,
    installation: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    own_store: None,
) -> None:
    export = await requested(ask, by=shop.by, **ORDERS)
    with s3.serving(installation, tmp_path / "s3") as address:
        s3.told(monkeypatch, address)
        store.configure(folder=tmp_path, bucket="s3://elsewhere")

        export = await failed(export, time)

        assert (export.state, export.failure) == (State.FAILED, ExportFailure.STORE_REFUSED)
        assert "NoSuchBucket" in str(export.last_error)
        shown = await ask(SHOW, by=shop.by, id=global_id(export))
        assert (shown["failure"], shown["downloadUrl"]) == ("STORE_REFUSED", None)

        store.configure(folder=tmp_path, bucket=f"s3://{s3.BUCKET}")
        assert (await ask(RETRY, by=shop.by, id=global_id(export)))["errors"] == []
        await made(time.now)

    assert (await Export.get(id=export.id)).state is State.DONE


async def test_a_full_disk_fails_it_and_says_so(
    shop: Shop, time: Clock, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    await place(shop, now=time.now)
    export = await requested(ask, by=shop.by, **ORDERS)
    # A device of the kernel's that has room for nothing.
    monkeypatch.setattr(store, "draft", partial(Path("/dev/full").open, "w+b", 0))

    export = await failed(export, time)

    assert (export.state, export.failure) == (State.FAILED, ExportFailure.STORE_REFUSED)
    assert "No space left on device" in str(export.last_error)


async def test_a_folder_that_takes_nothing_fails_it_and_says_so(
    shop: Shop, time: Clock, ask: Ask, tmp_path: Path, own_store: None
) -> None:
    export = await requested(ask, by=shop.by, **ORDERS)
    store.configure(folder=tmp_path / "objects")
    (tmp_path / "objects" / "exports").write_text("where a folder ought to be")

    export = await failed(export, time)

    assert (export.state, export.failure) == (State.FAILED, ExportFailure.STORE_REFUSED)
