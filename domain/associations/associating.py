"""Making an association: the customer is the partner's from now on (C-01, domain.md 5.4)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from domain.associations import checks, closing, effects, rebinding
from domain.associations.checks import AssociationCheck, AssociationCheckFailed
from domain.associations.effects import Made
from domain.customers import assignments, history
from domain.identity.viewer import Viewer
from domain.reports import reports
from kit.ids import new_id
from kit.transaction import assert_open
from kit.violations import answering
from models.customers import Association, AssociationType, Customer


async def associate(
    *,
    viewer: Viewer,
    customer: Customer,
    partner_id: UUID,
    type: AssociationType,
    manager_id: UUID | None = None,
    tag: str | None = None,
    invitation_id: UUID | None = None,
    report_id: UUID | None = None,
    now: datetime,
) -> Association:
    """Associate a customer that the caller holds and has checked; the row it was given is current.

    The partner's live reports of the customer are used up, `report_id` among them, and its other
    open invitations to the customer taken back; those of other partners stay and come to nothing.
    `manager_id` must be a living seat there, or None. Raises AssociationCheckFailed when somebody
    was faster, ReportExpired when that report is over.
    """
    assert_open()
    incentives_from = await rebinding.earns_from(customer, partner_id, now=now)
    association = Association(
        id=new_id(),
        created_at=now,
        customer_id=customer.id,
        partner_id=partner_id,
        type=type,
        started_at=now,
        tag=tag,
        incentives_from=incentives_from,
        invitation_id=invitation_id,
    )
    await _write(association, customer)
    await history.of_customer(
        "associated",
        customer,
        viewer=viewer,
        after={"type": type.value}
        | ({"tag": tag} if tag else {})
        | ({"incentives_from": incentives_from.isoformat()} if incentives_from else {}),
        now=now,
    )
    for id in await _reports_of(customer, partner_id, report_id, now):
        await reports.consume(viewer=viewer, report_id=id, customer_id=customer.id, now=now)
    await closing.close_open(
        viewer=viewer,
        customer_id=customer.id,
        partner_id=partner_id,
        but=invitation_id,
        reason="ASSOCIATED",
        now=now,
    )
    if manager_id is not None:
        await assignments.hand_over(
            viewer=viewer, customer_ids=[customer.id], manager_id=manager_id, now=now
        )
        await customer.refresh_from_db()
    await effects.MADE.run(
        Made(
            customer_id=customer.id,
            partner_id=partner_id,
            association_id=association.id,
            type=type,
            viewer=viewer,
            now=now,
        )
    )
    return association


async def _write(association: Association, customer: Customer) -> None:
    with answering(association_one_active=_taken):
        await association.insert()
    customer.partner_id = association.partner_id
    customer.association_id = association.id
    customer.association_type = association.type
    customer.listed_at = association.started_at
    customer.version += 1
    await customer.save(
        update_fields=["partner_id", "association_id", "association_type", "listed_at", "version"]
    )


async def _reports_of(
    customer: Customer, partner_id: UUID, report_id: UUID | None, now: datetime
) -> Sequence[UUID]:
    """The reports that come to this association, in the order in which everyone locks them."""
    held = await reports.live_reports_of(customer=customer, partner_id=partner_id, now=now)
    return sorted({report.id for report in held} | ({report_id} if report_id else set()))


def _taken() -> AssociationCheckFailed:
    return AssociationCheckFailed(checks=checks.told([AssociationCheck.ALREADY_ASSOCIATED]))
