"""Where a statement's total comes from: its lines by kind, what is carried in, and its tax."""

from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from domain.settlement.explanation import Difference, Explanation, Input, Source, Unit
from domain.settlement.rules import RULES, Step
from models.settlement import SettledKind

ZERO = Decimal("0.00")


def statement(row: Any) -> Explanation:
    """Explain a statement: its sums by kind, what is carried in, and how the total is taxed."""
    by_kind = {each["kind"]: each for each in row.sums or ()}
    inputs = [
        Input(key, symbol, Decimal(by_kind[kind]["amount"]), Unit.CNY)
        for kind, key, symbol in _KINDS
        if kind in by_kind
    ]
    lines = sum((each.value for each in inputs), ZERO)
    carried = row.carried_from or {}
    if carried:
        link = (Source.STATEMENT, UUID(carried["id"]))
        carry = Decimal(carried["total_amount"])
        inputs.append(Input("carry_in", "C", carry, Unit.CNY, link))
    else:
        carry = ZERO
    inputs.append(
        Input(
            "fee_tax_rate",
            "tf",
            row.fee_tax_rate,
            Unit.RATIO,
            (Source.BUSINESS_INFORMATION, row.business_information_id),
        )
    )
    total = lines + carry
    rules = RULES.get(row.rule_version)
    terms = " + ".join(str(each.value) for each in inputs if each.symbol not in ("C", "tf"))
    steps = [
        Step("sum", terms or "0.00", Fraction(lines)),
        Step("total", f"{lines} + {carry}", Fraction(total)),
    ]
    if rules is not None:
        tax = rules.tax(total, row.fee_tax_rate)
        without = 1 + row.fee_tax_rate
        steps.append(Step("net_of_total", f"{total} / {without}", Fraction(tax.net)))
        steps.append(Step("tax_of_total", f"{total} - {tax.net}", Fraction(tax.tax)))
    differences = []
    if lines != row.lines_amount:
        differences.append(Difference("lines_differ", row.lines_amount, lines))
    if total != row.total_amount:
        differences.append(Difference("total_differs", row.total_amount, total))
    return Explanation(
        formula_key="STATEMENT",
        symbols="T = " + " + ".join([each.symbol for each in inputs if each.symbol != "tf"]),
        inputs=tuple(inputs),
        steps=tuple(steps),
        rounding_key="rounding_none",
        rule_version=row.rule_version,
        amount=row.total_amount,
        differences=tuple(differences),
    )


_KINDS = (
    (SettledKind.ORIGINAL, "originals", "O"),
    (SettledKind.USAGE, "usage", "U"),
    (SettledKind.REVERSAL, "reversals", "R"),
    (SettledKind.INCENTIVE, "incentives", "I"),
    (SettledKind.ADJUSTMENT, "adjustments", "A"),
)
