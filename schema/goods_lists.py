"""How lists of goods, SKUs, prices and policies are narrowed and ordered."""

from enum import Enum

import strawberry

from domain.catalogue.months import last_instant
from domain.catalogue.policy import SEES_POLICIES
from kit.reads import Argument, flag, of_node, ordering, search, where, within
from models.catalogue import ChargeMode, GoodsCategory, GoodsKind, IncentiveStrategy
from schema.enums import described
from schema.names import called
from schema.ranges import DateTimeRange
from schema.scalars import DateTime, YearMonth

described(
    GoodsKind,
    "Who stands behind goods, which decides how a sale is shared.",
    SELF_OPERATED="自服务商品: the platform's own.",
    JOINT_OPERATED="联营商品: a merchant's, sold together with the platform.",
    COMMON="通用商品: a merchant's own business; a partner shares only in a joint sale.",
    STRICT_SELECTED="严选商品: a merchant's, selected by the platform; of the past.",
    STRICT_SELF="严选自营商品: selected and sold by the platform; of the past.",
)
described(
    GoodsCategory,
    "What is delivered.",
    IMAGE="镜像: an image for a server.",
    SAAS="SaaS: a service over the net.",
    LICENSE="License: a right to use software.",
    PRO_SERVICE="人工服务: work of people.",
    ORCHESTRATION="应用编排: a template that sets up an application.",
    HARDWARE="硬件: a device.",
    API="API接入: an interface that is called.",
)
described(
    ChargeMode,
    "How use is charged.",
    PERIOD="包周期: for a number of months in advance.",
    ON_DEMAND="按需: for what was used, afterwards.",
    PER_USE="按次: for each use.",
    ON_DEMAND_PACKAGE="按需套餐包: for a package of uses, without refund.",
)
described(
    IncentiveStrategy,
    "What a sale counts for at the partner (业绩激励策略).",
    STANDARD="标准商品: counts, and earns basic, new-customer, quarterly and yearly incentives.",
    SPECIFIC="特定商品: counts, and earns the monthly basic incentive.",
    PERF_NO_REBATE="有业绩无返点: counts, and earns nothing more.",
    NONE="无业绩无返点: neither counts nor earns.",
)

# As a join, so that the planner may begin with what is rare.
_STRATEGY = (
    SEES_POLICIES + " and exists (select from goods_policy held where held.goods_id = {t}.id"
    " and held.strategy = any({value}) and held.valid_from <= {now}"
    " and not exists (select from goods_policy later where later.goods_id = held.goods_id"
    " and later.valid_from > held.valid_from and later.valid_from <= {now}))"
)
_WORDS = "{t}.number || chr(10) || {t}.name"
_SKU_WORDS = "{t}.code || chr(10) || {t}.name"


@strawberry.input(description="Which goods a list is about; all conditions together.")
class GoodsFilter:
    """Conditions over indexed columns."""

    search: str | None = search(
        "name",
        "number",
        description="A piece of the name or the number, at least 2 characters.",
        bigrams=_WORDS,
    )
    kind: list[GoodsKind] | None = where("{t}.kind = any({value})", "Of any of these kinds.")
    category: list[GoodsCategory] | None = where(
        "{t}.category = any({value})", "Of any of these categories."
    )
    charge_mode: list[ChargeMode] | None = where(
        "exists (select from sku where sku.goods_id = {t}.id and sku.on_sale"
        " and sku.charge_mode = any({value}))",
        "With a SKU on sale that is charged in any of these ways.",
    )
    strategy: list[IncentiveStrategy] | None = where(
        _STRATEGY, "With any of these strategies in force now, of goods whose policies you may see."
    )
    on_sale: bool | None = flag("{t}.on_sale", "not {t}.on_sale", "Whether they are on sale.")
    merchant_id: strawberry.ID | None = of_node("merchant_id", "ptn", "Of this merchant.")
    merchant_name: str | None = called("merchant_id", "Of the merchant of exactly this name.")
    created: DateTimeRange | None = within("created_at", "Written down in this span.")


