"""Random walks through the life of applications: whatever is tried, the table of 5.1 holds.

Nobody asks politely: each step is tried at once, and a refusal is as good as a success. What counts
is what the rows, the timers and the history look like afterwards.
"""

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.identity.viewer import Viewer
from domain.programmes import applications, deadlines, invitations, reviews, submissions
from domain.programmes.applications import Proof
from kit.problems import Problem
from models.audit import Event
from models.files import StoredFile
from models.partners import Partner
from models.programmes import (
    Admission,
    Agreement,
    ApplicationEvidence,
    Programme,
    ProgrammeApplication,
    ProgrammeEvidenceKind,
    ProgrammeInvitation,
    ProgrammeInvitationStatus,
)
from models.programmes import ProgrammeApplicationStatus as Status
from models.timers import Timer
from tests.conftest import Clock
from tests.factories import an_administrator
from tests.programmes.factories import a_company, a_file, a_programme, a_reviewer

pytestmark = pytest.mark.usefixtures("presets")

STEPS = (
    "create",
    "edit",
    "attach",
    "submit",
    "cancel",
    "withdraw",
    "copy",
    "approve",
    "reject",
    "exit",
    "expire",
    "invite",
    "revoke",
    "expire_invitation",
)
walks = st.lists(
    st.tuples(
        # Some twice, so that a walk gets as far as a membership now and then.
        st.one_of(
            st.sampled_from(STEPS),
            st.sampled_from(("invite", "create", "attach", "submit", "approve")),
        ),
        st.sampled_from([0, 1, 24, 29 * 24, 30 * 24]),
    ),
    min_size=4,
    max_size=24,
)


class Walker:
    """One partner and one programme, and everything that can happen between them."""

    partner: Partner
    programme: Programme
    agreement: Agreement
    administrator: Viewer
    reviewer: Viewer

    async def step(self, verb: str, now: datetime) -> None:
        """Try it on the newest application, or the newest invitation."""
        if verb == "create":
            await applications.create(
                viewer=self.administrator,
                programme_id=self.programme.id,
                contact_name="Li Lei",
                statement="Hospitals.",
                now=now,
            )
        elif verb == "invite":
            await invitations.invite(
                viewer=self.reviewer,
                partner_id=self.partner.id,
                programme_id=self.programme.id,
                now=now,
            )
        elif verb in ("revoke", "expire_invitation"):
            invitation = (
                await ProgrammeInvitation.filter(partner_id=self.partner.id).order_by("-id").first()
            )
            if invitation is not None and verb == "revoke":
                await invitations.revoke(viewer=self.reviewer, invitation_id=invitation.id, now=now)
            elif invitation is not None:
                await deadlines.expire_invitations(subject_ids=[invitation.id], now=now)
        else:
            row = (
                await ProgrammeApplication.filter(partner_id=self.partner.id)
                .order_by("-id")
                .first()
            )
            if row is not None:
                await self._to_application(verb, row, now)

    async def _to_application(self, verb: str, row: ProgrammeApplication, now: datetime) -> None:
        partner, platform, id = self.administrator, self.reviewer, row.id
        if verb in ("edit", "attach"):
            kind, evidence = ProgrammeEvidenceKind.SALES_RECORD, []
            if verb == "attach":
                evidence = [Proof(kind, (await a_file(of=self.partner, now=now)).id)]
            await applications.edit(
                viewer=partner,
                application_id=id,
                expected_version=row.version,
                contact_name="Li Lei",
                statement="Hospitals.",
                evidence=evidence,
                now=now,
            )
        elif verb == "submit":
            await submissions.submit(
                viewer=partner,
                application_id=id,
                expected_version=row.version,
                accepted_agreement_ids=[self.agreement.id],
                now=now,
            )
        elif verb == "cancel":
            await applications.cancel(viewer=partner, application_id=id, now=now)
        elif verb == "withdraw":
            await submissions.withdraw(viewer=partner, application_id=id, now=now)
        elif verb == "copy":
            await applications.copy(viewer=partner, application_id=id, now=now)
        elif verb == "approve":
            await reviews.approve(viewer=platform, application_id=id, now=now)
        elif verb == "reject":
            await reviews.reject(viewer=platform, application_id=id, reason="no", now=now)
        elif verb == "exit":
            await reviews.exit(viewer=platform, application_id=id, reason="left", now=now)
        else:
            await deadlines.expire_applications(subject_ids=[id], now=now)


