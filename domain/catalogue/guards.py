"""What stands in the way of each action on goods and SKUs. Pure functions."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.identity.items import Item
from domain.identity.viewer import Viewer, ViewerKind
from kit.guards import Guard
from kit.problems import Forbidden, Problem
from models.catalogue import GoodsKind

# What a merchant may offer by itself; the rest is the platform's choice.
OF_MERCHANTS = (GoodsKind.JOINT_OPERATED, GoodsKind.COMMON)


class NotYourGoods(Problem):
    """Everybody can look at them, but they are another's to change."""

    en = "These goods are another's: only their merchant and the platform change them."
    zh = "该商品不属于贵司,仅所属商家与平台可以修改。"


class OnSaleAlready(Problem):
    """It is on sale, so it can't be put on sale."""

    en = "It is on sale already."
    zh = "已处于上架状态。"


class OffSaleAlready(Problem):
    """It is not on sale, so it can't be taken off."""

    en = "It is not on sale."
    zh = "当前未上架。"


class GoodsRow(Protocol):
    """The columns of goods that guards read."""

    @property
    def merchant_id(self) -> UUID | None: ...
    @property
    def kind(self) -> str: ...
    @property
    def on_sale(self) -> bool: ...


def edit(row: GoodsRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The platform, and the merchant whose goods they are."""
    if not viewer.may(Item.GOODS_MANAGE):
        return Forbidden(needs=Item.GOODS_MANAGE)
    if viewer.kind in (ViewerKind.STAFF, ViewerKind.SYSTEM):
        return None
    is_own = row.merchant_id is not None and row.merchant_id == viewer.partner_id
    return None if is_own and row.kind in OF_MERCHANTS else NotYourGoods()


def put_on_sale(row: GoodsRow, viewer: Viewer, now: datetime) -> Problem | None:
    """Who may edit, unless they are on sale."""
    return edit(row, viewer, now) or (OnSaleAlready() if row.on_sale else None)


def take_off_sale(row: GoodsRow, viewer: Viewer, now: datetime) -> Problem | None:
    """Who may edit, while they are on sale."""
    return edit(row, viewer, now) or (None if row.on_sale else OffSaleAlready())


def set_policy(row: GoodsRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The platform alone, also for merchants' goods."""
    return None if viewer.may(Item.GOODS_POLICY) else Forbidden(needs=Item.GOODS_POLICY)


COLUMNS = ("merchant_id", "kind", "on_sale")

# By the name of the mutation that does it.
ACTIONS: dict[str, Guard] = {
    "goodsEdit": edit,
    "goodsPutOnSale": put_on_sale,
    "goodsTakeOffSale": take_off_sale,
    "goodsPolicySet": set_policy,
    "skuCreate": edit,
}
