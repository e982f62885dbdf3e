"""Improvement plans: written, reviewed, irrevocable (P-23)."""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import pytest

from domain.files.attaching import FileAlreadyAttached
from domain.identity.viewer import Viewer
from domain.programmes import improvement
from domain.programmes.improvement import DistributorsOnly, ImprovementPlanOpen
from kit.problems import Forbidden, InvalidInput, NotFound, VersionConflict
from kit.status import WrongStatus
from models.audit import Event
from models.certification import ImprovementHandling, ImprovementPlan
from models.certification import ImprovementPlanStatus as Status
from models.files import StoredFile
from models.partners import Partner
from tests.conftest import Clock
from tests.factories import a_distributor, a_partner, an_administrator
from tests.programmes.factories import a_company, a_file, a_reviewer

pytestmark = pytest.mark.usefixtures("presets")

IMPROVE = ImprovementHandling.IMPROVE


async def a_plan(partner: Partner, by: Viewer, time: Clock) -> ImprovementPlan:
    file = await a_file(of=partner, now=time.now)
    return await improvement.create(viewer=by, handling=IMPROVE, file_id=file.id, now=time.now)


async def test_from_the_draft_to_the_progress_of_an_approved_plan(time: Clock) -> None:
    partner = await a_distributor()
    by, reviewer = await an_administrator(partner), await a_reviewer()
    plan = await a_plan(partner, by, time)
    assert (plan.status, plan.progress_ratio) == (Status.DRAFT, Decimal(0))

    await improvement.submit(viewer=by, plan_id=plan.id, now=time.now)
    await improvement.withdraw(viewer=by, plan_id=plan.id, now=time.now)
    await improvement.submit(viewer=by, plan_id=plan.id, now=time.now)
    approved = await improvement.approve(viewer=reviewer, plan_id=plan.id, now=time.now)
    progressed = await improvement.record_progress(
        viewer=reviewer, plan_id=plan.id, progress=Decimal("0.4"), note="Q1", now=time.now
    )

    assert (approved.status, approved.decided_at) == (Status.APPROVED, time.now)
    assert (progressed.progress_ratio, progressed.progress_note) == (Decimal("0.4"), "Q1")
    names = [event.name for event in await Event.filter(subject_id=plan.id).order_by("id")]
    assert [name.removeprefix("improvement_plan.") for name in names] == [
        "drafted",
        "submitted",
        "withdrawn",
        "submitted",
        "approved",
        "progressed",
    ]


async def test_an_approved_plan_is_irrevocable(time: Clock) -> None:
    partner = await a_distributor()
    by, reviewer = await an_administrator(partner), await a_reviewer()
    plan = await a_plan(partner, by, time)
    await improvement.submit(viewer=by, plan_id=plan.id, now=time.now)
    await improvement.approve(viewer=reviewer, plan_id=plan.id, now=time.now)
    file = await a_file(of=partner, now=time.now)
    before = await ImprovementPlan.get(id=plan.id)

    attempts: list[Callable[[], Awaitable[Any]]] = [
        lambda: improvement.withdraw(viewer=by, plan_id=plan.id, now=time.now),
        lambda: improvement.submit(viewer=by, plan_id=plan.id, now=time.now),
        lambda: improvement.reject(viewer=reviewer, plan_id=plan.id, reason="no", now=time.now),
        lambda: improvement.edit(
            viewer=by,
            plan_id=plan.id,
            expected_version=before.version,
            handling=IMPROVE,
            file_id=file.id,
            now=time.now,
        ),
    ]
    for attempt in attempts:
        with pytest.raises(WrongStatus):
            await attempt()

    after = await ImprovementPlan.get(id=plan.id)
    assert (after.status, after.version) == (Status.APPROVED, before.version)
    assert (await a_plan(partner, by, time)).status is Status.DRAFT  # the next one


