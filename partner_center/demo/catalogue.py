"""The demo's store: goods are written down, priced, given policies and sold, each at its time."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

from domain.catalogue import goods, policies, prices, selling, skus
from domain.catalogue.policies import BY_FLOOR_PRICE, LEGACY_SHARE, SHARED_BY, Terms
from domain.identity.items import Item
from domain.identity.viewer import Viewer, ViewerKind
from models.catalogue import (
    ChargeMode,
    Goods,
    GoodsCategory,
    GoodsKind,
    IncentiveStrategy,
    ShareModel,
    Sku,
)
from partner_center.demo.people import SEED, Cast
from partner_center.demo.shelf import ARTICLES, Article
from partner_center.demo.stories import Story, play

PLATFORM = Viewer(
    kind=ViewerKind.STAFF,
    display_name="平台运营",
    items=frozenset({Item.GOODS_MANAGE, Item.GOODS_POLICY}),
)

_WAYS: dict[GoodsCategory, tuple[tuple[ChargeMode, int | None, str], ...]] = {
    GoodsCategory.IMAGE: (
        (ChargeMode.PERIOD, 1, "包月"),
        (ChargeMode.PERIOD, 12, "包年"),
        (ChargeMode.ON_DEMAND, None, "按需"),
    ),
    GoodsCategory.SAAS: (
        (ChargeMode.PERIOD, 12, "标准版 1 年"),
        (ChargeMode.PERIOD, 36, "专业版 3 年"),
    ),
    GoodsCategory.LICENSE: (
        (ChargeMode.PERIOD, 12, "License 1 年"),
        (ChargeMode.PER_USE, None, "License 永久"),
    ),
    GoodsCategory.PRO_SERVICE: ((ChargeMode.PER_USE, None, "人天"),),
    GoodsCategory.ORCHESTRATION: ((ChargeMode.PER_USE, None, "单次部署"),),
    GoodsCategory.HARDWARE: ((ChargeMode.PER_USE, None, "单台"),),
    GoodsCategory.API: (
        (ChargeMode.ON_DEMAND, None, "按量"),
        (ChargeMode.ON_DEMAND_PACKAGE, None, "10 万次套餐包"),
    ),
}

_STRATEGIES = (
    *(IncentiveStrategy.STANDARD,) * 4,
    IncentiveStrategy.SPECIFIC,
    IncentiveStrategy.SPECIFIC,
    IncentiveStrategy.PERF_NO_REBATE,
    IncentiveStrategy.NONE,
)


class Shelf:
    """One article, who sells it, and what they do at a given time."""

    def __init__(
        self,
        article: Article,
        number: int,
        seller: Viewer,
        merchant_id: UUID | None,
        dice: Random,
        begin: datetime,
    ) -> None:
        self.article, self._number, self._dice = article, number, dice
        self._seller, self._merchant_id = seller, merchant_id
        self._goods: Goods | None = None
        self._skus: list[Sku] = []
        self._costs: dict[UUID, Decimal] = {}
        self.now = begin

    def days(self, fewest: float, most: float) -> timedelta:
        """So many days, as the dice will have it."""
        return timedelta(days=self._dice.uniform(fewest, most))

    async def write_down(self) -> None:
        """The goods and their SKUs, each with its first price."""
        self._goods = await goods.create(
            viewer=self._seller,
            number=f"GD{10_000 + self._number}",
            name=self.article.name,
            kind=self.article.kind,
            category=self.article.category,
            summary=f"{self.article.name}:开通即用,支持按需扩展。",
            merchant_id=self._merchant_id,
            now=self.now,
        )
        for place, (mode, months, name) in enumerate(_WAYS[self.article.category], start=1):
            sku = await skus.create(
                viewer=self._seller,
                goods_id=self._goods.id,
                sku_code=f"GD{10_000 + self._number}-{place}",
                name=name,
                charge_mode=mode,
                months=months,
                now=self.now,
            )
            self._skus.append(sku)
            await self._price(sku, Decimal(self._dice.randrange(20, 4000) * 10 * place))

    async def raise_prices(self, *, ahead: timedelta) -> None:
        """From a moment ahead on it costs a tenth more."""
        for sku in self._skus:
            await self._price(sku, self._costs[sku.id] * Decimal("1.1"), ahead=ahead)

    async def set_policy(self, *, ahead: timedelta | None = None) -> None:
        """What selling it earns, at once or from a moment ahead on."""
        found = await Goods.get(id=self._sold.id)
        await policies.set_policy(
            viewer=PLATFORM,
            goods_id=found.id,
            expected_version=found.version,
            terms=self._terms(),
            valid_from=None if ahead is None else self.now + ahead,
            now=self.now,
        )

    async def put_on_sale(self) -> None:
        """Everybody can buy it."""
        await selling.put_on_sale(viewer=self._seller, goods_id=self._sold.id, now=self.now)

    async def take_off_sale(self) -> None:
        """Nobody can any more."""
        await selling.take_off_sale(viewer=self._seller, goods_id=self._sold.id, now=self.now)

    @property
    def _sold(self) -> Goods:
        assert self._goods is not None
        return self._goods

    async def _price(self, sku: Sku, amount: Decimal, *, ahead: timedelta | None = None) -> None:
        found = await Sku.get(id=sku.id)
        self._costs[sku.id] = listed = amount.quantize(Decimal("0.01"))
        await prices.set_price(
            viewer=self._seller,
            sku_id=sku.id,
            expected_version=found.version,
            list_price=listed,
            floor_price=(listed * Decimal("0.7")).quantize(Decimal("0.01")),
            valid_from=None if ahead is None else self.now + ahead,
            now=self.now,
        )

    def _terms(self) -> Terms:
        dice, kind = self._dice, self.article.kind
        model = dice.choice(SHARED_BY[kind])
        return Terms(
            strategy=dice.choice(_STRATEGIES),
            share_model=model,
            share_ratio=self._ratio(kind, model),
            max_ratio=Decimal(dice.randrange(15, 41)).scaleb(-2),
            authorized_floor=Decimal(dice.choice((80, 85, 88, 90, 95))).scaleb(-2),
            tax_rate=Decimal("0.13")
            if self.article.category in (GoodsCategory.HARDWARE, GoodsCategory.LICENSE)
            else Decimal("0.06"),
            allows_discount=kind is not GoodsKind.COMMON,
            requires_supervision=self.article.category is GoodsCategory.PRO_SERVICE,
            five_day_refund=self.article.category in (GoodsCategory.SAAS, GoodsCategory.IMAGE),
        )

    def _ratio(self, kind: GoodsKind, model: ShareModel) -> Decimal:
        if kind is GoodsKind.COMMON:
            return Decimal(0)
        if model is ShareModel.LEGACY_SOLO:
            return LEGACY_SHARE
        most = 60 if model in BY_FLOOR_PRICE else 30
        return Decimal(self._dice.randrange(8, most)).scaleb(-2)


async def load_catalogue(cast: Cast, *, now: datetime) -> None:
    """Fill the store, up to this moment."""
    dice = Random(SEED + 7)
    houses = {house.company.account: house for house in cast.merchants}
    told: list[tuple[Story, Shelf]] = []
    for number, article in enumerate(ARTICLES, start=1):
        house = houses[article.seller] if article.seller else None
        # What is selected strictly, the platform offers for its merchant.
        is_own = house is not None and article.kind is not GoodsKind.STRICT_SELECTED
        seller = house.administrator if house is not None and is_own else PLATFORM
        merchant_id = house.partner.id if house is not None else None
        plot, latest, earliest = _PLOTS[number % len(_PLOTS)]
        begin = now - timedelta(days=dice.uniform(latest, earliest))
        shelf = Shelf(article, number, seller, merchant_id, dice, begin)
        told.append((plot(shelf), shelf))
    await play(told, now=now)


async def _is_sold(shelf: Shelf) -> Story:
    await shelf.write_down()
    yield shelf.days(0.5, 5)
    await shelf.set_policy()
    yield shelf.days(0.5, 3)
    await shelf.put_on_sale()


async def _changes(shelf: Shelf) -> Story:
    async for pause in _is_sold(shelf):
        yield pause
    yield shelf.days(60, 120)
    await shelf.set_policy(ahead=timedelta(days=14))
    yield shelf.days(20, 40)
    await shelf.raise_prices(ahead=timedelta(days=7))


async def _will_change(shelf: Shelf) -> Story:
    """Written down in the last weeks: the change lies ahead."""
    async for pause in _is_sold(shelf):
        yield pause
    yield shelf.days(0.5, 2)
    await shelf.set_policy(ahead=timedelta(days=45))
    await shelf.raise_prices(ahead=timedelta(days=60))


async def _is_given_up(shelf: Shelf) -> Story:
    async for pause in _changes(shelf):
        yield pause
    yield shelf.days(10, 30)
    await shelf.take_off_sale()


async def _is_being_prepared(shelf: Shelf) -> Story:
    await shelf.write_down()
    yield timedelta()


# In turn, begun so many days ago.
_PLOTS: tuple[tuple[Callable[[Shelf], Story], float, float], ...] = (
    (_is_sold, 200, 700),
    (_changes, 250, 700),
    (_changes, 250, 700),
    (_will_change, 15, 35),
    (_is_sold, 100, 300),
    (_changes, 250, 500),
    (_is_given_up, 260, 500),
    (_is_sold, 40, 200),
    (_will_change, 15, 35),
    (_is_being_prepared, 1, 20),
)
