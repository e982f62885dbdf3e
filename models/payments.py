"""How orders were paid: by which instruments, and how much of each went into which line."""

from collections.abc import Mapping, Set
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from kit.status import Status
from models.base import Record, Versioned
from models.orders import Order, OrderLine


class Instrument(StrEnum):
    """By what an order, or a part of it, is paid (domain.md 6.2)."""

    CASH = "CASH"
    CREDIT = "CREDIT"
    PARTNER_BALANCE = "PARTNER_BALANCE"
    VOUCHER = "VOUCHER"
    CASH_COUPON = "CASH_COUPON"
    STORED_VALUE_CARD = "STORED_VALUE_CARD"


class PaymentPart(Record):
    """What one instrument paid of an order (支付明细): never derived from the others (6.2).

    `counts_performance`: it is part of the cash consumption that a partner's share is worked out
    from. `needs_repayment`: the customer still has to pay it back before that is billed (D-11).
    `transfer_id` is the ledger's, where money moved; `coupon_id` the voucher, coupon or card.
    """

    order: fields.ForeignKeyRelation[Order] = fields.ForeignKeyField(
        "models.Order", on_delete=fields.CASCADE, related_name="payment_parts"
    )
    order_id: UUID
    position = fields.IntField()
    instrument = fields.CharEnumField(Instrument, max_length=24)
    amount: Decimal = fields.DecimalField(18, 2)
    currency = fields.CharField(3, default="CNY")
    refunded_amount: Decimal = fields.DecimalField(18, 2, default=Decimal(0))
    counts_performance = fields.BooleanField()
    needs_repayment = fields.BooleanField(default=False)
    account_id: UUID | None = fields.UUIDField(null=True)
    coupon_id: UUID | None = fields.UUIDField(null=True)
    transfer_id: UUID | None = fields.UUIDField(null=True)

    class Meta:
        table = "payment_part"
        indexes = (
            Index(fields=("created_at", "id"), name="payment_part_by_age"),
            Index(fields=("coupon_id",), name="payment_part_of_coupon"),
        )
        constraints = (
            UniqueConstraint(fields=("order_id", "position"), name="payment_part_once"),
            CheckConstraint(
                name="payment_part_amount",
                check="amount > 0 and refunded_amount between 0 and amount",
            ),
        )


class PaymentShare(Record):
    """How much of a part went into a line; a part's shares add up to it, and so do a line's."""

    part: fields.ForeignKeyRelation[PaymentPart] = fields.ForeignKeyField(
        "models.PaymentPart", on_delete=fields.CASCADE, related_name="shares"
    )
    part_id: UUID
    line: fields.ForeignKeyRelation[OrderLine] = fields.ForeignKeyField(
        "models.OrderLine", on_delete=fields.CASCADE, related_name="payment_shares"
    )
    line_id: UUID
    amount: Decimal = fields.DecimalField(18, 2)
    refunded_amount: Decimal = fields.DecimalField(18, 2, default=Decimal(0))

    class Meta:
        table = "payment_share"
        indexes = (Index(fields=("line_id", "part_id"), name="payment_share_of_line"),)
        constraints = (
            UniqueConstraint(fields=("part_id", "line_id"), name="payment_share_once"),
            CheckConstraint(
                name="payment_share_amount",
                check="amount >= 0 and refunded_amount between 0 and amount",
            ),
        )


class OnlineState(Status):
    """What has become of an online payment of an order."""

    WAITING = "WAITING"
    PAID = "PAID"
    FAILED = "FAILED"
    LET_GO = "LET_GO"

    @classmethod
    def arrows(cls) -> Mapping[str, Set[str]]:
        """Its money lands and pays the order, or can't any more; or the order goes another way."""
        return {cls.WAITING: {cls.PAID, cls.FAILED, cls.LET_GO}}


class OnlinePayment(Versioned):
    """That a recharge is to pay an order as soon as it lands, with what else was chosen.

    `coupons` are amounts by ids, which are kept for the order meanwhile. `failure` is the code of
    what stood in the way when the money was there, which stays on the customer's account then.
    """

    order: fields.ForeignKeyRelation[Order] = fields.ForeignKeyField(
        "models.Order", on_delete=fields.CASCADE, related_name="online_payments"
    )
    order_id: UUID
    recharge_id: UUID = fields.UUIDField(unique=True)
    state = fields.CharEnumField(OnlineState, max_length=16, default=OnlineState.WAITING)
    amount: Decimal = fields.DecimalField(18, 2)
    credit_amount: Decimal = fields.DecimalField(18, 2)
    coupons: dict[str, str] = fields.JSONField(default=dict)
    failure = fields.CharField(64, null=True)
    ended_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "online_payment"
        indexes = (Index(fields=("created_at", "id"), name="online_payment_by_age"),)
        constraints = (
            UniqueConstraint(
                fields=("order_id",), name="online_payment_one_waits", condition="state = 'WAITING'"
            ),
            CheckConstraint(
                name="online_payment_amounts", check="amount > 0 and credit_amount >= 0"
            ),
            CheckConstraint(
                name="online_payment_ended", check="(state = 'WAITING') = (ended_at is null)"
            ),
        )
