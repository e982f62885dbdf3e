"""Policies of incentives (激励政策): what performance earns, as data, from a month on."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from domain.audit import events
from domain.audit.events import PLATFORM_TENANT
from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.incentives import periods
from kit import database, ratios, texts
from kit.ids import new_id
from kit.money import Money
from kit.problems import InvalidInput, Problem
from kit.transaction import lock, transactional
from models.catalogue import IncentiveStrategy
from models.incentives import IncentivePeriod, IncentivePolicy, PaysBy
from models.ledger import CURRENCY
from models.order_states import PolicyScene

MOST_STEPS = 20

# Which sales earn by month, and which by quarter (G-02, G-03); all of these count to the threshold,
# also those that earn nothing (G-04).
EARNING: Mapping[IncentivePeriod, Set[IncentiveStrategy]] = {
    IncentivePeriod.MONTH: {IncentiveStrategy.STANDARD, IncentiveStrategy.SPECIFIC},
    IncentivePeriod.QUARTER: {IncentiveStrategy.STANDARD},
}
COUNTING = tuple(each for each in IncentiveStrategy if each is not IncentiveStrategy.NONE)

_LOCK = "incentive policy "


class PolicyOfThePast(Problem):
    """What has been earned by a policy stays: only a period that isn't over can be changed."""

    en = "It can begin with {earliest}, not earlier."
    zh = "生效账期不能早于 {earliest}。"
    about = {"earliest": "The first month of the period that runs."}
    earliest: str


class OtherPeriods(Problem):
    """All versions of a policy have the same scene and the same length of periods."""

    en = "{policy} is a policy of {scene} by {period}; give another one another code."
    zh = "政策 {policy} 的场景为 {scene}、周期为 {period},不同场景或周期须使用新的编码。"
    about = {"policy": "The policy's code.", "scene": "Its scene.", "period": "Its periods."}
    policy: str
    scene: str
    period: str


@dataclass(frozen=True, slots=True)
class Step:
    """From this base on, the whole base has this ratio."""

    from_amount: Decimal
    ratio: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a version of a policy says; `threshold_strategies` None is all that may count."""

    name: str
    name_en: str
    scene: PolicyScene
    period: IncentivePeriod
    strategies: Sequence[IncentiveStrategy]
    threshold_strategies: Sequence[IncentiveStrategy] | None = None
    ladder: Sequence[Step]
    pays_by: PaysBy
    valid_from: str
    valid_to: str | None = None


@transactional
async def set_policy(*, viewer: Viewer, code: str, terms: Terms, now: datetime) -> IncentivePolicy:
    """Let these terms hold from the month `valid_from` on, until a later version of the code does.

    A version that begins in the same month is replaced. Raises PolicyOfThePast for a period that
    is over, OtherPeriods, InvalidInput.
    """
    permissions.require(viewer, "incentivePolicySet")
    code = texts.needed(code, longest=64, path=("input", "code"))
    facts = _checked(terms, now)
    # Of two versions that are set at once, the second sees the first.
    await database.execute(
        "select pg_advisory_xact_lock(hashtextextended($1, 0))", f"{_LOCK}{code}"
    )
    other = await IncentivePolicy.filter(code=code).first()
    if other is not None and (other.scene, other.period) != (terms.scene, terms.period):
        raise OtherPeriods(policy=code, scene=other.scene.value, period=other.period.value)
    policy = await lock(IncentivePolicy, code=code, valid_from=terms.valid_from)
    before = _told(policy) if policy is not None else None
    if policy is None:
        policy = IncentivePolicy(
            id=new_id(), created_at=now, code=code, set_by=viewer.actor_id, **facts
        )
        await policy.insert()
    else:
        policy.update_from_dict(facts | {"set_by": viewer.actor_id, "version": policy.version + 1})
        await policy.save(update_fields=[*facts, "set_by", "version"])
    await events.record(
        "incentive_policy.set",
        actor=viewer,
        subject_type="incentive_policy",
        subject_id=policy.id,
        tenant_id=PLATFORM_TENANT,
        before=before,
        after=_told(policy),
        at=now,
    )
    return policy


async def known() -> list[IncentivePolicy]:
    """All versions of all policies, by code and first month."""
    return await IncentivePolicy.all().order_by("code", "valid_from")


def of(versions: Sequence[IncentivePolicy], span: periods.Span) -> IncentivePolicy | None:
    """The version of one code's that holds for a period: from its first month to its last."""
    held = [version for version in versions if version.valid_from <= span.months[0]]
    if not held:
        return None
    latest = max(held, key=lambda version: version.valid_from)
    ends = latest.valid_to
    return latest if ends is None or ends >= span.months[-1] else None


