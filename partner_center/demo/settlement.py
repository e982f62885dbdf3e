"""The demo's last settled month: sales of a service provider, its statements, its performance."""

from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from domain.identity import people, recognition
from domain.identity.items import Item
from domain.identity.viewer import Viewer, ViewerKind
from domain.incentives import estimating, policies
from domain.incentives import periods as incentive_periods
from domain.incentives.policies import Step
from domain.incentives.policies import Terms as Earns
from domain.performance import writing
from domain.settlement import periods
from domain.statements import countersigning, disputing, guards, notifying, sending
from domain.upstream import answering
from kit.workdays import SHANGHAI
from models.identity import Person
from models.incentives import IncentivePeriod, PaysBy
from models.order_states import PolicyScene
from models.partners import Site
from models.settlement import StatementKind
from models.statement_steps import SignerRole
from models.statements import Statement, StatementStatus
from models.upstream import UpstreamRequest
from partner_center.demo.people import SEED, Cast, House
from partner_center.demo.sales import sell_and_settle
from partner_center.demo.stories import let_time_pass

CLERK = Viewer(
    kind=ViewerKind.STAFF,
    display_name="结算专员",
    items=frozenset(
        {
            Item.SETTLEMENT_RUN,
            Item.SETTLEMENT_REVIEW,
            Item.PERFORMANCE_REVIEW,
            Item.INCENTIVE_POLICY,
        }
    ),
)
_MONTHS = timedelta(days=70)
_READ_WITHIN = timedelta(hours=3)


async def load_settlement(cast: Cast, *, now: datetime) -> None:
    """A month is sold, given back in part, billed on its day, read, and doubted in one place."""
    billed_at = periods.billing_moments(now - _MONTHS, now - _READ_WITHIN)[-1]
    period = periods.last_before(StatementKind.BASIC, billed_at)
    await _policies(at=periods.span(StatementKind.BASIC, period)[0])
    houses = await sell_and_settle(cast, billed_at, Random(SEED + 24), now=now)
    await _are_read(houses, billed_at)
    await _is_signed(cast, houses[0], period, billed_at + timedelta(hours=1))
    await writing.write_lines(scheduled_for=now, now=now)
    await estimating.estimate(scheduled_for=now, now=now)
    await let_time_pass(now)


async def _policies(*, at: datetime) -> None:
    """What distributors apply for by the month, and what providers are paid for a quarter."""
    month = f"{at.astimezone(SHANGHAI):%Y-%m}"
    ladder = [Step(Decimal(0), Decimal("0.01")), Step(Decimal(100_000), Decimal("0.02"))]
    for code, name, name_en, scene, period, pays_by in (
        (
            "DISTRIBUTOR-MONTH",
            "经销商月度激励",
            "Distributors' monthly incentive",
            PolicyScene.DISTRIBUTOR,
            IncentivePeriod.MONTH,
            PaysBy.APPLICATION,
        ),
        (
            "CSP-QUARTER",
            "客户服务商季度考核激励",
            "Service providers' quarterly assessment",
            PolicyScene.CSP,
            IncentivePeriod.QUARTER,
            PaysBy.STATEMENT,
        ),
    ):
        await policies.set_policy(
            viewer=CLERK,
            code=code,
            terms=Earns(
                name=name,
                name_en=name_en,
                scene=scene,
                period=period,
                strategies=sorted(policies.EARNING[period]),
                ladder=ladder,
                pays_by=pays_by,
                valid_from=incentive_periods.containing(month, period).months[0],
            ),
            now=at,
        )


async def _is_signed(cast: Cast, house: House, period: str, sent_at: datetime) -> None:
    """One that was sent is countersigned by two more people, and waits for its invoice."""
    statement = (
        await Statement.filter(
            partner_id=house.partner.id, status=StatementStatus.SENT, period=period
        )
        .order_by("id")
        .first()
    )
    if statement is None:
        return
    minute = timedelta(minutes=1)
    id = statement.id
    await countersigning.start(viewer=CLERK, statement_id=id, now=sent_at + 10 * minute)
    for place, role in enumerate((SignerRole.BUSINESS, SignerRole.FINANCE), start=2):
        by = await signer(cast, role, since=sent_at - _MONTHS)
        at = sent_at + 10 * place * minute
        await countersigning.sign(viewer=by, statement_id=id, role=role, now=at)
    [request] = await UpstreamRequest.filter(subject_id=id, answered_at=None)
    await answering.answered(request.id, ok=True, reference="PS20260001", now=sent_at + 40 * minute)
    await notifying.notify(
        viewer=CLERK,
        statement_id=id,
        address="贵州省贵安新区云谷大道 1 号",
        now=sent_at + 50 * minute,
    )


async def signer(cast: Cast, role: SignerRole, *, since: datetime) -> Viewer:
    """Somebody of the platform who signs in this name."""
    email = f"{role.value.lower()}@platform.example"
    person = await Person.get_or_none(email=email)
    if person is None:
        person = await cast.a_person(site=Site.CHINA, email=email, joined=since)
        await people.seat_at_platform(
            person_id=person.id, items=[Item.PARTNER_VIEW, guards.SIGNS[role]], now=since
        )
    found = await recognition.by_person(person.id, until=since)
    assert found is not None
    return found.viewer


async def _are_read(houses: list[House], billed_at: datetime) -> None:
    """The platform has sent all but the last house's; the one before it doubts its own."""
    for place, house in enumerate(houses):
        if house is houses[-1] and place:
            return
        for statement in await Statement.filter(
            partner_id=house.partner.id, status=StatementStatus.GENERATED, total_amount__gt=0
        ):
            await sending.send(
                viewer=CLERK, statement_id=statement.id, now=billed_at + timedelta(hours=1)
            )
            if place:
                await disputing.open_(
                    viewer=house.administrator,
                    statement_id=statement.id,
                    text="其中一笔订单的现金消费与我方记录不一致,请核对。",
                    now=billed_at + timedelta(hours=2),
                )
