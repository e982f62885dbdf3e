"""The worked examples of shares and refunds (6.3 to 6.6, 6.9), to the cent."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.catalogue.policies import BY_FLOOR_PRICE
from domain.invoices.taxes import Tax
from domain.settlement.rules import (
    CURRENT,
    RULES,
    Refunded,
    ShareFacts,
    digits,
    rounded,
)
from models.catalogue import GoodsKind, ShareModel

RULE = RULES[CURRENT]
SELF, JOINT = GoodsKind.SELF_OPERATED, GoodsKind.JOINT_OPERATED
STRICT = GoodsKind.STRICT_SELECTED
NO_TAX = ("0", "0")
SIX, THIRTEEN = ("0.06", "0.06"), ("0.13", "0.06")


def cash(
    model: ShareModel,
    kind: GoodsKind,
    amount: str,
    ratio: str,
    taxes: tuple[str, str],
) -> ShareFacts:
    """A sale that is shared by what was paid in cash."""
    return ShareFacts(
        share_model=model,
        goods_kind=kind,
        cash=Decimal(amount),
        deal_amount=Decimal(amount),
        floor_amount=None,
        ratio=Decimal(ratio),
        goods_tax_rate=Decimal(taxes[0]),
        fee_tax_rate=Decimal(taxes[1]),
    )


def deal(kind: GoodsKind, amount: str, ratio: str, taxes: tuple[str, str]) -> ShareFacts:
    """A sale that is shared by its deal price."""
    return cash(ShareModel.DEAL_PRICE, kind, amount, ratio, taxes)


def floor(
    model: ShareModel, prices: tuple[str, str], ratio: str, taxes: tuple[str, str] = THIRTEEN
) -> ShareFacts:
    """A sale that is shared by how far it is above its floor price."""
    return ShareFacts(
        share_model=model,
        goods_kind=SELF if model is ShareModel.FLOOR_PRICE else STRICT,
        cash=Decimal(prices[0]),
        deal_amount=Decimal(prices[0]),
        floor_amount=Decimal(prices[1]),
        ratio=Decimal(ratio),
        goods_tax_rate=Decimal(taxes[0]),
        fee_tax_rate=Decimal(taxes[1]),
    )


MERCHANT = cash(ShareModel.MERCHANT_JOINT, JOINT, "10600.00", "0.08", THIRTEEN)
FLOOR_E3 = floor(ShareModel.FLOOR_PRICE, ("10600.00", "7420.00"), "0.6", SIX)
ODD_CENTS = deal(JOINT, "8888.88", "0.15", THIRTEEN)


@pytest.mark.parametrize(
    ("facts", "amount"),
    [
        pytest.param(deal(SELF, "10600.00", "0.1", SIX), "1060.00", id="E1"),
        pytest.param(deal(SELF, "11300.00", "0.12", THIRTEEN), "1272.00", id="E1b"),
        pytest.param(deal(SELF, "10600.00", "0.1", ("0.06", "0.01")), "1010.00", id="E1c"),
        pytest.param(deal(SELF, "10600.00", "0.1", ("0.06", "0.03")), "1030.00", id="E1c 3%"),
        pytest.param(deal(JOINT, "10600.00", "0.2", SIX), "1060.00", id="E2"),
        pytest.param(ODD_CENTS, "625.37", id="E2b"),
        pytest.param(FLOOR_E3, "1908.00", id="E3"),
        pytest.param(
            floor(ShareModel.FLOOR_PRICE, ("11300.00", "9040.00"), "0.7"), "1484.00", id="E3b"
        ),
        pytest.param(
            floor(ShareModel.LEGACY_SOLO, ("11300.00", "9040.00"), "0.9"), "1908.00", id="E4"
        ),
        pytest.param(
            floor(ShareModel.LEGACY_JOINT, ("11300.00", "9040.00"), "0.6"), "1272.00", id="E5"
        ),
        pytest.param(MERCHANT, "848.00", id="E6"),
        pytest.param(deal(SELF, "15000.00", "0.1", SIX), "1500.00", id="6.5 self-operated"),
        pytest.param(deal(JOINT, "15000.00", "0.1", SIX), "750.00", id="6.5 joint-operated"),
        pytest.param(deal(SELF, "0.00", "0.1", SIX), "0.00", id="6.5 stored-value card bought"),
        pytest.param(deal(SELF, "1000.00", "0.12", THIRTEEN), "112.57", id="6.3 rounded up"),
        pytest.param(deal(SELF, "1000.00", "0.15", THIRTEEN), "140.71", id="6.3 15%"),
        pytest.param(deal(SELF, "999.00", "0.1", THIRTEEN), "93.71", id="6.3 10%"),
        pytest.param(deal(JOINT, "66.50", "0.1", NO_TAX), "3.33", id="6.3 a tie"),
        pytest.param(deal(JOINT, "10.10", "0.5", NO_TAX), "2.53", id="6.3 another tie"),
    ],
)
def test_a_sale_comes_to_what_the_worked_example_says(facts: ShareFacts, amount: str) -> None:
    assert RULE.share(facts).amount == Decimal(amount)


@pytest.mark.parametrize("model", BY_FLOOR_PRICE)
@pytest.mark.parametrize("prices", [("7420.00", "7420.00"), ("7000.00", "7420.00")])
def test_what_is_sold_at_its_floor_or_below_shares_nothing(
    model: ShareModel, prices: tuple[str, str]
) -> None:
    found = RULE.share(floor(model, prices, "0.6"))

    assert found.amount == Decimal("0.00")
    assert found.steps[0].text_key == "not_above_floor"


@pytest.mark.parametrize(
    ("facts", "refunded", "reversal", "retained"),
    [
        pytest.param(
            deal(SELF, "3650.00", "0.1", SIX), ("2920.00", None), "-292.00", "73.00", id="E9"
        ),
        pytest.param(
            deal(SELF, "10600.00", "0.1", SIX), ("7695.89", None), "-769.59", "290.41", id="E9b"
        ),
        pytest.param(
            deal(SELF, "9000.00", "0.1", SIX), ("7200.00", None), "-720.00", "180.00", id="E9c"
        ),
        pytest.param(
            deal(JOINT, "7300.00", "0.2", THIRTEEN),
            ("4380.00", None),
            "-410.87",
            "273.91",
            id="E9d",
        ),
        pytest.param(FLOOR_E3, ("8480.00", None), "-1526.40", "381.60", id="E9e"),
        pytest.param(
            FLOOR_E3, ("5000.00", "8480.00"), "-1526.40", "381.60", id="E9e, partly by voucher"
        ),
        pytest.param(MERCHANT, ("8480.00", None), "-678.40", "169.60", id="E9f"),
    ],
)
def test_a_refund_by_days_takes_back_what_the_worked_example_says(
    facts: ShareFacts, refunded: tuple[str, str | None], reversal: str, retained: str
) -> None:
    original = RULE.share(facts).amount

    found = RULE.reversal(
        original=original,
        facts=facts,
        refunded=Refunded(cash=Decimal(refunded[0]), amount=Decimal(refunded[1] or refunded[0])),
        taken_back=Decimal("0.00"),
        is_last=False,
    )

    assert found.amount == Decimal(reversal)
    assert original + found.amount == Decimal(retained)


@pytest.mark.parametrize(
    ("facts", "original"),
    [
        pytest.param(ODD_CENTS, "625.37", id="E8"),
        pytest.param(deal(SELF, "5300.00", "0.1", SIX), "530.00", id="E10"),
        pytest.param(FLOOR_E3, "1908.00", id="floor price"),
    ],
)
def test_a_full_refund_takes_back_the_stored_amount(facts: ShareFacts, original: str) -> None:
    # As if it had been settled by other rules: it is negated, not worked out again.
    for stored in (Decimal(original), Decimal(original) + Decimal("0.07")):
        found = RULE.reversal(
            original=stored,
            facts=facts,
            refunded=Refunded(cash=facts.cash, amount=facts.cash),
            taken_back=Decimal("0.00"),
            is_last=True,
        )

        assert found.amount == -stored


@pytest.mark.parametrize(
    ("amount", "ratio", "parts", "reversals"),
    [
        (
            "1000.00",
            "0.12",
            ("333.33", "333.33", "333.34"),
            ("-37.52", "-37.52", "-37.53"),
        ),
        ("1000.00", "0.15", ("333.33", "333.33", "333.34"), ("-46.90", "-46.90", "-46.91")),
        ("999.00", "0.1", ("333.00", "333.00", "333.00"), ("-31.24", "-31.24", "-31.23")),
    ],
)
def test_the_last_of_several_refunds_takes_the_remainder(
    amount: str, ratio: str, parts: tuple[str, ...], reversals: tuple[str, ...]
) -> None:
    found = _all_taken_back(deal(SELF, amount, ratio, THIRTEEN), [Decimal(part) for part in parts])

    assert found == [Decimal(reversal) for reversal in reversals]


amounts = st.decimals(min_value="0.01", max_value="9999999.99", places=2)
ratios = st.decimals(min_value="0", max_value="1", places=6)
taxes = st.sampled_from([Decimal(rate) for rate in ("0", "0.01", "0.03", "0.06", "0.09", "0.13")])


@given(
    model=st.sampled_from(list(ShareModel)),
    kind=st.sampled_from(list(GoodsKind)),
    parts=st.lists(amounts, min_size=1, max_size=6),
    floor_part=ratios,
    ratio=ratios,
    goods_tax_rate=taxes,
    fee_tax_rate=taxes,
)
def test_any_split_into_refunds_sums_to_the_whole(
    model: ShareModel,
    kind: GoodsKind,
    parts: list[Decimal],
    floor_part: Decimal,
    ratio: Decimal,
    goods_tax_rate: Decimal,
    fee_tax_rate: Decimal,
) -> None:
    whole = sum(parts, Decimal(0))
    facts = ShareFacts(
        share_model=model,
        goods_kind=kind,
        cash=whole,
        deal_amount=whole,
        floor_amount=(whole * floor_part).quantize(Decimal("0.01")),
        ratio=ratio,
        goods_tax_rate=goods_tax_rate,
        fee_tax_rate=fee_tax_rate,
    )

    reversals = _all_taken_back(facts, parts)

    assert sum(reversals) == -RULE.share(facts).amount
    assert max(reversals) <= 0


def test_many_roundings_up_never_take_back_more_than_there_was() -> None:
    facts = deal(SELF, "0.10", "0.5", NO_TAX)

    reversals = _all_taken_back(facts, [Decimal("0.01")] * 10)

    assert reversals == [Decimal("-0.01")] * 5 + [Decimal("0.00")] * 5


@pytest.mark.parametrize(
    ("exact", "cents"),
    [
        ("0.005", "0.01"),
        ("-0.005", "-0.01"),
        ("0.00499999999999999999999999999999", "0.00"),
        ("-0.00499999999999999999999999999999", "0.00"),
        ("0.015", "0.02"),
        ("-2.525", "-2.53"),
    ],
)
def test_half_a_cent_goes_away_from_zero(exact: str, cents: str) -> None:
    assert str(rounded(Fraction(exact))) == cents


@pytest.mark.parametrize(
    ("total", "rate", "split"),
    [
        ("1060.00", "0.06", Tax(Decimal("1000.00"), Decimal("60.00"))),  # E11 A
        ("1897.37", "0.06", Tax(Decimal("1789.97"), Decimal("107.40"))),  # E11 B
        ("0.01", "0.06", Tax(Decimal("0.01"), Decimal("0.00"))),
        ("-440.00", "0.06", Tax(Decimal("-415.09"), Decimal("-24.91"))),
    ],
)
def test_a_total_splits_into_net_and_tax(total: str, rate: str, split: Tax) -> None:
    assert RULE.tax(Decimal(total), Decimal(rate)) == split


def test_the_steps_tell_the_way_of_the_worked_example() -> None:
    found = RULE.share(ODD_CENTS)

    assert [(step.text_key, step.expression, digits(step.value)) for step in found.steps] == [
        ("base", "8888.88 * 0.5", "4444.44"),
        ("share", "4444.44 * 0.15", "666.666"),
        ("net", "666.666 / 1.13", "589.9699115044…"),
        ("with_fee_tax", "589.9699115044… * 1.06", "625.3681061946…"),
        ("rounded", "625.3681061946…", "625.37"),
    ]


def _all_taken_back(facts: ShareFacts, parts: list[Decimal]) -> list[Decimal]:
    original = RULE.share(facts).amount
    found: list[Decimal] = []
    for place, part in enumerate(parts, start=1):
        reversal = RULE.reversal(
            original=original,
            facts=facts,
            refunded=Refunded(cash=part, amount=part),
            taken_back=-sum(found, Decimal(0)),
            is_last=place == len(parts),
        )
        found.append(reversal.amount)
    return found
