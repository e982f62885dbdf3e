"""Drafts: begun, edited, given up, begun again; one alive at a time (P-06)."""

from datetime import timedelta

import pytest

from domain.files.attaching import FileAlreadyAttached, FileExpired
from domain.files.uploads import UNATTACHED_FOR
from domain.programmes import applications, guards, reviews, submissions
from domain.programmes.applications import FILES_MOST, ApplicationExists, Proof
from domain.programmes.guards import OwnPartnerOnly, ProgrammeClosed
from kit import ids
from kit.problems import Forbidden, InvalidInput, NotFound, VersionConflict
from kit.status import WrongStatus
from models.audit import Event
from models.files import StoredFile
from models.programmes import (
    ApplicationEvidence,
    Programme,
    ProgrammeApplication,
    ProgrammeEvidenceKind,
)
from models.programmes import ProgrammeApplicationStatus as Status
from tests.conftest import Clock
from tests.factories import a_partner, a_person, an_administrator, as_person
from tests.programmes.factories import (
    a_company,
    a_draft,
    a_file,
    a_membership,
    a_programme,
    a_reviewer,
    a_submission,
    is_attached,
    proofs,
)

pytestmark = pytest.mark.usefixtures("presets")

SALES = ProgrammeEvidenceKind.SALES_RECORD


async def test_a_draft_may_be_empty_and_is_edited_with_the_version_that_was_read(
    time: Clock,
) -> None:
    partner = await a_company()
    by = await an_administrator(partner)
    programme = await a_programme()
    draft = await applications.create(viewer=by, programme_id=programme.id, now=time.now)
    assert (draft.status, draft.version, draft.statement) == (Status.DRAFT, 1, "")

    edited = await applications.edit(
        viewer=by,
        application_id=draft.id,
        expected_version=1,
        contact_name=" Li Lei ",
        statement="Hospitals.",
        evidence=[],
        now=time.now,
    )
    with pytest.raises(VersionConflict) as refusal:
        await applications.edit(
            viewer=by,
            application_id=draft.id,
            expected_version=1,
            contact_name="Lost",
            statement="",
            evidence=[],
            now=time.now,
        )

    assert refusal.value.current == 2
    stored = await ProgrammeApplication.get(id=draft.id)
    assert (stored.contact_name, stored.statement, stored.version) == ("Li Lei", "Hospitals.", 2)
    assert edited.version == 2
    names = [event.name for event in await Event.filter(subject_id=draft.id).order_by("id")]
    assert names == ["programme_application.drafted", "programme_application.edited"]


async def test_editing_lets_go_of_files_that_are_not_named_any_more(time: Clock) -> None:
    partner = await a_company()
    by, programme = await an_administrator(partner), await a_programme()
    first, second, third = [await a_file(of=partner, now=time.now) for _ in range(3)]
    draft = await a_draft(
        of=partner,
        programme=programme,
        by=by,
        evidence=[Proof(SALES, first.id), Proof(SALES, second.id)],
        now=time.now,
    )

    # A day later the kept file is past its own 24 hours, which don't matter once it is attached.
    time.forward(days=2)
    fresh = await a_file(of=partner, now=time.now)
    await applications.edit(
        viewer=by,
        application_id=draft.id,
        expected_version=1,
        contact_name="",
        statement="",
        evidence=[Proof(SALES, second.id), Proof(SALES, fresh.id)],
        now=time.now,
    )

    assert await is_attached(second.id, draft)
    assert await is_attached(fresh.id, draft)
    assert (await StoredFile.get(id=first.id)).attached_to is None
    assert (await StoredFile.get(id=third.id)).attached_to is None
    assert await ApplicationEvidence.all().count() == 2


async def test_a_file_must_be_the_partners_own_fresh_and_unused(time: Clock) -> None:
    partner, other = await a_company(), await a_company("Other")
    by, programme = await an_administrator(partner), await a_programme()
    foreign = await a_file(of=other, now=time.now)
    used = await a_file(of=partner, now=time.now)
    await a_draft(
        of=partner,
        programme=await a_programme("SECOND"),
        by=by,
        evidence=[Proof(SALES, used.id)],
        now=time.now,
    )
    old = await a_file(of=partner, now=time.now - UNATTACHED_FOR)
    unfinished = await a_file(of=partner, now=time.now)
    await StoredFile.filter(id=unfinished.id).update(stored_at=None)

    for file_id, problem in (
        (foreign.id, NotFound),
        (ids.new_id(), NotFound),
        (unfinished.id, NotFound),
        (used.id, FileAlreadyAttached),
        (old.id, FileExpired),
    ):
        with pytest.raises(problem) as refusal:
            await a_draft(
                of=partner,
                programme=programme,
                by=by,
                evidence=[Proof(SALES, file_id)],
                now=time.now,
            )
        assert refusal.value.path == ("input", "evidence", "0", "fileId")

    assert await ProgrammeApplication.filter(programme_id=programme.id).count() == 0
    assert (await StoredFile.get(id=old.id)).attached_to is None
    assert (await StoredFile.get(id=foreign.id)).attached_to is None


