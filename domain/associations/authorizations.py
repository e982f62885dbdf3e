"""Leave to act on behalf of a customer (代客授权): asked for, given, refused, taken (C-23)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.associations import authorization_guards as guards
from domain.associations import commitment, notices
from domain.associations.commitment import Letter
from domain.associations.policy import ASSOCIATIONS
from domain.audit import events
from domain.customers.policy import CUSTOMERS
from domain.identity.permissions import require
from domain.identity.steps import require_step_up
from domain.identity.viewer import Viewer
from kit import texts
from kit.guards import refuse
from kit.ids import new_id
from kit.problems import InvalidInput, NotFound, Problem
from kit.transaction import assert_open, lock, transactional
from models.associations import AuthorizationEnd, OnBehalfAuthorization, OnBehalfScope
from models.associations import AuthorizationStatus as Status
from models.customers import Customer
from models.partners import Partner, PartnerKind

LIVE = (Status.DISTRIBUTOR_PENDING, Status.REQUESTED, Status.GRANTED)


class AuthorizationExists(Problem):
    """There is one authorization at a time for a partner and a customer."""

    en = "There is an authorization for this customer already; it is {status}."
    zh = "该客户已有代客授权,当前状态为 {status}。"
    about = {"status": "Where it stands."}
    status: str


@transactional
async def request(
    *,
    viewer: Viewer,
    customer_id: UUID,
    scopes: Sequence[OnBehalfScope] = tuple(OnBehalfScope),
    commitment_version: str | None = None,
    now: datetime,
) -> OnBehalfAuthorization:
    """Ask an agency customer for leave; what a reseller asks goes to its distributor first.

    Raises OnlyForAgencyCustomers, CustomerIsFrozen, AuthorizationExists, and LetterNotAccepted at
    the first request of the partner without the version of its commitment letter.
    """
    require(viewer, "onBehalfAuthorizationRequest")
    if not scopes:
        raise InvalidInput(
            reason="Name at least one scope.",
            reason_zh="请至少选择一个授权范围。",
            path=("input", "scopes"),
        )
    customer = await CUSTOMERS.lock(Customer, customer_id, viewer=viewer, now=now, thing="customer")
    refuse(guards.request(customer, viewer, now))
    assert customer.partner_id is not None
    assert customer.association_id is not None
    assert viewer.actor_id is not None
    live = await OnBehalfAuthorization.filter(
        customer_id=customer.id, partner_id=customer.partner_id, status__in=LIVE
    ).first()
    if live is not None:
        raise AuthorizationExists(status=live.status.value)
    await commitment.commit(
        viewer=viewer, partner_id=customer.partner_id, version=commitment_version, now=now
    )

    partner = await Partner.get(id=customer.partner_id)
    is_resellers = partner.kind is PartnerKind.RESELLER
    authorization = await OnBehalfAuthorization.create(
        id=new_id(),
        created_at=now,
        customer_id=customer.id,
        partner_id=customer.partner_id,
        association_id=customer.association_id,
        scopes=sorted({scope.value for scope in scopes}),
        status=Status.DISTRIBUTOR_PENDING if is_resellers else Status.REQUESTED,
        requested_by=viewer.actor_id,
    )
    await _record(
        "requested",
        authorization,
        viewer=viewer,
        before=None,
        after={"scopes": authorization.scopes},
        now=now,
    )
    await notices.leave_waits(authorization, customer=customer, now=now)
    return authorization


@transactional
async def endorse(
    *, viewer: Viewer, authorization_id: UUID, now: datetime
) -> OnBehalfAuthorization:
    """As the distributor, put what a reseller asks for before the customer. Raises WrongStatus."""
    require(viewer, "onBehalfAuthorizationEndorse")
    customer, authorization = await _locked(viewer, authorization_id, now)
    refuse(guards.endorse(authorization, viewer, now))
    await _move(authorization, Status.REQUESTED, "endorsed", viewer=viewer, now=now)
    await notices.leave_waits(authorization, customer=customer, now=now)
    return authorization


@transactional
async def grant(
    *,
    viewer: Viewer,
    authorization_id: UUID,
    letter_version: str,
    step_up_code: str | None = None,
    now: datetime,
) -> OnBehalfAuthorization:
    """As the customer, give leave, by accepting the letter of authorization in force.

    Raises LetterNotAccepted, OnlyTheDistributorDecides while that is still to come, WrongStatus.
    """
    require(viewer, "onBehalfAuthorizationGrant")
    await require_step_up(viewer, "onBehalfAuthorizationGrant", step_up_code, now)
    customer, authorization = await _locked(viewer, authorization_id, now)
    refuse(guards.grant(authorization, viewer, now))
    refuse(guards.usable(customer))
    commitment.check(Letter.CONSENT, letter_version, path=("input", "letterVersion"))
    authorization.granted_at = now
    await _move(
        authorization,
        Status.GRANTED,
        "granted",
        "granted_at",
        viewer=viewer,
        after={"letter_version": letter_version},
        now=now,
    )
    return authorization


@transactional
async def reject(
    *, viewer: Viewer, authorization_id: UUID, reason: str, now: datetime
) -> OnBehalfAuthorization:
    """As the customer, or before it the distributor, refuse and say why. Raises WrongStatus."""
    require(viewer, "onBehalfAuthorizationReject")
    reason = texts.reason(reason)
    _, authorization = await _locked(viewer, authorization_id, now)
    refuse(guards.reject(authorization, viewer, now))
    authorization.refusal = reason
    authorization.ended_at = now
    await _move(
        authorization,
        Status.REJECTED,
        "rejected",
        *("refusal", "ended_at"),
        viewer=viewer,
        reason=reason,
        now=now,
    )
    return authorization


@transactional
async def revoke(
    *,
    viewer: Viewer,
    authorization_id: UUID,
    step_up_code: str | None = None,
    now: datetime,
) -> OnBehalfAuthorization:
    """As the customer, take the leave back: from now on the partner does nothing more for it.

    Whoever acts on behalf right now is waited for. Raises WrongStatus.
    """
    require(viewer, "onBehalfAuthorizationRevoke")
    await require_step_up(viewer, "onBehalfAuthorizationRevoke", step_up_code, now)
    _, authorization = await _locked(viewer, authorization_id, now)
    refuse(guards.revoke(authorization, viewer, now))
    await _end(authorization, AuthorizationEnd.REVOKED_BY_CUSTOMER, viewer=viewer, now=now)
    return authorization


@transactional
async def withdraw(
    *, viewer: Viewer, authorization_id: UUID, now: datetime
) -> OnBehalfAuthorization:
    """As the partner, give up what was asked for or given. Raises WrongStatus."""
    require(viewer, "onBehalfAuthorizationWithdraw")
    _, authorization = await _locked(viewer, authorization_id, now)
    refuse(guards.withdraw(authorization, viewer, now))
    await _end(authorization, AuthorizationEnd.WITHDRAWN, viewer=viewer, now=now)
    return authorization


async def end_all(
    *, customer_id: UUID, why: AuthorizationEnd, viewer: Viewer, now: datetime
) -> int:
    """Revoke whatever is asked for or given about a customer that the caller holds; how many."""
    assert_open()
    live = (
        await OnBehalfAuthorization.filter(customer_id=customer_id, status__in=LIVE)
        .order_by("id")
        .select_for_update(no_key=True)
    )
    for authorization in live:
        await _end(authorization, why, viewer=viewer, now=now)
    return len(live)


async def _locked(
    viewer: Viewer, authorization_id: UUID, now: datetime
) -> tuple[Customer, OnBehalfAuthorization]:
    """The row as far as the viewer sees it, and before it its customer, as everyone locks."""
    thing = "on_behalf_authorization"
    await ASSOCIATIONS.require(
        OnBehalfAuthorization, authorization_id, viewer=viewer, now=now, thing=thing
    )
    seen = await OnBehalfAuthorization.get(id=authorization_id)
    customer = await lock(Customer, id=seen.customer_id)
    if customer is None:
        raise NotFound(thing="customer")
    authorization = await ASSOCIATIONS.lock(
        OnBehalfAuthorization, authorization_id, viewer=viewer, now=now, thing=thing
    )
    return customer, authorization


async def _end(
    authorization: OnBehalfAuthorization, why: AuthorizationEnd, *, viewer: Viewer, now: datetime
) -> None:
    authorization.ended_at = now
    authorization.end_reason = why
    await _move(
        authorization,
        Status.REVOKED,
        "revoked",
        *("ended_at", "end_reason"),
        viewer=viewer,
        reason=why.value,
        now=now,
    )


async def _move(
    authorization: OnBehalfAuthorization,
    wanted: Status,
    happened: str,
    *columns: str,
    viewer: Viewer,
    after: dict[str, Any] | None = None,
    reason: str | None = None,
    now: datetime,
) -> None:
    before = authorization.status
    authorization.status = before.to(wanted)
    authorization.version += 1
    await authorization.save(update_fields=["status", *columns, "version"])
    await _record(
        happened,
        authorization,
        viewer=viewer,
        before=before.value,
        after=after,
        reason=reason,
        now=now,
    )


async def _record(
    happened: str,
    authorization: OnBehalfAuthorization,
    *,
    viewer: Viewer,
    before: str | None,
    after: dict[str, Any] | None = None,
    reason: str | None = None,
    now: datetime,
) -> None:
    await events.record(
        f"on_behalf_authorization.{happened}",
        actor=viewer,
        subject_type="on_behalf_authorization",
        subject_id=authorization.id,
        tenant_id=authorization.partner_id,
        customer_id=authorization.customer_id,
        at=now,
        reason=reason,
        before={"status": before} if before else None,
        after={"status": authorization.status.value} | (after or {}),
    )
