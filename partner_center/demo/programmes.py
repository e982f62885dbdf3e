"""What the demo's partners joined, signed and were certified for, each thing at its time."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from domain.programmes.deadlines import today
from models.certification import (
    Achievement,
    CertificateKind,
    CertifiedRole,
    ImprovementHandling,
)
from models.partners import PartnerKind
from partner_center.demo.desk import Desk
from partner_center.demo.people import SEED, Cast
from partner_center.demo.stories import Story, play

Plot = Callable[[Desk], Story]


async def load_programmes(cast: Cast, *, now: datetime) -> None:
    """Let all of it happen, up to this moment."""
    await play(stories(cast, now=now), now=now)


def stories(cast: Cast, *, now: datetime) -> list[tuple[Story, Desk]]:
    """One for each partner and matter, each with its own beginning."""
    random = Random(SEED + 3)
    houses = {house.company.account: house for house in cast.houses}
    told: list[tuple[Story, Desk]] = []

    def add(account: str, plot: Plot, days_ago: float) -> None:
        if account in houses:
            desk = Desk(cast, houses[account], random, now - timedelta(days=days_ago))
            told.append((plot(desk), desk))

    for house in cast.houses:
        add(house.company.account, _joins("HCPN"), 700)
        kind = house.partner.kind
        if kind in (PartnerKind.DISTRIBUTOR, PartnerKind.RESELLER):
            add(house.company.account, _joins(kind.value), 660)
    for account, plot, days_ago in _MATTERS:
        add(account, plot, days_ago)
    return told


def _joins(code: str, *, first: str | None = None) -> Plot:
    async def story(desk: Desk) -> Story:
        if first is not None:
            await desk.sign_on_paper(first)
            yield desk.days(1, 3)
        application = await desk.draft(code)
        yield desk.days(0.1, 2)
        await desk.submit(application)
        yield desk.days(1, 5)
        await desk.approve(application)

    return story


def _joins_at_once(code: str) -> Plot:
    async def story(desk: Desk) -> Story:
        application = await desk.draft(code)
        yield desk.days(0.01, 0.1)
        await desk.submit(application)

    return story


def _leaves(code: str, *, joins: Plot) -> Plot:
    async def story(desk: Desk) -> Story:
        async for pause in joins(desk):
            yield pause
        yield desk.days(100, 200)
        await desk.leave(code, "伙伴线下申请退出计划。")

    return story


async def _leaves_its_distributor(desk: Desk) -> Story:
    """P-20."""
    await desk.leave("RESELLER", "云经销商线下联系生态经理申请退出。")
    yield timedelta(days=9999)


def _drafts(code: str) -> Plot:
    async def story(desk: Desk) -> Story:
        await desk.draft(code)
        yield timedelta(days=9999)

    return story


def _cancels(code: str) -> Plot:
    async def story(desk: Desk) -> Story:
        application = await desk.draft(code)
        yield desk.days(1, 5)
        await desk.cancel(application)

    return story


def _waits(code: str) -> Plot:
    async def story(desk: Desk) -> Story:
        application = await desk.draft(code)
        yield desk.days(0.1, 1)
        await desk.submit(application)

    return story


def _is_refused(code: str) -> Plot:
    async def story(desk: Desk) -> Story:
        application = await desk.draft(code)
        yield desk.days(0.1, 1)
        await desk.submit(application)
        yield desk.days(1, 4)
        await desk.reject(application, "客户合同扫描件不清晰,请重新上传。")
        yield desk.days(2, 5)
        await desk.copy(application)

    return story


def _is_invited(then: Plot | None = None) -> Plot:
    async def story(desk: Desk) -> Story:
        await desk.invite("LEARNING_ENABLEMENT")
        yield desk.days(2, 6)
        if then is not None:
            async for pause in then(desk):
                yield pause

    return story


async def _is_disinvited(desk: Desk) -> Story:
    invitation_id = await desk.invite("LEARNING_ENABLEMENT")
    yield desk.days(1, 4)
    await desk.revoke(invitation_id)


def _banks(*, then_new: bool = False, refused: bool = False, rate: str = "0.06") -> Plot:
    async def story(desk: Desk) -> Story:
        submitted = await desk.hand_in_bank(rate)
        yield desk.days(1, 4)
        if refused:
            await desk.refuse_bank(submitted)
            return
        await desk.certify_bank(submitted)
        if then_new:
            yield desk.days(200, 250)
            submitted = await desk.hand_in_bank(rate)
            yield desk.days(1, 4)
            await desk.certify_bank(submitted)

    return story


async def _serves(desk: Desk) -> Story:
    role = CertifiedRole.SERVICE
    await desk.choose(role)
    yield desk.days(5, 20)
    await desk.hold(5, CertificateKind.HCIP)
    await desk.hold(2, CertificateKind.HCSA, CertificateKind.HCSP)
    yield desk.days(40, 80)
    await desk.hold(8, CertificateKind.HCIP)
    await desk.hold(4, CertificateKind.HCSA, CertificateKind.HCSP)
    await desk.achieve(role, Achievement.DELIVERED_PROJECT, 3)


async def _writes_software(desk: Desk) -> Story:
    role = CertifiedRole.SOFTWARE
    await desk.choose(role)
    yield desk.days(10, 30)
    id = await desk.achieve(role, Achievement.CERTIFIED_SOLUTION, 1)
    await desk.limit(id, today(desk.now) + timedelta(days=900))


async def _integrates(desk: Desk) -> Story:
    await desk.choose(CertifiedRole.SYSTEM_INTEGRATION)
    yield desk.days(10, 30)
    await desk.achieve(CertifiedRole.SYSTEM_INTEGRATION, Achievement.DELIVERED_PROJECT, 2)


async def _loses_its_certification(desk: Desk) -> Story:
    role = CertifiedRole.SOFTWARE
    await desk.choose(role)
    yield desk.days(10, 30)
    id = await desk.achieve(role, Achievement.CERTIFIED_SOLUTION, 2)
    await desk.limit(id, today(desk.now) + timedelta(days=365))


async def _sets_out(desk: Desk) -> Story:
    await desk.choose(CertifiedRole.SOFTWARE)
    yield timedelta(days=9999)


async def _improves(desk: Desk) -> Story:
    plan = await desk.plan(ImprovementHandling.IMPROVE)
    yield desk.days(1, 3)
    await desk.submit_plan(plan)
    yield desk.days(2, 6)
    await desk.approve_plan(plan, "0.65")


async def _means_to_improve(desk: Desk) -> Story:
    plan = await desk.plan(ImprovementHandling.IMPROVE)
    yield desk.days(0.5, 2)
    await desk.submit_plan(plan)


async def _improves_in_vain(desk: Desk) -> Story:
    plan = await desk.plan(ImprovementHandling.IMPROVE)
    yield desk.days(0.5, 2)
    await desk.submit_plan(plan)
    yield desk.days(2, 6)
    await desk.reject_plan(plan)


async def _drafts_a_plan(desk: Desk) -> Story:
    await desk.plan(ImprovementHandling.LOWER_TIER)
    yield timedelta(days=9999)


# Who does what, begun so many days ago; later matters rest on earlier ones.
_MATTERS: tuple[tuple[str, Plot, float], ...] = (
    ("qingyun", _banks(then_new=True), 640),
    ("huading", _banks(), 630),
    ("lanhai", _banks(), 620),
    ("zhongxin", _banks(), 690),
    ("weishi", _banks(), 690),
    ("shenma", _banks(), 690),
    ("xinghe", _banks(rate="0.01"), 300),
    ("yunfan", _banks(refused=True, rate="0.03"), 40),
    ("tianyuan", _banks(), 60),
    ("shenma", _banks(), 0.5),
    ("qingyun", _serves, 600),
    ("huading", _writes_software, 590),
    ("lanhai", _integrates, 580),
    ("tianyuan", _integrates, 100),
    ("zhongxin", _integrates, 400),
    ("xinghe", _loses_its_certification, 420),
    ("yunfan", _sets_out, 30),
    ("xinghe", _integrates, 200),
    ("qingyun", _joins("CSP"), 450),
    ("huading", _joins("CSP"), 440),
    ("lanhai", _joins("CSP"), 430),
    ("zhongxin", _joins("CSP"), 330),
    ("tianyuan", _waits("CSP"), 2),
    ("xinghe", _is_refused("CSP"), 20),
    ("yunfan", _drafts("CSP"), 6),
    ("weishi", _cancels("CSP"), 15),
    ("qingyun", _joins_at_once("PCE"), 500),
    ("huading", _joins_at_once("PCE"), 480),
    ("straits", _joins_at_once("PCE"), 300),
    ("lanhai", _leaves("PCE", joins=_joins_at_once("PCE")), 320),
    ("nandu", _joins_at_once("PCE"), 10),
    ("guihai", _leaves_its_distributor, 90),
    ("qingyun", _is_invited(_joins("LEARNING_ENABLEMENT")), 480),
    ("huading", _is_invited(_waits("LEARNING_ENABLEMENT")), 8),
    ("straits", _is_invited(), 4),
    ("andina", _is_invited(), 60),
    ("lanhai", _is_disinvited, 50),
    ("tianyuan", _joins("PROCUREMENT", first="PROCUREMENT_FRAMEWORK"), 500),
    ("lanhai", _joins("PROCUREMENT", first="PROCUREMENT_FRAMEWORK"), 345),
    ("zhongxin", _improves, 120),
    ("zhongxin", _drafts_a_plan, 5),
    ("weishi", _means_to_improve, 4),
    ("shenma", _improves_in_vain, 30),
)