@strawberry.enum(description="What goods can be ordered by.")
class GoodsOrderField(Enum):
    """Names of columns."""

    NAME = strawberry.enum_value("name", description="By name, by the code of its characters.")
    NUMBER = strawberry.enum_value("number", description="By number.")
    CREATED_AT = strawberry.enum_value("created_at", description="By when they were written down.")


GoodsOrder = ordering("How goods are ordered.", GoodsOrderField.CREATED_AT)


@strawberry.input(description="Which SKUs a list is about; all conditions together.")
class SkuFilter:
    """Conditions over indexed columns."""

    search: str | None = search(
        "name",
        "code",
        description="A piece of the name or the code, at least 2 characters.",
        bigrams=_SKU_WORDS,
    )
    goods_id: strawberry.ID | None = of_node("goods_id", "gds", "Of these goods.")
    charge_mode: list[ChargeMode] | None = where(
        "{t}.charge_mode = any({value})", "Charged in any of these ways."
    )
    on_sale: bool | None = flag("{t}.on_sale", "not {t}.on_sale", "Whether it is on sale.")
    created: DateTimeRange | None = within("created_at", "Made in this span.")


@strawberry.enum(description="What SKUs can be ordered by.")
class SkuOrderField(Enum):
    """Names of columns."""

    CREATED_AT = strawberry.enum_value("created_at", description="By when they were made.")
    CODE = strawberry.enum_value("code", description="By their code.")
    NAME = strawberry.enum_value("name", description="By name, by the code of its characters.")


SkuOrder = ordering("How SKUs are ordered.", SkuOrderField.CREATED_AT)


def _goods_are(condition: str) -> str:
    return f"exists (select from goods of where of.id = {{t}}.goods_id and {condition})"


@strawberry.input(description="Which strategies a month's list is about; all conditions together.")
class IncentiveStrategyFilter:
    """Conditions over policies."""

    goods_id: strawberry.ID | None = of_node("goods_id", "gds", "Of these goods.")
    strategy: list[IncentiveStrategy] | None = where(
        "{t}.strategy = any({value})", "Any of these strategies."
    )
    kind: list[GoodsKind] | None = where(
        _goods_are("of.kind = any({value})"), "Of goods of any of these kinds."
    )
    on_sale: bool | None = flag(
        _goods_are("of.on_sale"), _goods_are("not of.on_sale"), "Whether the goods are on sale now."
    )


@strawberry.enum(description="What strategies can be ordered by.")
class IncentiveStrategyOrderField(Enum):
    """Names of columns."""

    VALID_FROM = strawberry.enum_value(
        "valid_from", description="By when they came, or come, into force."
    )
    SHARE_RATIO = strawberry.enum_value("share_ratio", description="By the share that they pay.")


IncentiveStrategyOrder = ordering(
    "How strategies are ordered.", IncentiveStrategyOrderField.VALID_FROM
)


AT = Argument(DateTime, "The moment; now if unsaid.")


MONTH = Argument(
    YearMonth,
    "The month in Asia/Shanghai, of which the last microsecond counts; the running one if unsaid.",
    last_instant,
)

HELD = "{t}.valid_from <= coalesce({arg.at}::timestamptz, {now})"
# The last microsecond of the month that was asked for, or of the one that runs in Shanghai.
_THEN = (
    "coalesce({arg.month}::timestamptz, (date_trunc('month', {now} at time zone 'Asia/Shanghai')"
    " + interval '1 month') at time zone 'Asia/Shanghai' - interval '1 microsecond')"
)
HELD_AT_THE_END = (
    f"{{t}}.valid_from <= {_THEN} and not exists (select from goods_policy later"
    " where later.goods_id = {t}.goods_id and later.valid_from > {t}.valid_from"
    f" and later.valid_from <= {_THEN})"
)
