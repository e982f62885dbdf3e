"""The platform's decisions: joined, refused with a reason, and the end of a membership (P-20)."""

from datetime import datetime
from uuid import UUID

from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.programmes import applications, deadlines, guards, history, letters, submissions
from kit import texts, timers
from kit.guards import refuse
from kit.transaction import transactional
from models.programmes import Programme, ProgrammeApplication, ProgrammeApplicationStatus


@transactional
async def approve(
    *, viewer: Viewer, application_id: UUID, note: str | None = None, now: datetime
) -> ProgrammeApplication:
    """Take the partner in, from now on."""
    permissions.require(viewer, "programmeApplicationApprove")
    application, partner = await applications.locked(viewer, application_id, now)
    refuse(guards.approve(application, viewer, now))
    programme = await Programme.get(id=application.programme_id)
    reason = texts.optional(note, longest=texts.LONGEST_REASON, path=("input", "note"))
    await submissions.join(
        application, programme, "approved", viewer=viewer, reason=reason, now=now
    )
    await letters.tell_decision(application, partner=partner, programme=programme, now=now)
    return application


@transactional
async def reject(
    *, viewer: Viewer, application_id: UUID, reason: str, now: datetime
) -> ProgrammeApplication:
    """Refuse it, and say why; the partner may copy it to a new draft."""
    permissions.require(viewer, "programmeApplicationReject")
    reason = texts.reason(reason)
    application, partner = await applications.locked(viewer, application_id, now)
    refuse(guards.reject(application, viewer, now))
    before = application.status
    application.status = before.to(ProgrammeApplicationStatus.REJECTED)
    application.decided_at = now
    application.ended_at = now
    application.decision_reason = reason
    application.version += 1
    await application.save(
        update_fields=["status", "decided_at", "ended_at", "decision_reason", "version"]
    )
    await history.record(
        "programme_application.rejected",
        application,
        viewer=viewer,
        before={"status": before.value},
        after={"status": application.status.value},
        reason=reason,
        now=now,
    )
    programme = await Programme.get(id=application.programme_id)
    await letters.tell_decision(application, partner=partner, programme=programme, now=now)
    return application


@transactional
async def exit(
    *, viewer: Viewer, application_id: UUID, reason: str, now: datetime
) -> ProgrammeApplication:
    """Write down that the partner has left, as it asked its ecosystem manager to (P-20)."""
    permissions.require(viewer, "programmeApplicationExit")
    reason = texts.reason(reason)
    application, _ = await applications.locked(viewer, application_id, now)
    refuse(guards.exit(application, viewer, now))
    before = application.status
    application.status = before.to(ProgrammeApplicationStatus.EXITED)
    application.ended_at = now
    application.version += 1
    await application.save(update_fields=["status", "ended_at", "version"])
    await timers.cancel(deadlines.EXPIRE_APPLICATION, subject_id=application.id)
    await history.record(
        "programme_application.exited",
        application,
        viewer=viewer,
        before={"status": before.value},
        after={"status": application.status.value},
        reason=reason,
        now=now,
    )
    return application
