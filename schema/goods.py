"""Goods, their SKUs, prices and policies, as the API shows them."""

from typing import Annotated

import strawberry

from domain.catalogue import guards
from domain.catalogue.policy import GOODS, POLICIES, PRICES, SEES_FLOOR, SKUS
from kit.reads import (
    Connection,
    Node,
    column,
    connection,
    embedded,
    items,
    money,
    one,
    sql,
    table,
)
from models import catalogue as models
from models.catalogue import ChargeMode, GoodsCategory, GoodsKind, IncentiveStrategy, ShareModel
from schema.actions import AvailableAction, available
from schema.enums import described
from schema.events import Event, happened
from schema.goods_lists import AT, HELD
from schema.money import Money
from schema.names import name_of
from schema.partners import PartnerRef
from schema.scalars import DateTime, Decimal

described(
    ShareModel,
    "By which formula a partner's share is worked out.",
    DEAL_PRICE="成交价分成: a share of what is paid for.",
    FLOOR_PRICE="底价折扣分成: a share of what is paid above the floor price.",
    LEGACY_SOLO="经销商单独销售: nine tenths of what is above the floor price; of the past.",
    LEGACY_JOINT="与云厂商共同销售: up to nine tenths of it, as agreed; of the past.",
    MERCHANT_JOINT="与商家联合销售: what the merchant's private offer grants.",
)

_FLOOR = f"(case when {SEES_FLOOR} then {{t}}.floor_price end)"

GoodsRef = Annotated["Goods", strawberry.lazy("schema.goods")]
SkuRef = Annotated["Sku", strawberry.lazy("schema.goods")]


@table(
    models.GoodsPolicy,
    prefix="gpo",
    scope=POLICIES,
    description="What selling goods earns from a moment on, until the next version begins. What has"
    " held never changes. All ratios are shares of one.",
)
class GoodsPolicy(Node):
    """G-01; for those who sell, and for the merchant whose goods they are."""

    goods: GoodsRef | None = one("goods_id", "Of which goods.")
    valid_from: DateTime = column("The first instant at which it holds.")
    valid_to: DateTime | None = sql(
        "(select min(later.valid_from) from goods_policy later"
        " where later.goods_id = {t}.goods_id and later.valid_from > {t}.valid_from)",
        "The first instant at which the next version holds instead; null for the last one.",
    )
    in_force: bool = sql(
        "({t}.valid_from <= {now} and not exists (select from goods_policy later"
        " where later.goods_id = {t}.goods_id and later.valid_from > {t}.valid_from"
        " and later.valid_from <= {now}))",
        "Whether it is the one that holds now.",
    )
    strategy: IncentiveStrategy = column("What a sale counts for.")
    share_model: ShareModel = column("By which formula the partner's share is worked out.")
    share_ratio: Decimal = column("The partner's share (分成比例).")
    max_ratio: Decimal = column("The most that may be agreed in a joint sale (最大分成比例).")
    authorized_floor_ratio: Decimal = column(
        "The least part of the list price that a partner may ask without a special application"
        " (授权折扣).",
        "authorized_floor",
    )
    allows_discount: bool = column("Whether a partner may grant a discount at all.")
    tax_ratio: Decimal = column("The output tax rate of the goods.", "tax_rate")
    requires_supervision: bool = column(
        "Whether a sale is settled only when its service has been supervised (服务监管)."
    )
    five_day_refund: bool = column("Whether it may be returned within five days without a reason.")
    created_at: DateTime = column("When it was set.")


@table(
    models.SkuPrice,
    prefix="prc",
    scope=PRICES,
    description="What a SKU costs from a moment on, tax included.",
)
class SkuPrice(Node):
    """Prices to come are the seller's and the platform's to see."""

    sku: SkuRef | None = one("sku_id", "Of which SKU.")
    valid_from: DateTime = column("The first instant at which it holds.")
    list_price: Money = money("list_price", "currency", "What one costs without a discount.")
    floor_price: Money | None = embedded(
        {"amount": _FLOOR, "currency": "{t}.currency"},
        "What it is settled with (底价): for its merchant and the platform; null for others, and"
        " where there is none.",
        unless=f"{_FLOOR} is null",
    )


@table(
    models.Sku,
    prefix="sku",
    scope=SKUS,
    description="One way to buy goods (规格): a charge mode with a price of its own.",
)
class Sku(Node):
    """What an order line names."""

    goods: GoodsRef | None = one("goods_id", "Of which goods.")
    code: str = column("Its code, unique in the store.")
    name: str = column("How it is called.")
    charge_mode: ChargeMode = column("How use is charged.")
    months: int | None = column("How many months a period has; null for other charge modes.")
    on_sale: bool = column("Whether it is offered, as far as its goods are.")
    price: SkuPrice | None = one(
        "id",
        "What it costs now, or cost at a moment; null when it had no price. Prices to come are told"
        " to the platform and the merchant alone; others are told the one that holds till then.",
        match="sku_id",
        where=HELD,
        newest="valid_from",
        arguments={"at": AT},
    )
    prices: Connection[SkuPrice] = connection(
        "sku_id", "What it has cost and will cost.", default_order="valid_from"
    )
    created_at: DateTime = column("When it was written down.")
    version: int = column("Rises with every change, that of a price included.")
    history: Connection[Event] = happened("What happened to it; for its merchant and the platform.")


@table(
    models.Goods,
    prefix="gds",
    scope=GOODS,
    description="Something that the store sells (商品). What has been on sale once can be looked at"
    " by everybody who is signed in.",
)
class Goods(Node):
    """G-01."""

    number: str = column("Its number in the store.")
    name: str = column("How it is called.")
    summary: str | None = column("What it is, in a few words.")
    kind: GoodsKind = column("Who stands behind it.")
    category: GoodsCategory = column("What is delivered.")
    on_sale: bool = column("Whether it is sold now.")
    merchant: PartnerRef | None = one(
        "merchant_id", "Who sells it; null for the platform's own, and when you may not see it."
    )
    merchant_name: str | None = sql(
        name_of("partner", "merchant_id"),
        "How its merchant is called; null for the platform's own.",
    )
    skus: list[Sku] = items("goods_id", "The ways to buy it, by code.", order="code", limit=100)
    policy: GoodsPolicy | None = one(
        "id",
        "What selling it earns now, or at a moment; null when you may not see it, or none held.",
        match="goods_id",
        where=HELD,
        newest="valid_from",
        arguments={"at": AT},
    )
    policies: Connection[GoodsPolicy] = connection(
        "goods_id", "All versions of its policy, the latest first.", default_order="valid_from"
    )
    created_at: DateTime = column("When it was written down.")
    version: int = column("Rises with every change, that of a policy included.")
    available_actions: list[AvailableAction] = available(guards.ACTIONS, guards.COLUMNS)
    history: Connection[Event] = happened("What happened to it; for its merchant and the platform.")
