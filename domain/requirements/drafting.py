"""Writing down what a customer wants, before anybody is asked (R-01)."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.customers.guards import CustomerOfAnotherPartner
from domain.customers.policy import CUSTOMERS
from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.requirements import checks, guards, history, wishes
from domain.requirements.policy import REQUIREMENTS
from domain.requirements.wishes import Wish
from kit import numbers, ratios, texts
from kit.guards import refuse
from kit.ids import new_id
from kit.problems import VersionConflict
from kit.transaction import transactional
from models.customers import Customer
from models.requirements import CustomerRequirement
from models.requirements import RequirementStatus as Status

LONGEST_NOTE = 1000


@transactional
async def create(
    *,
    viewer: Viewer,
    customer_id: UUID,
    expected_ratio: Decimal,
    lines: Sequence[Wish],
    note: str | None = None,
    now: datetime,
) -> CustomerRequirement:
    """Begin a draft for a customer of one's own, about goods of one merchant.

    Raises NotFound for a customer or goods that the viewer doesn't see, CustomerOfAnotherPartner,
    RequirementCheckFailed for goods of no or several merchants. What else is checked can wait
    until it is submitted.
    """
    permissions.require(viewer, "customerRequirementCreate")
    ratio, note = _checked(expected_ratio, note)
    customer = await CUSTOMERS.lock(Customer, customer_id, viewer=viewer, now=now, thing="customer")
    if customer.partner_id is None or customer.partner_id != viewer.partner_id:
        raise CustomerOfAnotherPartner()
    merchant_id = await _merchant_of(lines)

    assert viewer.actor_id is not None
    id = new_id()
    requirement = CustomerRequirement(
        id=id,
        created_at=now,
        number=numbers.numbered("CR", id, at=now),
        partner_id=customer.partner_id,
        customer_id=customer.id,
        merchant_id=merchant_id,
        expected_ratio=ratio,
        note=note,
        status=Status.DRAFT,
        created_by=viewer.actor_id,
    )
    await requirement.insert()
    await wishes.keep(requirement, lines, now=now)
    await history.of_requirement(
        "drafted", requirement, viewer=viewer, after={"status": Status.DRAFT.value}, now=now
    )
    return requirement


@transactional
async def edit(
    *,
    viewer: Viewer,
    requirement_id: UUID,
    expected_version: int,
    expected_ratio: Decimal,
    lines: Sequence[Wish],
    note: str | None = None,
    now: datetime,
) -> CustomerRequirement:
    """Make this of a draft; whose it is stays. Raises what `create` raises, and VersionConflict."""
    permissions.require(viewer, "customerRequirementEdit")
    ratio, note = _checked(expected_ratio, note)
    requirement = await REQUIREMENTS.lock(
        CustomerRequirement, requirement_id, viewer=viewer, now=now, thing="requirement"
    )
    refuse(guards.edit(requirement, viewer, now))
    if requirement.version != expected_version:
        raise VersionConflict(current=requirement.version, path=("input", "expectedVersion"))
    merchant_id = await _merchant_of(lines)

    before = requirement.expected_ratio
    requirement.merchant_id = merchant_id
    requirement.expected_ratio = ratio
    requirement.note = note
    requirement.version += 1
    await requirement.save(update_fields=["merchant_id", "expected_ratio", "note", "version"])
    await wishes.keep(requirement, lines, now=now)
    is_changed = before != ratio
    await history.of_requirement(
        "edited",
        requirement,
        viewer=viewer,
        before={"expected_ratio": ratios.written(before)} if is_changed else None,
        after={"expected_ratio": ratios.written(ratio)} if is_changed else None,
        now=now,
    )
    return requirement


def _checked(ratio: Decimal, note: str | None) -> tuple[Decimal, str | None]:
    return (
        ratios.checked(ratio, path=("input", "expectedRatio")),
        texts.optional(note, longest=LONGEST_NOTE, path=("input", "note")),
    )


async def _merchant_of(lines: Sequence[Wish]) -> UUID:
    """Whom to ask for it: a requirement has a merchant from the beginning."""
    wanted = await wishes.found(lines)
    checks.refuse(list(checks.of_merchants(wanted.goods)), path=("input", "lines"))
    merchant_id = wanted.goods[0].merchant_id
    assert merchant_id is not None
    return merchant_id