async def test_a_file_can_be_attached_until_its_24_hours_are_over(time: Clock) -> None:
    partner, programme = await a_company(), await a_programme()
    file = await a_file(of=partner, now=time.now - UNATTACHED_FOR + timedelta(microseconds=1))

    draft = await a_draft(
        of=partner, programme=programme, evidence=[Proof(SALES, file.id)], now=time.now
    )

    assert await is_attached(file.id, draft)


async def test_a_file_is_named_once_and_there_are_twenty_at_most(time: Clock) -> None:
    partner, programme = await a_company(), await a_programme()
    by = await an_administrator(partner)
    file = await a_file(of=partner, now=time.now)
    many = [await a_file(of=partner, now=time.now) for _ in range(FILES_MOST + 1)]

    for evidence in (
        [Proof(SALES, file.id)] * 2,
        [Proof(SALES, each.id) for each in many],
    ):
        with pytest.raises(InvalidInput):
            await a_draft(of=partner, programme=programme, by=by, evidence=evidence, now=time.now)

    assert not await ProgrammeApplication.exists()


@pytest.mark.parametrize("field", ["contact_name", "statement"])
async def test_a_text_that_is_too_long_is_refused_by_its_field(time: Clock, field: str) -> None:
    by = await an_administrator(await a_company())

    with pytest.raises(InvalidInput) as refusal:
        await applications.create(
            viewer=by,
            programme_id=(await a_programme()).id,
            now=time.now,
            **{field: "x" * 4001},  # type: ignore[arg-type]
        )

    assert refusal.value.path[0] == "input"
    assert not await ProgrammeApplication.exists()


@pytest.mark.parametrize("status", [Status.DRAFT, Status.SUBMITTED, Status.APPROVED])
async def test_a_second_application_waits_for_the_first(time: Clock, status: Status) -> None:
    partner, programme = await a_company(), await a_programme()
    make = {
        Status.DRAFT: a_draft,
        Status.SUBMITTED: a_submission,
        Status.APPROVED: a_membership,
    }[status]
    await make(of=partner, programme=programme, now=time.now)

    with pytest.raises(ApplicationExists) as refusal:
        await a_draft(of=partner, programme=programme, now=time.now)

    assert (refusal.value.programme, refusal.value.status) == ("OPEN", status)
    assert await ProgrammeApplication.all().count() == 1


async def test_a_membership_that_is_over_makes_room_with_no_worker_running(time: Clock) -> None:
    partner, programme = await a_company(), await a_programme(validity_months=12)
    first = await a_membership(of=partner, programme=programme, now=time.now)
    assert first.expires_at is not None

    with pytest.raises(ApplicationExists):
        await a_draft(
            of=partner, programme=programme, now=first.expires_at - timedelta(microseconds=1)
        )
    second = await a_draft(of=partner, programme=programme, now=first.expires_at)

    ended = await ProgrammeApplication.get(id=first.id)
    assert (ended.status, ended.ended_at) == (Status.EXPIRED, first.expires_at)
    assert second.status is Status.DRAFT


async def test_a_closed_programme_takes_nobody_in(time: Clock) -> None:
    """P-24."""
    partner = await a_company()
    closed = await Programme.get(code="ELITE_SERVICE")

    with pytest.raises(ProgrammeClosed):
        await a_draft(of=partner, programme=closed, now=time.now)

    assert not await ProgrammeApplication.exists()


async def test_a_programme_that_closes_meanwhile_takes_no_draft_in(time: Clock) -> None:
    partner, programme = await a_company(), await a_programme()
    by = await an_administrator(partner)
    draft = await a_draft(of=partner, programme=programme, by=by, now=time.now)
    await Programme.filter(id=programme.id).update(is_open=False)

    with pytest.raises(ProgrammeClosed):
        await submissions.submit(
            viewer=by, application_id=draft.id, expected_version=1, now=time.now
        )

    assert (await ProgrammeApplication.get(id=draft.id)).status is Status.DRAFT


