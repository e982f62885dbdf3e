"""Incentives made by the real workflows and ticks; name only what the test is about."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from domain.identity.items import Item
from domain.identity.viewer import Viewer
from domain.incentives import confirming, estimating, policies
from domain.incentives.policies import Step, Terms
from domain.performance import approving
from models.certification import BusinessInformation
from models.incentives import Incentive, IncentivePart, IncentivePeriod, IncentivePolicy, PaysBy
from models.order_states import PolicyScene
from models.partners import Partner
from models.performance import PerformanceSheet
from tests.factories import LONG_AGO, a_staff_viewer
from tests.performance.factories import close

LADDER = (
    Step(Decimal(0), Decimal("0.01")),
    Step(Decimal("10000"), Decimal("0.02")),
    Step(Decimal("50000"), Decimal("0.035")),
)


async def the_platform() -> Viewer:
    """Somebody of the platform who reviews sheets and applications and sets policies."""
    return await a_staff_viewer(
        Item.PERFORMANCE_REVIEW, Item.INCENTIVE_POLICY, Item.SETTLEMENT_REVIEW
    )


async def a_policy(code: str = "BASIC", *, now: datetime, **terms: Any) -> IncentivePolicy:
    """1 % of a month's sales of a distributor; 2 % from 10,000 on, 3.5 % from 50,000 on."""
    facts: dict[str, Any] = {
        "name": "月度基础激励",
        "name_en": "Monthly basic incentive",
        "scene": PolicyScene.DISTRIBUTOR,
        "period": IncentivePeriod.MONTH,
        "ladder": LADDER,
        "pays_by": PaysBy.APPLICATION,
        "valid_from": "2030-02",
    }
    facts |= terms
    if "strategies" not in terms:
        facts["strategies"] = sorted(policies.EARNING[facts["period"]])
    by = await the_platform()
    return await policies.set_policy(viewer=by, code=code, terms=Terms(**facts), now=now)


async def estimate(now: datetime) -> None:
    """What the tick does each hour."""
    await estimating.estimate(scheduled_for=now, now=now)


async def finish(year: int, month: int, *, now: datetime) -> None:
    """The month gets its sheets, the platform approves them, and the tick comes by."""
    sheets = await close(year, month)
    if sheets:
        await approving.approve(
            viewer=await the_platform(), sheet_ids=[sheet.id for sheet in sheets], now=now
        )
    await estimate(now)


async def earned(code: str = "BASIC", period: str = "2030-02") -> Incentive:
    """The only incentive by this policy in this period."""
    return await Incentive.get(code=code, period=period)


async def confirmed(by: Viewer, incentive: Incentive, *, now: datetime) -> Incentive:
    """The partner agrees."""
    return await confirming.confirm(viewer=by, incentive_id=incentive.id, now=now)


async def parts_of(incentive: Incentive) -> list[tuple[str, str, bool]]:
    """Of each part: its state, its amount, and whether it has thawed."""
    found = await IncentivePart.filter(incentive_id=incentive.id).order_by("id")
    return [(part.state.value, str(part.amount), part.thawed) for part in found]


async def certified(partner: Partner, *, rate: str = "0.06") -> BusinessInformation:
    """Bank and tax facts that the platform has certified, without the story behind them."""
    return await BusinessInformation.create(
        created_at=LONG_AGO,
        partner_id=partner.id,
        status="CERTIFIED",
        legal_name="Acme Ltd.",
        bank_name="Bank of the East",
        bank_account="6222000011112222",
        taxpayer_kind="GENERAL",
        fee_tax_rate=Decimal(rate),
        signing_entity="HUAWEI_CLOUD",
        submitted_by=partner.id,
        decided_at=LONG_AGO + timedelta(days=1),
    )


async def drafts() -> int:
    """How many sheets wait to be approved."""
    return await PerformanceSheet.filter(state="DRAFT").count()
