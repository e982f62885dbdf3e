"""SKUs: the ways in which goods can be bought."""

from datetime import datetime
from uuid import UUID

from domain.catalogue import guards, history
from domain.catalogue.goods import changes, code, expect, line
from domain.catalogue.policy import GOODS, SKUS
from domain.identity import permissions
from domain.identity.viewer import Viewer
from kit.guards import refuse
from kit.ids import new_id
from kit.problems import InvalidInput, Problem
from kit.transaction import transactional
from kit.violations import answering
from models.catalogue import ChargeMode, Goods, Sku

LONGEST_NAME = 160
LONGEST_CODE = 64
MOST = 100
MOST_MONTHS = 120


class TooManySkus(Problem):
    """More than a page of them nobody compares."""

    en = "Goods have at most {maximum} SKUs."
    zh = "每个商品最多 {maximum} 个规格。"
    about = {"maximum": "How many there may be."}
    maximum: int


class CodeTaken(Problem):
    """Codes are unique in the whole store."""

    en = "The code {sku_code} is taken."
    zh = "规格编码 {sku_code} 已被使用。"
    about = {"sku_code": "Which code."}
    sku_code: str


@transactional
async def create(
    *,
    viewer: Viewer,
    goods_id: UUID,
    sku_code: str,
    name: str,
    charge_mode: ChargeMode,
    months: int | None = None,
    now: datetime,
) -> Sku:
    """Add a way to buy the goods: on sale as soon as they are, and it has a price.

    `months` for PERIOD and nothing else. Raises CodeTaken, TooManySkus, NotYourGoods.
    """
    permissions.require(viewer, "skuCreate")
    name = line(name, longest=LONGEST_NAME, path=("input", "name"))
    sku_code = code(sku_code, longest=LONGEST_CODE, path=("input", "code"))
    _check_months(charge_mode, months)
    goods = await GOODS.lock(Goods, goods_id, viewer=viewer, now=now, thing="goods")
    refuse(guards.edit(goods, viewer, now))
    if await Sku.filter(goods_id=goods.id).count() >= MOST:
        raise TooManySkus(maximum=MOST)
    sku = Sku(
        id=new_id(),
        created_at=now,
        goods_id=goods.id,
        code=sku_code,
        name=name,
        charge_mode=charge_mode,
        months=months,
        # Among goods on sale it would be one without a price.
        on_sale=not goods.on_sale,
    )
    with answering(sku_code_key=lambda: CodeTaken(sku_code=sku_code, path=("input", "code"))):
        await sku.insert()
    after = history.facts(sku, "code", "name", "charge_mode", "months")
    await history.of_sku("created", sku, goods, viewer=viewer, after=after, now=now)
    return sku


@transactional
async def edit(
    *, viewer: Viewer, sku_id: UUID, expected_version: int, name: str, now: datetime
) -> Sku:
    """Call it something else; code, charge mode and months are what it is. Raises VersionConflict,
    NotYourGoods."""
    permissions.require(viewer, "skuEdit")
    name = line(name, longest=LONGEST_NAME, path=("input", "name"))
    sku, goods = await held(viewer=viewer, sku_id=sku_id, now=now)
    refuse(guards.edit(goods, viewer, now))
    expect(expected_version, sku.version)
    before = history.facts(sku, "name")
    sku.name = name
    sku.version += 1
    await sku.save(update_fields=["name", "version"])
    changed = changes(before, history.facts(sku, "name"))
    await history.of_sku("edited", sku, goods, viewer=viewer, **changed, now=now)
    return sku


async def held(*, viewer: Viewer, sku_id: UUID, now: datetime) -> tuple[Sku, Goods]:
    """The SKU with its goods, the goods locked first. Raises NotFound."""
    await SKUS.require(Sku, sku_id, viewer=viewer, now=now, thing="SKU")
    goods_id = (await Sku.get(id=sku_id)).goods_id  # which never changes
    goods = await GOODS.lock(Goods, goods_id, viewer=viewer, now=now, thing="SKU")
    return await SKUS.lock(Sku, sku_id, viewer=viewer, now=now, thing="SKU"), goods


def _check_months(charge_mode: ChargeMode, months: int | None) -> None:
    if (charge_mode is ChargeMode.PERIOD) is (months is None):
        raise InvalidInput(
            reason="A period has a number of months, and nothing else has.",
            reason_zh="包周期规格须填写月数,其他计费模式不填。",
            path=("input", "months"),
        )
    if months is not None and not 1 <= months <= MOST_MONTHS:
        raise InvalidInput(
            reason=f"A period has 1 to {MOST_MONTHS} months.",
            reason_zh=f"月数须为 1 至 {MOST_MONTHS}。",
            path=("input", "months"),
        )
