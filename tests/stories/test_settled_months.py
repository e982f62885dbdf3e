"""Four months of a service provider, played through the API: what is sold, given back, and paid."""

from datetime import UTC, datetime
from typing import Any

import pytest

from models.catalogue import GoodsCategory
from tests.conftest import Clock
from tests.customers.conftest import Ask, ask
from tests.stories.month import a_month

__all__ = ["ask"]

pytestmark = pytest.mark.usefixtures("database")

# Days on which months are settled; the clock begins at the first of February in Shanghai.
MARCH = datetime(2030, 3, 4, 1, tzinfo=UTC)
APRIL = datetime(2030, 4, 3, 1, tzinfo=UTC)
MAY = datetime(2030, 5, 6, 1, tzinfo=UTC)
JUNE = datetime(2030, 6, 4, 1, tzinfo=UTC)


def amounts(statement: dict[str, Any]) -> list[tuple[str, str]]:
    """Its lines, by kind and amount; each explains itself."""
    lines = statement["settlementLines"]["nodes"]
    assert all(line["explanation"]["agrees"] for line in lines)
    assert statement["explanation"]["agrees"]
    return sorted((line["kind"], line["amount"]["amount"]) for line in lines)


async def test_a_provider_is_paid_month_by_month_to_the_cent(ask: Ask, time: Clock) -> None:
    month = await a_month(ask, time)

    # February: two tax rates, a refund inside the guarantee, credit, and a supervised delivery.
    await month.sells("10600.00", "0.1")
    kept = await month.sells("8000.00", "0.1")
    opened_at = time.now
    await month.sells("11300.00", "0.12", tax="0.13")
    unwanted = await month.sells(
        "8888.88", "0.15", tax="0.13", of_merchant=True, five_day_refund=True
    )
    lent = await month.sells("3000.00", "0.1", credit="3000.00")
    supervised = await month.sells(
        "4000.00",
        "0.1",
        of_merchant=True,
        category=GoodsCategory.PRO_SERVICE,
        requires_supervision=True,
    )
    await month.passes(days=2)
    await month.gives_back(unwanted, to=month.seller)

    await month.comes(MARCH)
    run = await month.is_settled("2030-02")
    assert (run["status"], run["partnerCount"], run["donePartnerCount"]) == ("DONE", 1, 1)
    assert (run["lineCount"], run["statementCount"]) == (5, 2)
    assert await month.statements("2030-02", month.by) == {}  # nothing is sent yet
    made = await month.statements("2030-02", month.clerk)
    six, thirteen = made["0.0600"], made["0.1300"]
    assert amounts(six) == [("ORIGINAL", "1060.00"), ("ORIGINAL", "800.00")]
    assert amounts(thirteen) == [
        ("ORIGINAL", "1272.00"),
        ("ORIGINAL", "625.37"),
        ("REVERSAL", "-625.37"),
    ]
    assert await month.is_paid(six, "00000000000000000001") == "PAID"
    assert await month.is_paid(thirteen, "00000000000000000002") == "PAID"
    seen = await month.statements("2030-02", month.by)
    assert {rate: each["totalAmount"]["amount"] for rate, each in seen.items()} == {
        "0.0600": "1860.00",
        "0.1300": "1272.00",
    }

    # March: nothing that could be settled, and so no statement.
    await month.comes(APRIL)
    run = await month.is_settled("2030-03")
    assert (run["status"], run["lineCount"], run["statementCount"]) == ("DONE", 0, 0)

    # April: the delivery is accepted, and what was kept for 73 days is given back.
    await month.is_accepted(supervised)
    time.now = opened_at
    time.forward(days=73)
    await month.gives_back(kept, to=month.clerk)
    await month.comes(MAY)
    await month.is_settled("2030-04")
    below = (await month.statements("2030-04", month.clerk))["0.0600"]
    assert amounts(below) == [("ORIGINAL", "200.00"), ("REVERSAL", "-640.00")]
    assert below["totalAmount"]["amount"] == "-440.00"
    await month.does(month.clerk, "statementSend", "statement { status }", id=below["id"])
    read = await month.reads(month.clerk, "Statement", below["id"], "status", name="status")
    assert read == "CARRIED_OVER"

    # May: the credit is repaid, late; there is another sale, and what was below zero is carried.
    await month.pays_in("3000.00")
    await month.does(month.buyer, "creditRepay", "ledgerTransfer { id }", amount="3000.00")
    await month.sells("17000.00", "0.1")
    await month.comes(JUNE)
    await month.is_settled("2030-05")
    above = (await month.statements("2030-05", month.clerk))["0.0600"]
    assert amounts(above) == [("ORIGINAL", "1700.00"), ("ORIGINAL", "300.00")]
    assert (above["linesAmount"]["amount"], above["carryIn"]["amount"]) == ("2000.00", "-440.00")
    assert above["totalAmount"]["amount"] == "1560.00"
    assert await month.is_paid(above, "00000000000000000003") == "PAID"

    # What was lent in February is billed by now.
    assert await month.reads(month.clerk, "Order", lent, "billingState", name="billingState") == (
        "BILLED"
    )
