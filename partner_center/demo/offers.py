"""The demo's exclusive offers, in every state, each thing at its time."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from random import Random

from domain.identity import recognition
from domain.identity.viewer import Viewer
from domain.offers.checks import KINDS
from models.catalogue import Goods, GoodsPolicy
from models.customers import Customer
from models.identity import Person
from partner_center.demo.deal import Deal
from partner_center.demo.people import SEED, Cast, House
from partner_center.demo.stories import Story, play

Plot = Callable[[Deal], Story]

# Who has been in the programme for long enough.
_PROVIDERS = ("qingyun", "huading", "lanhai", "zhongxin")

DAY = timedelta(days=1)


async def load_offers(cast: Cast, *, now: datetime) -> None:
    """Let all of it happen, up to this moment."""
    dice = Random(SEED + 11)
    houses = [house for house in cast.houses if house.company.account in _PROVIDERS]
    goods = await _goods(now)
    told: list[tuple[Story, Deal]] = []
    for house in houses:
        pairs = _pairs(await _customers(house), goods, dice)
        for plot, number, latest, earliest in _PLOTS:
            for _ in range(number):
                customer, chosen = next(pairs)
                begin = now - timedelta(days=dice.uniform(latest, earliest))
                deal = Deal(house, customer, chosen, dice, begin)
                told.append((plot(deal), deal))
    told += await _for_the_buyer(houses[0], goods, dice, now)
    await play(told, now=now)


async def _goods(now: datetime) -> list[Goods]:
    """What may be offered with a discount, ever since the oldest offer begins."""
    held = await GoodsPolicy.all()
    since = now - timedelta(days=_OLDEST)
    old_enough = {policy.goods_id for policy in held if policy.valid_from <= since}
    fixed = {policy.goods_id for policy in held if not policy.allows_discount}
    goods = await Goods.filter(on_sale=True, kind__in=list(KINDS)).order_by("number")
    return [each for each in goods if each.id in old_enough and each.id not in fixed]


async def _customers(house: House) -> list[Customer]:
    since = house.partner.created_at
    own = await Customer.filter(partner_id=house.partner.id).order_by("account_name")
    return [customer for customer in own if customer.listed_at > since]


def _pairs(
    customers: list[Customer], goods: list[Goods], dice: Random
) -> Iterator[tuple[Customer, list[Goods]]]:
    """A customer and one or two goods, none of which come together twice."""
    order = dice.sample(customers, len(customers))
    for start in range(0, len(goods) - 1, 2):
        for place, customer in enumerate(order):
            number = (start + 2 * place) % (len(goods) - 1)
            yield customer, goods[number : number + dice.choice((1, 2))]


async def _for_the_buyer(
    house: House, goods: list[Goods], dice: Random, now: datetime
) -> list[tuple[Story, Deal]]:
    """For the one customer whose user can sign in: one in force, one that begins in minutes."""
    customer = await Customer.get(account_name="changjiang")
    buyer = await _viewer("buyer@customer.example", now)

    async def uses(deal: Deal) -> Story:
        await deal.draft(ahead=DAY, lasts=120 * DAY, as_list=True)
        await deal.submit()
        for _ in range(3):
            yield deal.days(1.5, 4)
            await deal.open_link(buyer)

    async def begins_soon(deal: Deal) -> Story:
        await deal.draft(ahead=timedelta(minutes=64), lasts=30 * DAY)
        await deal.submit()
        yield timedelta()

    first = Deal(house, customer, goods[:1], dice, now - 20 * DAY)
    second = Deal(house, customer, goods[1:2], dice, now - timedelta(hours=1))
    return [(uses(first), first), (begins_soon(second), second)]


async def _viewer(email: str, now: datetime) -> Viewer:
    person = await Person.get(email=email)
    found = await recognition.by_person(person.id, until=now)
    assert found is not None
    return found.viewer


async def _stays_a_draft(deal: Deal) -> Story:
    await deal.draft(ahead=10 * DAY, lasts=60 * DAY)
    yield timedelta()


async def _waits_for_its_moment(deal: Deal) -> Story:
    await deal.draft(ahead=deal.days(6, 20), lasts=90 * DAY)
    yield deal.days(0.01, 0.5)
    await deal.submit()


async def _is_in_force(deal: Deal) -> Story:
    await deal.draft(ahead=deal.days(1, 3), lasts=180 * DAY)
    yield deal.days(0.01, 0.9)
    await deal.submit()


async def _quotes_a_list(deal: Deal) -> Story:
    await deal.draft(ahead=deal.days(1, 3), lasts=180 * DAY, as_list=True)
    yield deal.days(0.01, 0.9)
    await deal.submit()


async def _is_over(deal: Deal) -> Story:
    await deal.draft(ahead=deal.days(1, 3), lasts=deal.days(10, 30))
    yield deal.days(0.01, 0.9)
    await deal.submit()


async def _is_withdrawn(deal: Deal) -> Story:
    async for pause in _is_in_force(deal):
        yield pause
    yield deal.days(0.1, 4)
    await deal.withdraw()


async def _asks_people(deal: Deal) -> Story:
    await deal.draft(ahead=deal.days(8, 15), lasts=90 * DAY, too_low=True)
    yield deal.days(0.01, 0.2)
    await deal.submit()


async def _is_taken_up(deal: Deal) -> Story:
    async for pause in _asks_people(deal):
        yield pause
    yield deal.days(0.5, 2)
    await deal.take()


async def _is_granted(deal: Deal) -> Story:
    async for pause in _is_taken_up(deal):
        yield pause
    yield deal.days(1, 4)
    await deal.grant()


async def _is_granted_late(deal: Deal) -> Story:
    async for pause in _is_taken_up(deal):
        yield pause
    yield deal.days(16, 20)
    await deal.grant()


async def _is_refused(deal: Deal) -> Story:
    async for pause in _is_taken_up(deal):
        yield pause
    yield deal.days(1, 4)
    await deal.reject()


async def _asks_and_thinks_better_of_it(deal: Deal) -> Story:
    async for pause in _asks_people(deal):
        yield pause
    yield deal.days(0.5, 3)
    await deal.withdraw()


async def _asks_in_vain(deal: Deal) -> Story:
    await deal.draft(ahead=deal.days(2, 5), lasts=7 * DAY, too_low=True)
    await deal.submit()
    yield timedelta()


async def _is_paid_at_list_price(deal: Deal) -> Story:
    await deal.pay_at_list_price()
    yield timedelta()


# How many there are of each at every provider, and how many days ago they began.
_PLOTS: tuple[tuple[Plot, int, float, float], ...] = (
    (_stays_a_draft, 2, 0.1, 5),
    (_waits_for_its_moment, 3, 0.6, 5),
    (_is_in_force, 6, 5, 60),
    (_quotes_a_list, 3, 5, 60),
    (_is_over, 4, 40, 150),
    (_is_withdrawn, 2, 10, 100),
    (_asks_people, 2, 0.5, 5),
    (_is_taken_up, 1, 3, 7),
    (_is_granted, 1, 20, 60),
    (_is_granted_late, 1, 30, 60),
    (_is_refused, 1, 10, 60),
    (_asks_and_thinks_better_of_it, 1, 10, 60),
    (_asks_in_vain, 1, 20, 60),
    (_is_paid_at_list_price, 1, 0.1, 0.8),
    (_is_paid_at_list_price, 1, 5, 60),
)
_OLDEST = 160
