"""Registering partners; joining a programme and certification come on top of it."""

from datetime import date, datetime
from uuid import UUID

from domain.audit import events
from domain.identity.viewer import SYSTEM
from kit.ids import new_id
from kit.problems import InvalidInput, NotFound
from kit.transaction import lock, transactional
from kit.violations import answering
from models.partners import Partner, PartnerKind, Site


@transactional
async def register(
    *,
    name: str,
    account_name: str,
    kind: PartnerKind,
    tier: int,
    name_en: str | None = None,
    site: Site = Site.CHINA,
    city: str | None = None,
    registered_on: date | None = None,
    is_verified_enterprise: bool = True,
    distributor_id: UUID | None = None,
    now: datetime,
) -> Partner:
    """Write down a partner that the platform has taken in; only the system calls this.

    A reseller needs its distributor (`distributor_id`), nobody else may have one. Raises
    InvalidInput for that, and for an account name that is taken.
    """
    if (kind is PartnerKind.RESELLER) != (distributor_id is not None):
        raise InvalidInput(
            reason="A reseller, and only a reseller, belongs to a distributor.",
            reason_zh="云经销商必须且只有云经销商可以归属于总经销商。",
        )
    if distributor_id is not None:
        distributor = await lock(Partner, id=distributor_id)
        if distributor is None or distributor.kind is not PartnerKind.DISTRIBUTOR:
            raise NotFound(thing="distributor")

    partner = Partner(
        id=new_id(),
        created_at=now,
        name=name,
        name_en=name_en,
        account_name=account_name,
        kind=kind,
        tier=tier,
        site=site,
        city=city,
        registered_on=registered_on,
        is_verified_enterprise=is_verified_enterprise,
        distributor_id=distributor_id,
    )
    with answering(partner_account_name_key=lambda: _account_name_taken(account_name)):
        await partner.insert()
    await events.record(
        "partner.registered",
        actor=SYSTEM,
        subject_type="partner",
        subject_id=partner.id,
        tenant_id=partner.id,
        at=now,
        after={"name": name, "kind": kind.value, "tier": tier},
    )
    return partner


def _account_name_taken(account_name: str) -> InvalidInput:
    return InvalidInput(
        reason=f"The account name {account_name!r} is taken.",
        reason_zh=f"帐号名 {account_name} 已被使用。",
    )
