"""What the demo's providers say to their sheets: asked, answered, corrected, and final."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from domain.incentives import confirming, estimating, policies
from domain.incentives.policies import Step, Terms
from domain.performance import adjusting, approving, feedback
from models.incentives import Incentive, IncentivePeriod, PaysBy
from models.order_states import PolicyScene
from models.performance import PerformanceLine, PerformanceSheet
from partner_center.demo.people import Cast, House
from partner_center.demo.settlement import CLERK
from partner_center.demo.stories import DAY

CODE = "CSP-MONTH"


async def pays_monthly(*, month: str, at: datetime) -> None:
    """What providers are paid for a month, with their next statement."""
    await policies.set_policy(
        viewer=CLERK,
        code=CODE,
        terms=Terms(
            name="客户服务商月度激励",
            name_en="Service providers' monthly incentive",
            scene=PolicyScene.CSP,
            period=IncentivePeriod.MONTH,
            strategies=sorted(policies.EARNING[IncentivePeriod.MONTH]),
            ladder=[Step(Decimal(0), Decimal("0.005"))],
            pays_by=PaysBy.STATEMENT,
            valid_from=month,
        ),
        now=at,
    )


async def load_performance(cast: Cast, *, month: str, made_at: datetime) -> None:
    """The sheets of a month are looked at for three days; two of what they earn are confirmed."""
    houses = {house.partner.id: house for house in cast.houses}
    sheets = await PerformanceSheet.filter(period=month).order_by("number")
    for place, sheet in enumerate(sheets):
        await _is_asked_about(houses[sheet.partner_id], sheet, place, made_at + DAY)
    final_at = made_at + 3 * DAY
    for sheet in sheets:
        await approving.approve(viewer=CLERK, sheet_ids=[sheet.id], now=final_at)
    await estimating.estimate(scheduled_for=final_at, now=final_at)
    earned = await Incentive.filter(code=CODE, period=month, state="TO_CONFIRM").order_by("number")
    for incentive in earned[:2]:
        await confirming.confirm(
            viewer=houses[incentive.partner_id].administrator,
            incentive_id=incentive.id,
            now=final_at + DAY,
        )


async def _is_asked_about(house: House, sheet: PerformanceSheet, place: int, now: datetime) -> None:
    """The whole by one, which is content with the answer; a line by the others, one corrected."""
    by: dict[str, Any] = {"viewer": house.administrator, "now": now}
    line = await PerformanceLine.filter(sheet_id=sheet.id).order_by("id").first()
    assert line is not None
    if place == 0:
        text = "请确认退订订单是否已从本月业绩中扣除。"
        asked = await feedback.ask_about_sheet(**by, sheet_id=sheet.id, text=text)
    else:
        text = "该笔业绩的客户经理归属有误,请核对。"
        asked = await feedback.ask_about_line(**by, line_id=line.id, text=text)
    if place == 2:
        return
    then = now + timedelta(hours=4)
    answer = "已扣除,见退订明细行。" if place == 0 else "已核实,差额在当月业绩中调整。"
    await feedback.answer(viewer=CLERK, feedback_id=asked.id, text=answer, now=then)
    if place == 0:
        await feedback.close(viewer=house.administrator, feedback_id=asked.id, now=then)
    else:
        await adjusting.enter(
            viewer=CLERK, line_id=line.id, amount=Decimal("-320.00"), reason="归属调整", now=then
        )
