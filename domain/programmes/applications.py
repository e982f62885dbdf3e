"""Drafts of applications: begun, edited, cancelled, begun again from an earlier one (P-06)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.files import attaching
from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.programmes import deadlines, guards, history, invitations, policy
from kit import texts, timers
from kit.guards import refuse
from kit.ids import new_id
from kit.problems import Forbidden, InvalidInput, NotFound, Problem, VersionConflict
from kit.transaction import lock, transactional
from kit.violations import answering
from models.partners import Partner
from models.programmes import (
    ApplicationEvidence,
    Programme,
    ProgrammeApplication,
    ProgrammeApplicationStatus,
    ProgrammeEvidenceKind,
)

FILES_MOST = 20
LONGEST_NAME = 160
LONGEST_STATEMENT = 4000

_EVIDENCE = ("input", "evidence")


class ApplicationExists(Problem):
    """The partner has an application for this programme that is drafted, submitted or approved."""

    en = "There is an application for {programme} already; it is {status}."
    zh = "已存在伙伴计划 {programme} 的申请,状态为 {status}。"
    about = {"programme": "The programme's code.", "status": "Where that application stands."}
    programme: str
    status: str


@dataclass(frozen=True, slots=True)
class Proof:
    """An uploaded file and what it proves."""

    kind: ProgrammeEvidenceKind
    file_id: UUID


@transactional
async def create(
    *,
    viewer: Viewer,
    programme_id: UUID,
    contact_name: str = "",
    statement: str = "",
    evidence: Sequence[Proof] = (),
    now: datetime,
) -> ProgrammeApplication:
    """Begin an application of the viewer's partner, as a draft that nothing has to be in yet.

    Raises ApplicationExists, ProgrammeClosed, InvitationNeeded, ProgrammeInvitationExpired, and
    for files NotFound, FileExpired, FileAlreadyAttached.
    """
    permissions.require(viewer, "programmeApplicationCreate")
    if viewer.partner_id is None:
        raise Forbidden(needs="OPERATOR")
    programme = await Programme.get_or_none(id=programme_id)
    if programme is None:
        raise NotFound(thing="programme", path=("input", "programmeId"))
    partner = await lock(Partner, id=viewer.partner_id)
    assert partner is not None
    return await _begin(
        viewer=viewer,
        partner=partner,
        programme=programme,
        contact_name=contact_name,
        statement=statement,
        evidence=evidence,
        now=now,
    )


@transactional
async def edit(
    *,
    viewer: Viewer,
    application_id: UUID,
    expected_version: int,
    contact_name: str,
    statement: str,
    evidence: Sequence[Proof],
    now: datetime,
) -> ProgrammeApplication:
    """Write the draft anew; files that aren't named any more are let go. Raises VersionConflict."""
    permissions.require(viewer, "programmeApplicationEdit")
    application, _ = await locked(viewer, application_id, now)
    refuse(guards.edit(application, viewer, now))
    if application.version != expected_version:
        raise VersionConflict(current=application.version)
    _fill(application, contact_name, statement)
    application.version += 1
    await application.save(update_fields=["contact_name", "statement", "version"])
    await _attach(application, evidence, now)
    await history.record(
        "programme_application.edited",
        application,
        viewer=viewer,
        after={"evidence": [proof.kind.value for proof in evidence]},
        now=now,
    )
    return application


@transactional
async def cancel(
    *, viewer: Viewer, application_id: UUID, reason: str | None = None, now: datetime
) -> ProgrammeApplication:
    """Give a draft up."""
    permissions.require(viewer, "programmeApplicationCancel")
    application, _ = await locked(viewer, application_id, now)
    refuse(guards.cancel(application, viewer, now))
    before = application.status
    application.status = before.to(ProgrammeApplicationStatus.CANCELLED)
    application.ended_at = now
    application.version += 1
    await application.save(update_fields=["status", "ended_at", "version"])
    await history.record(
        "programme_application.cancelled",
        application,
        viewer=viewer,
        before={"status": before.value},
        after={"status": application.status.value},
        reason=texts.reason_if_any(reason),
        now=now,
    )
    return application


@transactional
async def copy(*, viewer: Viewer, application_id: UUID, now: datetime) -> ProgrammeApplication:
    """Begin anew with what an application that came to an end had in it, files included.

    Raises what `create` raises, and WrongStatus for one that is still alive.
    """
    permissions.require(viewer, "programmeApplicationCopy")
    old, partner = await locked(viewer, application_id, now)
    refuse(guards.copy(old, viewer, now))
    programme = await Programme.get(id=old.programme_id)
    application = await _begin(
        viewer=viewer,
        partner=partner,
        programme=programme,
        contact_name=old.contact_name,
        statement=old.statement,
        evidence=(),
        now=now,
    )
    proofs = await ApplicationEvidence.filter(application_id=old.id).order_by("id")
    copies = await attaching.copy(
        file_ids=[proof.file_id for proof in proofs], to=application.id, now=now
    )
    await _keep(
        application,
        [Proof(proof.kind, copies[proof.file_id]) for proof in proofs if proof.file_id in copies],
        now,
    )
    return application


