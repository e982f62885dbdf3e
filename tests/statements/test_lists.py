"""Lists about statements are found by what an accountant knows of them."""

from typing import Any

import pytest

from tests.conftest import Clock
from tests.customers.conftest import Ask
from tests.statements import factories as make
from tests.statements.factories import House

pytestmark = pytest.mark.usefixtures("database")

INVOICES = """query ($filter: InvoiceFilter) { invoices(first: 5, filter: $filter) {
  nodes { issuedOn totalAmount { amount } } } }"""


async def test_an_invoice_is_found_by_its_day_amount_and_partner(
    house: House, time: Clock, ask: Ask
) -> None:
    await make.invoiced(house, now=time.now)
    [one] = (await ask(INVOICES, by=house.reviewer))["nodes"]
    assert one["issuedOn"] == "2030-02-01"
    name = house.partner.name

    async def found(**filter: Any) -> int:
        return len((await ask(INVOICES, by=house.reviewer, filter=filter))["nodes"])

    assert await found(issued={"from": "2030-02-01", "to": "2030-02-02"}) == 1
    assert await found(issued={"to": "2030-02-01"}) == 0
    assert await found(issued={"from": "2030-02-02"}) == 0
    assert await found(amount={"from": one["totalAmount"]["amount"]}) == 1
    assert await found(amount={"to": one["totalAmount"]["amount"]}) == 0
    assert await found(partner=name[1:4]) == 1
    assert await found(partner="nobody's") == 0
