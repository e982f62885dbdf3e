"""What nothing has attached within 24 hours goes: row and bytes, and never what is in use."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest

from domain.files import attaching, uploads
from domain.files.sweep import sweep
from domain.files.uploads import UNATTACHED_FOR
from domain.identity.viewer import Viewer
from kit import store
from kit.ids import new_id
from kit.transaction import transaction
from models.files import StoredFile
from tests.conftest import Clock
from tests.factories import a_partner, an_administrator
from tests.files.conftest import stored
from tests.files.samples import PDF
from tests.races import at_once
from workers.ticks import TIMETABLE

MICROSECOND = timedelta(microseconds=1)


@pytest.fixture
async def by(folder: Path, time: Clock) -> Viewer:
    return await an_administrator(await a_partner())


async def a_file(by: Viewer, time: Clock) -> StoredFile:
    return await uploads.upload(viewer=by, name="a.pdf", file=BytesIO(PDF), now=time.now)


async def attach(file: StoredFile, time: Clock) -> None:
    async with transaction():
        await attaching.attach(
            file_ids=[file.id], to=new_id(), partner_id=file.partner_id, now=time.now
        )


async def test_unused_files_go_after_24_hours_and_used_ones_stay(
    by: Viewer, time: Clock, folder: Path
) -> None:
    unused, used = await a_file(by, time), await a_file(by, time)
    await attach(used, time)

    time.now += UNATTACHED_FOR - MICROSECOND
    assert await sweep(now=time.now) == 0
    time.now += MICROSECOND
    assert await sweep(now=time.now) == 1

    assert [file.id for file in await StoredFile.all()] == [used.id]
    assert len(stored(folder)) == 1
    assert unused.key != used.key


async def test_a_file_that_is_let_go_goes_with_the_next_sweep(
    by: Viewer, time: Clock, folder: Path
) -> None:
    file, subject = await a_file(by, time), new_id()
    for ids in ([file.id], []):
        async with transaction():
            await attaching.attach(
                file_ids=ids, to=subject, partner_id=file.partner_id, now=time.now
            )
    time.forward(days=1)

    await sweep(now=time.now)

    assert not await StoredFile.exists()
    assert stored(folder) == []


async def test_shared_bytes_stay_as_long_as_any_file_has_them(
    by: Viewer, time: Clock, folder: Path
) -> None:
    original, subject = await a_file(by, time), new_id()
    async with transaction():
        await attaching.copy(file_ids=[original.id], to=subject, now=time.now)
    time.forward(days=1)

    await sweep(now=time.now)
    assert [file.attached_to for file in await StoredFile.all()] == [subject]
    assert len(stored(folder)) == 1

    await StoredFile.all().update(attached_to=None)
    time.forward(days=1)
    await sweep(now=time.now)
    assert not await StoredFile.exists()
    assert stored(folder) == []


async def test_what_a_crash_left_behind_is_removed_by_the_next_sweep(
    by: Viewer, time: Clock, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_file(by, time)
    time.forward(days=1)

    async def crash(_: str) -> None:
        raise OSError("no route to the bucket")

    with monkeypatch.context() as broken:
        broken.setattr(store, "delete", crash)
        await sweep(now=time.now)
    marked = await StoredFile.get()
    assert marked.removed_at == time.now
    with pytest.raises(attaching.FileExpired):
        await attach(marked, time)

    await sweep(now=time.now)

    assert not await StoredFile.exists()
    assert stored(folder) == []


async def test_a_file_that_never_got_its_bytes_goes_too(
    by: Viewer, time: Clock, folder: Path
) -> None:
    file = await a_file(by, time)
    await StoredFile.filter(id=file.id).update(stored_at=None)
    await store.delete(file.key)
    time.forward(days=1)

    await sweep(now=time.now)

    assert not await StoredFile.exists()


async def test_a_file_that_is_being_attached_is_left_alone(
    by: Viewer, time: Clock, folder: Path
) -> None:
    file = await a_file(by, time)
    late = time.now + UNATTACHED_FOR

    async def attach_in_time() -> None:
        await attach(file, time)
        await sweep(now=late)

    [answer] = await at_once(attach_in_time(), while_locked=file)

    assert answer is None
    assert len(stored(folder)) == 1


def test_the_sweep_is_in_the_timetable() -> None:
    assert "files" in [periodic.name for periodic in TIMETABLE]
