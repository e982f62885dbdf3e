"""What a partner's share comes to (6.1–6.6): exact, rounded once, each version of the rules kept.

`domain/settlement/formula.py` is the same in SQL; a test holds the two against each other.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction

from domain.catalogue.policies import BY_FLOOR_PRICE
from domain.invoices.taxes import Tax, taxes
from models.catalogue import GoodsKind, ShareModel


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareFacts:
    """What the formula works with, as a settlement line stores it; amounts include tax.

    `cash` is the cash consumption (6.2), `deal_amount` and `floor_amount` P and Fl of the line.
    """

    share_model: ShareModel
    goods_kind: GoodsKind
    cash: Decimal
    deal_amount: Decimal | None
    floor_amount: Decimal | None
    ratio: Decimal
    goods_tax_rate: Decimal
    fee_tax_rate: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Refunded:
    """What came back of a line: `cash` of its cash consumption, `amount` of its deal price."""

    cash: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Step:
    """A line of the calculation: what it is (a key of its text), how, and the exact value."""

    text_key: str
    expression: str
    value: Fraction


@dataclass(frozen=True, slots=True)
class Share:
    """An amount to the cent, and how it came about."""

    amount: Decimal
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """One version of the rules: the constants of the formulas, and the formulas."""

    version: str
    base_ratios: Mapping[GoodsKind, Decimal] = field(
        default_factory=lambda: {GoodsKind.JOINT_OPERATED: Decimal("0.5")}
    )  # of the cash consumption, DEAL_PRICE; the whole for any other kind
    solo_part: Decimal = Decimal("0.90")  # LEGACY_SOLO has it instead of a ratio

    def share(self, facts: ShareFacts) -> Share:
        """What a sale comes to: never below zero, also when it was sold below its floor."""
        steps: list[Step] = []
        exact = self._exactly(facts, steps)
        return self._rounded(exact, steps)

    def usage(self, facts: ShareFacts, *, cash_before: Decimal) -> Share:
        """What a charge of usage comes to, beside what stands before it (6.10).

        A customer's usage of the same goods and terms is rounded as a whole: a charge is what it
        adds to that, so that all of them sum to the rounded share of the month.
        """
        if not cash_before:
            return self.share(facts)
        whole = self.share(replace(facts, cash=cash_before + facts.cash))
        before = self.share(replace(facts, cash=cash_before))
        amount = whole.amount - before.amount
        steps = (
            *whole.steps,
            Step("share_before", before.steps[-1].expression, Fraction(before.amount)),
            Step("added", f"{whole.amount} - {before.amount}", Fraction(amount)),
        )
        return Share(amount, steps)

    def reversal(
        self,
        *,
        original: Decimal,
        facts: ShareFacts,
        refunded: Refunded,
        taken_back: Decimal,
        is_last: bool,
    ) -> Share:
        """What a refund takes back of a line that came to `original`: zero or below.

        `facts` are the original's, `taken_back` (zero or above) what earlier refunds have taken.
        The last, which brings what was refunded to the whole base, takes all that is left; none
        before it can take more than that, as many roundings up might. A reversal's line stores
        `refunded` below zero, as its `cash` and its `deal_amount`, and the original's terms.
        """
        left = original - taken_back
        if is_last:
            taken = f"{original} - {taken_back}"
            step = Step("remainder", f"-({taken})", -Fraction(left))
            return Share(-left + 0, (step,))
        steps: list[Step] = []
        if facts.share_model in BY_FLOOR_PRICE:
            exact = self._exactly(facts, steps)
            if exact:
                assert facts.deal_amount, "what has a price above its floor has a price"
                exact = exact * Fraction(refunded.amount) / Fraction(facts.deal_amount)
                how = f"{digits(steps[-1].value)} * {refunded.amount} / {facts.deal_amount}"
                steps.append(Step("part_refunded", how, exact))
        else:
            exact = self._exactly(replace(facts, cash=refunded.cash), steps)
        found = self._rounded(exact, steps)
        if found.amount > left:
            capped = Step("no_more_than_left", f"{original} - {taken_back}", Fraction(left))
            found = Share(left, (*found.steps, capped))
        negated = Step("taken_back", f"-{found.amount}", -Fraction(found.amount))
        return Share(-found.amount + 0, (*found.steps, negated))

    def incentive(self, base: Decimal, ratio: Decimal) -> Share:
        """What was attained comes to: zero for a base below zero (6.7)."""
        steps: list[Step] = []
        return self._rounded(_times(Fraction(max(base, Decimal(0))), ratio, "share", steps), steps)

    def tax(self, total: Decimal, fee_tax_rate: Decimal) -> Tax:
        """How an amount that includes the fee's tax splits into net and tax."""
        return taxes(total, fee_tax_rate)

    def base_ratio(self, kind: GoodsKind) -> Decimal:
        """How much of the cash consumption is shared (DEAL_PRICE)."""
        return self.base_ratios.get(kind, Decimal(1))

    def _exactly(self, facts: ShareFacts, steps: list[Step]) -> Fraction:
        match facts.share_model:
            case ShareModel.MERCHANT_JOINT:
                return _times(Fraction(facts.cash), facts.ratio, "share", steps)
            case ShareModel.DEAL_PRICE:
                base = self.base_ratio(facts.goods_kind)
                value = _times(Fraction(facts.cash), base, "base", steps)
                value = _times(value, facts.ratio, "share", steps)
            case _:
                value = _difference(facts, steps)
                if not value:
                    return value
                solo = facts.share_model is ShareModel.LEGACY_SOLO
                ratio = self.solo_part if solo else facts.ratio
                value = _times(value, ratio, "solo_share" if solo else "share", steps)
        without = 1 + facts.goods_tax_rate
        steps.append(Step("net", f"{digits(value)} / {without}", value / Fraction(without)))
        return _times(value / Fraction(without), 1 + facts.fee_tax_rate, "with_fee_tax", steps)

    def _rounded(self, exact: Fraction, steps: list[Step]) -> Share:
        amount = rounded(exact)
        return Share(amount, (*steps, Step("rounded", digits(exact), Fraction(amount))))


