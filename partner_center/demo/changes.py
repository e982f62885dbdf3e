"""The demo's changes of associations and leaves to act on behalf, each thing at its time."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from random import Random

from domain.associations import change_deadlines
from domain.identity import recognition
from domain.identity.viewer import Viewer
from models.associations import OnBehalfScope
from models.partners import PartnerKind
from partner_center.demo.associations import Links
from partner_center.demo.couple import Couple
from partner_center.demo.people import SEED, Cast, House
from partner_center.demo.stories import Story, play

Plot = Callable[[Couple], Story]


async def load_changes(cast: Cast, *, now: datetime) -> None:
    """Let all of it happen: each story at the first house, and again at some others."""
    random = Random(SEED + 7)
    firsts = [house for house in cast.houses if house.partner.kind is not PartnerKind.RESELLER]
    resellers = [house for house in cast.houses if house.partner.kind is PartnerKind.RESELLER]
    told: list[tuple[Story, Couple]] = []
    known: dict[str, Links] = {}
    for plots, houses in ((_PLOTS, firsts), (_OF_RESELLERS, resellers)):
        for plot, more, latest, earliest in plots:
            chosen = [*houses[:1], *random.choices(houses, k=more)] if houses else []
            for house in chosen:
                begin = now - timedelta(days=random.uniform(latest, earliest))
                links = known.setdefault(house.company.account, {})
                above = await _above(house, cast.houses, now)
                couple = Couple(house, above, random, begin, links)
                told.append((plot(couple), couple))
    await play(told, now=now)


async def _above(house: House, houses: Sequence[House], now: datetime) -> Viewer | None:
    """The distributor's administrator, who by now sees his resellers."""
    for other in houses:
        if other.partner.id == house.partner.distributor_id:
            assert other.administrator.person_id is not None
            found = await recognition.by_person(other.administrator.person_id, until=now)
            assert found is not None
            return found.viewer
    return None


async def _is_switched(couple: Couple) -> Story:
    await couple.belong(agency=False)
    yield couple.days(2, 20)
    await couple.ask_for_a_switch(couple.partner)
    yield couple.days(0.1, 3)
    await couple.agree(couple.buyer)
    yield couple.days(0.1, 3)
    await couple.ask_for_leave()
    yield couple.days(0.1, 3)
    await couple.give_leave()


async def _parts(couple: Couple) -> Story:
    await couple.belong(agency=False)
    yield couple.days(2, 20)
    await couple.ask_for_an_end(couple.partner)
    yield couple.days(0.1, 3)
    await couple.agree(couple.buyer)


async def _leaves(couple: Couple) -> Story:
    await couple.belong(agency=True)
    yield couple.days(1, 3)
    await couple.ask_for_leave(OnBehalfScope.OM)
    yield couple.days(0.1, 3)
    await couple.give_leave()
    yield couple.days(2, 20)
    await couple.ask_for_an_end(couple.buyer)
    yield couple.days(0.1, 3)
    await couple.review()
    yield couple.days(0.1, 3)
    await couple.agree(couple.partner)


async def _becomes_a_referral(couple: Couple) -> Story:
    await couple.belong(agency=True)
    yield couple.days(1, 3)
    await couple.ask_for_leave()
    yield couple.days(0.1, 3)
    await couple.give_leave()
    yield couple.days(2, 20)
    await couple.ask_for_a_switch(couple.buyer)
    yield couple.days(0.1, 3)
    await couple.agree(couple.partner)


async def _fails_at_the_last_moment(couple: Couple) -> Story:
    await couple.belong(agency=True)
    yield couple.days(1, 3)
    await couple.ask_for_leave()
    yield couple.days(2, 20)
    await couple.ask_for_a_switch(couple.partner)
    yield couple.days(0.1, 3)
    await couple.agree(couple.buyer, frozen=True)


async def _waits_for_the_review(couple: Couple) -> Story:
    await couple.belong(agency=True)
    yield timedelta(days=20)
    await couple.ask_for_an_end(couple.partner)