async def test_a_rejected_plan_is_written_anew(time: Clock) -> None:
    partner = await a_distributor()
    by, reviewer = await an_administrator(partner), await a_reviewer()
    plan = await a_plan(partner, by, time)
    await improvement.submit(viewer=by, plan_id=plan.id, now=time.now)
    rejected = await improvement.reject(
        viewer=reviewer, plan_id=plan.id, reason="Too vague.", now=time.now
    )
    assert rejected.decision_reason == "Too vague."
    with pytest.raises(ImprovementPlanOpen) as refusal:
        await a_plan(partner, by, time)
    assert refusal.value.status == "REJECTED"

    file = await a_file(of=partner, now=time.now)
    edits = {
        "viewer": by,
        "plan_id": plan.id,
        "handling": ImprovementHandling.LOWER_TIER,
        "file_id": file.id,
        "now": time.now,
    }
    with pytest.raises(VersionConflict):
        await improvement.edit(expected_version=1, **edits)  # type: ignore[arg-type]
    edited = await improvement.edit(
        expected_version=rejected.version,
        **edits,  # type: ignore[arg-type]
    )

    assert (edited.status, edited.decision_reason, edited.decided_at) == (Status.DRAFT, None, None)
    assert edited.handling is ImprovementHandling.LOWER_TIER
    assert (await StoredFile.get(id=file.id)).attached_to == plan.id
    assert (await StoredFile.get(id=plan.file_id)).attached_to is None


async def test_only_distributors_have_plans(time: Clock) -> None:
    partner = await a_company()

    with pytest.raises(DistributorsOnly):
        await a_plan(partner, await an_administrator(partner), time)

    assert not await ImprovementPlan.exists()
    assert not await StoredFile.filter(attached_to__isnull=False).exists()


async def test_a_plan_needs_a_file_of_its_own(time: Clock) -> None:
    first, second = await a_distributor("A"), await a_distributor("B")
    by = await an_administrator(first)
    used = await a_plan(second, await an_administrator(second), time)
    foreign = await a_file(of=second, now=time.now)
    await ImprovementPlan.filter(id=used.id).update(partner_id=first.id, status=Status.APPROVED)
    await StoredFile.filter(id=used.file_id).update(partner_id=first.id)

    for file_id, problem in ((foreign.id, NotFound), (used.file_id, FileAlreadyAttached)):
        with pytest.raises(problem):
            await improvement.create(viewer=by, handling=IMPROVE, file_id=file_id, now=time.now)

    assert await ImprovementPlan.all().count() == 1


@pytest.mark.parametrize("progress", ["-0.1", "1.0001", "0.00001"])
async def test_progress_is_a_ratio(time: Clock, progress: str) -> None:
    partner = await a_distributor()
    by, reviewer = await an_administrator(partner), await a_reviewer()
    plan = await a_plan(partner, by, time)
    await improvement.submit(viewer=by, plan_id=plan.id, now=time.now)
    with pytest.raises(WrongStatus):
        await improvement.record_progress(
            viewer=reviewer, plan_id=plan.id, progress=Decimal("0.1"), now=time.now
        )
    await improvement.approve(viewer=reviewer, plan_id=plan.id, now=time.now)

    with pytest.raises(InvalidInput) as refusal:
        await improvement.record_progress(
            viewer=reviewer, plan_id=plan.id, progress=Decimal(progress), now=time.now
        )

    assert refusal.value.path == ("input", "progressRatio")
    assert (await ImprovementPlan.get(id=plan.id)).progress_ratio == 0


async def test_each_side_does_its_own(time: Clock) -> None:
    partner = await a_distributor()
    by, reviewer = await an_administrator(partner), await a_reviewer()
    stranger = await an_administrator(await a_partner("Other"))
    plan = await a_plan(partner, by, time)

    for workflow, viewer, problem in (
        (improvement.submit, reviewer, Forbidden),
        (improvement.submit, stranger, NotFound),
        (improvement.approve, by, Forbidden),
    ):
        with pytest.raises(problem):
            await workflow(viewer=viewer, plan_id=plan.id, now=time.now)

    assert (await ImprovementPlan.get(id=plan.id)).status is Status.DRAFT
