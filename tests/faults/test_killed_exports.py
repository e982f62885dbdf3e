"""A worker may die at any step of an export: another begins it anew, and no half file is seen."""

import signal
from datetime import timedelta
from typing import Any

import pytest

from domain.audit import relay
from domain.exports import requesting
from domain.identity.viewer import Viewer
from kit import clock, database
from models.audit import Event
from models.exports import Export, ExportFormat, ExportLanguage
from models.exports import ExportState as State
from tests.factories import a_partner, an_administrator
from tests.faults.processes import Workers, ended, paused, until, until_stopped

STEPS = [
    "export.claimed",
    "export.begun",
    "export.half",
    "export.written",
    "export.stored",
]


async def asked(by: Viewer, **more: Any) -> Export:
    """An export of events, of which there is one: its own, which has its place in the log."""
    export = await requesting.create(
        viewer=by,
        listing="events",
        arguments={},
        parent_id=None,
        columns=["name", "actorName"],
        format=ExportFormat.XLSX,
        language=ExportLanguage.ZH,
        csv_bom=False,
        now=clock.wall() - timedelta(seconds=5),
        **more,
    )
    await relay.place_all(now=clock.wall())
    return export


async def forget_the_lease() -> None:
    """As if a minute had gone by."""
    await database.execute("update export set leased_until = now() - interval '1 second'")


async def until_done() -> None:
    await until("select 1 where not exists (select from export where state <> 'DONE')")


@pytest.mark.parametrize("step", STEPS)
async def test_killed_at_any_step_it_is_begun_anew(step: str, workers: Workers) -> None:
    export = await asked(await an_administrator(await a_partner()))

    assert await ended(workers.start(FAULT_AT=step)) == -signal.SIGKILL
    before = await Export.get(id=export.id)
    # At the first step the claim itself was undone.
    is_claimed = step != "export.claimed"
    assert before.state is (State.RUNNING if is_claimed else State.QUEUED)
    assert (before.size, before.sha256) == (None, None)
    await forget_the_lease()
    workers.start()
    await until_done()

    export = await Export.get(id=export.id)
    assert export.attempts == (2 if is_claimed else 1)
    names = [each.name for each in await Event.filter(subject_id=export.id).order_by("id")]
    assert names == ["export.requested", "export.started", "export.finished"]
    assert export.key != before.key
    folder = workers.data_dir / "objects"
    assert [str(path.relative_to(folder)) for path in folder.rglob(f"*{export.id.hex}/*")] == [
        export.key
    ]


async def test_killed_after_it_is_shown_it_stays_so(workers: Workers) -> None:
    export = await asked(await an_administrator(await a_partner()))

    assert await ended(workers.start(FAULT_AT="export.shown")) == -signal.SIGKILL

    export = await Export.get(id=export.id)
    assert (export.state, export.attempts) == (State.DONE, 1)


async def test_a_worker_that_slept_over_its_lease_shows_nothing(workers: Workers) -> None:
    export = await asked(await an_administrator(await a_partner()))

    sleeper = workers.start(FAULT_AT="export.stored", FAULT_SIGNAL="SIGSTOP")
    with paused(sleeper):
        await until_stopped(sleeper)
        await forget_the_lease()
        workers.start()
        await until_done()
        shown = await Export.get(id=export.id)
    sleeper.send_signal(signal.SIGTERM)
    assert await ended(sleeper) == 0

    export = await Export.get(id=export.id)
    assert (export.key, export.sha256, export.version) == (shown.key, shown.sha256, shown.version)
