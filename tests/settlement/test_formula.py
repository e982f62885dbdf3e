"""The formulas in SQL say the same as the rules, to the last cent, whatever they are given."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.settlement import formula
from domain.settlement.rules import CURRENT, RULES, Refunded, ShareFacts
from kit import database
from models.catalogue import GoodsKind, ShareModel

pytestmark = pytest.mark.usefixtures("database")

RULE = RULES[CURRENT]
AMOUNTS = st.decimals(0, Decimal("99999999.99"), places=2)
SIGNED = st.decimals(Decimal("-99999999.99"), Decimal("99999999.99"), places=2)
RATIOS = st.decimals(0, 1, places=6)
TAXES = st.decimals(0, Decimal("0.9999"), places=4)

_COLUMNS = {
    "model": "share_model",
    "kind": "goods_kind",
    "cash": "cash",
    "deal": "deal_amount",
    "floor": "floor_amount",
    "ratio": "ratio",
    "fee_tax": "fee_tax_rate",
}
_ROWS = """
from jsonb_to_recordset($1::jsonb) as given (number int, share_model text, goods_kind text,
  cash numeric, deal_amount numeric, floor_amount numeric, ratio numeric, goods_tax_rate numeric,
  fee_tax_rate numeric, refunded numeric) order by number
"""


@st.composite
def facts(draw: st.DrawFn) -> ShareFacts:
    """Anything that a line can be."""
    return ShareFacts(
        share_model=draw(st.sampled_from(ShareModel)),
        goods_kind=draw(st.sampled_from(GoodsKind)),
        cash=draw(AMOUNTS),
        deal_amount=draw(AMOUNTS),
        floor_amount=draw(st.none() | AMOUNTS),
        ratio=draw(RATIOS),
        goods_tax_rate=draw(TAXES),
        fee_tax_rate=draw(TAXES),
    )


async def in_sql(
    cases: list[dict[str, Any]], *, of_refund: bool, signed: bool = False
) -> list[Decimal]:
    """What the SQL makes of rows with these facts."""
    part = {"refunded": "refunded"} if of_refund else {}
    whole = {"deal": "deal_amount"} if of_refund else {}
    above = formula.numerator(RULE, **_COLUMNS, **part)
    below = formula.denominator(model="share_model", goods_tax="goods_tax_rate", **whole)
    found = await database.rows(
        f"select {formula.rounded(above, below, signed=signed)} as amount {_ROWS}",
        orjson.dumps([case | {"number": n} for n, case in enumerate(cases)], default=str).decode(),
    )
    return [row["amount"] for row in found]


def as_row(each: ShareFacts, **more: Any) -> dict[str, Any]:
    """The facts by the names of the columns."""
    return {
        "share_model": each.share_model.value,
        "goods_kind": each.goods_kind.value,
        "cash": each.cash,
        "deal_amount": each.deal_amount,
        "floor_amount": each.floor_amount,
        "ratio": each.ratio,
        "goods_tax_rate": each.goods_tax_rate,
        "fee_tax_rate": each.fee_tax_rate,
    } | more


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(cases=st.lists(facts(), min_size=1, max_size=40))
async def test_a_share_in_sql_is_that_of_the_rules(cases: list[ShareFacts]) -> None:
    assert await in_sql([as_row(each) for each in cases], of_refund=False) == [
        RULE.share(each).amount for each in cases
    ]


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(cases=st.lists(st.tuples(facts(), AMOUNTS, AMOUNTS), min_size=1, max_size=40))
async def test_a_refund_in_sql_is_that_of_the_rules_before_it_is_limited(
    cases: list[tuple[ShareFacts, Decimal, Decimal]],
) -> None:
    rows = [as_row(each, cash=cash, refunded=amount) for each, cash, amount in cases]
    unlimited = Decimal(10) ** 15
    assert await in_sql(rows, of_refund=True) == [
        -RULE.reversal(
            original=unlimited,
            facts=each,
            refunded=Refunded(cash=cash, amount=amount),
            taken_back=Decimal(0),
            is_last=False,
        ).amount
        for each, cash, amount in cases
    ]


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(cases=st.lists(st.tuples(facts(), SIGNED, SIGNED), min_size=1, max_size=20))
async def test_usage_in_sql_is_that_of_the_rules_also_below_zero(
    cases: list[tuple[ShareFacts, Decimal, Decimal]],
) -> None:
    """6.3 rule 6: what corrects a charge may come to less than nothing."""
    used = [replace(each, floor_amount=None, cash=cash) for each, cash, _ in cases]
    befores = [before for _, _, before in cases]
    upto = [
        as_row(each, cash=each.cash + before) for each, before in zip(used, befores, strict=True)
    ]
    alone = [as_row(each, cash=before) for each, before in zip(used, befores, strict=True)]
    after = await in_sql(upto, of_refund=False, signed=True)
    before = await in_sql(alone, of_refund=False, signed=True)
    assert [whole - first for whole, first in zip(after, before, strict=True)] == [
        RULE.usage(each, cash_before=before).amount
        for each, before in zip(used, befores, strict=True)
    ]


async def test_half_a_cent_goes_away_from_zero() -> None:
    tie = ShareFacts(
        share_model=ShareModel.DEAL_PRICE,
        goods_kind=GoodsKind.JOINT_OPERATED,
        cash=Decimal("10.10"),
        deal_amount=Decimal("10.10"),
        floor_amount=None,
        ratio=Decimal("0.5"),
        goods_tax_rate=Decimal("0.06"),
        fee_tax_rate=Decimal("0.06"),
    )
    assert await in_sql([as_row(tie)], of_refund=False) == [Decimal("2.53")]
    back = as_row(tie, cash=Decimal("-10.10"))
    assert await in_sql([back], of_refund=False, signed=True) == [Decimal("-2.53")]
