"""Policies: what selling goods earns, from a moment on; what has held is never changed (G-01)."""

from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.catalogue import guards, history
from domain.catalogue.goods import expect
from domain.catalogue.policy import GOODS, POLICIES
from domain.identity import permissions
from domain.identity.viewer import Viewer
from kit import database, ratios
from kit.guards import refuse
from kit.ids import new_id
from kit.problems import Problem, spoken
from kit.transaction import lock, transactional
from models.catalogue import Goods, GoodsKind, GoodsPolicy, IncentiveStrategy, ShareModel

# Who stands behind goods decides how a sale may be shared (domain.md 6.1). Of COMMON goods nothing
# is shared but what their merchant grants in a joint sale.
SHARED_BY: dict[GoodsKind, tuple[ShareModel, ...]] = {
    GoodsKind.SELF_OPERATED: (ShareModel.DEAL_PRICE, ShareModel.FLOOR_PRICE),
    GoodsKind.JOINT_OPERATED: (
        ShareModel.DEAL_PRICE,
        ShareModel.FLOOR_PRICE,
        ShareModel.MERCHANT_JOINT,
    ),
    GoodsKind.COMMON: (ShareModel.MERCHANT_JOINT,),
    GoodsKind.STRICT_SELECTED: (ShareModel.LEGACY_SOLO, ShareModel.LEGACY_JOINT),
    GoodsKind.STRICT_SELF: (ShareModel.LEGACY_SOLO, ShareModel.LEGACY_JOINT),
}

# These share what the deal price is above the floor price, which must be known then.
BY_FLOOR_PRICE = (ShareModel.FLOOR_PRICE, ShareModel.LEGACY_SOLO, ShareModel.LEGACY_JOINT)

LEGACY_SHARE = Decimal("0.9")


class InThePast(Problem):
    """What has held, orders rest on: only a moment ahead can be chosen."""

    en = "It can begin after {earliest:%Y-%m-%d %H:%M:%S} UTC, not earlier."
    zh = "生效时间须晚于 {earliest:%Y-%m-%d %H:%M:%S}(UTC)。"
    about = {"earliest": "It must begin after this instant."}
    earliest: datetime


class InForceAlready(Problem):
    """It has begun to hold, so it stays as it is."""

    en = "It has been in force since {since:%Y-%m-%d %H:%M:%S} UTC and can't be removed."
    zh = "该版本已于 {since:%Y-%m-%d %H:%M:%S}(UTC)生效,不能删除。"
    about = {"since": "When it came into force."}
    since: datetime


class ShareModelUnfit(Problem):
    """Goods of this kind aren't shared by this formula, or not with this ratio."""

    en = "{kind} goods can't be shared by {share_model} with a ratio of {share_ratio}."
    zh = "{kind} 类商品不支持分成模式 {share_model} 与分成比例 {share_ratio} 的组合。"
    about = {"kind": "The kind of the goods.", "share_model": "The formula asked for."}
    untold = ("share_ratio",)
    kind: str
    share_model: str
    share_ratio: Decimal