async def test_a_cancelled_draft_makes_room_for_another(time: Clock) -> None:
    partner, programme = await a_company(), await a_programme()
    by = await an_administrator(partner)
    first = await a_draft(of=partner, programme=programme, by=by, now=time.now)

    cancelled = await applications.cancel(
        viewer=by, application_id=first.id, reason="another time", now=time.now
    )
    second = await a_draft(of=partner, programme=programme, by=by, now=time.now)

    assert (cancelled.status, cancelled.ended_at) == (Status.CANCELLED, time.now)
    assert second.id != first.id
    event = await Event.get(name="programme_application.cancelled")
    assert (event.reason, event.before, event.after) == (
        "another time",
        {"status": "DRAFT"},
        {"status": "CANCELLED"},
    )


async def test_a_rejected_application_is_copied_with_its_files(time: Clock) -> None:
    """domain.md 5.1: the partner may copy it to a new draft."""
    partner = await a_company()
    programme = await a_programme(needed_evidence=["SALES_RECORD"])
    by = await an_administrator(partner)
    submitted = await a_submission(of=partner, programme=programme, by=by, now=time.now)
    with pytest.raises(WrongStatus):
        await applications.copy(viewer=by, application_id=submitted.id, now=time.now)
    await reviews.reject(
        viewer=await a_reviewer(), application_id=submitted.id, reason="Blurred.", now=time.now
    )

    time.forward(days=3)
    copied = await applications.copy(viewer=by, application_id=submitted.id, now=time.now)
    again = await submissions.submit(
        viewer=by, application_id=copied.id, expected_version=1, now=time.now
    )

    assert (copied.contact_name, copied.statement) == ("Han Meimei", "We sell to hospitals.")
    old, new = await StoredFile.all().order_by("created_at")
    assert (old.attached_to, new.attached_to) == (submitted.id, copied.id)
    assert (old.key, old.sha256, old.name) == (new.key, new.sha256, new.name)
    assert again.status is Status.SUBMITTED
    rejected = await ProgrammeApplication.get(id=submitted.id)
    assert rejected.decision_reason == "Blurred."


async def test_only_operators_of_the_partner_apply(time: Clock) -> None:
    programme = await a_programme()
    person = await as_person(await a_person())

    for viewer in (person, await a_reviewer()):
        with pytest.raises(Forbidden):
            await applications.create(viewer=viewer, programme_id=programme.id, now=time.now)

    assert not await ProgrammeApplication.exists()


async def test_a_foreign_partner_finds_no_application(time: Clock) -> None:
    draft = await a_draft(of=await a_company(), programme=await a_programme(), now=time.now)
    stranger = await an_administrator(await a_partner("Other"))

    for workflow in (applications.cancel, applications.copy, submissions.withdraw):
        with pytest.raises(NotFound):
            await workflow(viewer=stranger, application_id=draft.id, now=time.now)

    assert (await ProgrammeApplication.get(id=draft.id)).status is Status.DRAFT


async def test_every_guard_of_the_partner_tells_the_distributor_whose_it_is(time: Clock) -> None:
    partner = await a_company()
    by = await an_administrator(await a_partner("Other"))
    draft = await a_draft(of=partner, programme=await a_programme(), now=time.now)

    for guard in (guards.edit, guards.submit, guards.cancel, guards.withdraw, guards.copy):
        assert isinstance(guard(draft, by, time.now), OwnPartnerOnly)


async def test_an_unknown_programme_is_not_found(time: Clock) -> None:
    by = await an_administrator(await a_company())

    with pytest.raises(NotFound) as refusal:
        await applications.create(viewer=by, programme_id=ids.new_id(), now=time.now)

    assert refusal.value.path == ("input", "programmeId")


async def test_proofs_of_every_kind_can_be_attached(time: Clock) -> None:
    partner = await a_company()
    evidence = await proofs(of=partner, now=time.now, kinds=tuple(ProgrammeEvidenceKind))

    draft = await a_draft(
        of=partner, programme=await a_programme(), evidence=evidence, now=time.now
    )

    rows = await ApplicationEvidence.filter(application_id=draft.id).order_by("id")
    assert [row.kind for row in rows] == list(ProgrammeEvidenceKind)
