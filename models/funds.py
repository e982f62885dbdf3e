"""Money on its way in and out, and between a partner, its resellers and its agency customers."""

from collections.abc import Mapping, Set
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from kit.status import Status
from models.base import Record, Versioned
from models.customers import Customer
from models.ledger import CURRENCY, LedgerAccount
from models.partners import Partner


class RechargeMethod(StrEnum):
    """How money comes in (F-03)."""

    ONLINE = "ONLINE"
    BANK_TRANSFER = "BANK_TRANSFER"


class RechargeChannel(StrEnum):
    """Through whom; it decides how long the money can go back the same way (F-09)."""

    ALIPAY = "ALIPAY"
    WECHAT = "WECHAT"
    UNIONPAY = "UNIONPAY"
    WIRE = "WIRE"


class RechargeStatus(Status):
    """Life of a recharge (充值); what lands after its end is credited nevertheless."""

    WAITING = "WAITING"
    CREDITED = "CREDITED"
    FAILED = "FAILED"
    EXPIRED = "EXPIRED"

    @classmethod
    def arrows(cls) -> Mapping[str, Set[str]]:
        """Money that has come is never sent away."""
        return {
            cls.WAITING: {cls.CREDITED, cls.FAILED, cls.EXPIRED},
            cls.FAILED: {cls.CREDITED},
            cls.EXPIRED: {cls.CREDITED},
        }


class Recharge(Versioned):
    """Money that a partner or customer brings in, online or by bank (充值).

    `amount` is what was announced, `credited_amount` all that has come, once for each reference of
    the payment system. `order_id` is the order that waits for it, `plan` what that order's maker
    wrote down for then. `with_bonus`: a bonus or voucher came with it (F-08).
    """

    number = fields.CharField(32, unique=True)
    account: fields.ForeignKeyRelation[LedgerAccount] = fields.ForeignKeyField(
        "models.LedgerAccount", on_delete=fields.RESTRICT, related_name="recharges"
    )
    account_id: UUID
    partner: fields.ForeignKeyNullableRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", null=True, on_delete=fields.RESTRICT, related_name="recharges"
    )
    partner_id: UUID | None
    customer: fields.ForeignKeyNullableRelation[Customer] = fields.ForeignKeyField(
        "models.Customer", null=True, on_delete=fields.RESTRICT, related_name="recharges"
    )
    customer_id: UUID | None
    method = fields.CharEnumField(RechargeMethod, max_length=16)
    channel = fields.CharEnumField(RechargeChannel, max_length=16)
    amount: Decimal = fields.DecimalField(18, 2)
    currency = fields.CharField(3, default=CURRENCY)
    status = fields.CharEnumField(RechargeStatus, max_length=16, default=RechargeStatus.WAITING)
    credited_amount: Decimal = fields.DecimalField(18, 2, default=Decimal(0))
    returned_amount: Decimal = fields.DecimalField(18, 2, default=Decimal(0))
    reference = fields.CharField(100, null=True)
    failure = fields.CharField(64, null=True)
    order_id: UUID | None = fields.UUIDField(null=True)
    plan: dict[str, Any] = fields.JSONField(default=dict)
    with_bonus = fields.BooleanField(default=False)
    expires_at: datetime | None = fields.DatetimeField(null=True)
    credited_at: datetime | None = fields.DatetimeField(null=True)
    created_by: UUID | None = fields.UUIDField(null=True)

    class Meta:
        table = "recharge"
        indexes = (
            Index(fields=("created_at", "id"), name="recharge_by_age"),
            Index(fields=("partner_id", "created_at", "id"), name="recharge_of_partner"),
            Index(fields=("customer_id", "created_at", "id"), name="recharge_of_customer"),
            Index(fields=("account_id", "created_at", "id"), name="recharge_of_account"),
            Index(fields=("order_id",), name="recharge_of_order"),
            Index(fields=("amount", "id"), name="recharge_by_amount"),
        )
        constraints = (
            CheckConstraint(
                name="recharge_one_owner", check="num_nonnulls(partner_id, customer_id) = 1"
            ),
            CheckConstraint(
                name="recharge_amounts",
                check="amount > 0 and returned_amount between 0 and credited_amount",
            ),
            CheckConstraint(
                name="recharge_credited_wholly",
                check="(status = 'CREDITED') = (credited_at is not null)"
                " and (status = 'CREDITED') = (credited_amount > 0)"
                " and (status <> 'CREDITED' or reference is not null)",
            ),
        )


class AdjustKind(StrEnum):
    """What a record of funds moved between accounts says (调账记录)."""

    ALLOCATION = "ALLOCATION"
    RECOVERY = "RECOVERY"
    UNBIND_RECOVERY = "UNBIND_RECOVERY"


# What the cloud's own API calls them (`operation_type`).
ADJUST_WIRE: Mapping[AdjustKind, str] = {
    AdjustKind.ALLOCATION: "SOURCE_OPERATION_BEADJUST",
    AdjustKind.RECOVERY: "SOURCE_OPERATION_BERETRIEVE",
    AdjustKind.UNBIND_RECOVERY: "SOURCE_OPERATION_BEUNBIND",
}


