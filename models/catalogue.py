"""Goods of the store, and what selling them earns, by the moment from which it holds."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.base import Record, Versioned
from models.partners import Partner


class GoodsKind(StrEnum):
    """Who stands behind goods, which decides how a sale is shared (domain.md 1.2)."""

    SELF_OPERATED = "SELF_OPERATED"
    JOINT_OPERATED = "JOINT_OPERATED"
    COMMON = "COMMON"
    STRICT_SELECTED = "STRICT_SELECTED"
    STRICT_SELF = "STRICT_SELF"


class GoodsCategory(StrEnum):
    """What is delivered; when a sale may be settled depends on it."""

    IMAGE = "IMAGE"
    SAAS = "SAAS"
    LICENSE = "LICENSE"
    PRO_SERVICE = "PRO_SERVICE"
    ORCHESTRATION = "ORCHESTRATION"
    HARDWARE = "HARDWARE"
    API = "API"


class ChargeMode(StrEnum):
    """How use is charged (计费模式; wire 1, 3)."""

    PERIOD = "PERIOD"
    ON_DEMAND = "ON_DEMAND"
    PER_USE = "PER_USE"
    ON_DEMAND_PACKAGE = "ON_DEMAND_PACKAGE"


class ShareModel(StrEnum):
    """By which formula a partner's share is worked out (domain.md 6.1)."""

    DEAL_PRICE = "DEAL_PRICE"
    FLOOR_PRICE = "FLOOR_PRICE"
    LEGACY_SOLO = "LEGACY_SOLO"
    LEGACY_JOINT = "LEGACY_JOINT"
    MERCHANT_JOINT = "MERCHANT_JOINT"


class IncentiveStrategy(StrEnum):
    """What a sale counts for (业绩激励策略, G-02…G-05; wire 0, 1, 13, 2)."""

    STANDARD = "STANDARD"
    SPECIFIC = "SPECIFIC"
    PERF_NO_REBATE = "PERF_NO_REBATE"
    NONE = "NONE"


class Goods(Versioned):
    """Something the store sells (商品); `merchant` is None for the platform's own.

    `is_listed`: it has been on sale at some time. Until then it is its merchant's own business;
    from then on everybody can look at it, since offers and orders speak of it.
    """

    number = fields.CharField(32, unique=True)
    name = fields.CharField(200)
    summary = fields.CharField(1000, null=True)
    kind = fields.CharEnumField(GoodsKind, max_length=16)
    category = fields.CharEnumField(GoodsCategory, max_length=16)
    on_sale = fields.BooleanField(default=True)
    is_listed = fields.BooleanField(default=True)
    merchant: fields.ForeignKeyNullableRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", null=True, on_delete=fields.RESTRICT, related_name="goods"
    )
    merchant_id: UUID | None

    class Meta:
        table = "goods"
        indexes = (
            Index(fields=("created_at", "id"), name="goods_by_age"),
            Index(fields=("name", "id"), name="goods_by_name"),
            Index(fields=("merchant_id", "created_at", "id"), name="goods_of_merchant"),
        )
        constraints = (
            CheckConstraint(
                name="goods_of_merchant_or_platform",
                check="(kind in ('SELF_OPERATED', 'STRICT_SELF')) = (merchant_id is null)",
            ),
            CheckConstraint(name="goods_on_sale_is_listed", check="is_listed or not on_sale"),
        )


class Sku(Versioned):
    """One way to buy goods (规格): a charge mode with its list price, which SkuPrice has."""

    goods: fields.ForeignKeyRelation[Goods] = fields.ForeignKeyField(
        "models.Goods", on_delete=fields.RESTRICT, related_name="skus"
    )
    goods_id: UUID
    code = fields.CharField(64, unique=True)
    name = fields.CharField(160)
    charge_mode = fields.CharEnumField(ChargeMode, max_length=24)
    months: int | None = fields.IntField(null=True)
    on_sale = fields.BooleanField(default=True)

    class Meta:
        table = "sku"
        indexes = (
            Index(fields=("goods_id", "code"), name="sku_of_goods"),
            Index(fields=("goods_id", "created_at", "id"), name="sku_of_goods_by_age"),
            Index(fields=("created_at", "id"), name="sku_by_age"),
            Index(fields=("name", "id"), name="sku_by_name"),
        )
        constraints = (
            CheckConstraint(
                name="sku_period_has_months",
                check="(charge_mode = 'PERIOD') = (months is not null)",
            ),
            CheckConstraint(name="sku_months_known", check="months between 1 and 120"),
        )


class SkuPrice(Record):
    """What a SKU costs from a moment on, tax included; `floor_price` is settled with (底价)."""

    sku: fields.ForeignKeyRelation[Sku] = fields.ForeignKeyField(
        "models.Sku", on_delete=fields.RESTRICT, related_name="prices"
    )
    sku_id: UUID
    valid_from: datetime = fields.DatetimeField()
    list_price: Decimal = fields.DecimalField(18, 2)
    floor_price: Decimal | None = fields.DecimalField(18, 2, null=True)
    currency = fields.CharField(3, default="CNY")

    class Meta:
        table = "sku_price"
        constraints = (
            UniqueConstraint(fields=("sku_id", "valid_from"), name="sku_price_once"),
            CheckConstraint(name="sku_price_not_negative", check="list_price >= 0"),
            CheckConstraint(
                name="sku_price_floor_below", check="floor_price between 0 and list_price"
            ),
        )


class GoodsPolicy(Record):
    """What selling the goods earns from a moment on (G-01); an order keeps what held then.

    `authorized_floor` is the least part of the list price that a partner may ask (授权折扣, A-03);
    `share_ratio` the partner's share, `max_ratio` the most of a joint sale (R-02); `tax_rate` the
    output tax of the goods. All are shares of one, never percents.
    """

    goods: fields.ForeignKeyRelation[Goods] = fields.ForeignKeyField(
        "models.Goods", on_delete=fields.RESTRICT, related_name="policies"
    )
    goods_id: UUID
    valid_from: datetime = fields.DatetimeField()
    strategy = fields.CharEnumField(IncentiveStrategy, max_length=16)
    share_model = fields.CharEnumField(ShareModel, max_length=16)
    share_ratio: Decimal = fields.DecimalField(7, 6)
    max_ratio: Decimal = fields.DecimalField(7, 6)
    authorized_floor: Decimal = fields.DecimalField(5, 4)
    allows_discount = fields.BooleanField(default=True)
    tax_rate: Decimal = fields.DecimalField(5, 4)
    requires_supervision = fields.BooleanField(default=False)
    five_day_refund = fields.BooleanField(default=False)
    set_by = fields.UUIDField(null=True)

    class Meta:
        table = "goods_policy"
        indexes = (
            Index(fields=("valid_from", "id"), name="goods_policy_by_begin"),
            Index(fields=("strategy", "valid_from", "id"), name="goods_policy_by_strategy"),
            Index(fields=("share_ratio", "id"), name="goods_policy_by_share"),
        )
        constraints = (
            UniqueConstraint(fields=("goods_id", "valid_from"), name="goods_policy_once"),
            CheckConstraint(
                name="goods_policy_ratios",
                check="share_ratio between 0 and 1 and max_ratio between 0 and 1"
                " and tax_rate >= 0 and tax_rate < 1"
                " and authorized_floor > 0 and authorized_floor <= 1",
            ),
        )
