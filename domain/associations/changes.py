"""Asking for a change of an association: a switch of its type, or its end (C-08, domain.md 5.5)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from domain.associations import (
    cards,
    change_checks,
    change_deadlines,
    change_guards,
    change_history,
    notices,
)
from domain.associations.change_checks import FailedChangeCheck
from domain.associations.effects import CHECKS, Wish
from domain.customers.policy import CUSTOMERS
from domain.identity.permissions import require
from domain.identity.steps import require_step_up
from domain.identity.viewer import SYSTEM, Viewer, ViewerKind
from kit import texts, timers
from kit.guards import refuse
from kit.ids import new_id
from kit.problems import Problem
from kit.transaction import transactional
from kit.workdays import months_after
from models.associations import AssociationChange, ChangeInitiator, ChangeKind
from models.associations import ChangeStatus as Status
from models.customers import AssociationType, Customer

# C-20, A-11: so many changes may a side ask for in so many months of the calendar in Shanghai.
MOST = 1
MONTHS = 3

OPEN = (Status.PRE_REVIEW, Status.PENDING, Status.APPROVED)


class NoticeNotUnderstood(Problem):
    """Who asks for a change has to tick that the notice about it was understood (C-08)."""

    en = "Read the notice about what a change brings along, and confirm that you understand it."
    zh = "请阅读变更须知,并勾选“我已知晓”。"


class AlreadyOfThisType(Problem):
    """There is nothing to switch."""

    en = "The customer is associated as {type} already."
    zh = "客户的关联类型已是 {type}。"
    about = {"type": "How it is associated."}
    type: str


class ChangeOpen(Problem):
    """One change after the other."""

    en = "Another change of this association is open; it is {status}."
    zh = "该客户有未完成的关联变更,当前状态为 {status}。"
    about = {"status": "Where the other change stands."}
    status: str


class ChangedRecently(Problem):
    """A side may ask for one change in three months (C-20)."""

    en = (
        "At most {maximum} change may be asked for in {months} months; the next from"
        " {free_from:%Y-%m-%d %H:%M} UTC on."
    )
    zh = "{months} 个月内最多可发起 {maximum} 次变更,{free_from:%Y-%m-%d %H:%M}(UTC)后可再次发起。"
    about = {
        "maximum": "How many may be asked for.",
        "months": "In how many months.",
        "free_from": "From when on the next may be asked for.",
    }
    maximum: int
    months: int
    free_from: datetime


@transactional
async def request_switch(
    *,
    viewer: Viewer,
    customer_id: UUID,
    to_type: AssociationType,
    understood: bool,
    reason: str | None = None,
    step_up_code: str | None = None,
    now: datetime,
) -> AssociationChange:
    """Ask the other side to go on as `to_type`. Raises AlreadyOfThisType; else as `request_end`."""
    operation = "associationSwitchRequest"
    require(viewer, operation)
    reason = texts.reason_if_any(reason)
    customer = await _asked(viewer, operation, customer_id, understood, step_up_code, now)
    if customer.association_type is to_type:
        raise AlreadyOfThisType(type=to_type.value, path=("input", "toType"))
    return await _ask(customer, ChangeKind.SWITCH, to_type, reason, viewer=viewer, now=now)


@transactional
async def request_end(
    *,
    viewer: Viewer,
    customer_id: UUID,
    reason: str,
    understood: bool,
    step_up_code: str | None = None,
    now: datetime,
) -> AssociationChange:
    """Ask the other side to part; of an agency association the platform's pre-review comes first.

    Raises NoticeNotUnderstood, NotAssociated, ChangeOpen, ChangedRecently, ChangeCheckFailed with
    every check that fails; OnlyTheTwoSides and CustomerOfAnotherPartner for the wrong people.
    """
    operation = "associationEndRequest"
    require(viewer, operation)
    reason = texts.reason(reason)
    customer = await _asked(viewer, operation, customer_id, understood, step_up_code, now)
    return await _ask(customer, ChangeKind.DISASSOCIATE, None, reason, viewer=viewer, now=now)


async def failures(
    customer: Customer, kind: ChangeKind, to_type: AssociationType | None, now: datetime
) -> list[FailedChangeCheck]:
    """Every check that the customer fails, those of later domains included; it must be held."""
    has_card = await cards.is_unspent(customer.id, now=now)
    failed = change_checks.failures(customer, kind=kind, to_type=to_type, has_card=has_card)
    wish = Wish(customer=customer, kind=kind, to_type=to_type, now=now)
    more: dict[str, Sequence[FailedChangeCheck]] = await CHECKS.run(wish)
    return [*failed, *(check for answer in more.values() for check in answer)]


async def put_before_the_other_side(change: AssociationChange, *, now: datetime) -> None:
    """Begin the time to decide on a change that has just become PENDING, and is to be saved."""
    change.expires_at = change_deadlines.decide_until(now)
    await change_deadlines.schedule_expiry(change, now=now)


async def _asked(
    viewer: Viewer,
    operation: str,
    customer_id: UUID,
    understood: bool,
    step_up_code: str | None,
    now: datetime,
) -> Customer:
    """The customer, held, about whom the viewer may ask."""
    if not understood:
        raise NoticeNotUnderstood(path=("input", "understood"))
    if viewer.kind is ViewerKind.OPERATOR:  # O-10 names what partners ask for
        await require_step_up(viewer, operation, step_up_code, now)
    customer = await CUSTOMERS.lock(Customer, customer_id, viewer=viewer, now=now, thing="customer")
    refuse(change_guards.request(customer, viewer, now))
    return customer


async def _ask(
    customer: Customer,
    kind: ChangeKind,
    to_type: AssociationType | None,
    reason: str | None,
    *,
    viewer: Viewer,
    now: datetime,
) -> AssociationChange:
    assert customer.partner_id is not None
    assert customer.association_id is not None
    assert customer.association_type is not None
    assert viewer.actor_id is not None
    initiator = change_guards.initiator(viewer)
    await _refuse_a_second(customer, now)
    await _refuse_too_soon(customer, initiator, now)
    change_checks.refuse(await failures(customer, kind, to_type, now))

    leaves_agency = customer.association_type is AssociationType.AGENCY
    needs_review = kind is ChangeKind.DISASSOCIATE and leaves_agency
    change = AssociationChange(
        id=new_id(),
        created_at=now,
        customer_id=customer.id,
        partner_id=customer.partner_id,
        association_id=customer.association_id,
        kind=kind,
        initiator=initiator,
        from_type=customer.association_type,
        to_type=to_type,
        status=Status.PRE_REVIEW if needs_review else Status.PENDING,
        reason=reason,
        requested_by=viewer.actor_id,
    )
    if not needs_review:
        await put_before_the_other_side(change, now=now)
    await change.insert()
    wish = {"kind": kind.value, "initiator": initiator.value}
    if to_type is not None:
        wish["to_type"] = to_type.value
    await change_history.of_change(
        "requested", change, viewer=viewer, before=None, after=wish, reason=reason, now=now
    )
    if change.status is Status.PENDING:
        await notices.change_waits(change, customer=customer, now=now)
    return change


async def _refuse_a_second(customer: Customer, now: datetime) -> None:
    """There is one open change at most; one that nobody decided on in time is let time out here."""
    other = (
        await AssociationChange.filter(customer_id=customer.id, status__in=OPEN)
        .select_for_update(no_key=True)
        .first()
    )
    if other is None:
        return
    if not other.is_overdue(now):
        raise ChangeOpen(status=other.status.value)
    before = other.status
    other.status = before.to(Status.TIMED_OUT)
    other.decided_at = other.expires_at
    other.version += 1
    await other.save(update_fields=["status", "decided_at", "version"])
    await timers.cancel(change_deadlines.EXPIRE, subject_id=other.id)
    await change_history.of_change("timed_out", other, viewer=SYSTEM, before=before.value, now=now)


async def _refuse_too_soon(customer: Customer, initiator: ChangeInitiator, now: datetime) -> None:
    """Whatever became of the last one; a partner answers only for what it has asked itself."""
    asked = AssociationChange.filter(customer_id=customer.id, initiator=initiator)
    if initiator is ChangeInitiator.PARTNER:
        asked = asked.filter(partner_id=customer.partner_id)
    latest = await asked.order_by("-created_at", "-id").limit(MOST)
    if len(latest) < MOST:
        return
    free_from = months_after(latest[-1].created_at, MONTHS)
    if now < free_from:
        raise ChangedRecently(maximum=MOST, months=MONTHS, free_from=free_from)
