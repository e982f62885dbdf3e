"""What a house has of customers and reports: something in every state, marked by its name."""

from datetime import datetime
from uuid import UUID

from domain.associations import accepting, invitations, sending
from domain.associations import deadlines as invitation_deadlines
from domain.customers import assignments, standing, tags
from domain.identity import supervision
from domain.identity.items import Item
from domain.identity.viewer import Viewer, ViewerKind
from domain.reports import deadlines, deleting, reports, reviewing, submitting
from kit.transaction import transactional
from models.customer_invitations import CustomerInvitation
from models.customers import AssociationType, Freeze
from models.partners import Partner
from models.reports import CustomerReport
from tests.customers.factories import a_customer

REVIEWER = Viewer(
    kind=ViewerKind.STAFF, display_name="Reviewer", items=frozenset({Item.REPORT_REVIEW})
)


async def furnish(
    house: str, partner: Partner, *, by: Viewer, manager: Viewer, supervisor: Viewer, now: datetime
) -> None:
    """Customers with tags, managers and a freeze; reports of all kinds; a supervisor."""
    assert manager.seat_id is not None
    assert supervisor.seat_id is not None
    await supervision.set_supervisor(
        viewer=by, manager_id=manager.seat_id, supervisor_id=supervisor.seat_id, now=now
    )
    word = house.lower()
    for name, type in (("buyer", AssociationType.REFERRAL), ("client", AssociationType.AGENCY)):
        customer = await a_customer(
            f"{house} {name}",
            of=partner,
            type=type,
            account_name=f"{word}_{name}",
            email=f"{name}@{word}-customer.example",
        )
        await tags.set_tags(viewer=by, customer_id=customer.id, tags=[f"{house} tag"], now=now)
        for seat in (supervisor.seat_id, manager.seat_id):
            await assignments.assign(
                viewer=by, customer_ids=[customer.id], manager_id=seat, now=now
            )
    await standing.freeze(
        viewer=by,
        customer_id=customer.id,
        extent=Freeze.ACCOUNT,
        reason=f"{house} wants its money",
        now=now,
    )
    await _report(house, by=by, now=now)
    await _invite(house, by=by, now=now)


async def _report(house: str, *, by: Viewer, now: datetime) -> None:
    word = house.lower()
    for state in ("live", "lapsed", "used", "pending", "refused", "deleted"):
        lead = None
        if state in ("live", "lapsed", "used"):
            lead = await a_customer(
                f"{house} {state}",
                account_name=f"{word}_{state}",
                email=f"{state}@{word}-lead.example",
            )
        report = await submitting.submit(
            viewer=by,
            name=f"{house} {state}",
            email=f"{state}@{word}-lead.example",
            note=f"{house} has seen it",
            now=now,
        )
        if state == "lapsed":
            await CustomerReport.filter(id=report.id).update(expires_at=now)
            await deadlines.expire(subject_ids=[report.id], now=now)
            await _cancel(report, now)
        elif state == "refused":
            await reviewing.reject(
                viewer=REVIEWER, report_id=report.id, reason=f"not {house}'s", now=now
            )
        elif state == "deleted":
            await deleting.delete(viewer=by, report_id=report.id, now=now)
        elif lead is not None and state == "used":
            await _use(report, lead.id, now)


@transactional
async def _cancel(report: CustomerReport, now: datetime) -> None:
    await deadlines.cancel([report.id])


@transactional
async def _use(report: CustomerReport, customer_id: UUID, now: datetime) -> None:
    await reports.consume(report_id=report.id, customer_id=customer_id, now=now)


async def _invite(house: str, *, by: Viewer, now: datetime) -> None:
    """A link, and a mail in every state."""
    await invitations.invite_by_link(viewer=by, type=AssociationType.AGENCY, now=now)
    for state in ("sent", "accepted", "failed", "expired", "cancelled"):
        customer = await a_customer(
            f"{house} {state}",
            account_name=f"{house.lower()}_{state}",
            email=f"{state}@{house.lower()}-invited.example",
            has_debt=state == "failed",
        )
        report = await submitting.submit(
            viewer=by, name=f"{house} {state}", account_name=customer.account_name, now=now
        )
        sent = await invitations.invite_by_mail(
            viewer=by, report_id=report.id, type=AssociationType.REFERRAL, now=now
        )
        id = sent.invitation.id
        if state in ("accepted", "failed"):
            buyer = Viewer(kind=ViewerKind.CUSTOMER, display_name=house, customer_id=customer.id)
            await accepting.accept(viewer=buyer, invitation_id=id, consent=True, now=now)
        elif state == "expired":
            await CustomerInvitation.filter(id=id).update(expires_at=now)
            await invitation_deadlines.expire(subject_ids=[id], now=now)
        elif state == "cancelled":
            await sending.cancel(viewer=by, invitation_id=id, reason=f"{house} erred", now=now)
