"""Writing goods down, and what is said of them."""

import re
from datetime import datetime
from uuid import UUID

from domain.catalogue import guards, history
from domain.catalogue.policy import GOODS
from domain.identity import permissions
from domain.identity.viewer import Viewer, ViewerKind
from kit import texts
from kit.guards import refuse
from kit.ids import new_id
from kit.problems import InvalidInput, NotFound, Problem, VersionConflict
from kit.transaction import transactional
from kit.violations import answering
from models.catalogue import Goods, GoodsCategory, GoodsKind
from models.partners import Partner, PartnerKind

LONGEST_NAME = 200
LONGEST_SUMMARY = 1000
OF_THE_PLATFORM = (GoodsKind.SELF_OPERATED, GoodsKind.STRICT_SELF)

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]+")
_EDITED = ("name", "summary", "category")


class MerchantsOnly(Problem):
    """Goods are sold by merchants and by the platform; other partners sell them on."""

    en = "Only merchants and the platform offer goods of their own."
    zh = "仅商家与平台可以创建商品。"


class KindNotForMerchants(Problem):
    """Who stands behind goods of this kind is the platform's choice."""

    en = "Goods that are {kind} are created by the platform."
    zh = "{kind} 类商品由平台创建。"
    about = {"kind": "Which kind."}
    kind: str


class NumberTaken(Problem):
    """Numbers are unique in the whole store."""

    en = "The number {number} is taken."
    zh = "编号 {number} 已被使用。"
    about = {"number": "Which number."}
    number: str


@transactional
async def create(
    *,
    viewer: Viewer,
    number: str,
    name: str,
    kind: GoodsKind,
    category: GoodsCategory,
    summary: str | None = None,
    merchant_id: UUID | None = None,
    now: datetime,
) -> Goods:
    """Write goods down, off sale and unseen by others until they are first put on sale.

    A merchant's are its own (`merchant_id` may be left out) and JOINT_OPERATED or COMMON; the
    platform names the merchant of all kinds but its own. Raises MerchantsOnly,
    KindNotForMerchants, NumberTaken, NotFound(merchant).
    """
    permissions.require(viewer, "goodsCreate")
    goods = Goods(
        id=new_id(),
        created_at=now,
        number=code(number, path=("input", "number")),
        name=line(name, longest=LONGEST_NAME, path=("input", "name")),
        summary=texts.optional(summary, longest=LONGEST_SUMMARY, path=("input", "summary")),
        kind=kind,
        category=category,
        on_sale=False,
        is_listed=False,
        merchant_id=await _merchant(viewer, kind, merchant_id),
    )
    with answering(goods_number_key=lambda: NumberTaken(number=goods.number)):
        await goods.insert()
    after = history.facts(goods, "number", "name", "kind", "category")
    await history.of_goods("created", goods, viewer=viewer, after=after, now=now)
    return goods


@transactional
async def edit(
    *,
    viewer: Viewer,
    goods_id: UUID,
    expected_version: int,
    name: str,
    summary: str | None,
    category: GoodsCategory,
    now: datetime,
) -> Goods:
    """Write anew what is said of the goods; number, kind and merchant stay. Raises VersionConflict,
    NotYourGoods."""
    permissions.require(viewer, "goodsEdit")
    name = line(name, longest=LONGEST_NAME, path=("input", "name"))
    summary = texts.optional(summary, longest=LONGEST_SUMMARY, path=("input", "summary"))
    goods = await GOODS.lock(Goods, goods_id, viewer=viewer, now=now, thing="goods")
    refuse(guards.edit(goods, viewer, now))
    expect(expected_version, goods.version)
    before = history.facts(goods, *_EDITED)
    goods.name, goods.summary, goods.category = name, summary, category
    goods.version += 1
    await goods.save(update_fields=[*_EDITED, "version"])
    await history.of_goods(
        "edited", goods, viewer=viewer, **changes(before, history.facts(goods, *_EDITED)), now=now
    )
    return goods


def expect(expected: int, current: int) -> None:
    """Raise VersionConflict unless the client has read what is there."""
    if expected != current:
        raise VersionConflict(current=current)


def changes(
    before: dict[str, object], after: dict[str, object]
) -> dict[str, dict[str, object] | None]:
    """Only what differs, as `before` and `after` of an event."""
    names = [name for name in after if before[name] != after[name]]
    return {
        "before": {name: before[name] for name in names},
        "after": {name: after[name] for name in names},
    }


def code(text: str, *, longest: int = 32, path: tuple[str, ...]) -> str:
    """A number or code in capitals: letters, digits, `.`, `_`, `-`. Raises InvalidInput."""
    found = text.strip()
    if len(found) > longest or not _CODE.fullmatch(found):
        raise InvalidInput(
            reason=f"2 to {longest} letters, digits, dots, hyphens or underscores are needed.",
            reason_zh=f"须填写 2 至 {longest} 个字母、数字、点、连字符或下划线。",
            path=path,
        )
    return found.upper()


def line(text: str, *, longest: int, path: tuple[str, ...]) -> str:
    """A name on one line, 1 to `longest` characters, emoji included. Raises InvalidInput."""
    found = texts.needed(text, longest=longest, path=path)
    if any(not (letter.isprintable() or letter == "\u200d") for letter in found):
        raise InvalidInput(
            reason="A name stands on one line, without control characters.",
            reason_zh="名称不能换行,也不能包含控制字符。",
            path=path,
        )
    return found


async def _merchant(viewer: Viewer, kind: GoodsKind, merchant_id: UUID | None) -> UUID | None:
    """Whose goods they are; None: the platform's."""
    if viewer.kind not in (ViewerKind.STAFF, ViewerKind.SYSTEM):
        if merchant_id not in (None, viewer.partner_id):
            raise NotFound(thing="merchant", path=("input", "merchantId"))
        if not viewer.is_merchant:
            raise MerchantsOnly()
        if kind not in guards.OF_MERCHANTS:
            raise KindNotForMerchants(kind=kind.value, path=("input", "kind"))
        return viewer.partner_id
    if (kind in OF_THE_PLATFORM) is not (merchant_id is None):
        raise InvalidInput(
            reason="Goods have a merchant, unless the platform or its strict selection sells them.",
            reason_zh="除自营与严选自营商品外,必须且只有其他商品须指定商家。",
            path=("input", "merchantId"),
        )
    if merchant_id is None:
        return None
    merchant = await Partner.get_or_none(id=merchant_id)
    if merchant is None or merchant.kind is not PartnerKind.MERCHANT:
        raise NotFound(thing="merchant", path=("input", "merchantId"))
    return merchant.id
