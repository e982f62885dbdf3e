"""Where an amount comes from, as the API tells it; and that it says so when something is wrong."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from kit import database, ids
from models.catalogue import ShareModel
from models.payments import PaymentPart
from models.settlement import SettledKind, SettlementLine
from models.statements import Statement
from models.vouchers import CouponKind
from tests.conftest import Clock
from tests.customers.conftest import Ask
from tests.factories import a_partner, an_administrator
from tests.orders.factories import a_coupon
from tests.settlement.sales import (
    JOINT,
    SELF,
    STRICT,
    Provider,
    a_provider,
    entered,
    line_of,
    lines_of,
    statements_of,
)

pytestmark = pytest.mark.usefixtures("database")

BILLING = datetime(2030, 3, 4, 0, 0, tzinfo=UTC)
LATER = datetime(2030, 4, 3, 0, 0, tzinfo=UTC)

WHOLE = """{ formula symbols rounding ruleVersion agrees
  inputs { name symbol value unit source { kind id } }
  steps { text expression value exact rounded }
  exclusions { reason message instrument amount { amount } source { kind id } }
  amount { amount currency } differences { message stored { amount } found { amount } } }"""
ASKED = "query($id: ID!) { node(id: $id) { ... on %s { explanation %s } } }"
OF_LINE, OF_STATEMENT = ASKED % ("SettlementLine", WHOLE), ASKED % ("Statement", WHOLE)


@pytest.fixture
async def provider(time: Clock) -> Provider:
    """A general taxpayer."""
    return await a_provider(time)


def stl(line: SettlementLine) -> str:
    return ids.encode("stl", line.id)


def stm(statement: Statement) -> str:
    return ids.encode("stm", statement.id)


async def explained(ask: Ask, thing: SettlementLine | Statement, by: Any, **more: Any) -> Any:
    """The explanation of a line or a statement."""
    if isinstance(thing, Statement):
        found = await ask(OF_STATEMENT, id=stm(thing), by=by, **more)
    else:
        found = await ask(OF_LINE, id=stl(thing), by=by, **more)
    return found["explanation"]


async def test_a_line_tells_formula_inputs_and_every_step(
    provider: Provider, time: Clock, ask: Ask
) -> None:
    order = await provider.sells("8888.88", "0.15", kind=JOINT, tax="0.13")
    time.now = BILLING
    await provider.settles("2030-02")
    [statement] = await statements_of(provider)
    [line] = await lines_of(statement)

    told = await explained(ask, line, provider.staff)

    sold = await line_of(order)
    part = await PaymentPart.get(order_id=order.id)
    policy = {"kind": "POLICY", "id": ids.encode("gpo", sold.policy_id)}
    assert told["symbols"] == "S = Ccash * 0.5 * r / (1 + tg) * (1 + tf)"
    assert told["formula"].startswith("The cash consumption times the base ratio")
    assert [(each["symbol"], each["value"], each["source"]) for each in told["inputs"]] == [
        ("Ccash", "8888.88", {"kind": "ORDER_LINE", "id": ids.encode("orl", sold.id)}),
        ("CASH", "8888.88", {"kind": "PAYMENT_PART", "id": ids.encode("pmp", part.id)}),
        ("0.5", "0.5", None),
        ("r", "0.150000", policy),
        ("tg", "0.1300", policy),
        (
            "tf",
            "0.0600",
            {
                "kind": "BUSINESS_INFORMATION",
                "id": ids.encode("biz", statement.business_information_id),
            },
        ),
    ]
    assert [(each["expression"], each["value"], each["rounded"]) for each in told["steps"]] == [
        ("8888.88 * 0.5", "4444.44", "4444.44"),
        ("4444.44 * 0.150000", "666.666", "666.67"),
        ("666.666 / 1.1300", "589.9699115044…", "589.97"),
        ("589.9699115044… * 1.0600", "625.3681061946…", "625.37"),
        ("625.3681061946…", "625.37", "625.37"),
    ]
    assert told["steps"][3]["exact"] == "17666649/28250"
    assert told["amount"] == {"amount": "625.37", "currency": "CNY"}
    assert (told["agrees"], told["differences"], told["exclusions"]) == (True, [], [])


async def test_it_speaks_chinese(provider: Provider, time: Clock, ask: Ask) -> None:
    await provider.sells("10600.00")
    time.now = BILLING
    await provider.settles("2030-02")
    [statement] = await statements_of(provider)
    [line] = await lines_of(statement)

    told = await explained(ask, line, provider.staff, locale="zh-CN")

    assert told["formula"].startswith("现金消费 × 分成基数比例")
    assert told["inputs"][0]["name"] == "现金消费"
    assert told["steps"][0]["text"] == "分成基数"


async def test_what_does_not_count_is_told_with_its_reason(
    provider: Provider, time: Clock, ask: Ask
) -> None:
    coupons: dict[UUID, Decimal | None] = {}
    for value, what, facts in (
        ("3500.00", CouponKind.VOUCHER, {}),
        ("1500.00", CouponKind.CASH_COUPON, {"counts_performance": False}),
        ("6000.00", CouponKind.STORED_VALUE_CARD, {}),
    ):
        made = await a_coupon(provider.customer, value, kind=what, now=time.now, **facts)
        coupons[made.id] = None
    await provider.sells("20000.00", coupons=coupons)
    time.now = BILLING
    await provider.settles("2030-02")
    [statement] = await statements_of(provider)
    [line] = await lines_of(statement)

    told = await explained(ask, line, provider.staff)

    assert sorted(
        (each["reason"], each["instrument"], each["amount"]["amount"])
        for each in told["exclusions"]
    ) == [
        ("CASH_COUPON_NOT_COUNTING", "CASH_COUPON", "1500.00"),
        ("VOUCHER", "VOUCHER", "3500.00"),
    ]
    counting = {each["symbol"]: each["value"] for each in told["inputs"]}
    assert (counting["STORED_VALUE_CARD"], counting["CASH"]) == ("6000.00", "9000.00")
    assert counting["Ccash"] == "15000.00"
    assert told["agrees"]


@pytest.mark.parametrize(
    ("sale", "symbols"),
    [
        ({"kind": SELF}, "S = Ccash * 1 * r / (1 + tg) * (1 + tf)"),
        (
            {"model": ShareModel.FLOOR_PRICE, "floor": "700.00", "ratio": "0.6"},
            "S = (P - Fl) * r / (1 + tg) * (1 + tf)",
        ),
        (
            {"model": ShareModel.LEGACY_SOLO, "floor": "700.00", "kind": STRICT, "ratio": "0.9"},
            "S = (P - Fl) / (1 + tg) * (1 + tf) * 0.90",
        ),
        (
            {"model": ShareModel.LEGACY_JOINT, "floor": "700.00", "kind": STRICT, "ratio": "0.6"},
            "S = (P - Fl) * r / (1 + tg) * (1 + tf)",
        ),
        ({"model": ShareModel.MERCHANT_JOINT, "kind": JOINT}, "S = Ccash * r"),
    ],
)
async def test_sales_and_refunds_of_every_model_agree_with_what_is_stored(
    provider: Provider, time: Clock, ask: Ask, sale: dict[str, Any], symbols: str
) -> None:
    partly = await provider.sells("1000.01", tax="0.13", **sale)
    wholly = await provider.sells("777.77", tax="0.13", five_day_refund=True, **sale)
    time.forward(days=3)
    await provider.gives_back(partly)
    await provider.gives_back(wholly)
    time.now = BILLING
    await provider.settles("2030-02")
    [statement] = await statements_of(provider)
    lines = await lines_of(statement)
    assert [line.kind for line in lines].count(SettledKind.REVERSAL) == 2

    told = {line.id: await explained(ask, line, provider.staff) for line in lines}

    for line in lines:
        found = told[line.id]
        assert (found["agrees"], found["differences"]) == (True, [])
        assert found["amount"]["amount"] == str(line.amount)
        assert found["steps"][-1]["rounded"] == str(line.amount)
        if line.kind is SettledKind.ORIGINAL:
            assert found["symbols"] == symbols
    [ending] = [told[line.id] for line in lines if line.takes_remainder]
    assert ending["symbols"] == "R = -(S - B)"
    refunded = ending["inputs"][-1]
    assert (refunded["value"], refunded["source"]["kind"]) == ("777.77", "REFUND")
    whole = await explained(ask, statement, provider.staff)
    assert whole["agrees"]


async def test_a_statement_tells_its_sums_what_is_carried_in_and_its_tax(
    provider: Provider, time: Clock, ask: Ask
) -> None:
    old = await provider.sells("8000.00")
    time.now = BILLING
    await provider.settles("2030-02")
    time.forward(days=10)
    await provider.gives_back(old)
    time.now = LATER
    await provider.settles("2030-03")
    await provider.sells("20000.00")
    await entered(provider, "-10.00", now=time.now)
    time.now = datetime(2030, 5, 6, tzinfo=UTC)
    await provider.settles("2030-04")
    _, below, above = await statements_of(provider)

    told = await explained(ask, above, provider.staff)

    assert told["symbols"] == "T = O + A + C"
    assert [(each["symbol"], each["value"]) for each in told["inputs"]] == [
        ("O", "2000.00"),
        ("A", "-10.00"),
        ("C", str(below.total_amount)),
        ("tf", "0.0600"),
    ]
    assert told["inputs"][2]["source"] == {"kind": "STATEMENT", "id": stm(below)}
    total = above.total_amount
    assert [each["rounded"] for each in told["steps"]] == [
        "1990.00",
        str(total),
        str((total / Decimal("1.06")).quantize(Decimal("0.01"))),
        str(total - (total / Decimal("1.06")).quantize(Decimal("0.01"))),
    ]
    assert (told["agrees"], told["amount"]["amount"]) == (True, str(total))
    [added] = [line for line in await lines_of(above) if line.kind is SettledKind.ADJUSTMENT]
    assert (await explained(ask, added, provider.staff))["agrees"]


async def test_an_amount_that_is_not_what_the_rules_say_is_told_and_not_hidden(
    provider: Provider, time: Clock, ask: Ask
) -> None:
    await provider.sells("10600.00")
    time.now = BILLING
    await provider.settles("2030-02")
    [statement] = await statements_of(provider)
    [line] = await lines_of(statement)
    await database.execute("update settlement_line set amount = 1060.01, cash = 10600.01")

    of_line = await explained(ask, line, provider.staff)
    of_statement = await explained(ask, statement, provider.staff)

    assert not of_line["agrees"]
    assert [
        (each["stored"]["amount"], each["found"]["amount"]) for each in of_line["differences"]
    ] == [("1060.01", "1060.00"), ("10600.01", "10600.00")]
    assert not of_statement["agrees"]
    assert [
        (each["stored"]["amount"], each["found"]["amount"]) for each in of_statement["differences"]
    ] == [("1060.00", "1060.01"), ("1060.00", "1060.01")]


async def test_rules_that_are_not_known_explain_nothing_and_say_so(
    provider: Provider, time: Clock, ask: Ask
) -> None:
    await provider.sells("10600.00")
    time.now = BILLING
    await provider.settles("2030-02")
    [statement] = await statements_of(provider)
    [line] = await lines_of(statement)
    await database.execute("update settlement_line set rule_version = '1999-1'")

    told = await explained(ask, line, provider.staff)

    assert (told["agrees"], told["steps"]) == (False, [])
    assert told["differences"][0]["found"] is None


async def test_the_partner_reads_it_and_others_do_not(
    provider: Provider, time: Clock, ask: Ask
) -> None:
    await provider.sells("10600.00")
    time.now = BILLING
    await provider.settles("2030-02")
    [statement] = await statements_of(provider)
    [line] = await lines_of(statement)
    await Statement.filter(id=statement.id).update(sent_at=time.now)

    assert (await explained(ask, line, provider.by))["agrees"]
    assert (await explained(ask, statement, provider.by))["agrees"]
    for other in (await an_administrator(await a_partner("Others")), provider.buyer):
        assert await ask(OF_LINE, id=stl(line), by=other) is None
        assert await ask(OF_STATEMENT, id=stm(statement), by=other) is None
