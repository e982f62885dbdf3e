"""Two want the same application at the same moment, in both orders; real locks, real commits."""

from collections.abc import Coroutine
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.identity.viewer import Viewer
from domain.programmes import (
    applications,
    business_information,
    deadlines,
    improvement,
    invitations,
    paths,
    reviews,
    submissions,
)
from domain.programmes.applications import ApplicationExists, Proof
from domain.programmes.business_information import BusinessInformationUnderReview
from domain.programmes.guards import ApplicationExpired, ProgrammeInvitationExpired
from domain.programmes.improvement import ImprovementPlanOpen
from domain.programmes.invitations import AlreadyInvitedToProgramme, InvitationNeeded
from domain.programmes.paths import PathAlreadySelected
from kit import database
from kit.status import WrongStatus
from kit.transaction import transactional
from models.audit import Event
from models.certification import (
    BusinessInformation,
    CertifiedRole,
    ImprovementHandling,
    ImprovementPlan,
    RoleCertification,
    TaxpayerKind,
)
from models.files import StoredFile
from models.partners import Partner
from models.programmes import (
    Programme,
    ProgrammeApplication,
    ProgrammeEvidenceKind,
    ProgrammeInvitation,
)
from models.programmes import ProgrammeApplicationStatus as Status
from models.timers import Timer
from tests.conftest import Clock
from tests.factories import a_distributor, an_administrator
from tests.programmes.factories import (
    a_company,
    a_draft,
    a_file,
    a_membership,
    a_programme,
    a_reviewer,
    a_submission,
)
from tests.races import at_once

pytestmark = pytest.mark.usefixtures("presets")

MICROSECOND = timedelta(microseconds=1)


class Scene:
    """An application that waits for the platform, and what each side could do with it."""

    partner: Partner
    programme: Programme
    administrator: Viewer
    reviewer: Viewer
    application: ProgrammeApplication
    time: Clock

    def approve(self) -> Coroutine[Any, Any, ProgrammeApplication]:
        return reviews.approve(
            viewer=self.reviewer, application_id=self.application.id, now=self.time.now
        )

    def reject(self) -> Coroutine[Any, Any, ProgrammeApplication]:
        return reviews.reject(
            viewer=self.reviewer,
            application_id=self.application.id,
            reason="no",
            now=self.time.now,
        )

    def withdraw(self) -> Coroutine[Any, Any, ProgrammeApplication]:
        return submissions.withdraw(
            viewer=self.administrator, application_id=self.application.id, now=self.time.now
        )

    async def history(self) -> list[str]:
        events = await Event.filter(subject_id=self.application.id).order_by("id")
        return [event.name.removeprefix("programme_application.") for event in events]


@pytest.fixture
async def scene(time: Clock) -> Scene:
    scene = Scene()
    scene.time = time
    scene.partner = await a_company()
    scene.programme = await a_programme(validity_months=1)
    scene.administrator = await an_administrator(scene.partner)
    scene.reviewer = await a_reviewer()
    scene.application = await a_submission(
        of=scene.partner, programme=scene.programme, by=scene.administrator, now=time.now
    )
    return scene


async def test_two_drafts_begun_at_once_are_one(time: Clock) -> None:
    partner, programme = await a_company(), await a_programme()
    by = await an_administrator(partner)
    calls = [a_draft(of=partner, programme=programme, by=by, now=time.now) for _ in range(2)]

    won, lost = await at_once(*calls, while_locked=partner)

    assert isinstance(won, ProgrammeApplication)
    assert isinstance(lost, ApplicationExists)
    assert lost.status == "DRAFT"
    assert await ProgrammeApplication.all().count() == 1


