"""Queries and mutations of the catalogue's goods."""

from datetime import datetime
from uuid import UUID

import strawberry

from domain.catalogue import goods as catalogue
from domain.catalogue import policies, selling
from domain.catalogue.policies import Terms
from domain.identity import permissions
from domain.identity.permissions import describe
from domain.identity.viewer import Viewer
from kit import ids
from kit.reads import Connection, root_connection, root_one
from resolvers.mutation import Outcome, mutation
from schema import goods_changes as changes
from schema.goods import Goods, GoodsPolicy, Sku
from schema.goods_lists import (
    HELD_AT_THE_END,
    MONTH,
    GoodsFilter,
    GoodsOrder,
    IncentiveStrategyFilter,
    IncentiveStrategyOrder,
    SkuFilter,
    SkuOrder,
)


def _may_ask_for_strategies(viewer: Viewer) -> None:
    permissions.require(viewer, "incentiveStrategies")


@strawberry.type
class GoodsQuery:
    goods: Goods | None = root_one(
        "Goods by their id; null when you may not see them.", prefix="gds"
    )
    goods_by_number: Goods | None = root_one(
        "Goods by their number; null when you may not see them.",
        argument="number",
        argument_description="The number, in whatever case.",
        where="{t}.number = upper({value}::text)",
        prepare=str.strip,
    )
    goods_list: Connection[Goods] = root_connection(
        f"What the store sells, and what you are about to sell in it. {describe('goodsList')}",
        filter=GoodsFilter,
        order=GoodsOrder,
    )
    sku: Sku | None = root_one("A SKU by its id; null when you may not see it.", prefix="sku")
    skus: Connection[Sku] = root_connection(
        f"The ways to buy goods. {describe('skus')}", filter=SkuFilter, order=SkuOrder
    )
    incentive_strategies: Connection[GoodsPolicy] = root_connection(
        "What selling each of the goods earns as a month ends: the policy that is in force in the"
        f" last microsecond of the month in Asia/Shanghai. {describe('incentiveStrategies')}",
        filter=IncentiveStrategyFilter,
        order=IncentiveStrategyOrder,
        where=HELD_AT_THE_END,
        guard=_may_ask_for_strategies,
        arguments={"month": MONTH},
    )


@strawberry.type
class GoodsMutation:
    @mutation(
        "Write down goods that are to be sold. Nobody else sees them before they are first put on"
        " sale.",
        changes.GoodsCreatePayload,
        requires=describe("goodsCreate"),
    )
    async def goods_create(
        self, viewer: Viewer, input: changes.GoodsCreateInput, now: datetime
    ) -> Outcome:
        made = await catalogue.create(
            viewer=viewer,
            number=input.number,
            name=input.name,
            kind=input.kind,
            category=input.category,
            summary=input.summary,
            merchant_id=ids.optional("ptn", input.merchant_id, path=("input", "merchantId")),
            now=now,
        )
        return Outcome(goods=made.id)

    @mutation(
        "Write anew what is said of goods; number, kind and merchant stay.",
        changes.GoodsEditPayload,
        requires=describe("goodsEdit"),
    )
    async def goods_edit(
        self, viewer: Viewer, input: changes.GoodsEditInput, now: datetime
    ) -> Outcome:
        edited = await catalogue.edit(
            viewer=viewer,
            goods_id=_id(input.id),
            expected_version=input.expected_version,
            name=input.name,
            summary=input.summary,
            category=input.category,
            now=now,
        )
        return Outcome(goods=edited.id)

    @mutation(
        "Sell the goods from now on: they need a policy and a priced SKU.",
        changes.GoodsPutOnSalePayload,
        requires=describe("goodsPutOnSale"),
    )
    async def goods_put_on_sale(
        self, viewer: Viewer, input: changes.GoodsInput, now: datetime
    ) -> Outcome:
        goods = await selling.put_on_sale(viewer=viewer, goods_id=_id(input.id), now=now)
        return Outcome(goods=goods.id)

    @mutation(
        "Sell no more of the goods. They can still be looked at.",
        changes.GoodsTakeOffSalePayload,
        requires=describe("goodsTakeOffSale"),
    )
    async def goods_take_off_sale(
        self, viewer: Viewer, input: changes.GoodsInput, now: datetime
    ) -> Outcome:
        goods = await selling.take_off_sale(viewer=viewer, goods_id=_id(input.id), now=now)
        return Outcome(goods=goods.id)

    @mutation(
        "Set what selling the goods earns from a moment ahead on. What has held stays.",
        changes.GoodsPolicySetPayload,
        requires=describe("goodsPolicySet"),
    )
    async def goods_policy_set(
        self, viewer: Viewer, input: changes.GoodsPolicySetInput, now: datetime
    ) -> Outcome:
        policy = await policies.set_policy(
            viewer=viewer,
            goods_id=ids.decode("gds", input.goods_id, path=("input", "goodsId")),
            expected_version=input.expected_version,
            terms=Terms(
                strategy=input.strategy,
                share_model=input.share_model,
                share_ratio=input.share_ratio,
                max_ratio=input.max_ratio,
                authorized_floor=input.authorized_floor_ratio,
                tax_rate=input.tax_ratio,
                allows_discount=input.allows_discount,
                requires_supervision=input.requires_supervision,
                five_day_refund=input.five_day_refund,
            ),
            valid_from=input.valid_from,
            now=now,
        )
        return Outcome(goods_policy=policy.id, goods=policy.goods_id)

    @mutation(
        "Take back a version of a policy that isn't in force yet; the one before it goes on.",
        changes.GoodsPolicyRemovePayload,
        requires=describe("goodsPolicyRemove"),
    )
    async def goods_policy_remove(
        self, viewer: Viewer, input: changes.GoodsPolicyRemoveInput, now: datetime
    ) -> Outcome:
        policy_id = ids.decode("gpo", input.id, path=("input", "id"))
        goods = await policies.remove(viewer=viewer, policy_id=policy_id, now=now)
        return Outcome(goods=goods.id)


def _id(text: str) -> UUID:
    return ids.decode("gds", text, path=("input", "id"))