class FloorPriceMissing(Problem):
    """The formula shares what is above the floor price, which some SKUs don't have then."""

    en = "These SKUs need a floor price for that share model: {codes}."
    zh = "该分成模式要求规格设置底价:{codes}。"
    about = {"codes": "The codes of the SKUs."}
    codes: list[str]

    def in_words(self, locale: str = "en") -> str:
        """The codes as a list of words."""
        return spoken(locale, en=self.en, zh=self.zh).format(codes=", ".join(self.codes))


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a version of a policy says; ratios are shares of one."""

    strategy: IncentiveStrategy
    share_model: ShareModel
    share_ratio: Decimal
    max_ratio: Decimal
    authorized_floor: Decimal
    tax_rate: Decimal
    allows_discount: bool = True
    requires_supervision: bool = False
    five_day_refund: bool = False


@transactional
async def set_policy(
    *,
    viewer: Viewer,
    goods_id: UUID,
    expected_version: int,
    terms: Terms,
    valid_from: datetime | None = None,
    now: datetime,
) -> GoodsPolicy:
    """Let the terms hold from a moment ahead on; the first of all, if unsaid, from now on.

    A version that is to begin at the same moment is replaced. Raises InThePast, ShareModelUnfit,
    FloorPriceMissing, VersionConflict (of the goods).
    """
    permissions.require(viewer, "goodsPolicySet")
    _check(terms)
    goods = await GOODS.lock(Goods, goods_id, viewer=viewer, now=now, thing="goods")
    refuse(guards.set_policy(goods, viewer, now))
    expect(expected_version, goods.version)
    is_first = not await GoodsPolicy.exists(goods_id=goods.id, valid_from__lte=now)
    valid_from = beginning(valid_from, is_first=is_first, now=now)
    fits(goods.kind, terms)
    await _refuse_without_floors(goods, terms.share_model, valid_from)

    policy = await lock(GoodsPolicy, goods_id=goods.id, valid_from=valid_from)
    before = _told(policy) if policy is not None else None
    if policy is None:
        policy = GoodsPolicy(
            id=new_id(),
            created_at=now,
            goods_id=goods.id,
            valid_from=valid_from,
            set_by=viewer.actor_id,
            **asdict(terms),
        )
        await policy.insert()
    else:
        policy.update_from_dict(asdict(terms) | {"set_by": viewer.actor_id})
        await policy.save(update_fields=[*Terms.__dataclass_fields__, "set_by"])
    await _touch(goods)
    await history.of_goods(
        "policy_set", goods, viewer=viewer, before=before, after=_told(policy), now=now
    )
    return policy


@transactional
async def remove(*, viewer: Viewer, policy_id: UUID, now: datetime) -> Goods:
    """Take back a version that isn't in force yet; the one before goes on.

    Raises InForceAlready.
    """
    permissions.require(viewer, "goodsPolicyRemove")
    await POLICIES.require(GoodsPolicy, policy_id, viewer=viewer, now=now, thing="policy")
    seen = await GoodsPolicy.get(id=policy_id)
    goods = await GOODS.lock(Goods, seen.goods_id, viewer=viewer, now=now, thing="policy")
    policy = await POLICIES.lock(GoodsPolicy, policy_id, viewer=viewer, now=now, thing="policy")
    refuse(guards.set_policy(goods, viewer, now))
    if policy.valid_from <= now:
        raise InForceAlready(since=policy.valid_from)
    await policy.delete()
    await _touch(goods)
    await history.of_goods("policy_removed", goods, viewer=viewer, before=_told(policy), now=now)
    return goods


def beginning(wanted: datetime | None, *, is_first: bool, now: datetime) -> datetime:
    """From when on a version is to hold. Raises InThePast for what isn't ahead.

    The first changes nothing that has held, so it may begin at once.
    """
    if wanted is None and is_first:
        return now
    if wanted is None or wanted <= now:
        raise InThePast(earliest=now, path=("input", "validFrom"))
    return wanted


def fits(kind: GoodsKind, terms: Terms) -> None:
    """Raise ShareModelUnfit for a formula, or its ratio, that makes no sense for the kind.

    COMMON goods share nothing of themselves; the legacy formulas share at most 90 per cent, the one
    of a sale alone exactly that (domain.md 6.1).
    """
    model, ratio = terms.share_model, terms.share_ratio
    possible = model in SHARED_BY[kind] and (
        (ratio == 0 or kind is not GoodsKind.COMMON)
        and (ratio == LEGACY_SHARE or model is not ShareModel.LEGACY_SOLO)
        and (0 < ratio <= LEGACY_SHARE or model is not ShareModel.LEGACY_JOINT)
    )
    if not possible:
        raise ShareModelUnfit(
            kind=kind.value,
            share_model=model.value,
            share_ratio=ratio,
            path=("input", "shareModel"),
        )


def _check(terms: Terms) -> None:
    ratios.checked(terms.share_ratio, places=6, path=("input", "shareRatio"))
    ratios.checked(terms.max_ratio, places=6, path=("input", "maxRatio"))
    ratios.checked(
        terms.authorized_floor, places=4, above_least=True, path=("input", "authorizedFloorRatio")
    )
    ratios.checked(terms.tax_rate, places=4, most=Decimal("0.9999"), path=("input", "taxRatio"))


async def _refuse_without_floors(goods: Goods, model: ShareModel, at: datetime) -> None:
    """SKUs on sale need a floor price at the moment from which it counts."""
    if model not in BY_FLOOR_PRICE:
        return
    missing = await database.rows(
        "select s.code from sku s where s.goods_id = $1 and s.on_sale and not exists ("
        "   select from (select floor_price from sku_price p where p.sku_id = s.id"
        "     and p.valid_from <= $2 order by p.valid_from desc limit 1) held"
        "   where held.floor_price is not null)"
        " order by s.code",
        goods.id,
        at,
    )
    if missing:
        raise FloorPriceMissing(
            codes=[row["code"] for row in missing], path=("input", "shareModel")
        )


async def _touch(goods: Goods) -> None:
    goods.version += 1
    await goods.save(update_fields=["version"])


def _told(policy: GoodsPolicy) -> dict[str, object]:
    return history.facts(policy, "valid_from", *Terms.__dataclass_fields__)
