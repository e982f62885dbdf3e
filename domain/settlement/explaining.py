"""Where an amount comes from: formula, inputs, steps, and what was left out, from what is stored.

An explanation works the amount out anew, by the version of the rules that the line names, and says
so if it finds another one.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.catalogue.policies import BY_FLOOR_PRICE
from domain.settlement import explaining_incentives
from domain.settlement.explaining_incentives import amount_differs, entered
from domain.settlement.explanation import (
    Difference,
    Excluded,
    Exclusion,
    Explanation,
    Input,
    Link,
    Source,
    Unit,
)
from domain.settlement.rules import RULES, Refunded, Rules, Share, ShareFacts
from models.catalogue import ShareModel
from models.payments import Instrument
from models.settlement import SettledKind

ZERO = Decimal("0.00")


def line(row: Any) -> Explanation:
    """Explain a settlement line: its columns, and `paid`, `original`, `policy_id`, … beside."""
    rules = RULES.get(row.rule_version)
    if rules is None:
        unknown = Difference("rule_unknown", row.amount, None)
        return entered(row, "ADJUSTMENT", (), (unknown,))
    match row.kind:
        case SettledKind.INCENTIVE:
            return explaining_incentives.part(row, rules)
        case SettledKind.ADJUSTMENT:
            link = (Source.SETTLEMENT_LINE, row.original_id) if row.original_id else None
            given = Input("entered", "S", row.amount, Unit.CNY, link)
            return entered(row, "ADJUSTMENT", (given,), ())
        case SettledKind.REVERSAL:
            return _reversal(row, rules)
        case _:
            return _sale(row, rules)


def facts_of(row: Any, original: Mapping[str, Any] | None = None) -> ShareFacts:
    """What the formula works with: of the line, or of the original that a reversal names."""

    def amount(name: str) -> Decimal | None:
        found = getattr(row, name) if original is None else original.get(name)
        return None if found is None else Decimal(found)

    return ShareFacts(
        share_model=row.share_model,
        goods_kind=row.goods_kind,
        cash=amount("cash") or ZERO,
        deal_amount=amount("deal_amount"),
        floor_amount=amount("floor_amount"),
        ratio=row.ratio,
        goods_tax_rate=row.goods_tax_rate,
        fee_tax_rate=row.fee_tax_rate,
    )


def reversed_by(row: Any, original: Mapping[str, Any], rules: Rules) -> Share:
    """What a reversal comes to, from what is stored of it and of its original."""
    return rules.reversal(
        original=Decimal(original["amount"]),
        facts=facts_of(row, original),
        refunded=Refunded(cash=-row.cash, amount=-(row.deal_amount or ZERO)),
        taken_back=row.taken_before or ZERO,
        is_last=row.takes_remainder,
    )


def _sale(row: Any, rules: Rules) -> Explanation:
    by_floor = row.share_model in BY_FLOOR_PRICE
    is_usage = row.kind is SettledKind.USAGE
    before = row.cash_before or ZERO
    share = rules.usage(facts_of(row), cash_before=before)
    symbols = _formula(row, rules)
    if by_floor:
        base = _prices(row.deal_amount, row.floor_amount, (Source.ORDER_LINE, row.order_line_id))
    else:
        base = [Input("cash", "Ccash", row.cash, Unit.CNY, _origin(row)), *_counting(row)]
        if before:
            base.append(Input("cash_before", "B", before, Unit.CNY))
            both = symbols.replace("Ccash", "(B + Ccash)")
            symbols = f"round({both}) - round({symbols.replace('Ccash', 'B')})"
    return Explanation(
        formula_key=row.share_model.value,
        symbols=f"S = {symbols}",
        inputs=(*base, *_terms(row, rules)),
        steps=share.steps,
        rounding_key="rounding_usage" if is_usage else "rounding",
        rule_version=row.rule_version,
        exclusions=() if by_floor else _exclusions(row),
        amount=row.amount,
        differences=(*amount_differs(row, share.amount), *_cash_differs(row, row.cash)),
    )


def _reversal(row: Any, rules: Rules) -> Explanation:
    original = row.original
    share = reversed_by(row, original, rules)
    first = (Source.SETTLEMENT_LINE, UUID(original["id"]))
    left = [
        Input("original", "S", Decimal(original["amount"]), Unit.CNY, first),
        Input("taken_before", "B", row.taken_before or ZERO, Unit.CNY),
    ]
    refund = (Source.REFUND, row.refund_id)
    by_floor = row.share_model in BY_FLOOR_PRICE
    refunded = Input("refunded_amount", "Rp", -(row.deal_amount or ZERO), Unit.CNY, refund)
    if by_floor:
        sale = facts_of(row, original)
        base = [*_prices(sale.deal_amount, sale.floor_amount, first), refunded]
    else:
        base = [Input("refunded_cash", "Rcash", -row.cash, Unit.CNY, refund), *_counting(row)]
    if row.takes_remainder:
        key, symbols = "REMAINDER", "R = -(S - B)"
        inputs = [*left, refunded if by_floor else base[0]]
    else:
        key, inputs = "PART", [*left, *base, *_terms(row, rules)]
        formula = _formula(row, rules)
        formula = f"{formula} * Rp / P" if by_floor else formula.replace("Ccash", "Rcash")
        symbols = f"R = -min({formula}, S - B)"
    return Explanation(
        formula_key=key,
        symbols=symbols,
        inputs=tuple(inputs),
        steps=share.steps,
        rounding_key="rounding_none" if row.takes_remainder else "rounding",
        rule_version=row.rule_version,
        exclusions=() if by_floor else _exclusions(row),
        amount=row.amount,
        differences=(
            *amount_differs(row, share.amount),
            *_cash_differs(row, -row.cash),
            *_original_differs(row, original),
        ),
    )


def _formula(row: Any, rules: Rules) -> str:
    taxed = " / (1 + tg) * (1 + tf)"
    match row.share_model:
        case ShareModel.MERCHANT_JOINT:
            return "Ccash * r"
        case ShareModel.DEAL_PRICE:
            return f"Ccash * {rules.base_ratio(row.goods_kind)} * r{taxed}"
        case ShareModel.LEGACY_SOLO:
            return f"(P - Fl){taxed} * {rules.solo_part}"
        case _:
            return f"(P - Fl) * r{taxed}"


def _terms(row: Any, rules: Rules) -> list[Input]:
    policy = (Source.POLICY, UUID(row.policy_id)) if row.policy_id else None
    biz = row.business_information_id
    business = (Source.BUSINESS_INFORMATION, UUID(biz)) if biz else None
    found = []
    if row.share_model is ShareModel.DEAL_PRICE:
        ratio = rules.base_ratio(row.goods_kind)
        found.append(Input("base_ratio", str(ratio), ratio, Unit.RATIO))
    if row.share_model is ShareModel.LEGACY_SOLO:
        part = rules.solo_part
        found.append(Input("solo_part", str(part), part, Unit.RATIO))
    else:
        found.append(Input("ratio", "r", row.ratio, Unit.RATIO, policy))
    if row.share_model is not ShareModel.MERCHANT_JOINT:
        found.append(Input("goods_tax_rate", "tg", row.goods_tax_rate, Unit.RATIO, policy))
        found.append(Input("fee_tax_rate", "tf", row.fee_tax_rate, Unit.RATIO, business))
    return found


def _prices(deal: Decimal | None, floor: Decimal | None, link: Link) -> list[Input]:
    found = [Input("deal_amount", "P", deal or ZERO, Unit.CNY, link)]
    if floor is not None:
        found.append(Input("floor_amount", "Fl", floor, Unit.CNY, link))
    return found


def _origin(row: Any) -> Link:
    if row.kind is SettledKind.USAGE:
        return Source.CONSUMPTION_RECORD, row.consumption_record_id
    return Source.ORDER_LINE, row.order_line_id


def _counting(row: Any) -> list[Input]:
    key = "refunded_part" if row.kind is SettledKind.REVERSAL else "paid_part"
    return [
        Input(key, each["instrument"], Decimal(each["amount"]), Unit.CNY, _paid_by(each))
        for each in row.paid or ()
        if each["counts"]
    ]


def _exclusions(row: Any) -> tuple[Exclusion, ...]:
    return tuple(
        Exclusion(_reason(each), each["instrument"], Decimal(each["amount"]), _paid_by(each))
        for each in row.paid or ()
        if not each["counts"]
    )


def _reason(paid: Mapping[str, Any]) -> Excluded:
    match paid["instrument"]:
        case Instrument.VOUCHER:
            return Excluded.TEST_VOUCHER if paid["is_test"] else Excluded.VOUCHER
        case Instrument.CASH_COUPON:
            return Excluded.CASH_COUPON_NOT_COUNTING
        case "DEBT":
            return Excluded.NOT_PAID
        case _:
            return Excluded.NOT_COUNTING


def _paid_by(paid: Mapping[str, Any]) -> Link:
    if "part_id" in paid:
        return Source.PAYMENT_PART, UUID(paid["part_id"])
    return Source.CONSUMPTION_RECORD, UUID(paid["record_id"])


def _original_differs(row: Any, original: Mapping[str, Any]) -> tuple[Difference, ...]:
    stored = Decimal(original["amount"])
    rules = RULES.get(original["rule_version"])
    found = None if rules is None else rules.share(facts_of(row, original)).amount
    return (Difference("original_differs", stored, found),) if found != stored else ()


def _cash_differs(row: Any, stored: Decimal) -> tuple[Difference, ...]:
    counting = (Decimal(each["amount"]) for each in row.paid or () if each["counts"])
    found = sum(counting, ZERO)
    return (Difference("cash_differs", stored, found),) if found != stored else ()
