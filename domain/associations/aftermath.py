"""What this domain itself does when an association ends or is switched, or a customer is frozen."""

from domain.associations import authorizations, change_deadlines, change_history, closing
from domain.associations.changes import OPEN
from domain.associations.effects import Done, Ending, Switched
from domain.customers.effects import Frozen
from domain.identity.viewer import SYSTEM
from kit import timers
from models.associations import AssociationChange, AuthorizationEnd
from models.associations import ChangeStatus as Status
from models.customers import AssociationType


async def end_authorizations(fact: Ending) -> Done:
    """Who has left lets nobody act for it."""
    return await _ended(fact, AuthorizationEnd.ASSOCIATION_ENDED)


async def end_authorizations_of_referrals(fact: Switched) -> Done:
    """A referral customer acts for itself."""
    if fact.to_type is not AssociationType.REFERRAL:
        return {}
    return await _ended(fact, AuthorizationEnd.SWITCHED_TO_REFERRAL)


async def end_authorizations_of_frozen(fact: Frozen) -> Done:
    """For a frozen customer there is nothing to do; unfrozen, it may be asked again."""
    return await _ended(fact, AuthorizationEnd.CUSTOMER_FROZEN)


async def close_invitations(fact: Ending) -> Done:
    """What the partner still had under way to win the customer goes with it."""
    closed = await closing.close_open(
        viewer=fact.viewer,
        customer_id=fact.customer_id,
        partner_id=fact.partner_id,
        reason="ASSOCIATION_ENDED",
        now=fact.now,
    )
    return {"closed": closed} if closed else {}


async def cancel_changes(fact: Ending) -> Done:
    """A wish about an association that is over means nothing any more."""
    wished = (
        await AssociationChange.filter(association_id=fact.association_id, status__in=OPEN)
        .order_by("id")
        .select_for_update(no_key=True)
    )
    for change in wished:
        before = change.status
        is_agreed = before is Status.APPROVED
        change.status = before.to(Status.REJECTED if is_agreed else Status.CANCELLED)
        change.decided_at = change.decided_at or fact.now
        change.version += 1
        await change.save(update_fields=["status", "decided_at", "version"])
        await timers.cancel(change_deadlines.EXPIRE, subject_id=change.id)
        await timers.cancel(change_deadlines.EXECUTE, subject_id=change.customer_id)
        await change_history.of_change(
            "rejected" if is_agreed else "cancelled",
            change,
            viewer=SYSTEM,
            before=before.value,
            reason="ASSOCIATION_ENDED",
            now=fact.now,
        )
    return {"cancelled": len(wished)} if wished else {}


async def _ended(fact: Ending | Switched | Frozen, why: AuthorizationEnd) -> Done:
    ended = await authorizations.end_all(
        customer_id=fact.customer_id, why=why, viewer=fact.viewer, now=fact.now
    )
    return {"revoked": ended} if ended else {}
