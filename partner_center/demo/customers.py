"""The demo's customers and the leads that partners report, each thing at its time."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from domain.identity import recognition, supervision
from domain.identity.viewer import SYSTEM, Viewer
from models.identity import Operator, Person
from partner_center.demo import associations
from partner_center.demo.associations import Courtship, Links
from partner_center.demo.people import SEED, Cast, House
from partner_center.demo.stories import Story, play

Plot = Callable[[Courtship], Story]

# For the houses of this size and more; the smaller ones have half of it.
_BIG = 30


async def load_customers(cast: Cast, *, now: datetime) -> None:
    """Let all of it happen, up to this moment."""
    random = Random(SEED + 5)
    told: list[tuple[Story, Courtship]] = []
    for house in cast.houses:
        begin = now - timedelta(days=500)
        team = await _team(house, begin)
        links: Links = {}
        for plot, number, latest, earliest in (*_PLOTS, *associations.PLOTS):
            for _ in range(number if house.company.members >= _BIG else (number + 1) // 2):
                start = now - timedelta(days=random.uniform(latest, earliest))
                counter = Courtship(house, team, random, start, links)
                told.append((plot(counter), counter))
    first = cast.houses[0]
    team = await _team(first, now)
    # The first two lapse before the eyes of whoever has just started the demo.
    for plot, ago in (
        (_reports_in_vain, timedelta(days=15, minutes=-4)),
        (associations.is_invited, timedelta(days=7, minutes=-5)),
        (associations.the_buyer_is_invited, timedelta(days=1)),
    ):
        counter = Courtship(first, team, random, now - ago, {})
        told.append((plot(counter), counter))
    await play(told, now=now)


async def _team(house: House, now: datetime) -> list[Viewer]:
    """The administrator and, where there is one, the account manager, under the supervisor."""
    seats: dict[str, Operator] = {}
    for operator in await Operator.filter(partner_id=house.partner.id).order_by("id"):
        person = await Person.get(id=operator.person_id)
        seats[person.email.partition("@")[0]] = operator
    if "manager" not in seats:
        return [house.administrator]
    manager = await _viewer(seats["manager"], now)
    await supervision.set_supervisor(
        viewer=SYSTEM, manager_id=seats["manager"].id, supervisor_id=seats["supervisor"].id, now=now
    )
    return [house.administrator, manager, manager]


async def _viewer(operator: Operator, now: datetime) -> Viewer:
    found = await recognition.by_person(operator.person_id, until=now)
    assert found is not None
    return found.viewer


async def _becomes_a_customer(counter: Courtship) -> Story:
    await counter.meet()
    await counter.report()
    yield counter.days(0.1, 7)
    await counter.invite()
    yield counter.days(0.1, 6)
    await counter.accept()
    yield counter.days(0, 2)
    await counter.assign()
    await counter.tag()
    yield counter.days(1, 30)
    await counter.rate()


async def _comes_without_a_report(counter: Courtship) -> Story:
    await counter.meet()
    await counter.associate()
    yield counter.days(0.1, 5)
    await counter.tag()


async def _is_frozen(counter: Courtship) -> Story:
    await counter.meet()
    await counter.associate(agency=True)
    yield counter.days(0.1, 3)
    await counter.assign()
    yield counter.days(5, 40)
    await counter.freeze("代售账单逾期未付。")


async def _is_frozen_for_a_while(counter: Courtship) -> Story:
    async for pause in _is_frozen(counter):
        yield pause
    yield counter.days(1, 10)
    await counter.unfreeze()


async def _is_frozen_by_the_platform(counter: Courtship) -> Story:
    await counter.meet()
    await counter.associate()
    yield counter.days(5, 40)
    await counter.freeze("风控核查。", by_platform=True)


async def _reports_in_vain(counter: Courtship) -> Story:
    await counter.meet()
    await counter.report()
    yield timedelta()


async def _thinks_better_of_it(counter: Courtship) -> Story:
    await counter.meet()
    await counter.report()
    yield counter.days(0.5, 10)
    await counter.delete()


async def _reports_a_stranger(counter: Courtship) -> Story:
    await counter.report_a_stranger()
    yield timedelta()


async def _is_refused(counter: Courtship) -> Story:
    await counter.report_a_stranger()
    yield counter.days(0.2, 3)
    await counter.reject("查无此企业,请补充联系方式后重新报备。")


async def _is_approved(counter: Courtship) -> Story:
    await counter.report_a_stranger()
    yield counter.days(0.2, 3)
    await counter.approve()


# How many there are of each in a big house, and how many days ago they began.
_PLOTS: tuple[tuple[Plot, int, float, float], ...] = (
    (_becomes_a_customer, 18, 40, 480),
    (_comes_without_a_report, 6, 10, 480),
    (_is_frozen, 2, 60, 300),
    (_is_frozen_for_a_while, 1, 80, 300),
    (_is_frozen_by_the_platform, 1, 60, 300),
    (_reports_in_vain, 3, 0.1, 14.5),
    (_reports_in_vain, 3, 16, 200),
    (_thinks_better_of_it, 2, 12, 200),
    (_reports_a_stranger, 2, 0.1, 5),
    (_is_refused, 2, 5, 200),
    (_is_approved, 1, 4, 12),
)
