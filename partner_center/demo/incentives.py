"""The demo's incentives that are entered by hand: confirmed, asked about, applied for, and paid."""

from collections.abc import Callable
from datetime import datetime, timedelta

from domain.incentives import policies
from domain.incentives.policies import Terms
from kit.workdays import SHANGHAI
from models.catalogue import IncentiveStrategy
from models.incentives import IncentivePeriod, PaysBy
from models.order_states import PolicyScene
from partner_center.demo.award import CODE, Award
from partner_center.demo.people import Cast
from partner_center.demo.settlement import CLERK
from partner_center.demo.stories import DAY, Story, play

Plot = Callable[[Award], Story]

_MONTHS = 4  # that are over: the incentives are of these
_BEGINS = 26 * DAY  # ago, the first of them is entered


async def load_incentives(cast: Cast, *, now: datetime) -> None:
    """A policy of last season, and what each of its partners made of it."""
    months = _months(now)
    await policies.set_policy(
        viewer=CLERK,
        code=CODE,
        terms=Terms(
            name="区域拓展专项激励",
            name_en="Regional growth incentive",
            scene=PolicyScene.DISTRIBUTOR,
            period=IncentivePeriod.MONTH,
            strategies=[IncentiveStrategy.STANDARD],
            ladder=[],
            pays_by=PaysBy.MANUAL,
            valid_from=months[-1],
            valid_to=months[0],
        ),
        now=_midnight(months[-1]),
    )
    told: list[tuple[Story, Award]] = []
    for house in cast.houses:
        for plot, newest, oldest, ago in _MATTERS.get(house.company.account, ()):
            award = Award(house, months[newest:oldest], now - ago * DAY)
            told.append((plot(award), award))
    await play(told, now=now)


def _months(now: datetime) -> list[str]:
    """The last ones that were over when the first incentive was entered; the latest first."""
    day = (now - _BEGINS).astimezone(SHANGHAI).date()
    found = []
    for _ in range(_MONTHS):
        day = day.replace(day=1) - timedelta(days=1)
        found.append(f"{day:%Y-%m}")
    return found


def _midnight(month: str) -> datetime:
    return datetime.strptime(month, "%Y-%m").replace(tzinfo=SHANGHAI)


async def _is_entered(award: Award) -> Story:
    await award.enter()
    yield timedelta()


async def _is_asked_about(award: Award) -> Story:
    await award.enter()
    yield DAY
    await award.ask()


async def _is_explained(award: Award) -> Story:
    async for pause in _is_asked_about(award):
        yield pause
    yield DAY
    await award.answer()
    yield DAY / 2
    await award.close()


async def _is_answered(award: Award) -> Story:
    async for pause in _is_asked_about(award):
        yield pause
    yield DAY
    await award.answer()


async def _is_confirmed(award: Award) -> Story:
    await award.enter()
    yield 2 * DAY
    await award.confirm()


async def _is_drafted(award: Award) -> Story:
    async for pause in _is_confirmed(award):
        yield pause
    yield DAY
    await award.draft()


async def _is_given_up(award: Award) -> Story:
    async for pause in _is_drafted(award):
        yield pause
    yield DAY
    await award.cancel()


async def _is_submitted(award: Award) -> Story:
    async for pause in _is_drafted(award):
        yield pause
    yield DAY / 4
    await award.submit()


async def _is_refused(award: Award) -> Story:
    async for pause in _is_submitted(award):
        yield pause
    yield 2 * DAY
    await award.reject()


async def _waits_for_its_invoice(award: Award) -> Story:
    async for pause in _is_submitted(award):
        yield pause
    yield 2 * DAY
    await award.accept()


async def _is_invoiced(award: Award) -> Story:
    async for pause in _waits_for_its_invoice(award):
        yield pause
    yield 3 * DAY
    await award.invoice()


async def _is_to_be_paid(award: Award) -> Story:
    async for pause in _is_invoiced(award):
        yield pause
    yield DAY
    await award.pay()


async def _is_paid(award: Award) -> Story:
    async for pause in _is_invoiced(award):
        yield pause
    yield DAY
    await award.return_invoice()
    yield 2 * DAY
    await award.invoice()
    yield DAY
    await award.pay()
    yield DAY / 8
    await award.bank_says(f"ICBC{award.now:%Y%m%d}0042")


async def _fails(award: Award) -> Story:
    async for pause in _is_to_be_paid(award):
        yield pause
    yield DAY / 8
    await award.bank_says(None, code="ACCOUNT_CLOSED")


# Of which of the months, the latest first, and begun so many days ago.
_MATTERS: dict[str, tuple[tuple[Plot, int, int, float], ...]] = {
    "zhongxin": (
        (_is_paid, 1, 2, 26),
        (_is_asked_about, 0, 1, 3),
        (_is_drafted, 2, 3, 9),
    ),
    "weishi": (
        (_is_refused, 1, 3, 24),
        (_is_invoiced, 0, 1, 14),
        (_is_explained, 3, 4, 6),
    ),
    "shenma": (
        (_waits_for_its_invoice, 1, 2, 15),
        (_is_submitted, 0, 1, 8),
        (_is_given_up, 2, 3, 20),
        (_is_answered, 3, 4, 6),
    ),
    "xinghe": ((_fails, 1, 2, 22), (_is_confirmed, 0, 1, 5)),
    "tianyuan": ((_is_entered, 1, 2, 18), (_is_entered, 0, 1, 2)),
    "lanhai": ((_is_to_be_paid, 0, 1, 21),),
}
