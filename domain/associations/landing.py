"""What comes before an answer: what a link shows to anybody, and whether the checks would pass."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.associations import accepting, guards
from domain.associations.checks import FailedAssociationCheck
from domain.customers.policy import CUSTOMERS
from domain.identity import permissions
from domain.identity.viewer import Viewer, ViewerKind
from domain.reports.policy import REPORTS
from kit.guards import refuse
from kit.masking import mask_email
from kit.problems import InvalidInput
from kit.transaction import transactional
from models.customer_invitations import CustomerInvitation, InvitationChannel
from models.customer_invitations import CustomerInvitationStatus as Status
from models.customers import AssociationType, Customer
from models.partners import Partner
from models.reports import CustomerReport


@dataclass(frozen=True, slots=True)
class Landing:
    """What the holder of a link may know before signing in."""

    partner_name: str
    partner_name_en: str | None
    association_type: AssociationType
    channel: InvitationChannel
    masked_email: str | None
    status: Status
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Asked:
    customer_id: UUID
    partner_id: UUID
    report: CustomerReport | None


async def landing(*, token: str, now: datetime) -> Landing | None:
    """What a link leads to, for anybody who holds it; None for unknown and for old tokens."""
    invitation = await accepting.by_token(token)
    if invitation is None:
        return None
    partner = await Partner.get(id=invitation.partner_id)
    return Landing(
        partner_name=partner.name,
        partner_name_en=partner.name_en,
        association_type=invitation.type,
        channel=invitation.channel,
        masked_email=mask_email(invitation.email) if invitation.email else None,
        status=status_at(invitation, now),
        expires_at=invitation.ends_at,
    )


def status_at(invitation: CustomerInvitation, now: datetime) -> Status:
    """Where it stands at `now`, whether or not a worker has come by."""
    if not invitation.is_overdue(now):
        return invitation.status
    is_void = invitation.ends_at != invitation.expires_at
    return Status.CANCELLED if is_void else Status.EXPIRED


@transactional
async def preview(
    *,
    viewer: Viewer,
    customer_id: UUID | None = None,
    report_id: UUID | None = None,
    token: str | None = None,
    type: AssociationType,
    now: datetime,
) -> list[FailedAssociationCheck] | None:
    """What associating would fail for, without doing anything; None for what the viewer can't see.

    A partner asks about a customer that it sees or the account of a live report of its own, a
    customer's user about his customer by the token of a link. None also for a lead without account.
    """
    permissions.require(viewer, "customerAssociationCheck")
    if sum(given is not None for given in (customer_id, report_id, token)) != 1:
        raise InvalidInput(
            reason="Name just one of customerId, reportId and token.",
            reason_zh="customerId、reportId、token 须且仅须提供一项。",
        )
    if token is not None:
        asked = await _by_token(viewer, token)
    elif viewer.kind is not ViewerKind.OPERATOR or viewer.partner_id is None:
        asked = None
    elif report_id is not None:
        asked = await _by_report(viewer, report_id, now)
    else:
        asked = await _by_customer(viewer, customer_id, now)
    if asked is None:
        return None
    customer = await Customer.get(id=asked.customer_id)
    partner = await Partner.get(id=asked.partner_id)
    return await accepting.judge(customer, partner=partner, type=type, report=asked.report, now=now)


async def _by_token(viewer: Viewer, token: str) -> _Asked | None:
    refuse(guards.seat(viewer))
    assert viewer.customer_id is not None
    invitation = await accepting.by_token(token)
    if invitation is None or invitation.customer_id not in (None, viewer.customer_id):
        return None
    report = await CustomerReport.get_or_none(id=invitation.report_id)
    return _Asked(viewer.customer_id, invitation.partner_id, report)


async def _by_report(viewer: Viewer, report_id: UUID, now: datetime) -> _Asked | None:
    if not await REPORTS.sees(CustomerReport, report_id, viewer=viewer, now=now):
        return None
    report = await CustomerReport.get(id=report_id)
    if report.customer_id is None or guards.invite(report, viewer, now) is not None:
        return None
    return _Asked(report.customer_id, report.partner_id, report)


async def _by_customer(viewer: Viewer, customer_id: UUID | None, now: datetime) -> _Asked | None:
    assert customer_id is not None
    assert viewer.partner_id is not None
    if not await CUSTOMERS.sees(Customer, customer_id, viewer=viewer, now=now):
        return None
    return _Asked(customer_id, viewer.partner_id, None)