class AdjustRecord(Record):
    """That a partner gave money to a customer or reseller, or took it back (F-01, F-06, F-10).

    `partner` is whose balance it concerns, also when its distributor did it. `association_id` is
    the customer's association in which it was given, or from which it comes back.
    """

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", on_delete=fields.RESTRICT, related_name="adjust_records"
    )
    partner_id: UUID
    customer: fields.ForeignKeyNullableRelation[Customer] = fields.ForeignKeyField(
        "models.Customer", null=True, on_delete=fields.RESTRICT, related_name="adjust_records"
    )
    customer_id: UUID | None
    association_id: UUID | None = fields.UUIDField(null=True)
    reseller: fields.ForeignKeyNullableRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", null=True, on_delete=fields.RESTRICT, related_name="adjusted_records"
    )
    reseller_id: UUID | None
    kind = fields.CharEnumField(AdjustKind, max_length=24)
    amount: Decimal = fields.DecimalField(18, 2)
    currency = fields.CharField(3, default=CURRENCY)
    trans_id = fields.CharField(128, null=True)
    note = fields.CharField(500, null=True)
    transfer_id: UUID = fields.UUIDField(unique=True)
    actor_name = fields.CharField(160)

    class Meta:
        table = "adjust_record"
        indexes = (
            Index(fields=("created_at", "id"), name="adjust_record_by_age"),
            Index(fields=("partner_id", "created_at", "id"), name="adjust_record_of_partner"),
            Index(fields=("customer_id", "created_at", "id"), name="adjust_record_of_customer"),
            Index(fields=("reseller_id", "created_at", "id"), name="adjust_record_of_reseller"),
            Index(fields=("amount", "id"), name="adjust_record_by_amount"),
        )
        constraints = (
            CheckConstraint(
                name="adjust_record_one_side", check="num_nonnulls(customer_id, reseller_id) = 1"
            ),
            CheckConstraint(
                name="adjust_record_in_association",
                check="(customer_id is null) = (association_id is null)",
            ),
            CheckConstraint(name="adjust_record_amount", check="amount > 0"),
        )


class WithdrawalKind(StrEnum):
    """Which way money goes out (F-05)."""

    ORIGINAL_ROUTE = "ORIGINAL_ROUTE"
    BANK_CARD = "BANK_CARD"
    REBATE = "REBATE"


class WithdrawalStatus(Status):
    """Life of a withdrawal (提现, domain.md 5.16)."""

    SUBMITTED = "SUBMITTED"
    APPROVED = "APPROVED"
    PAID = "PAID"
    REJECTED = "REJECTED"
    PAY_FAILED = "PAY_FAILED"

    @classmethod
    def arrows(cls) -> Mapping[str, Set[str]]:
        """Reviewed, then paid by the bank, which may say so after it has said that it can't."""
        return {
            cls.SUBMITTED: {cls.APPROVED, cls.REJECTED},
            cls.APPROVED: {cls.PAID, cls.PAY_FAILED},
            cls.PAY_FAILED: {cls.PAID},
        }


class Withdrawal(Versioned):
    """An application to pay money out (提现申请); the amount is held from its first moment on.

    `recharge` is what goes back by its original route; else it goes to a bank account.
    """

    number = fields.CharField(32, unique=True)
    account: fields.ForeignKeyRelation[LedgerAccount] = fields.ForeignKeyField(
        "models.LedgerAccount", on_delete=fields.RESTRICT, related_name="withdrawals"
    )
    account_id: UUID
    partner: fields.ForeignKeyNullableRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", null=True, on_delete=fields.RESTRICT, related_name="withdrawals"
    )
    partner_id: UUID | None
    customer: fields.ForeignKeyNullableRelation[Customer] = fields.ForeignKeyField(
        "models.Customer", null=True, on_delete=fields.RESTRICT, related_name="withdrawals"
    )
    customer_id: UUID | None
    kind = fields.CharEnumField(WithdrawalKind, max_length=16)
    amount: Decimal = fields.DecimalField(18, 2)
    currency = fields.CharField(3, default=CURRENCY)
    status = fields.CharEnumField(
        WithdrawalStatus, max_length=16, default=WithdrawalStatus.SUBMITTED
    )
    recharge: fields.ForeignKeyNullableRelation[Recharge] = fields.ForeignKeyField(
        "models.Recharge", null=True, on_delete=fields.RESTRICT, related_name="withdrawals"
    )
    recharge_id: UUID | None
    bank = fields.CharField(160, null=True)
    bank_account_name = fields.CharField(160, null=True)
    bank_account = fields.CharField(64, null=True)
    refusal = fields.CharField(500, null=True)
    failure = fields.CharField(64, null=True)
    reference = fields.CharField(128, null=True)
    created_by: UUID | None = fields.UUIDField(null=True)
    decided_at: datetime | None = fields.DatetimeField(null=True)
    ended_at: datetime | None = fields.DatetimeField(null=True)
    deleted_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "withdrawal"
        indexes = (
            Index(fields=("created_at", "id"), name="withdrawal_by_age"),
            Index(fields=("partner_id", "created_at", "id"), name="withdrawal_of_partner"),
            Index(fields=("customer_id", "created_at", "id"), name="withdrawal_of_customer"),
            Index(fields=("account_id", "created_at", "id"), name="withdrawal_of_account"),
            Index(fields=("recharge_id",), name="withdrawal_of_recharge"),
            Index(fields=("amount", "id"), name="withdrawal_by_amount"),
        )
        constraints = (
            UniqueConstraint(
                fields=("account_id",),
                name="withdrawal_one_in_process",
                condition="status in ('SUBMITTED', 'APPROVED')",
            ),
            CheckConstraint(
                name="withdrawal_one_owner", check="num_nonnulls(partner_id, customer_id) = 1"
            ),
            CheckConstraint(name="withdrawal_amount", check="amount > 0"),
            CheckConstraint(
                name="withdrawal_goes_somewhere",
                check="(kind = 'ORIGINAL_ROUTE') = (recharge_id is not null)"
                " and (kind = 'ORIGINAL_ROUTE') = (bank_account is null)",
            ),
            CheckConstraint(
                name="withdrawal_deleted_when_rejected",
                check="deleted_at is null or status = 'REJECTED'",
            ),
        )
