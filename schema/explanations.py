"""How amounts of settlement came about, as the API shows it."""

from collections.abc import Callable
from typing import Any

import strawberry

from domain.settlement import explaining, explaining_incentives, explaining_statements, facts
from domain.settlement.explanation import Excluded, Explanation, Link, Source, Unit
from domain.settlement.rules import digits, rounded
from domain.settlement.wording import say
from kit import ids
from kit.reads import computed
from schema.enums import described
from schema.money import Money
from schema.scalars import CurrencyCode, Decimal

described(
    Unit,
    "What a number of an explanation is.",
    name="ExplanationUnit",
    CNY="An amount in yuan.",
    RATIO="A share of one, never a percentage.",
)
described(
    Source,
    "What a number of an explanation was read from.",
    name="ExplanationSourceKind",
    ORDER_LINE="The line of the order, with the terms of its moment.",
    PAYMENT_PART="What one instrument has paid.",
    REFUND="The refund.",
    POLICY="The version of the goods' policy that the order kept.",
    BUSINESS_INFORMATION="The partner's certified business information.",
    CONSUMPTION_RECORD="A month's use.",
    INCENTIVE="The incentive.",
    INCENTIVE_POLICY="The version of the policy.",
    SETTLEMENT_LINE="Another settlement line.",
    STATEMENT="Another statement.",
)
described(
    Excluded,
    "Why something that was paid is no cash consumption (现金消费), or earns no incentive.",
    name="ExclusionReason",
    VOUCHER="代金券.",
    TEST_VOUCHER="测试券: a voucher from a quota for tests.",
    CASH_COUPON_NOT_COUNTING="不计业绩的现金券.",
    NOT_PAID="Usage that wasn't paid yet.",
    NOT_COUNTING="Something else that doesn't count to performance.",
    REBOUND_CUSTOMER="换绑客户: performance by a customer who came from another partner lately.",
)

_PREFIXES = {
    Source.ORDER_LINE: "orl",
    Source.PAYMENT_PART: "pmp",
    Source.REFUND: "rfd",
    Source.POLICY: "gpo",
    Source.BUSINESS_INFORMATION: "biz",
    Source.CONSUMPTION_RECORD: "csr",
    Source.INCENTIVE: "inc",
    Source.INCENTIVE_POLICY: "icp",
    Source.SETTLEMENT_LINE: "stl",
    Source.STATEMENT: "stm",
}


@strawberry.type(description="What a number was read from.")
class ExplanationSource:
    kind: Source = strawberry.field(description="What it is.")
    id: strawberry.ID = strawberry.field(description="For `node`, if you may see it.")


@strawberry.type(description="A number that the formula works with.")
class ExplanationInput:
    name: str = strawberry.field(description="What it is, in the language of `Accept-Language`.")
    symbol: str = strawberry.field(
        description="How the formula calls it: `Ccash`, `tg`; an instrument's name for what is"
        " summed up in `Ccash`."
    )
    value: Decimal = strawberry.field(description="The number.")
    unit: Unit = strawberry.field(description="What the number is.")
    source: ExplanationSource | None = strawberry.field(
        description="What it was read from; null for a constant of the rules, or a sum."
    )


@strawberry.type(description="A line of the calculation.")
class ExplanationStep:
    text: str = strawberry.field(description="What it is, in the language of `Accept-Language`.")
    expression: str = strawberry.field(description="How it is worked out: `4444.44 * 0.15`.")
    value: str = strawberry.field(
        description="What it comes to: all decimals where they end, else ten of them and `…`."
    )
    exact: str = strawberry.field(description="The value as a fraction of whole numbers: `2000/3`.")
    rounded: Decimal = strawberry.field(
        description="The value to the cent, for reading: only the last step goes on with the"
        " rounded one."
    )


@strawberry.type(
    description="Something that was paid, or came back, and is no cash consumption, or performance"
    " that earns no incentive."
)
class ExplanationExclusion:
    reason: Excluded = strawberry.field(description="Why it doesn't count.")
    message: str = strawberry.field(
        description="A sentence for a person, in the language of `Accept-Language`."
    )
    instrument: str | None = strawberry.field(
        description="By what it was paid: `VOUCHER`; null for performance, by whatever was paid."
    )
    amount: Money = strawberry.field(description="How much.")
    source: ExplanationSource | None = strawberry.field(description="What it was read from.")


@strawberry.type(description="Something that isn't as it should be: tell the platform.")
class ExplanationDifference:
    message: str = strawberry.field(
        description="A sentence for a person, in the language of `Accept-Language`."
    )
    stored: Money = strawberry.field(description="What is stored, and paid.")
    found: Money | None = strawberry.field(
        description="What was found instead; null when nothing could be."
    )