@pytest.mark.parametrize("admission", list(Admission))
@given(walk=walks)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_no_walk_leaves_the_table(
    time: Clock, admission: Admission, walk: list[tuple[str, int]]
) -> None:
    walker = Walker()
    walker.partner = await a_company()
    walker.agreement = await Agreement.get(code="CODE_OF_CONDUCT")
    walker.programme = await a_programme(
        f"P{walker.partner.id.hex}",
        admission=admission,
        validity_months=1,
        needed_evidence=["SALES_RECORD"],
        agreement_codes=["CODE_OF_CONDUCT"],
    )
    walker.administrator = await an_administrator(walker.partner)
    walker.reviewer = await a_reviewer()
    now = time.now

    for verb, hours in walk:
        now += timedelta(hours=hours)
        try:
            await walker.step(verb, now)
        except Problem:
            continue

    rows = await ProgrammeApplication.filter(partner_id=walker.partner.id)
    live = [row for row in rows if not row.status.is_final]
    assert len(live) <= 1
    for row in rows:
        await the_application_holds(row, admission)
    for invitation in await ProgrammeInvitation.filter(partner_id=walker.partner.id):
        await the_invitation_holds(invitation)


async def the_application_holds(row: ProgrammeApplication, admission: Admission) -> None:
    """Only arrows of the table were followed, and row, timer and files agree with the history."""
    status: Status | None = None
    for event in await Event.filter(subject_id=row.id).order_by("id"):
        if "status" not in event.after:
            continue
        wanted = Status(event.after["status"])
        if status is None:
            assert wanted is Status.DRAFT
        else:
            assert event.before["status"] == status
            assert wanted in status.arrows()[status]
            straight = status is Status.DRAFT and wanted is Status.APPROVED
            assert straight <= (admission is Admission.IMMEDIATE)
            if wanted is Status.EXPIRED:
                assert row.expires_at is not None
                assert event.occurred_at >= row.expires_at
            if wanted is Status.EXITED:
                assert row.expires_at is not None
                assert event.occurred_at < row.expires_at
        status = wanted
    assert status is row.status

    timers = await Timer.filter(subject_id=row.id, state="SCHEDULED")
    if row.status is Status.APPROVED:
        assert [timer.due_at for timer in timers] == [row.expires_at]
    if row.status not in (Status.DRAFT, Status.CANCELLED):
        assert row.snapshot["evidence"]
        assert row.snapshot["agreements"]
    proofs = await ApplicationEvidence.filter(application_id=row.id)
    attached = await StoredFile.filter(attached_to=row.id)
    assert {proof.file_id for proof in proofs} == {file.id for file in attached}
    assert (row.invitation_id is not None) >= (admission is Admission.INVITATION)


async def the_invitation_holds(row: ProgrammeInvitation) -> None:
    """It ended at most once, in time or by its deadline, and is used by one application."""
    events = await Event.filter(subject_id=row.id).order_by("id")
    assert len(events) == (1 if row.status is ProgrammeInvitationStatus.PENDING else 2)
    assert events[-1].after["status"] == row.status
    in_time = events[-1].occurred_at < row.expires_at
    assert in_time is (row.status is not ProgrammeInvitationStatus.EXPIRED)
    used = await ProgrammeApplication.filter(invitation_id=row.id).count()
    assert used == (row.status is ProgrammeInvitationStatus.USED)