def _checked(terms: Terms, now: datetime) -> dict[str, Any]:
    first = periods.span(terms.valid_from, path=("input", "validFrom"))
    earliest = periods.running(terms.period, now=now).months[0]
    if terms.valid_from < earliest:
        raise PolicyOfThePast(earliest=earliest, path=("input", "validFrom"))
    if periods.containing(first.months[0], terms.period).months[0] != terms.valid_from:
        raise _bad(
            "A quarterly policy begins with a quarter.", "季度政策须自季度首月生效。", "validFrom"
        )
    if terms.valid_to is not None:
        last = periods.span(terms.valid_to, path=("input", "validTo"))
        if terms.valid_to < terms.valid_from:
            raise _bad("It ends before it begins.", "失效账期不能早于生效账期。", "validTo")
        if periods.containing(last.months[0], terms.period).months[-1] != terms.valid_to:
            raise _bad(
                "A quarterly policy ends with a quarter.", "季度政策须于季度末月失效。", "validTo"
            )
    strategies, counting = _strategies(terms)
    if terms.scene is PolicyScene.NONE:
        raise _bad("Nothing is earned in the scene NONE.", "场景不能为 NONE。", "scene")
    return {
        "name": texts.needed(terms.name, longest=160, path=("input", "name")),
        "name_en": texts.needed(terms.name_en, longest=160, path=("input", "nameEn")),
        "scene": terms.scene,
        "period": terms.period,
        "strategies": [strategy.value for strategy in strategies],
        "threshold_strategies": [strategy.value for strategy in counting],
        "ladder": _ladder(terms),
        "pays_by": terms.pays_by,
        "valid_from": terms.valid_from,
        "valid_to": terms.valid_to,
    }


def _strategies(terms: Terms) -> tuple[list[IncentiveStrategy], list[IncentiveStrategy]]:
    """What is paid for, and what counts to the threshold, each once. Raises InvalidInput."""
    paid = list(dict.fromkeys(terms.strategies))
    counting = list(
        dict.fromkeys(
            COUNTING if terms.threshold_strategies is None else terms.threshold_strategies
        )
    )
    earning = EARNING[terms.period]
    if not paid or not set(paid) <= earning:
        names = ", ".join(each.value for each in IncentiveStrategy if each in earning)
        raise _bad(
            f"By {terms.period.value.lower()} sales of {names} are paid for, and no others.",
            f"该周期的激励仅适用于以下激励策略:{names}。",
            "strategies",
        )
    if IncentiveStrategy.NONE in counting or not set(paid).issubset(counting):
        raise _bad(
            "What is paid for counts to the threshold, too; NONE never does.",
            "享受激励的策略须计入业绩门槛(NONE 不计业绩)。",
            "thresholdStrategies",
        )
    return paid, counting


def _ladder(terms: Terms) -> list[dict[str, str]]:
    """The steps as they are kept. Raises InvalidInput unless they rise."""
    path = ("input", "ladder")
    if (terms.pays_by is PaysBy.MANUAL) != (not terms.ladder) or len(terms.ladder) > MOST_STEPS:
        raise _bad(
            f"A policy has 1 to {MOST_STEPS} steps; one whose amounts are entered has none.",
            f"阶梯须为 1 至 {MOST_STEPS} 级;手工录入的政策不设阶梯。",
            "ladder",
        )
    below: Decimal | None = None
    for place, step in enumerate(terms.ladder):
        here = (*path, str(place))
        try:
            Money(step.from_amount, CURRENCY)
        except InvalidInput as problem:
            problem.path = (*here, "fromAmount")
            raise
        ratios.checked(step.ratio, path=(*here, "ratio"))
        if step.from_amount < 0 or (below is not None and step.from_amount <= below):
            raise InvalidInput(
                reason="Steps begin at 0 or more, each higher than the one before.",
                reason_zh="阶梯起点须不小于 0 且逐级递增。",
                path=(*here, "fromAmount"),
            )
        below = step.from_amount
    return [
        {"from": f"{step.from_amount:.2f}", "ratio": ratios.written(step.ratio)}
        for step in terms.ladder
    ]


def _bad(reason: str, reason_zh: str, field: str) -> InvalidInput:
    return InvalidInput(reason=reason, reason_zh=reason_zh, path=("input", field))


def _told(policy: IncentivePolicy) -> dict[str, Any]:
    return {
        "code": policy.code,
        "scene": policy.scene.value,
        "period": policy.period.value,
        "pays_by": policy.pays_by.value,
        "strategies": policy.strategies,
        "threshold_strategies": policy.threshold_strategies,
        "ladder": policy.ladder,
        "valid_from": policy.valid_from,
        "valid_to": policy.valid_to,
        "version": policy.version,
    }
