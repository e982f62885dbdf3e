"""What a statement is below zero, paid back by the partner: nothing carries it then (D-06, 6.9)."""

from decimal import Decimal
from typing import Any

import pytest

from domain.ledger import accounts, audit
from domain.settlement import sharing
from domain.statements import cancelling, repaying
from domain.statements.cancelling import CarryTaken
from kit.problems import Forbidden, InvalidInput
from kit.status import WrongStatus
from models.ledger import Book, LedgerEntry, LedgerTransfer, TradeType
from models.statements import Statement
from models.statements import StatementStatus as Status
from tests.conftest import Clock
from tests.customers.conftest import Ask, ask
from tests.factories import a_staff_viewer
from tests.races import at_once
from tests.statements import factories as make
from tests.statements.factories import House, fresh, history, mails, status, stm

__all__ = ["ask"]

pytestmark = pytest.mark.usefixtures("database")

RECORD = """mutation($id: ID!, $reference: String!, $key: String!) {
  statementRepaymentRecord(input: {id: $id, reference: $reference, idempotencyKey: $key}) {
    statement { status paidAt paymentReference carriedInto { number }
      booking { amount { amount } entries { book amount { amount } } } }
    replayed errors { code path ... on CarryTaken { number } } } }"""


async def record(house: House, statement: Statement, time: Clock, **more: Any) -> Statement:
    given: dict[str, Any] = {"viewer": house.reviewer, "reference": "WIRE-9"} | more
    return await repaying.record(**given, statement_id=statement.id, now=time.now)


async def made_anew(house: House, time: Clock, total: str, *, period: str) -> Statement:
    """A statement that waits to be made again, with whatever it carries by then."""
    statement = await make.a_statement(house, total, period=period, now=time.now)
    by: dict[str, Any] = {"viewer": house.reviewer, "statement_id": statement.id, "now": time.now}
    await cancelling.cancel(**by, reason="Anew.")
    await cancelling.regenerate(**by)
    return statement


async def carrying(statement: Statement) -> tuple[Any, Decimal]:
    """What stands in the place of a cancelled statement: which one it carries, and its total."""
    anew = await Statement.get(replaces_id=statement.id)
    return anew.carried_from_id, anew.total_amount


async def test_what_was_paid_back_is_booked_and_no_statement_carries_it(
    house: House, time: Clock
) -> None:
    below = await make.sent(house, "-440.00", period="2029-11", now=time.now)
    later = await made_anew(house, time, "2000.00", period="2029-12")

    repaid = await record(house, below, time)

    assert (repaid.status, repaid.payment_reference) == (Status.REPAID, "WIRE-9")
    assert (repaid.paid_at, repaid.closed_at) == (time.now, below.closed_at)
    [transfer] = await LedgerTransfer.all()
    assert (transfer.kind, transfer.amount) == (TradeType.SETTLEMENT, Decimal("440.00"))
    assert (transfer.subject_id, transfer.note) == (below.id, below.number)
    books = {id: book for book, id in accounts.BOOKS.items()}
    sides = {books[entry.account_id]: entry.amount for entry in await LedgerEntry.all()}
    assert sides == {Book.OUTSIDE: Decimal("-440.00"), Book.SETTLEMENTS: Decimal("440.00")}
    assert (await audit.audit(scheduled_for=time.now, now=time.now)).is_sound
    assert (await history(below.id))[-2:] == ["carried_over", "repaid"]
    assert await mails("statement_ended") == [house.by.email]
    assert await sharing.settle_next(now=time.now)
    assert await carrying(later) == (None, Decimal("2000.00"))


async def test_only_what_is_below_zero_and_carried_by_none_is_paid_back(
    house: House, time: Clock
) -> None:
    unsent = await make.a_statement(house, "-1.00", period="2029-08", now=time.now)
    nothing = await make.sent(house, "0.00", period="2029-09", now=time.now)
    due = await make.sent(house, "10.00", period="2029-10", now=time.now)
    below = await make.sent(house, "-440.00", period="2029-11", now=time.now)
    above = await make.a_statement(house, "2000.00", carried_from=below, now=time.now)

    for statement in (unsent, nothing, due):
        with pytest.raises(WrongStatus):
            await record(house, statement, time)
    with pytest.raises(CarryTaken) as refused:
        await record(house, below, time)
    assert refused.value.number == above.number
    assert (await status(below), await LedgerTransfer.all().count()) == (Status.CARRIED_OVER, 0)

    await cancelling.cancel(
        viewer=house.reviewer, statement_id=above.id, reason="Paid back.", now=time.now
    )
    await record(house, below, time)
    with pytest.raises(WrongStatus):
        await record(house, below, time)
    assert await LedgerTransfer.all().count() == 1


async def test_the_platform_alone_says_so_and_by_which_payment(house: House, time: Clock) -> None:
    below = await make.sent(house, "-440.00", now=time.now)

    for viewer in (house.by, await a_staff_viewer()):
        with pytest.raises(Forbidden):
            await record(house, below, time, viewer=viewer)
    for reference in ("", " ", "9" * 129):
        with pytest.raises(InvalidInput) as refused:
            await record(house, below, time, reference=reference)
        assert refused.value.path == ("input", "reference")

    assert await status(below) is Status.CARRIED_OVER
    assert await LedgerTransfer.all().count() == 0


@pytest.mark.parametrize("repaid_first", [True, False])
async def test_paid_back_as_a_run_carries_it(house: House, time: Clock, repaid_first: bool) -> None:
    """It comes once: from the partner, or off its next statement."""
    below = await make.sent(house, "-440.00", period="2029-11", now=time.now)
    later = await made_anew(house, time, "2000.00", period="2029-12")
    calls: list[Any] = [record(house, below, time), sharing.settle_next(now=time.now)]

    done = await at_once(*(calls if repaid_first else reversed(calls)), while_locked=below)

    if repaid_first:
        assert await status(below) is Status.REPAID
        assert await carrying(later) == (None, Decimal("2000.00"))
    else:
        assert isinstance(done[1], CarryTaken)
        assert await status(below) is Status.CARRIED_OVER
        assert await carrying(later) == (below.id, Decimal("1560.00"))
    assert await LedgerTransfer.all().count() == repaid_first


async def test_through_the_api_it_is_said_once(house: House, time: Clock, ask: Ask) -> None:
    below = await make.sent(house, "-440.00", now=time.now)
    said = {"id": stm(below), "reference": "WIRE-9", "key": "once"}

    first = await ask(RECORD, by=house.reviewer, **said)
    again = await ask(RECORD, by=house.reviewer, **said)
    wrong = await ask(RECORD, by=house.reviewer, **said | {"key": "twice"})

    assert first["errors"] == []
    assert first["statement"] == {
        "status": "REPAID",
        "paidAt": "2030-01-31T23:30:00.000000Z",
        "paymentReference": "WIRE-9",
        "carriedInto": None,
        "booking": {
            "amount": {"amount": "440.00"},
            "entries": [
                {"book": "OUTSIDE", "amount": {"amount": "-440.00"}},
                {"book": "SETTLEMENTS", "amount": {"amount": "440.00"}},
            ],
        },
    }
    assert (again["replayed"], again["statement"]) == (True, first["statement"])
    assert wrong["errors"][0]["code"] == "WRONG_STATUS"
    assert await LedgerTransfer.all().count() == 1
    assert (await fresh(below)).version == 3
