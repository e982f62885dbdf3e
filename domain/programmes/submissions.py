"""Submitting an application: conditions held against it, agreements signed, the facts frozen."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.programmes import agreements, applications, conditions, deadlines, guards, history
from domain.programmes.conditions import ConditionsNotMet, Findings
from kit.guards import refuse
from kit.problems import VersionConflict
from kit.transaction import transactional
from models.files import StoredFile
from models.partners import Partner
from models.programmes import (
    Admission,
    ApplicationEvidence,
    Programme,
    ProgrammeApplication,
    ProgrammeApplicationStatus,
)


@transactional
async def submit(
    *,
    viewer: Viewer,
    application_id: UUID,
    expected_version: int,
    accepted_agreement_ids: Sequence[UUID] = (),
    now: datetime,
) -> ProgrammeApplication:
    """Hand the draft in: to be reviewed, or joined at once where nobody reviews (P-25).

    What is ticked is signed, in the versions that are in force. Raises ConditionsNotMet with all
    that is missing, ProgrammeClosed, VersionConflict.
    """
    permissions.require(viewer, "programmeApplicationSubmit")
    application, partner = await applications.locked(viewer, application_id, now)
    refuse(guards.submit(application, viewer, now))
    if application.version != expected_version:
        raise VersionConflict(current=application.version)
    programme = await Programme.get(id=application.programme_id)
    if application.invitation_id is None:
        refuse(guards.apply(programme, viewer, now))
    evidence = await ApplicationEvidence.filter(application_id=application.id).order_by("id")
    found = await conditions.examine(
        partner=partner,
        programme=programme,
        application=application,
        evidence={proof.kind for proof in evidence},
        accepted=set(accepted_agreement_ids),
        now=now,
    )
    if found.missing:
        raise ConditionsNotMet(conditions=found.missing)

    await agreements.sign(
        viewer=viewer, partner_id=partner.id, agreements=found.agreements, now=now
    )
    application.snapshot = await _snapshot(application, partner, programme, evidence, found)
    application.submitted_at = now
    if programme.admission is Admission.IMMEDIATE:
        await join(application, programme, "joined", viewer=viewer, now=now)
        return application
    before = application.status
    application.status = before.to(ProgrammeApplicationStatus.SUBMITTED)
    application.version += 1
    await application.save(update_fields=["status", "snapshot", "submitted_at", "version"])
    await history.record(
        "programme_application.submitted",
        application,
        viewer=viewer,
        before={"status": before.value},
        after={"status": application.status.value, "programme": programme.code},
        now=now,
    )
    return application


@transactional
async def withdraw(*, viewer: Viewer, application_id: UUID, now: datetime) -> ProgrammeApplication:
    """Take it back to the drafts before the platform has decided; what was signed stays signed."""
    permissions.require(viewer, "programmeApplicationWithdraw")
    application, _ = await applications.locked(viewer, application_id, now)
    refuse(guards.withdraw(application, viewer, now))
    before = application.status
    application.status = before.to(ProgrammeApplicationStatus.DRAFT)
    application.submitted_at = None
    application.snapshot = {}
    application.version += 1
    await application.save(update_fields=["status", "snapshot", "submitted_at", "version"])
    await history.record(
        "programme_application.withdrawn",
        application,
        viewer=viewer,
        before={"status": before.value},
        after={"status": application.status.value},
        now=now,
    )
    return application


async def join(
    application: ProgrammeApplication,
    programme: Programme,
    happened: str,
    *,
    viewer: Viewer,
    reason: str | None = None,
    now: datetime,
) -> None:
    """Make the applicant a member from `now` on, for as long as the programme says."""
    before = application.status
    application.status = before.to(ProgrammeApplicationStatus.APPROVED)
    application.decided_at = now
    application.decision_reason = reason
    application.effective_from = now
    application.version += 1
    if programme.validity_months is not None:
        end = deadlines.end_of_validity(now, programme.validity_months)
        application.expires_at = end
        await deadlines.schedule(deadlines.EXPIRE_APPLICATION, application, due_at=end, now=now)
    await application.save(
        update_fields=[
            "status",
            "snapshot",
            "submitted_at",
            "decided_at",
            "decision_reason",
            "effective_from",
            "expires_at",
            "version",
        ]
    )
    await history.record(
        f"programme_application.{happened}",
        application,
        viewer=viewer,
        before={"status": before.value},
        after={"status": application.status.value, "programme": programme.code},
        reason=reason,
        now=now,
    )


async def _snapshot(
    application: ProgrammeApplication,
    partner: Partner,
    programme: Programme,
    evidence: list[ApplicationEvidence],
    found: Findings,
) -> dict[str, Any]:
    """What was true when it was submitted, for whoever asks later why it was approved."""
    files = {
        file.id: file
        for file in await StoredFile.filter(id__in=[proof.file_id for proof in evidence])
    }
    business = found.business_information
    return {
        "company": partner.name,
        "account_name": partner.account_name,
        "kind": partner.kind.value,
        "tier": partner.tier,
        "registered_on": partner.registered_on.isoformat() if partner.registered_on else None,
        "programme": programme.code,
        "contact_name": application.contact_name,
        "statement": application.statement,
        "roles": [{"role": role.role.value, "stage": role.stage.value} for role in found.roles],
        "business_information": str(business.id) if business else None,
        "agreements": [
            {"code": text.code, "version": text.version, "sha256": text.text_sha256}
            for text in found.agreements
        ],
        "evidence": [
            {
                "kind": proof.kind.value,
                "name": files[proof.file_id].name,
                "size": files[proof.file_id].size,
                "sha256": files[proof.file_id].sha256,
            }
            for proof in evidence
        ],
    }
