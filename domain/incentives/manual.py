"""Incentives whose amounts the platform enters: the policy of operations bases (G-06, A-06)."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.catalogue import amounts
from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.incentives import confirming, estimating, history, letters, periods, policies
from kit import texts
from kit.ids import new_id
from kit.numbers import numbered
from kit.problems import InvalidInput, NotFound, Problem
from kit.timers import Deadline
from kit.transaction import lock, transactional
from models.incentives import Incentive, IncentivePolicy, IncentiveState, PaysBy
from models.partners import Partner, PartnerKind


class EnteredAlready(Problem):
    """A partner has one incentive per policy and period."""

    en = "It has been entered already: {number}."
    zh = "该账期的激励已录入:{number}。"
    about = {"number": "The number of the incentive."}
    number: str


@transactional
async def enter(
    *,
    viewer: Viewer,
    partner_id: UUID,
    code: str,
    period: str,
    amount: Decimal,
    reason: str,
    now: datetime,
) -> Incentive:
    """Say what a partner earns by a policy of PaysBy.MANUAL in a period that is over.

    The partner is to confirm it as any other. Raises EnteredAlready, InvalidInput, NotFound.
    """
    permissions.require(viewer, "incentiveManualEnter")
    reason = texts.reason(reason)
    money = amounts.positive(amount)
    partner = await lock(Partner, id=partner_id)
    if partner is None or partner.kind is PartnerKind.MERCHANT:
        raise NotFound(thing="partner", path=("input", "partnerId"))
    policy, span = await _by(code, period, now)
    known = await Incentive.get_or_none(partner_id=partner.id, code=code, period=span.name)
    if known is not None:
        raise EnteredAlready(number=known.number)
    counted, excluded = await estimating.performance_of(policy, span, partner.id)
    id = new_id()
    incentive = Incentive(
        id=id,
        created_at=now,
        number=numbered("IN", id, at=now),
        partner_id=partner.id,
        policy_id=policy.id,
        policy_version=policy.version,
        code=code,
        period=span.name,
        starts_at=span.starts_at,
        ends_at=span.ends_at,
        state=IncentiveState.TO_CONFIRM,
        performance_amount=counted,
        excluded_amount=excluded,
        base_amount=counted,
        threshold_amount=counted,
        amount=money.amount,
        reason=reason,
        confirm_by=now + confirming.PATIENCE,
    )
    await incentive.insert()
    await confirming.schedule(
        [Deadline(partner.id, incentive.id, now + confirming.PATIENCE)], now=now
    )
    await history.of(
        "entered",
        incentive,
        viewer=viewer,
        after={"state": incentive.state.value, "amount": str(incentive.amount)},
        reason=reason,
        now=now,
    )
    await letters.ask_to_confirm([incentive.id], now=now)
    return incentive


async def _by(code: str, period: str, now: datetime) -> tuple[IncentivePolicy, periods.Span]:
    span = periods.span(period, path=("input", "period"))
    versions = [version for version in await policies.known() if version.code == code]
    policy = policies.of(versions, span)
    if policy is None or policy.pays_by is not PaysBy.MANUAL or policy.period is not span.kind:
        raise InvalidInput(
            reason="No policy with this code, whose amounts are entered, holds for that period.",
            reason_zh="该账期没有此编码的手工录入政策。",
            path=("input", "code"),
        )
    if span.ends_at > now:
        raise InvalidInput(
            reason="The period isn't over yet.",
            reason_zh="该账期尚未结束。",
            path=("input", "period"),
        )
    return policy, span
