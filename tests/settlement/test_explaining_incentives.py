"""Where an incentive comes from, and what of it a quarter's statement pays."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from domain.identity.items import Item
from domain.performance import adjusting
from domain.settlement import exporting, recomputing
from kit import database, ids
from models.incentives import PaysBy
from models.order_states import PolicyScene
from models.settlement import SettlementLine, StatementKind
from models.statements import Statement
from tests.conftest import Clock
from tests.consumption.factories import buy
from tests.customers.conftest import Ask
from tests.factories import a_staff_viewer
from tests.incentives.factories import a_policy, confirmed, earned, finish, the_platform
from tests.orders.factories import a_shop, lend
from tests.performance.factories import lines
from tests.settlement.factories import a_csp_shop, run, sold

pytestmark = pytest.mark.usefixtures("database")

MARCH = datetime(2030, 3, 1, tzinfo=UTC)
APRIL = datetime(2030, 4, 3, tzinfo=UTC)

EXPLAINED = """query($id: ID!) { node(id: $id) { ... on %s { explanation { symbols agrees
  inputs { symbol value source { kind } } steps { expression value }
  differences { stored { amount } found { amount } } } } } }"""


async def test_an_incentive_and_the_line_that_pays_a_part_of_it_explain_themselves(
    time: Clock, ask: Ask
) -> None:
    """1 % of 5,000, of which 3,000 were sold on credit and aren't repaid (I-15)."""
    staff = await a_staff_viewer(Item.SETTLEMENT_REVIEW, Item.INCENTIVE_POLICY)
    seller = await a_csp_shop()
    await a_policy("CSP", now=time.now, scene=PolicyScene.CSP, pays_by=PaysBy.STATEMENT)
    await lend(seller.customer, "3000.00", now=time.now)
    await sold(seller, quantity=5, now=time.now, credit_amount=Decimal("3000.00"))
    await finish(2030, 2, now=MARCH)
    incentive = await confirmed(seller.by, await earned("CSP"), now=MARCH)
    await run("2030-Q1", kind=StatementKind.ASSESSMENT, now=APRIL)
    [statement] = await Statement.all()
    [line] = await SettlementLine.filter(statement_id=statement.id)

    whole = (await ask(EXPLAINED % "Incentive", id=ids.encode("inc", incentive.id), by=staff))[
        "explanation"
    ]
    part = (await ask(EXPLAINED % "SettlementLine", id=ids.encode("stl", line.id), by=staff))[
        "explanation"
    ]

    assert (whole["symbols"], whole["agrees"]) == ("S = Bp * r", True)
    assert [(each["symbol"], each["value"], each["source"]) for each in whole["inputs"]] == [
        ("Bp", "5000.00", None),
        ("From", "0.00", {"kind": "INCENTIVE_POLICY"}),
        ("r", "0.010000", {"kind": "INCENTIVE_POLICY"}),
    ]
    assert whole["steps"][-1]["value"] == "50.00"
    assert (part["symbols"], part["agrees"]) == ("S = B * r - F", True)
    assert [(each["symbol"], each["value"]) for each in part["inputs"]] == [
        ("B", "5000.00"),
        ("r", "0.010000"),
        ("F", "30.00"),
    ]
    assert part["steps"][-1] == {"expression": "50.00 - 30.00", "value": "20.00"}
    lines = [each async for each in exporting.export(statement.number)]
    assert list(recomputing.check(lines)) == []

    await database.execute("update incentive set amount = 50.01")
    told = (await ask(EXPLAINED % "Incentive", id=ids.encode("inc", incentive.id), by=staff))[
        "explanation"
    ]
    assert not told["agrees"]
    assert told["differences"] == [{"stored": {"amount": "50.01"}, "found": {"amount": "50.00"}}]


async def test_an_incentive_tells_what_the_period_before_takes_from_it(
    time: Clock, ask: Ask
) -> None:
    shop, platform = await a_shop(), await the_platform()
    await a_policy(now=time.now)
    await buy(shop, now=time.now)
    await finish(2030, 2, now=MARCH)
    [line] = await lines()
    for month, amount in ((3, "-300"), (4, "2300")):
        time.now = datetime(2030, month, 5, tzinfo=UTC)
        await adjusting.enter(
            viewer=platform, line_id=line.id, amount=Decimal(amount), reason="So.", now=time.now
        )
        await finish(2030, month, now=datetime(2030, month + 1, 1, tzinfo=UTC))
    april = await earned(period="2030-04")

    told = await ask(EXPLAINED % "Incentive", id=ids.encode("inc", april.id), by=platform)

    told = told["explanation"]
    assert (told["symbols"], told["agrees"]) == ("S = (Bp + Bc) * r", True)
    assert told["inputs"][:2] == [
        {"symbol": "Bp", "value": "2300.00", "source": None},
        {"symbol": "Bc", "value": "-300.00", "source": {"kind": "INCENTIVE"}},
    ]
    assert told["steps"][0] == {"expression": "2300.00 + -300.00", "value": "2000.00"}
    assert told["steps"][-1]["value"] == "20.00"
