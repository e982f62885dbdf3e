"""Freezing customers (冻结), and the platform's level and segment of them (C-19, C-24, I-13)."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.customers import guards, history
from domain.customers.effects import FROZEN, UNFROZEN, Frozen, Unfrozen
from domain.customers.policy import CUSTOMERS
from domain.identity.permissions import require
from domain.identity.viewer import Viewer, ViewerKind
from kit import texts
from kit.guards import refuse
from kit.problems import InvalidInput
from kit.transaction import transactional
from models.customers import Customer, CustomerLevel, CustomerSegment, Freeze


@transactional
async def freeze(
    *, viewer: Viewer, customer_id: UUID, extent: Freeze, reason: str, now: datetime
) -> Customer:
    """Freeze the account, or the account and its resources; a frozen one may change its extent.

    Raises AlreadyFrozen when it is frozen to this extent; to its partner, NotAnAgencyCustomer for a
    referral customer and FrozenByPlatform for what the platform has frozen.
    """
    require(viewer, "customerFreeze")
    reason = texts.reason(reason)
    if extent is Freeze.NONE:
        raise InvalidInput(
            reason="Say what to freeze; NONE is `customerUnfreeze`.",
            reason_zh="请指定冻结类型;解冻请使用 customerUnfreeze。",
            path=("input", "freeze"),
        )
    customer = await CUSTOMERS.lock(Customer, customer_id, viewer=viewer, now=now, thing="customer")
    refuse(guards.freeze(customer, viewer, now))
    if customer.freeze is extent:
        raise guards.AlreadyFrozen(freeze=extent.value)
    before = customer.freeze
    by_platform = viewer.kind is not ViewerKind.OPERATOR
    await _set(customer, extent, reason, by_platform=by_platform, viewer=viewer, now=now)
    await FROZEN.run(
        Frozen(
            customer_id=customer.id,
            partner_id=customer.partner_id,
            extent=extent,
            before=before,
            viewer=viewer,
            now=now,
        )
    )
    return customer


@transactional
async def unfreeze(
    *, viewer: Viewer, customer_id: UUID, reason: str | None = None, now: datetime
) -> Customer:
    """Let a frozen customer go on. Raises NotFrozen, or FrozenByPlatform for its partner."""
    require(viewer, "customerUnfreeze")
    reason = texts.reason_if_any(reason)
    customer = await CUSTOMERS.lock(Customer, customer_id, viewer=viewer, now=now, thing="customer")
    refuse(guards.unfreeze(customer, viewer, now))
    before = customer.freeze
    await _set(customer, Freeze.NONE, reason, by_platform=False, viewer=viewer, now=now)
    await UNFROZEN.run(Unfrozen(customer_id=customer.id, before=before, viewer=viewer, now=now))
    return customer


@transactional
async def set_level(
    *, viewer: Viewer, customer_id: UUID, level: CustomerLevel, now: datetime
) -> Customer:
    """Give a customer its level; harmless when it has it."""
    require(viewer, "customerLevelSet")
    return await _rate(
        customer_id, "level", level, "level_set", viewer=viewer, reason=None, now=now
    )


@transactional
async def set_segment(
    *, viewer: Viewer, customer_id: UUID, segment: CustomerSegment, reason: str, now: datetime
) -> Customer:
    """Give a customer its segment (客户分层), which decides about incentives when it is re-bound.

    Harmless when it has it. What was decided at an earlier binding stays (I-13).
    """
    require(viewer, "customerSegmentSet")
    reason = texts.reason(reason)
    return await _rate(
        customer_id, "segment", segment, "segment_set", viewer=viewer, reason=reason, now=now
    )


async def _rate(
    customer_id: UUID,
    column: str,
    value: StrEnum,
    happened: str,
    *,
    viewer: Viewer,
    reason: str | None,
    now: datetime,
) -> Customer:
    customer = await CUSTOMERS.lock(Customer, customer_id, viewer=viewer, now=now, thing="customer")
    refuse(guards.rate(customer, viewer, now))
    before = getattr(customer, column)
    if before is value:
        return customer
    setattr(customer, column, value)
    customer.version += 1
    await customer.save(update_fields=[column, "version"])
    await history.of_customer(
        happened,
        customer,
        viewer=viewer,
        before={column: before.value},
        after={column: value.value},
        reason=reason,
        now=now,
    )
    return customer


async def _set(
    customer: Customer,
    extent: Freeze,
    reason: str | None,
    *,
    by_platform: bool,
    viewer: Viewer,
    now: datetime,
) -> None:
    before = customer.freeze
    customer.freeze = extent
    customer.freeze_reason = reason if extent is not Freeze.NONE else None
    customer.frozen_by_platform = by_platform
    customer.version += 1
    await customer.save(update_fields=["freeze", "freeze_reason", "frozen_by_platform", "version"])
    await history.of_customer(
        "unfrozen" if extent is Freeze.NONE else "frozen",
        customer,
        viewer=viewer,
        before={"freeze": before.value},
        after={"freeze": extent.value},
        reason=reason,
        now=now,
    )