def rounded(exact: Fraction) -> Decimal:
    """To the cent, half a cent away from zero, whatever the sign (6.3, rules 2 and 6)."""
    cents = abs(exact) * 100
    magnitude = (2 * cents.numerator + cents.denominator) // (2 * cents.denominator)
    return Decimal(magnitude if exact >= 0 else -magnitude).scaleb(-2) + 0


def digits(value: Fraction) -> str:
    """The number written out: all of it where it ends, else ten decimals and dots."""
    places = next((n for n in range(2, 21) if not 10**n % value.denominator), None)
    whole, rest = divmod(int(abs(value) * 10 ** (places or 10)), 10 ** (places or 10))
    sign, dots = "-" if value < 0 else "", "" if places else "…"
    return f"{sign}{whole}.{rest:0{places or 10}}{dots}"


def _times(value: Fraction, factor: Decimal, text_key: str, steps: list[Step]) -> Fraction:
    result = value * Fraction(factor)
    steps.append(Step(text_key, f"{digits(value)} * {factor}", result))
    return result


def _difference(facts: ShareFacts, steps: list[Step]) -> Fraction:
    """P - Fl; zero where there is no floor price, or it wasn't reached (6.4)."""
    if facts.deal_amount is None or facts.floor_amount is None:
        steps.append(Step("no_floor", "0", Fraction(0)))
        return Fraction(0)
    difference = Fraction(facts.deal_amount) - Fraction(facts.floor_amount)
    how = f"{facts.deal_amount} - {facts.floor_amount}"
    if difference > 0:
        steps.append(Step("difference", how, difference))
        return difference
    steps.append(Step("not_above_floor", how, Fraction(0)))
    return Fraction(0)


CURRENT = "2025-1"
RULES: Mapping[str, Rules] = {rules.version: rules for rules in (Rules(version=CURRENT),)}
