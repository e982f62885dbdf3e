"""What a house has of quota and coupons: something in every state, marked by its name."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from domain.identity.items import Item
from domain.identity.viewer import Viewer, ViewerKind
from domain.vouchers import applications, granting, holding, issuing, reclaiming
from domain.vouchers.terms import Terms
from kit.ids import new_id
from kit.transaction import transactional
from models.customers import Customer
from models.partners import Partner, PartnerKind
from models.quotas import QuotaKind, VoucherQuota
from models.vouchers import CouponKind

PLATFORM = Viewer(
    kind=ViewerKind.STAFF,
    display_name="Patron",
    person_id=new_id(),
    items=frozenset({Item.VOUCHER_GRANT, Item.TEST_VOUCHER_APPLY}),
)

STATES = ("draft", "discarded", "submitted", "approved", "rejected")


async def furnish(
    house: str, partner: Partner, *, by: Viewer, payer: Customer, ward: Customer, now: datetime
) -> None:
    """Quota, the ward's coupons out of it, the payer's of the platform; applications."""
    desk = _Desk(house, partner, by, payer, ward, now)
    await desk.coupons(await desk.quotas())
    # The platform gives resellers nothing (V-01).
    if partner.kind is PartnerKind.DISTRIBUTOR:
        for state in STATES:
            await desk.application(state)


@dataclass
class _Desk:
    house: str
    partner: Partner
    by: Viewer
    payer: Customer
    ward: Customer
    now: datetime

    async def quotas(self) -> VoucherQuota:
        """Resellers have theirs of their distributor, whose house they must not show: so given."""
        made = {}
        for state in ("frozen", "adjusting", "invalid", "normal"):
            made[state] = await transactional(granting.give)(
                viewer=PLATFORM,
                partner=self.partner,
                amount=Decimal("1000.00"),
                terms=self._terms(),
                kind=QuotaKind.VOUCHER,
                note=f"{self.house} did well",
                now=self.now,
            )
        for state, change in (
            ("frozen", holding.freeze),
            ("adjusting", holding.begin_adjustment),
            ("invalid", holding.invalidate),
        ):
            await change(
                viewer=PLATFORM,
                quota_id=made[state].id,
                reason=f"{self.house} did badly",
                now=self.now,
            )
        return made["normal"]

    async def coupons(self, quota: VoucherQuota) -> None:
        made = {}
        for state in ("usable", "frozen", "reclaimed"):
            issued = await issuing.issue(
                viewer=self.by,
                quota_id=quota.id,
                customer_ids=[self.ward.id],
                face_value=Decimal("100.00"),
                terms=Terms(),
                note=f"{self.house} says thanks",
                now=self.now,
            )
            made[state] = issued.coupons[self.ward.id]
        await reclaiming.freeze(
            viewer=PLATFORM,
            coupon_id=made["frozen"],
            reason=f"{self.house} is being looked at",
            now=self.now,
        )
        [outcome] = await reclaiming.reclaim(
            viewer=self.by,
            coupon_ids=[made["reclaimed"]],
            note=f"{self.house} wants it back",
            now=self.now,
        )
        assert outcome.problem is None
        for kind in CouponKind:
            await issuing.grant(
                viewer=PLATFORM,
                kind=kind,
                customer_ids=[self.payer.id],
                face_value=Decimal("100.00"),
                terms=self._terms(),
                note=f"{self.house} was patient",
                now=self.now,
            )

    async def application(self, state: str) -> None:
        application = await applications.create(
            viewer=PLATFORM,
            partner_id=self.partner.id,
            amount=Decimal("500.00"),
            terms=self._terms(),
            purpose=f"{self.house} tries it",
            now=self.now,
        )
        named: dict[str, Any] = {
            "viewer": PLATFORM,
            "application_id": application.id,
            "now": self.now,
        }
        if state == "discarded":
            await applications.discard(**named)
        elif state != "draft":
            await applications.submit(**named)
        if state == "approved":
            await applications.approve(**named)
        elif state == "rejected":
            await applications.reject(**named, reason=f"{self.house} has enough")

    def _terms(self) -> Terms:
        return Terms(effective_at=self.now, expires_at=self.now + timedelta(days=90))