@strawberry.type(
    description="How an amount came about: worked out anew from what is stored, by the rules of"
    " then."
)
class SettlementExplanation:
    formula: str = strawberry.field(
        description="How it is worked out, in the language of `Accept-Language`."
    )
    symbols: str = strawberry.field(
        description="The formula in symbols: `S = Ccash * 0.5 * r / (1 + tg) * (1 + tf)`."
    )
    inputs: list[ExplanationInput] = strawberry.field(description="What it was worked out from.")
    steps: list[ExplanationStep] = strawberry.field(description="The way, step by step.")
    rounding: str = strawberry.field(
        description="What was rounded, in the language of `Accept-Language`."
    )
    rule_version: str = strawberry.field(description="By which version of the rules.")
    exclusions: list[ExplanationExclusion] = strawberry.field(
        description="What was paid and doesn't count. Empty where the price counts instead."
    )
    amount: Money = strawberry.field(description="What is stored.")
    agrees: bool = strawberry.field(
        description="Whether `amount` is what was worked out anew, to the cent."
    )
    differences: list[ExplanationDifference] = strawberry.field(
        description="All that isn't as it should be; empty when all is well."
    )


def of_line() -> Any:
    """The field of a settlement line."""
    return computed(
        _told(explaining.line),
        (
            "kind",
            "order_line_id",
            "refund_id",
            "consumption_record_id",
            "original_id",
            "share_model",
            "goods_kind",
            "cash",
            "deal_amount",
            "floor_amount",
            "ratio",
            "goods_tax_rate",
            "fee_tax_rate",
            "rule_version",
            "takes_remainder",
            "taken_before",
            "cash_before",
            "amount",
            "currency",
        ),
        "How the amount came about: formula, inputs, steps, and what doesn't count.",
        told={
            "paid": facts.PAID,
            "original": facts.ORIGINAL,
            "policy_id": facts.POLICY,
            "incentive": facts.INCENTIVE,
            "business_information_id": facts.BUSINESS_INFORMATION,
        },
    )


def of_statement() -> Any:
    """The field of a statement."""
    return computed(
        _told(explaining_statements.statement),
        ("business_information_id", "fee_tax_rate", "lines_amount", "total_amount", "currency"),
        "How the total came about: the sums by kind, what is carried in, and the tax in it.",
        told={
            "sums": facts.SUMS,
            "carried_from": facts.CARRIED_FROM,
            "rule_version": facts.RULE_VERSION,
        },
    )


def of_incentive() -> Any:
    """The field of an incentive."""
    return computed(
        _told(explaining_incentives.incentive),
        (
            "policy_id",
            "performance_amount",
            "excluded_amount",
            "carry_in",
            "threshold_amount",
            "step_from",
            "ratio",
            "amount",
            "currency",
            "reason",
        ),
        "How the amount came about: performance, the ladder's step, and what is rounded.",
        told={"carried_from_id": facts.BASE_CARRIED_FROM},
    )


def _told(explain: Callable[[Any], Explanation]) -> Callable[[Any, Any], SettlementExplanation]:
    def tell(row: Any, request: Any) -> SettlementExplanation:
        return _in_words(explain(row), row.currency, request.locale)

    return tell


def _in_words(found: Explanation, currency: str, locale: str) -> SettlementExplanation:
    def money(amount: Any) -> Money:
        return Money(amount=Decimal(amount), currency=CurrencyCode(currency))

    return SettlementExplanation(
        formula=say(found.formula_key, locale),
        symbols=found.symbols,
        inputs=[
            ExplanationInput(
                name=say(each.text_key, locale),
                symbol=each.symbol,
                value=Decimal(each.value),
                unit=each.unit,
                source=_source(each.link),
            )
            for each in found.inputs
        ],
        steps=[
            ExplanationStep(
                text=say(each.text_key, locale),
                expression=each.expression,
                value=digits(each.value),
                exact=f"{each.value.numerator}/{each.value.denominator}",
                rounded=Decimal(rounded(each.value)),
            )
            for each in found.steps
        ],
        rounding=say(found.rounding_key, locale),
        rule_version=found.rule_version,
        exclusions=[
            ExplanationExclusion(
                reason=each.reason,
                message=say(each.reason.value, locale),
                instrument=each.instrument,
                amount=money(each.amount),
                source=_source(each.link),
            )
            for each in found.exclusions
        ],
        amount=money(found.amount),
        agrees=not found.differences,
        differences=[
            ExplanationDifference(
                message=say(each.text_key, locale),
                stored=money(each.stored),
                found=None if each.found is None else money(each.found),
            )
            for each in found.differences
        ],
    )


def _source(link: Link | None) -> ExplanationSource | None:
    if link is None:
        return None
    kind, id = link
    return ExplanationSource(kind=kind, id=strawberry.ID(ids.encode(_PREFIXES[kind], id)))
