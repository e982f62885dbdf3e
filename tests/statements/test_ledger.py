"""What a bank has paid for a statement or an application stands in the ledger, once."""

from decimal import Decimal
from typing import Any

import pytest

from domain.identity.items import Item
from domain.ledger import accounts, audit
from models.ledger import Book, LedgerAccount, LedgerEntry, LedgerTransfer, TradeType
from tests.conftest import Clock
from tests.customers.conftest import Ask, ask
from tests.factories import a_partner, a_staff_viewer, an_administrator
from tests.statements import factories as make
from tests.statements.factories import House, say, stm

__all__ = ["ask"]

pytestmark = pytest.mark.usefixtures("database")

BOOKED = """query ($id: ID!) { node(id: $id) { ... on Statement {
  booking { number amount { amount } createdAt entries { book amount { amount } } } } } }"""
TRANSFERS = """{ ledgerTransfers(first: 10) {
  nodes { kind note subjectType subject { id } entries { amount { amount } } } } }"""


async def sides() -> list[tuple[Any, Decimal]]:
    """Of all entries, what they added to which book or account."""
    books = {id: book for book, id in accounts.BOOKS.items()}
    found = await LedgerEntry.all().order_by("amount")
    return [(books.get(entry.account_id), entry.amount) for entry in found]


async def test_a_paid_statement_is_one_transfer_between_books(house: House, time: Clock) -> None:
    statement = await make.paying(house, now=time.now)
    assert await LedgerTransfer.all().count() == 0

    await say(statement, reference="BANK-1", now=time.now)

    [transfer] = await LedgerTransfer.all()
    assert (transfer.kind, transfer.amount) == (TradeType.SETTLEMENT, Decimal("1060.00"))
    assert (transfer.subject_type, transfer.subject_id) == ("statement", statement.id)
    assert (transfer.note, transfer.created_at) == (statement.number, time.now)
    assert await sides() == [
        (Book.SETTLEMENTS, Decimal("-1060.00")),
        (Book.PAYOUTS, Decimal("1060.00")),
    ]
    assert await LedgerAccount.filter(partner_id=house.partner.id).count() == 0
    assert (await audit.audit(scheduled_for=time.now, now=time.now)).is_sound


async def test_whatever_else_the_bank_says_moves_nothing(house: House, time: Clock) -> None:
    """A failure reverses nothing, since nothing was booked; paid twice is for people to settle."""
    statement = await make.paying(house, now=time.now)
    await say(statement, ok=False, code="OOPS", now=time.now)
    assert await LedgerTransfer.all().count() == 0

    await say(statement, reference="BANK-1", now=time.now)
    await say(statement, reference="BANK-1", facts={"again": True}, now=time.now)
    await say(statement, ok=False, code="LATE", now=time.now)

    assert await LedgerTransfer.all().count() == 1
    assert len(await sides()) == 2


async def test_the_partner_sees_how_its_statement_was_booked_and_nobody_elses(
    house: House, time: Clock, ask: Ask
) -> None:
    statement = await make.paying(house, now=time.now)
    assert await ask(BOOKED, by=house.by, id=stm(statement)) == {"booking": None}
    await say(statement, reference="BANK-1", now=time.now)
    [transfer] = await LedgerTransfer.all()

    assert await ask(BOOKED, by=house.by, id=stm(statement)) == {
        "booking": {
            "number": transfer.number,
            "amount": {"amount": "1060.00"},
            "createdAt": "2030-01-31T23:30:00.000000Z",
            "entries": [
                {"book": "SETTLEMENTS", "amount": {"amount": "-1060.00"}},
                {"book": "PAYOUTS", "amount": {"amount": "1060.00"}},
            ],
        }
    }
    other = await an_administrator(await a_partner("Elsewhere"))
    assert await ask(BOOKED, by=other, id=stm(statement)) is None
    assert (await ask(TRANSFERS, by=house.by))["nodes"] == []
    by = await a_staff_viewer(Item.FUNDS_REVIEW)
    [seen] = (await ask(TRANSFERS, by=by))["nodes"]
    assert (seen["kind"], seen["note"]) == ("SETTLEMENT", statement.number)
    assert (seen["subjectType"], seen["subject"]) == ("statement", {"id": stm(statement)})
    assert [each["amount"]["amount"] for each in seen["entries"]] == ["-1060.00", "1060.00"]