async def _fails_the_review(couple: Couple) -> Story:
    await couple.belong(agency=True)
    yield couple.days(2, 10)
    await couple.ask_for_an_end(couple.partner)
    yield couple.days(0.1, 3)
    await couple.review(failing="存在未出账的按需消费,请待出账后重新发起。")


async def _waits_for_the_customer(couple: Couple) -> Story:
    await couple.belong(agency=False)
    yield timedelta(days=20)
    await couple.ask_for_a_switch(couple.partner)


async def _waits_for_the_partner(couple: Couple) -> Story:
    await couple.belong(agency=False)
    yield timedelta(days=20)
    await couple.ask_for_an_end(couple.buyer)


async def _is_refused(couple: Couple) -> Story:
    await couple.belong(agency=False)
    yield couple.days(2, 10)
    await couple.ask_for_an_end(couple.buyer)
    yield couple.days(0.1, 3)
    await couple.refuse(couple.partner)


async def _is_taken_back(couple: Couple) -> Story:
    await couple.belong(agency=False)
    yield couple.days(2, 10)
    await couple.ask_for_a_switch(couple.partner)
    yield couple.days(0.1, 3)
    await couple.take_back(couple.partner)


async def _is_never_decided(couple: Couple) -> Story:
    """In a time when the platform had set thirty days for it."""
    await couple.belong(agency=False)
    yield couple.days(2, 10)
    with change_deadlines.answering_within(timedelta(days=30)):
        await couple.ask_for_an_end(couple.partner)


async def _leave_is_asked_for(couple: Couple) -> Story:
    await couple.belong(agency=True)
    yield couple.days(1, 4)
    await couple.ask_for_leave()


async def _leave_is_given(couple: Couple) -> Story:
    async for pause in _leave_is_asked_for(couple):
        yield pause
    yield couple.days(0.1, 3)
    await couple.give_leave()


async def _leave_is_refused(couple: Couple) -> Story:
    async for pause in _leave_is_asked_for(couple):
        yield pause
    yield couple.days(0.1, 3)
    await couple.refuse_leave(couple.buyer)


async def _leave_is_taken_back(couple: Couple) -> Story:
    async for pause in _leave_is_given(couple):
        yield pause
    yield couple.days(5, 20)
    await couple.end_leave()


async def _leave_is_given_up(couple: Couple) -> Story:
    async for pause in _leave_is_asked_for(couple):
        yield pause
    yield couple.days(5, 20)
    await couple.end_leave(by_partner=True)


async def _distributor_endorses(couple: Couple) -> Story:
    async for pause in _leave_is_asked_for(couple):
        yield pause
    yield couple.days(0.1, 3)
    await couple.endorse()
    yield couple.days(0.1, 3)
    await couple.give_leave()


async def _distributor_refuses(couple: Couple) -> Story:
    async for pause in _leave_is_asked_for(couple):
        yield pause
    yield couple.days(0.1, 3)
    assert couple.above is not None
    await couple.refuse_leave(couple.above)


# How often each is told besides the first house's, and how many days ago they began.
_PLOTS: tuple[tuple[Plot, int, float, float], ...] = (
    (_is_switched, 3, 60, 300),
    (_parts, 3, 60, 300),
    (_leaves, 2, 60, 300),
    (_becomes_a_referral, 2, 60, 300),
    (_fails_at_the_last_moment, 1, 60, 300),
    (_waits_for_the_review, 3, 21, 25),
    (_fails_the_review, 2, 30, 300),
    (_waits_for_the_customer, 4, 21, 25),
    (_waits_for_the_partner, 3, 21, 25),
    (_is_refused, 2, 30, 300),
    (_is_taken_back, 2, 30, 300),
    (_is_never_decided, 1, 60, 300),
    (_leave_is_asked_for, 3, 5, 10),
    (_leave_is_given, 5, 10, 300),
    (_leave_is_refused, 2, 10, 300),
    (_leave_is_taken_back, 2, 40, 300),
    (_leave_is_given_up, 1, 40, 300),
)

_OF_RESELLERS: tuple[tuple[Plot, int, float, float], ...] = (
    (_leave_is_asked_for, 3, 5, 10),
    (_distributor_endorses, 3, 20, 300),
    (_distributor_refuses, 1, 20, 300),
)
