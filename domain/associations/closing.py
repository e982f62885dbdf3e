"""What an invitation by mail hangs on is gone: it is closed with it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from domain.associations import sending
from domain.identity.viewer import Viewer
from domain.reports import deleting
from kit.batches import ItemOutcome
from kit.transaction import assert_open, transactional
from models.customer_invitations import CustomerInvitation
from models.customer_invitations import CustomerInvitationStatus as Status
from models.reports import CustomerReport

REPORT_DELETED = "REPORT_DELETED"


@transactional
async def delete_report(*, viewer: Viewer, report_id: UUID, now: datetime) -> CustomerReport:
    """Delete a report and take back the invitations that it carries; as `deleting.delete`."""
    report = await deleting.delete(viewer=viewer, report_id=report_id, now=now)
    await _close_with([report.id], viewer=viewer, now=now)
    return report


@transactional
async def delete_reports(
    *, viewer: Viewer, report_ids: Sequence[UUID], now: datetime
) -> list[ItemOutcome]:
    """As `delete_report`, for up to 100 at once; outcomes as of `deleting.delete_many`."""
    outcomes = await deleting.delete_many(viewer=viewer, report_ids=report_ids, now=now)
    deleted = [outcome.id for outcome in outcomes if outcome.problem is None]
    await _close_with(deleted, viewer=viewer, now=now)
    return outcomes


async def close_open(
    *,
    viewer: Viewer,
    customer_id: UUID,
    partner_id: UUID,
    but: UUID | None = None,
    reason: str,
    now: datetime,
) -> int:
    """Take back a partner's open invitations by mail to a customer; how many there were.

    The caller holds the customer. What is over by `now` is left to its deadline.
    """
    assert_open()
    found = (
        await CustomerInvitation.filter(
            customer_id=customer_id,
            partner_id=partner_id,
            status__in=(Status.SENT, Status.FAILED),
        )
        .order_by("id")
        .select_for_update(no_key=True)
    )
    return await _take_back(
        [invitation for invitation in found if invitation.id != but],
        viewer=viewer,
        reason=reason,
        now=now,
    )


async def _close_with(report_ids: Sequence[UUID], *, viewer: Viewer, now: datetime) -> None:
    found = (
        await CustomerInvitation.filter(
            report_id__in=list(report_ids), status__in=(Status.SENT, Status.FAILED)
        )
        .order_by("id")
        .select_for_update(no_key=True)
    )
    await _take_back(found, viewer=viewer, reason=REPORT_DELETED, now=now)


async def _take_back(
    invitations: Sequence[CustomerInvitation], *, viewer: Viewer, reason: str, now: datetime
) -> int:
    open_ones = [each for each in invitations if not each.is_overdue(now)]
    for invitation in open_ones:
        await sending.take_back(invitation, viewer=viewer, reason=reason, now=now)
    return len(open_ones)
