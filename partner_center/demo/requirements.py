"""The demo's joint sales: requirements and private offers in every state, each at its time."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from random import Random

from domain.catalogue import terms as catalogue
from domain.programmes.conditions import SELLING_PROGRAMME, joined_programmes
from domain.requirements.deadlines import LIFETIME
from models.catalogue import Goods, Sku
from models.customers import Customer
from partner_center.demo.bargain import Bargain
from partner_center.demo.people import SEED, Cast, House
from partner_center.demo.stories import DAY, Story, play

Plot = Callable[[Bargain], Story]


async def load_requirements(cast: Cast, *, now: datetime) -> None:
    """Let all of it happen, up to this moment; every partner in the programme tells all stories."""
    random = Random(SEED + 11)
    told: list[tuple[Story, Bargain]] = []
    for house in cast.houses:
        if SELLING_PROGRAMME not in await joined_programmes(partner_id=house.partner.id, now=now):
            continue
        customers = await Customer.filter(
            partner_id=house.partner.id, listed_at__lt=now - 40 * DAY
        ).order_by("listed_at", "id")
        for plot, latest, earliest in _PLOTS:
            begin = now - timedelta(days=random.uniform(latest, earliest))
            if (bargain := await _bargain(cast, house, customers, random, begin)) is not None:
                told.append((plot(bargain), bargain))
        # Lapses before the eyes of whoever has just started the demo.
        begin = now - LIFETIME + timedelta(minutes=5)
        if (bargain := await _bargain(cast, house, customers, random, begin)) is not None:
            told.append((_is_waited_for(bargain), bargain))
    await play(told, now=now)


async def _bargain(
    cast: Cast, house: House, customers: Sequence[Customer], random: Random, begin: datetime
) -> Bargain | None:
    """Somebody who was a customer by then, and goods of a merchant that could be bought."""
    merchants = {merchant.partner.id: merchant for merchant in cast.merchants}
    known = [customer for customer in customers if customer.listed_at < begin]
    goods = await _sold(begin)
    if not known or not goods:
        return None
    wanted = random.choice(goods)
    assert wanted.merchant_id is not None
    merchant = merchants[wanted.merchant_id]
    return Bargain(house, merchant, random.choice(known), wanted, random, begin)


async def _sold(at: datetime) -> list[Goods]:
    goods = await Goods.filter(on_sale=True, merchant_id__not_isnull=True).order_by("number")
    policies = await catalogue.policies([each.id for each in goods], at=at)
    skus = await Sku.filter(goods_id__in=list(policies), on_sale=True)
    prices = await catalogue.prices([sku.id for sku in skus], at=at)
    priced = {sku.goods_id for sku in skus} - {s.goods_id for s in skus if s.id not in prices}
    # A maximum that falls meanwhile would spoil the story.
    later = await catalogue.policies(list(priced), at=at + 20 * DAY)
    return [
        each
        for each in goods
        if each.id in priced and policies[each.id].max_ratio <= later[each.id].max_ratio
    ]


async def _is_noted(bargain: Bargain) -> Story:
    await bargain.write_down()
    yield timedelta()


async def _comes_to_nothing(bargain: Bargain) -> Story:
    await bargain.write_down()
    yield bargain.days(0.1, 2)
    await bargain.take_back()


async def _is_waited_for(bargain: Bargain) -> Story:
    await bargain.write_down()
    await bargain.ask()
    yield timedelta()


async def _is_taken_back(bargain: Bargain) -> Story:
    await bargain.write_down()
    await bargain.ask()
    yield bargain.days(0.5, 3)
    await bargain.take_back()


async def _is_refused(bargain: Bargain) -> Story:
    await bargain.write_down()
    await bargain.ask()
    yield bargain.days(0.5, 3)
    await bargain.reject()


async def _is_accepted(bargain: Bargain) -> Story:
    await bargain.write_down()
    await bargain.ask()
    yield bargain.days(0.2, 1.5)
    await bargain.accept()


async def _is_wanted_no_longer(bargain: Bargain) -> Story:
    async for pause in _is_accepted(bargain):
        yield pause
    yield bargain.days(1, 3)
    await bargain.close()


async def _is_being_offered(bargain: Bargain) -> Story:
    async for pause in _is_accepted(bargain):
        yield pause
    yield bargain.days(0.2, 1)
    await bargain.draft(ahead=5, lasts=30)


def _is_offered(*, ahead: float, lasts: float) -> Plot:
    async def story(bargain: Bargain) -> Story:
        async for pause in _is_accepted(bargain):
            yield pause
        yield bargain.days(0.2, 1)
        await bargain.draft(ahead=ahead, lasts=lasts)
        yield bargain.days(0.1, 0.5)
        await bargain.publish()

    return story


async def _is_improved(bargain: Bargain) -> Story:
    async for pause in _is_offered(ahead=0, lasts=60)(bargain):
        yield pause
    yield bargain.days(1, 3)
    await bargain.improve(lasts=60)
    yield bargain.days(0.1, 1)
    await bargain.publish()


async def _is_about_to_be_improved(bargain: Bargain) -> Story:
    async for pause in _is_offered(ahead=0, lasts=60)(bargain):
        yield pause
    yield bargain.days(1, 3)
    await bargain.improve(lasts=60)


async def _is_ordered(bargain: Bargain) -> Story:
    async for pause in _is_improved(bargain):
        yield pause
    yield bargain.days(1, 5)
    await bargain.order()


async def _is_withdrawn(bargain: Bargain) -> Story:
    async for pause in _is_offered(ahead=0, lasts=60)(bargain):
        yield pause
    yield bargain.days(1, 3)
    await bargain.withdraw()
    yield bargain.days(0.1, 1)
    await bargain.clone()


async def _is_offered_unasked(bargain: Bargain) -> Story:
    await bargain.draft(ahead=1, lasts=90, alone=True)
    yield bargain.days(0.1, 1)
    await bargain.publish()


# Begun so many days ago.
_PLOTS: tuple[tuple[Plot, float, float], ...] = (
    (_is_noted, 0.1, 5),
    (_comes_to_nothing, 5, 30),
    (_is_waited_for, 0.1, 3.5),
    (_is_waited_for, 4.1, 4.8),
    (_is_waited_for, 6, 30),
    (_is_taken_back, 5, 30),
    (_is_refused, 5, 30),
    (_is_accepted, 3, 12),
    (_is_wanted_no_longer, 8, 30),
    (_is_being_offered, 4, 8),
    (_is_offered(ahead=15, lasts=60), 4, 10),
    (_is_offered(ahead=0, lasts=60), 5, 20),
    (_is_offered(ahead=1, lasts=7), 14, 30),
    (_is_improved, 10, 20),
    (_is_about_to_be_improved, 10, 20),
    (_is_ordered, 14, 30),
    (_is_withdrawn, 12, 30),
    (_is_offered_unasked, 3, 20),
)
