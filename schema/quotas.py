"""Voucher quota, its movements and applications for it, as the API shows them."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from domain.vouchers import applications, quota_guards
from domain.vouchers.deadlines import EXPIRE_QUOTA
from domain.vouchers.policy import APPLICATIONS, QUOTAS
from kit.reads import Connection, Node, column, connection, money, one, sql, table
from models import quotas as models
from models.quotas import QuotaKind, QuotaOperation, QuotaStatus, VoucherApplicationStatus
from schema.actions import AvailableAction, available
from schema.deadlines import Deadline, deadline_of
from schema.events import Event, happened
from schema.identity import Person
from schema.money import Money
from schema.partners import PartnerRef
from schema.quota_lists import (
    STATUS_NOW,
    QuotaRecordFilter,
    QuotaRecordOrder,
    VoucherQuotaFilter,
    VoucherQuotaOrder,
)
from schema.references import CouponRef
from schema.scalars import DateTime
from schema.terms_of_use import with_terms
from schema.voucher_lists import CouponFilter, CouponOrder, CouponRecordFilter, CouponRecordOrder

if TYPE_CHECKING:
    from schema.vouchers import CouponRecord

CouponRecordRef = Annotated["CouponRecord", strawberry.lazy("schema.vouchers")]
QuotaRef = Annotated["VoucherQuota", strawberry.lazy("schema.quotas")]


@table(
    models.QuotaRecord,
    prefix="vqr",
    scope=QUOTAS,
    description="One movement of quota between the platform, a distributor and its resellers. What"
    " coupons take from it and bring back is in `couponRecords`.",
)
class QuotaRecord(Node):
    operation: QuotaOperation = column("What happened.")
    operation_code: int | None = sql(
        "case {t}.operation when 'ISSUE' then 10 when 'RECLAIM' then 11 end",
        "operation_type of the cloud API; null for what it doesn't tell.",
    )
    quota: QuotaRef | None = one("quota_id", "Which quota.")
    parent: QuotaRef | None = one(
        "parent_id", "From which, or to which, it moved; null when that isn't yours to see."
    )
    partner: PartnerRef | None = one("partner_id", "Whose quota it is.")
    amount: Money = money(
        "amount", "currency", "How much; below zero for an adjustment that takes away."
    )
    actor_name: str = column("Who did it.")
    note: str | None = column("What they have said about it.")
    created_at: DateTime = column("When it moved.")


@table(
    models.VoucherQuota,
    prefix="vqt",
    scope=QUOTAS,
    description="An amount that a partner may issue as vouchers or cash coupons, and by no means"
    " use itself (代金券额度). `value` is always `balance` plus `toQuotas`, `toCoupons`, `lapsed`"
    " and `reclaimed`.",
)
@with_terms()
class VoucherQuota(Node):
    """V-01, V-02; domain.md 5.10."""

    number: str = column("Its number, for people.")
    partner: PartnerRef | None = one("partner_id", "Who may issue from it.")
    parent: QuotaRef | None = one(
        "parent_id",
        "The distributor's quota that it was issued from; null for what the platform gave, and for"
        " what isn't yours to see.",
    )
    kind: QuotaKind = column("What is issued from it.")
    type_code: int = sql(
        "case {t}.kind when 'VOUCHER' then 0 else 1 end", "quota_type of the cloud API."
    )
    status: QuotaStatus = sql(
        STATUS_NOW, "Whether something may be issued: INVALID from its end on, to the microsecond."
    )
    status_code: int = sql(
        f"case {STATUS_NOW} when 'NORMAL' then 0 when 'INVALID' then 3 when 'ADJUSTING' then 4"
        " when 'FROZEN' then 5 else 6 end",
        "quota_status of the cloud API.",
    )
    counts_performance: bool = column("Whether what its cash coupons pay counts to performance.")
    needs_repayment: bool = column("Whether what its cash coupons pay has to be repaid.")
    first_associations_only: bool = column(
        "Whether it is only for customers who are associated for the first time."
    )
    customer_ids: list[strawberry.ID] = sql(
        "coalesce((select jsonb_agg('cus_' || replace(each, '-', ''))"
        " from jsonb_array_elements_text({t}.customers) each), '[]'::jsonb)",
        "The customers to whom it is designated; none: it is for all.",
    )
    value: Money = money("value", "currency", "What was given.")
    balance: Money = money("balance", "currency", "What is left to issue.")
    to_quotas: Money = money("to_quotas", "currency", "What stands in resellers' quotas.")
    to_coupons: Money = money(
        "to_coupons", "currency", "What was issued to customers and hasn't come back."
    )
    lapsed: Money = money("lapsed", "currency", "What was lost as it ended.")
    reclaimed: Money = money("reclaimed", "currency", "What the distributor has taken back.")
    note: str | None = column("Why it was given.")
    created_at: DateTime = column("When it was given.")
    ended_at: DateTime | None = column("When it was over; null while it isn't.")
    version: int = column("Rises with every change.")
    children: Connection[QuotaRef] = connection(
        "parent_id",
        "What was issued from it to resellers.",
        filter=VoucherQuotaFilter,
        order=VoucherQuotaOrder,
    )
    records: Connection[QuotaRecord] = connection(
        "quota_id",
        "Its own movements.",
        filter=QuotaRecordFilter,
        order=QuotaRecordOrder,
    )
    passed_on: Connection[QuotaRecord] = connection(
        "parent_id",
        "What was issued from it to resellers and reclaimed, as movements.",
        filter=QuotaRecordFilter,
        order=QuotaRecordOrder,
    )
    coupons: Connection[CouponRef] = connection(
        "quota_id",
        "What was issued from it to customers.",
        filter=CouponFilter,
        order=CouponOrder,
    )
    coupon_records: Connection[CouponRecordRef] = connection(
        "quota_id",
        "What its coupons went through.",
        filter=CouponRecordFilter,
        order=CouponRecordOrder,
    )
    deadline: Deadline | None = deadline_of(EXPIRE_QUOTA, "Its end.")
    available_actions: list[AvailableAction] = available(quota_guards.ACTIONS, quota_guards.COLUMNS)
    history: Connection[Event] = happened()


@table(
    models.VoucherApplication,
    prefix="tva",
    scope=APPLICATIONS,
    description="What a partner's ecosystem manager asks for it: quota for test vouchers (测试券).",
)
@with_terms()
class TestVoucherApplication(Node):
    """V-05; domain.md 5.10a."""

    number: str = column("Its number, for people.")
    partner: PartnerRef | None = one("partner_id", "For whom.")
    tier: int = column("The partner's level when it was begun.")
    amount: Money = money("amount", "currency", "How much.")
    purpose: str = column("What for.")
    status: VoucherApplicationStatus = column("Where it stands.")
    refusal: str | None = column("Why it was refused.", "rejection")
    applicant: Person | None = one("created_by", "Who has begun it; null for a system.")
    quota: QuotaRef | None = one(
        "id", "The quota that was given; null until then.", match="application_id"
    )
    created_at: DateTime = column("When it was begun.")
    submitted_at: DateTime | None = column("When it was handed in.")
    decided_at: DateTime | None = column("When it was approved or refused.")
    version: int = column("Rises with every change.")
    available_actions: list[AvailableAction] = available(applications.ACTIONS, applications.COLUMNS)
    history: Connection[Event] = happened()