async def test_the_constraint_has_the_last_word_on_a_second_draft(
    time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even against somebody who looks for no earlier one."""
    partner, programme = await a_company(), await a_programme()
    await a_draft(of=partner, programme=programme, now=time.now)

    async def look_away(*_: object) -> None:
        return None

    monkeypatch.setattr(applications, "_refuse_a_second", look_away)
    with pytest.raises(ApplicationExists):
        await a_draft(of=partner, programme=programme, now=time.now)

    assert await ProgrammeApplication.all().count() == 1


async def test_approved_before_it_is_withdrawn_it_stays_approved(scene: Scene) -> None:
    answers = await at_once(scene.approve(), scene.withdraw(), while_locked=scene.partner)

    assert [type(answer) for answer in answers] == [ProgrammeApplication, WrongStatus]
    assert await scene.history() == ["drafted", "submitted", "approved"]
    assert await Timer.filter(state="SCHEDULED").count() == 1


async def test_withdrawn_before_it_is_approved_it_stays_a_draft(scene: Scene) -> None:
    answers = await at_once(scene.withdraw(), scene.approve(), while_locked=scene.partner)

    assert [type(answer) for answer in answers] == [ProgrammeApplication, WrongStatus]
    assert await scene.history() == ["drafted", "submitted", "withdrawn"]
    assert not await Timer.exists()


@pytest.mark.parametrize("first", ["approve", "reject"])
async def test_two_reviewers_decide_once(scene: Scene, first: str) -> None:
    calls = [scene.approve(), scene.reject()]
    if first == "reject":
        calls.reverse()

    answers = await at_once(*calls, while_locked=scene.partner)

    assert [type(answer) for answer in answers] == [ProgrammeApplication, WrongStatus]
    assert len(await scene.history()) == 3


async def test_submitted_and_cancelled_at_once_one_of_them_happens(time: Clock) -> None:
    partner, programme = await a_company(), await a_programme()
    by = await an_administrator(partner)
    draft = await a_draft(of=partner, programme=programme, by=by, now=time.now)
    submit = submissions.submit(
        viewer=by, application_id=draft.id, expected_version=1, now=time.now
    )
    cancel = applications.cancel(viewer=by, application_id=draft.id, now=time.now)

    answers = await at_once(cancel, submit, while_locked=partner)

    assert [type(answer) for answer in answers] == [ProgrammeApplication, WrongStatus]
    assert (await ProgrammeApplication.get(id=draft.id)).status is Status.CANCELLED


@transactional
async def _expire(application: ProgrammeApplication) -> None:
    """As a worker does: the subject is locked first."""
    assert application.expires_at is not None
    await database.rows(
        "select id from programme_application where id = $1 for no key update", application.id
    )
    await deadlines.expire_applications(subject_ids=[application.id], now=application.expires_at)


@pytest.mark.parametrize("first", ["exit", "expire"])
async def test_a_membership_that_ends_and_is_left_at_once_ends_once(
    time: Clock, first: str
) -> None:
    member = await a_membership(
        of=await a_company(), programme=await a_programme(validity_months=1), now=time.now
    )
    assert member.expires_at is not None
    leave = reviews.exit(
        viewer=await a_reviewer(),
        application_id=member.id,
        reason="asked for",
        now=member.expires_at - MICROSECOND,
    )
    calls: list[Coroutine[Any, Any, object]] = [leave, _expire(member)]
    if first == "expire":
        calls.reverse()

    answers = await at_once(*calls, while_locked=member)

    kinds = [ProgrammeApplication, type(None)]
    assert [type(answer) for answer in answers] == (
        kinds if first == "exit" else [type(None), ApplicationExpired]
    )
    ends = await Event.filter(subject_id=member.id, name__in=ENDS)
    assert [event.name for event in ends] == [f"programme_application.{END[first]}"]


END = {"exit": "exited", "expire": "expired"}
ENDS = [f"programme_application.{end}" for end in END.values()]


async def test_one_invitation_is_spent_once(time: Clock) -> None:
    """P-15: cancelled at once, the draft has used the invitation up."""
    partner, programme = await a_company(), await a_programme(admission="INVITATION")
    by = await an_administrator(partner)
    await invitations.invite(
        viewer=await a_reviewer(), partner_id=partner.id, programme_id=programme.id, now=time.now
    )

    calls = [a_draft(of=partner, programme=programme, by=by, now=time.now) for _ in range(2)]
    answers = await at_once(*calls, while_locked=partner)
    draft = await ProgrammeApplication.get()
    await applications.cancel(viewer=by, application_id=draft.id, now=time.now)

    assert [type(answer) for answer in answers] == [ProgrammeApplication, ApplicationExists]
    with pytest.raises(InvitationNeeded):
        await a_draft(of=partner, programme=programme, by=by, now=time.now)


@pytest.mark.parametrize("first", ["apply", "revoke"])
async def test_an_invitation_is_used_or_revoked(time: Clock, first: str) -> None:
    partner, programme = await a_company(), await a_programme(admission="INVITATION")
    reviewer = await a_reviewer()
    invitation = await invitations.invite(
        viewer=reviewer, partner_id=partner.id, programme_id=programme.id, now=time.now
    )
    apply = a_draft(
        of=partner, programme=programme, by=await an_administrator(partner), now=time.now
    )
    revoke = invitations.revoke(viewer=reviewer, invitation_id=invitation.id, now=time.now)
    calls: list[Coroutine[Any, Any, object]] = [apply, revoke]
    if first == "revoke":
        calls.reverse()

    answers = await at_once(*calls, while_locked=invitation)

    wanted = [ProgrammeApplication, WrongStatus]
    if first == "revoke":
        wanted = [ProgrammeInvitation, InvitationNeeded]
    assert [type(answer) for answer in answers] == wanted
    assert await Event.filter(subject_id=invitation.id).count() == 2


async def test_an_invitation_that_lapses_while_somebody_applies_is_over(time: Clock) -> None:
    partner, programme = await a_company(), await a_programme(admission="INVITATION")
    invitation = await invitations.invite(
        viewer=await a_reviewer(), partner_id=partner.id, programme_id=programme.id, now=time.now
    )
    apply = a_draft(
        of=partner,
        programme=programme,
        by=await an_administrator(partner),
        now=invitation.expires_at - MICROSECOND,
    )

    @transactional
    async def expire() -> None:
        await database.rows(
            "select id from programme_invitation where id = $1 for no key update", invitation.id
        )
        await deadlines.expire_invitations(subject_ids=[invitation.id], now=invitation.expires_at)

    answers = await at_once(expire(), apply, while_locked=invitation)

    # It came in time, but the lapse was first at the row.
    assert [type(answer) for answer in answers] == [type(None), ProgrammeInvitationExpired]
    assert not await ProgrammeApplication.exists()


async def test_two_invitations_at_once_are_one(time: Clock) -> None:
    partner, programme = await a_company(), await a_programme()
    reviewer = await a_reviewer()
    calls = [
        invitations.invite(
            viewer=reviewer, partner_id=partner.id, programme_id=programme.id, now=time.now
        )
        for _ in range(2)
    ]

    answers = await at_once(*calls, while_locked=partner)

    assert [type(a) for a in answers] == [ProgrammeInvitation, AlreadyInvitedToProgramme]


async def test_one_file_goes_to_one_of_two_applications(time: Clock) -> None:
    partner = await a_company()
    by = await an_administrator(partner)
    file = await a_file(of=partner, now=time.now)
    proof = [Proof(ProgrammeEvidenceKind.SALES_RECORD, file.id)]
    calls = [
        a_draft(of=partner, programme=await a_programme(code), by=by, evidence=proof, now=time.now)
        for code in ("ONE", "TWO")
    ]

    answers = await at_once(*calls, while_locked=file)

    assert [type(answer).__name__ for answer in answers] == [
        "ProgrammeApplication",
        "FileAlreadyAttached",
    ]
    assert (await StoredFile.get(id=file.id)).attached_to == answers[0].id


async def test_what_is_handed_in_twice_at_once_is_there_once(time: Clock) -> None:
    partner = await a_distributor()
    by = await an_administrator(partner)
    files = [await a_file(of=partner, now=time.now) for _ in range(2)]
    submit = [
        business_information.submit(
            viewer=by,
            legal_name="Acme",
            bank_name="Bank",
            bank_account="6222021234567890",
            taxpayer_kind=TaxpayerKind.GENERAL,
            fee_tax_rate=Decimal("0.06"),
            currency="CNY",
            signing_entity="Cloud",
            now=time.now,
        )
        for _ in range(2)
    ]
    select = [paths.select(viewer=by, role=CertifiedRole.SERVICE, now=time.now) for _ in range(2)]
    plan = [
        improvement.create(
            viewer=by, handling=ImprovementHandling.IMPROVE, file_id=file.id, now=time.now
        )
        for file in files
    ]

    for calls, made, problem in (
        (submit, BusinessInformation, BusinessInformationUnderReview),
        (select, RoleCertification, PathAlreadySelected),
        (plan, ImprovementPlan, ImprovementPlanOpen),
    ):
        answers = await at_once(*calls, while_locked=partner)
        assert [type(answer) for answer in answers] == [made, problem]
        assert await made.all().count() == 1
