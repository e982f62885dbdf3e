"""Mails to those who have to decide about an association, or about acting on behalf."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.identity.holders import holders
from domain.identity.items import Item
from domain.notifications import mail
from kit import database
from models.associations import (
    AssociationChange,
    AuthorizationStatus,
    ChangeInitiator,
    ChangeKind,
    OnBehalfAuthorization,
)
from models.customers import Customer
from models.partners import Partner

_CHANGES = {
    ChangeKind.SWITCH: ("a switch of the association's type", "切换关联类型申请"),
    ChangeKind.DISASSOCIATE: ("the end of the association", "解除关联申请"),
}
_LEAVE = ("leave to act on behalf of {customer}", "对 {customer} 的代客授权申请")


async def change_waits(change: AssociationChange, *, customer: Customer, now: datetime) -> None:
    """Tell the other side's people that a change waits for them."""
    partner = await Partner.get(id=change.partner_id)
    if change.initiator is ChangeInitiator.PARTNER:
        readers, asker = await _users_of(customer.id), _name(partner)
    else:
        readers = await holders(partner.id, Item.ASSOCIATION_CHANGE, of_all_customers=True)
        asker = (customer.name, customer.name)
    await _tell(
        change.id,
        readers,
        asker=asker,
        what=_CHANGES[change.kind],
        reason=change.reason,
        tenant_id=partner.id,
        now=now,
    )


async def leave_waits(
    authorization: OnBehalfAuthorization, *, customer: Customer, now: datetime
) -> None:
    """Tell whoever decides next that a partner would act on behalf: its distributor, the customer.

    Both are told in the course of a reseller's request, each when it is their turn.
    """
    partner = await Partner.get(id=authorization.partner_id)
    if authorization.status is AuthorizationStatus.DISTRIBUTOR_PENDING:
        assert partner.distributor_id is not None
        readers = await holders(
            partner.distributor_id, Item.ON_BEHALF_REQUEST, of_all_customers=True
        )
    else:
        readers = await _users_of(customer.id)
    await _tell(
        authorization.id,
        readers,
        asker=_name(partner),
        what=(_LEAVE[0].format(customer=customer.name), _LEAVE[1].format(customer=customer.name)),
        reason=None,
        tenant_id=partner.id,
        now=now,
    )


async def _tell(
    subject_id: UUID,
    readers: Sequence[dict[str, Any]],
    *,
    asker: tuple[str, str],
    what: tuple[str, str],
    reason: str | None,
    tenant_id: UUID,
    now: datetime,
) -> None:
    for person in readers:
        is_chinese = person["locale"].startswith("zh")
        await mail.queue(
            "association_to_decide",
            recipient=person["email"],
            locale=person["locale"],
            facts={"asker": asker[is_chinese], "what": what[is_chinese], "reason": reason},
            dedupe_key=f"association_to_decide:{subject_id}:{person['id']}",
            tenant_id=tenant_id,
            now=now,
        )


def _name(partner: Partner) -> tuple[str, str]:
    return partner.name_en or partner.name, partner.name


async def _users_of(customer_id: UUID) -> list[dict[str, Any]]:
    return await database.rows(
        "select id, email, locale from person where disabled_at is null and id in ("
        " select person_id from customer_user where customer_id = $1 and removed_at is null)"
        " order by id",
        customer_id,
    )
