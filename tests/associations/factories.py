"""Invitations and who answers them; name only what the test is about."""

from datetime import datetime

from domain.associations import accepting, invitations
from domain.associations.accepting import Answer
from domain.associations.invitations import Sent
from domain.identity.viewer import Viewer
from kit import ids
from models.customer_invitations import CustomerInvitation
from models.customers import AssociationType, Customer
from models.reports import CustomerReport
from tests.reports.factories import a_lead, a_live_report


async def a_mailed_invitation(
    *,
    by: Viewer,
    now: datetime,
    to: Customer | None = None,
    type: AssociationType = AssociationType.REFERRAL,
) -> Sent:
    """Of a customer that was reported in the same moment."""
    report = await a_live_report(by=by, of=to or await a_lead(), now=now)
    return await invited(report, by=by, type=type, now=now)


async def invited(
    report: CustomerReport,
    *,
    by: Viewer,
    now: datetime,
    type: AssociationType = AssociationType.REFERRAL,
    email: str | None = None,
) -> Sent:
    """An invitation by mail of the report's customer."""
    return await invitations.invite_by_mail(
        viewer=by, report_id=report.id, type=type, email=email, now=now
    )


async def a_link(
    *, by: Viewer, now: datetime, type: AssociationType = AssociationType.REFERRAL
) -> Sent:
    """For anybody."""
    return await invitations.invite_by_link(viewer=by, type=type, now=now)


async def accepted(sent: Sent, *, by: Viewer, now: datetime) -> Answer:
    """The answer to the link, with consent."""
    return await accepting.accept(viewer=by, token=token_of(sent), consent=True, now=now)


def token_of(sent: Sent) -> str:
    """What stands behind the `#`."""
    return sent.link.partition("#")[2]


def civ(invitation: CustomerInvitation) -> str:
    """The id of an invitation as the API writes it."""
    return ids.encode("civ", invitation.id)