async def locked(
    viewer: Viewer, application_id: UUID, now: datetime
) -> tuple[ProgrammeApplication, Partner]:
    """The application and its partner, held, if it exists for the viewer. Parent before child."""
    await policy.APPLICATIONS.require(
        ProgrammeApplication, application_id, viewer=viewer, now=now, thing="application"
    )
    found = await ProgrammeApplication.get(id=application_id)
    partner = await lock(Partner, id=found.partner_id)
    application = await lock(ProgrammeApplication, id=application_id)
    assert partner is not None
    assert application is not None
    return application, partner


async def _begin(
    *,
    viewer: Viewer,
    partner: Partner,
    programme: Programme,
    contact_name: str,
    statement: str,
    evidence: Sequence[Proof],
    now: datetime,
) -> ProgrammeApplication:
    await _refuse_a_second(partner, programme, now)
    id = new_id()
    invitation = await invitations.use(
        viewer=viewer, partner=partner, programme=programme, application_id=id, now=now
    )
    assert viewer.actor_id is not None
    application = ProgrammeApplication(
        id=id,
        created_at=now,
        partner_id=partner.id,
        programme_id=programme.id,
        status=ProgrammeApplicationStatus.DRAFT,
        invitation_id=invitation.id if invitation else None,
        created_by=viewer.actor_id,
    )
    _fill(application, contact_name, statement)
    with answering(
        application_one_live=lambda: _exists(programme, ProgrammeApplicationStatus.DRAFT)
    ):
        await application.insert()
    await _attach(application, evidence, now)
    await history.record(
        "programme_application.drafted",
        application,
        viewer=viewer,
        after={"status": application.status.value, "programme": programme.code},
        now=now,
    )
    return application


async def _refuse_a_second(partner: Partner, programme: Programme, now: datetime) -> None:
    live = (
        await ProgrammeApplication.filter(
            partner_id=partner.id,
            programme_id=programme.id,
            status__in=[
                ProgrammeApplicationStatus.DRAFT,
                ProgrammeApplicationStatus.SUBMITTED,
                ProgrammeApplicationStatus.APPROVED,
            ],
        )
        .select_for_update(no_key=True)
        .first()
    )
    if live is None:
        return
    if guards.application_status(live, now) is not ProgrammeApplicationStatus.EXPIRED:
        raise _exists(programme, live.status)
    await deadlines.expire_applications(subject_ids=[live.id], now=now)
    await timers.cancel(deadlines.EXPIRE_APPLICATION, subject_id=live.id)


def _exists(programme: Programme, status: ProgrammeApplicationStatus) -> ApplicationExists:
    return ApplicationExists(programme=programme.code, status=status.value)


def _fill(application: ProgrammeApplication, contact_name: str, statement: str) -> None:
    application.contact_name = (
        texts.optional(contact_name, longest=LONGEST_NAME, path=("input", "contactName")) or ""
    )
    application.statement = (
        texts.optional(statement, longest=LONGEST_STATEMENT, path=("input", "statement")) or ""
    )


async def _attach(
    application: ProgrammeApplication, evidence: Sequence[Proof], now: datetime
) -> None:
    file_ids = [proof.file_id for proof in evidence]
    if len(file_ids) > FILES_MOST or len(set(file_ids)) < len(file_ids):
        raise InvalidInput(
            reason=f"An application has at most {FILES_MOST} files, each of them once.",
            reason_zh=f"申请最多包含 {FILES_MOST} 个文件,且不能重复。",
            path=_EVIDENCE,
        )
    # The rows first: as long as one refers to a file, the file can't be let go.
    await ApplicationEvidence.filter(application_id=application.id).delete()
    await attaching.attach(
        file_ids=file_ids,
        to=application.id,
        partner_id=application.partner_id,
        now=now,
        place=lambda number: (*_EVIDENCE, str(number), "fileId"),
    )
    await _keep(application, evidence, now)


async def _keep(
    application: ProgrammeApplication, evidence: Sequence[Proof], now: datetime
) -> None:
    for proof in evidence:
        await ApplicationEvidence.create(
            created_at=now,
            application_id=application.id,
            kind=proof.kind,
            file_id=proof.file_id,
        )
