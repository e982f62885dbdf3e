"""Sending an invitation by mail again, and taking invitations back (C-07)."""

from datetime import datetime
from uuid import UUID

from domain.associations import deadlines, guards, history, letters
from domain.associations.guards import ReportNeeded
from domain.associations.invitations import Sent, already_invited, refuse_a_second
from domain.associations.policy import INVITATIONS
from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.reports import reports
from domain.reports.policy import REPORTS
from kit import links, texts
from kit.guards import refuse
from kit.transaction import lock, transactional
from kit.violations import answering
from models.customer_invitations import CustomerInvitation
from models.customer_invitations import CustomerInvitationStatus as Status
from models.customers import Customer
from models.partners import Partner
from models.reports import CustomerReport


@transactional
async def resend(*, viewer: Viewer, invitation_id: UUID, now: datetime) -> Sent:
    """Send an open, failed, lapsed or cancelled invitation by mail again: a new link, a new week.

    The old link is dead. Raises ReportNeeded when the customer isn't reported (any more),
    CustomerAlreadyInvited when another of the type is open, OnlyMailsAreResent for a link.
    """
    permissions.require(viewer, "customerInvitationResend")
    assert viewer.actor_id is not None
    await INVITATIONS.require(
        CustomerInvitation, invitation_id, viewer=viewer, now=now, thing="invitation"
    )
    found = await CustomerInvitation.get(id=invitation_id)
    refuse(guards.resend(found, viewer, now))
    # The report before what hangs on it, as everyone locks them.
    report = await _live_report(found, viewer, now)
    invitation = await lock(CustomerInvitation, id=invitation_id)
    assert invitation is not None
    refuse(guards.resend(invitation, viewer, now))
    if invitation.is_overdue(now):
        await deadlines.expire(subject_ids=[invitation.id], now=now)
        await invitation.refresh_from_db()
    await refuse_a_second(report.id, invitation.type, but=invitation.id, now=now)

    await letters.recall_invitation(invitation)
    before, is_waiting = invitation.status, invitation.status is Status.SENT
    if not is_waiting:
        invitation.status = before.to(Status.SENT)
    invitation.report_id = report.id
    invitation.report_ends_at = report.expires_at
    invitation.customer_id = report.customer_id or invitation.customer_id
    invitation.generation += 1
    token = letters.token_of(id=invitation.id, generation=invitation.generation)
    invitation.token_hash = links.digest(token)
    invitation.failed_checks = []
    invitation.invited_by = viewer.actor_id
    invitation.sent_at = now
    invitation.expires_at = now + deadlines.LIFETIME
    invitation.decided_at = None
    invitation.version += 1
    with answering(customer_invitation_one_open=lambda: already_invited(invitation)):
        await invitation.save(
            update_fields=[
                "status",
                "report_id",
                "report_ends_at",
                "customer_id",
                "generation",
                "token_hash",
                "failed_checks",
                "invited_by",
                "sent_at",
                "expires_at",
                "decided_at",
                "version",
            ]
        )
    await history.of_invitation(
        "resent", invitation, viewer=viewer, before={"status": before.value}, now=now
    )
    await deadlines.schedule(invitation, now=now)
    partner = await Partner.get(id=invitation.partner_id)
    await letters.send_invitation(
        invitation, partner=partner, inviter=viewer.display_name, name=report.name, now=now
    )
    return Sent(invitation, links.url(letters.PATH, token))


@transactional
async def cancel(
    *, viewer: Viewer, invitation_id: UUID, reason: str | None = None, now: datetime
) -> CustomerInvitation:
    """Take an invitation back, mail or link: nobody can accept it any more.

    Raises InvitationExpired or InvitationVoid at or after its end, WrongStatus when it is over.
    """
    permissions.require(viewer, "customerInvitationCancel")
    reason = texts.reason_if_any(reason)
    invitation = await INVITATIONS.lock(
        CustomerInvitation, invitation_id, viewer=viewer, now=now, thing="invitation"
    )
    refuse(guards.cancel(invitation, viewer, now))
    await take_back(invitation, viewer=viewer, reason=reason, now=now)
    return invitation


async def take_back(
    invitation: CustomerInvitation, *, viewer: Viewer, reason: str | None, now: datetime
) -> None:
    """Cancel an open invitation that the caller holds, with its timer and its mail."""
    before = invitation.status
    invitation.status = before.to(Status.CANCELLED)
    invitation.decided_at = now
    invitation.version += 1
    await invitation.save(update_fields=["status", "decided_at", "version"])
    await deadlines.cancel([invitation.id])
    await letters.recall_invitation(invitation)
    await history.of_invitation(
        "cancelled",
        invitation,
        viewer=viewer,
        before={"status": before.value},
        reason=reason,
        now=now,
    )


async def _live_report(
    invitation: CustomerInvitation, viewer: Viewer, now: datetime
) -> CustomerReport:
    """The report behind it, or a later one of the same lead, held; it must be the viewer's."""
    assert invitation.report_id is not None
    report = await CustomerReport.get(id=invitation.report_id)
    if guards.invite(report, viewer, now) is not None:
        customer = await Customer.get_or_none(id=invitation.customer_id)
        later = await reports.open_report_of(
            customer=customer,
            account_name=report.account_name,
            email=report.email,
            phone=report.phone,
            partner_id=invitation.partner_id,
            now=now,
        )
        if later is None:
            raise ReportNeeded()
        report = later
    held = await REPORTS.lock(CustomerReport, report.id, viewer=viewer, now=now, thing="report")
    refuse(guards.invite(held, viewer, now))
    return held
