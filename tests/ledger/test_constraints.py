"""What no statement by hand can do to the ledger: the database itself refuses."""

from collections.abc import AsyncIterator
from decimal import Decimal
from uuid import uuid4

import pytest
from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from domain.ledger import accounts
from kit import database
from models.ledger import Book, LedgerAccount, LedgerTransfer
from tests.conftest import Clock
from tests.factories import a_partner
from tests.ledger.factories import an_account, assert_sound, fresh, move

pytestmark = pytest.mark.usefixtures("database")

_ENTRY = (
    "insert into ledger_entry (id, created_at, transfer_id, account_id, currency, kind, amount,"
    " sequence, balance_before, balance_after)"
    " values (uuidv7(), now(), '{transfer}', '{account}', '{currency}', 'PAYMENT', {amount},"
    " {sequence}, {before}, {after})"
)


@pytest.fixture
async def account(time: Clock) -> AsyncIterator[LedgerAccount]:
    """Three entries: 100, -30, 50."""
    account = await an_account(await a_partner(), 100, now=time.now)
    for amount in (-30, 50):
        await move((account.id, amount), (accounts.book(Book.OUTSIDE), -amount), now=time.now)
    yield await fresh(account)
    untouched = await fresh(account)
    assert (untouched.balance, untouched.entries) == (Decimal(120), 3)
    await assert_sound()


async def refused(*statements: str) -> str:
    """Which constraint does not let these happen in one transaction."""

    async def run() -> None:
        async with in_transaction():
            for statement in (*statements, "set constraints all immediate"):
                await database.execute(statement)

    with pytest.raises(IntegrityError) as refused:
        await run()
    return str(getattr(refused.value.args[0], "constraint_name", refused.value))


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("balance = balance + 1", "ledger_account_balance_is_last_entry"),
        ("balance = 0", "ledger_account_balance_is_last_entry"),
        ("entries = entries + 1", "ledger_account_balance_is_last_entry"),
        ("entries = 1, balance = 100", "ledger_account_goes_on"),
        ("entries = 0, balance = 0", "ledger_account_goes_on"),
        ("held = 120.01", "ledger_account_not_overdrawn"),
        ("held = -1", "ledger_account_amounts"),
        ("credit_limit = 10", "ledger_account_credit"),
        ("kind = 'CREDIT'", "ledger_account_goes_on"),
        ("partner_id = null, customer_id = null", "ledger_account_goes_on"),
    ],
)
async def test_an_account_can_not_be_made_richer_by_hand(
    account: LedgerAccount, change: str, constraint: str
) -> None:
    told = await refused(f"update ledger_account set {change} where id = '{account.id}'")

    assert told == constraint


@pytest.mark.parametrize("table", ["ledger_entry", "ledger_transfer"])
@pytest.mark.parametrize("statement", ["update {} set created_at = now()", "delete from {}"])
async def test_what_is_written_stays(account: LedgerAccount, table: str, statement: str) -> None:
    assert await refused(statement.format(table)) == "ledger_stays"


async def test_an_account_with_entries_can_not_be_deleted(account: LedgerAccount) -> None:
    told = await refused(f"delete from ledger_account where id = '{account.id}'")

    assert told.startswith("ledger_entry") or "fkey" in told or "fk" in told


def entry(account: LedgerAccount, transfer: LedgerTransfer, **values: object) -> str:
    """A statement that adds an entry by hand."""
    given = {"amount": 10, "sequence": 4, "before": 120, "after": 130, "currency": "CNY"} | values
    return _ENTRY.format(account=account.id, transfer=transfer.id, **given)


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({}, "ledger_entry_counted"),
        ({"after": 140}, "ledger_entry_adds_up"),
        ({"before": 20, "after": 30}, "ledger_entry_follows"),
        ({"sequence": 5}, "ledger_entry_follows"),
        ({"sequence": 3, "before": 70, "after": 80}, "ledger_entry_sequence"),
        ({"sequence": 1, "before": 120, "after": 130}, "ledger_entry_begins_with_nothing"),
        ({"sequence": 0, "before": 0, "after": 10}, "ledger_entry_begins_with_nothing"),
        ({"sequence": "null", "before": "null", "after": "null"}, "ledger_entry_counted"),
        ({"sequence": "null"}, "ledger_entry_adds_up"),
        ({"amount": 0, "after": 120}, "ledger_entry_moves_something"),
        ({"currency": "USD"}, "ledger_entry_account_currency"),
    ],
)
async def test_an_entry_by_hand_does_not_fit(
    account: LedgerAccount, values: dict[str, object], constraint: str
) -> None:
    transfer = await LedgerTransfer.all().order_by("id").first()
    assert transfer is not None

    assert await refused(entry(account, transfer, **values)) == constraint


async def test_an_entry_that_its_account_counts_still_needs_the_other_side(
    account: LedgerAccount,
) -> None:
    transfer = await LedgerTransfer.all().order_by("id").first()
    assert transfer is not None

    told = await refused(
        entry(account, transfer),
        f"update ledger_account set balance = 130, entries = 4 where id = '{account.id}'",
    )

    assert told == "ledger_transfer_balanced"


async def test_a_book_has_neither_balance_nor_sequence(account: LedgerAccount) -> None:
    book = await LedgerAccount.get(id=accounts.book(Book.SALES))
    transfer = await LedgerTransfer.all().order_by("id").first()
    assert transfer is not None

    first = entry(book, transfer, sequence=1, before=0, after=10)
    assert await refused(first) == "ledger_entry_counted"
    assert (
        await refused(f"update ledger_account set held = 1 where id = '{book.id}'")
        == "ledger_account_book_is_plain"
    )


async def test_an_account_has_exactly_one_owner(account: LedgerAccount) -> None:
    told = await refused(
        "insert into ledger_account (id, created_at, partner_id, customer_id, book, kind, currency,"
        " balance, held, credit_limit, designated, unreturned_invoices, uncredited, entries)"
        f" values ('{uuid4()}', now(), null, null, null, 'CASH', 'CNY', 0, 0, 0, 0, 0, 0, 0)"
    )

    assert told == "ledger_account_one_owner"
