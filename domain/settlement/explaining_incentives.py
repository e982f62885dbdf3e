"""Where an incentive comes from, and what a statement pays of it (6.7)."""

from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from domain.settlement.explanation import (
    Difference,
    Excluded,
    Exclusion,
    Explanation,
    Input,
    Source,
    Unit,
)
from domain.settlement.rules import CURRENT, RULES, Rules, Step

ZERO = Decimal("0.00")


def incentive(row: Any) -> Explanation:
    """Explain an incentive: performance, what is carried in, and the ladder's step it reaches."""
    row.rule_version = CURRENT
    if row.reason is not None:
        given = Input("entered", "S", row.amount, Unit.CNY)
        return entered(row, "ADJUSTMENT", (given,), ())
    policy = (Source.INCENTIVE_POLICY, row.policy_id)
    inputs = [Input("performance", "Bp", row.performance_amount, Unit.CNY)]
    if row.carry_in:
        before = (Source.INCENTIVE, UUID(row.carried_from_id)) if row.carried_from_id else None
        inputs.append(Input("base_carried", "Bc", row.carry_in, Unit.CNY, before))
    exclusions = (
        (Exclusion(Excluded.REBOUND_CUSTOMER, None, row.excluded_amount, None),)
        if row.excluded_amount
        else ()
    )
    base = row.performance_amount + row.carry_in
    steps = [Step("attained", f"{row.performance_amount} + {row.carry_in}", Fraction(base))]
    if row.ratio is None:
        found = ZERO
        steps.append(Step("no_step_reached", "0", Fraction(found)))
    else:
        share = RULES[CURRENT].incentive(base, row.ratio)
        if row.threshold_amount != base:
            inputs.append(Input("threshold", "T", row.threshold_amount, Unit.CNY))
        inputs.append(Input("step_from", "From", row.step_from, Unit.CNY, policy))
        inputs.append(Input("ladder_ratio", "r", row.ratio, Unit.RATIO, policy))
        found = share.amount
        steps += share.steps
    return Explanation(
        formula_key="INCENTIVE",
        symbols="S = (Bp + Bc) * r" if row.carry_in else "S = Bp * r",
        inputs=tuple(inputs),
        steps=tuple(steps),
        rounding_key="rounding",
        rule_version=CURRENT,
        exclusions=exclusions,
        amount=row.amount,
        differences=amount_differs(row, found),
    )


def part(row: Any, rules: Rules) -> Explanation:
    """Explain the line of a statement that pays an incentive, or the part of it that can be."""
    incentive = row.incentive
    if incentive is None or incentive.get("ratio") is None:
        return entered(row, "ADJUSTMENT", (Input("entered", "S", row.amount, Unit.CNY),), ())
    link = (Source.INCENTIVE, UUID(incentive["id"]))
    base, ratio = Decimal(incentive["base_amount"]), Decimal(incentive["ratio"])
    whole, others = rules.incentive(base, ratio), Decimal(incentive["others"])
    inputs = [
        Input("attained", "B", base, Unit.CNY, link),
        Input("ladder_ratio", "r", ratio, Unit.RATIO, link),
    ]
    steps, found = whole.steps, whole.amount
    if others:
        # What was frozen, or is paid by other lines: this one is a part of the incentive.
        inputs.append(Input("other_parts", "F", others, Unit.CNY, link))
        found -= others
        steps = (*steps, Step("without_others", f"{whole.amount} - {others}", Fraction(found)))
    return Explanation(
        formula_key="INCENTIVE",
        symbols="S = B * r - F" if others else "S = B * r",
        inputs=tuple(inputs),
        steps=steps,
        rounding_key="rounding",
        rule_version=row.rule_version,
        amount=row.amount,
        differences=amount_differs(row, found),
    )


def entered(
    row: Any, key: str, inputs: tuple[Input, ...], differences: tuple[Difference, ...]
) -> Explanation:
    """An amount that somebody has entered, or that can't be worked out."""
    return Explanation(
        formula_key=key,
        symbols="S",
        inputs=inputs,
        steps=(),
        rounding_key="rounding_none",
        rule_version=row.rule_version,
        amount=row.amount,
        differences=differences,
    )


def amount_differs(row: Any, found: Decimal) -> tuple[Difference, ...]:
    """What is said when the stored amount isn't the one that was found."""
    return (Difference("amount_differs", row.amount, found),) if found != row.amount else ()
