"""Bytes in the store that no export knows of, and what is left there of those that are gone."""

import io
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from domain.exports import deadlines
from kit import clock, store
from models.exports import Export
from tests import s3
from tests.conftest import Clock
from tests.customers.conftest import Ask
from tests.exports.factories import content, made, requested
from tests.orders.factories import Shop
from workers import housekeeping

pytestmark = pytest.mark.usefixtures("database")

STRAY = "exports/aa/bb"
UPLOAD = "files/aa/bb"  # of which exports know nothing


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Iterator[Path]:
    """A store in a folder of its own; the other tests' comes back."""
    before = store._store
    store.configure(folder=tmp_path / "objects")
    yield tmp_path / "objects"
    store._store = before


async def put(key: str) -> None:
    await store.put(key, io.BytesIO(b"bytes"), content_type="text/csv", disposition="attachment")


async def keys() -> set[str]:
    """All that lies there, of exports and of others."""
    later, found = clock.wall() + timedelta(days=1), set()
    for top in ("exports", "files"):
        async for some in store.older(top, than=later):
            found.update(some)
    return found


def age(folder: Path, by: timedelta) -> None:
    """Let all files be older by so much."""
    for path in folder.rglob("*"):
        if path.is_file():
            moment = path.stat().st_mtime - by.total_seconds()
            os.utime(path, (moment, moment))


async def test_what_no_export_names_is_removed_after_a_day_and_nothing_else(
    folder: Path, shop: Shop, time: Clock, ask: Ask
) -> None:
    export = await requested(ask, by=shop.by, list={"orders": {}})
    await made(time.now)
    whole = await content(export)
    await put(STRAY)
    await put(UPLOAD)
    half = folder / "exports" / "aa" / "cc#1"
    half.write_bytes(b"by")

    age(folder, deadlines.STRAY - timedelta(minutes=1))
    assert await deadlines.sweep_strays() == 0

    age(folder, timedelta(minutes=1))
    await housekeeping.tidy(scheduled_for=time.now, now=time.now)

    assert await keys() == {export.key, UPLOAD}
    assert await content(export) == whole
    assert await deadlines.sweep_strays() == 0


async def test_what_an_attempt_under_way_will_write_is_named_before_it_lies_there(
    folder: Path, shop: Shop, ask: Ask
) -> None:
    export = await requested(ask, by=shop.by, list={"orders": {}})
    await put(STRAY)
    age(folder, deadlines.STRAY)
    await Export.filter(id=export.id).update(key=STRAY)

    assert await deadlines.sweep_strays() == 0

    await Export.filter(id=export.id).update(key=None)
    assert await deadlines.sweep_strays() == 1
    assert await keys() == set()


async def test_what_is_deleted_leaves_no_folder_behind(folder: Path) -> None:
    await put(STRAY)

    await store.delete(STRAY)

    assert os.listdir(folder) == []


async def test_of_a_bucket_they_are_removed_as_well(
    folder: Path,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    installation = s3.installed(tmp_path_factory.mktemp("s3"))
    with s3.serving(installation, tmp_path / "s3") as address:
        s3.told(monkeypatch, address)
        store.configure(folder=folder, bucket=f"s3://{s3.BUCKET}/house")
        await put(STRAY)
        await put(UPLOAD)
        assert await deadlines.sweep_strays() == 0

        monkeypatch.setattr(deadlines, "STRAY", -timedelta(minutes=1))
        assert await deadlines.sweep_strays() == 1

        assert await keys() == {UPLOAD}
