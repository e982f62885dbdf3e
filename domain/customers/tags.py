"""Tags (标签): words that a partner's people put on a customer, for nobody else to see."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from domain.customers import guards, history
from domain.customers.policy import CUSTOMERS
from domain.identity.permissions import require
from domain.identity.viewer import Viewer
from kit import texts
from kit.guards import refuse
from kit.ids import new_id
from kit.problems import Problem
from kit.transaction import transactional
from models.customers import Customer, CustomerTag

MOST = 20
LONGEST = 64


class TooManyTags(Problem):
    """The customer has all the tags that it may have."""

    en = "A customer has at most {maximum} tags."
    zh = "每个客户最多可有 {maximum} 个标签。"
    about = {"maximum": "How many it may have."}
    maximum: int


@transactional
async def set_tags(
    *, viewer: Viewer, customer_id: UUID, tags: Sequence[str], now: datetime
) -> Customer:
    """Replace all tags of a customer; one named twice counts once. Raises TooManyTags."""
    require(viewer, "customerTagsSet")
    wanted = [_checked(tag, "tags") for tag in tags]
    return await _change(viewer, customer_id, lambda before: wanted, now)


@transactional
async def add(*, viewer: Viewer, customer_id: UUID, tag: str, now: datetime) -> Customer:
    """Put one more tag on a customer; harmless when it is there. Raises TooManyTags."""
    require(viewer, "customerTagAdd")
    tag = _checked(tag, "tag")
    return await _change(viewer, customer_id, lambda before: [*before, tag], now)


@transactional
async def remove(*, viewer: Viewer, customer_id: UUID, tag: str, now: datetime) -> Customer:
    """Take a tag off a customer; harmless when it isn't there."""
    require(viewer, "customerTagRemove")
    tag = _checked(tag, "tag")
    return await _change(
        viewer, customer_id, lambda before: [other for other in before if other != tag], now
    )


async def _change(
    viewer: Viewer, customer_id: UUID, change: Callable[[list[str]], list[str]], now: datetime
) -> Customer:
    customer = await CUSTOMERS.lock(Customer, customer_id, viewer=viewer, now=now, thing="customer")
    refuse(guards.tag(customer, viewer, now))
    rows = await CustomerTag.filter(
        partner_id=customer.partner_id, customer_id=customer.id
    ).order_by("created_at", "id")
    before = [row.tag for row in rows]
    after = list(dict.fromkeys(change(before)))
    if len(after) > MOST:
        raise TooManyTags(maximum=MOST, path=("input",))
    if set(after) == set(before):
        return customer

    if gone := [row.id for row in rows if row.tag not in after]:
        await CustomerTag.filter(id__in=gone).delete()
    await CustomerTag.bulk_create(
        CustomerTag(
            id=new_id(),
            created_at=now,
            partner_id=customer.partner_id,
            customer_id=customer.id,
            tag=tag,
        )
        for tag in after
        if tag not in before
    )
    await history.of_customer(
        "tagged",
        customer,
        viewer=viewer,
        before={"tags": sorted(before)},
        after={"tags": sorted(after)},
        now=now,
    )
    return customer


def _checked(tag: str, field: str) -> str:
    return texts.needed(tag, longest=LONGEST, path=("input", field))
