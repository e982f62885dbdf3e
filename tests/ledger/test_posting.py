"""Moving money between accounts."""

import asyncio
from contextvars import copy_context
from decimal import Decimal

import pytest
from tortoise.transactions import in_transaction

from domain.ledger import accounts
from domain.ledger.posting import (
    DuplicateTransId,
    InsufficientBalance,
    NothingOwed,
    TransIdInProgress,
)
from kit import database
from kit.transaction import transactional
from models.customers import Customer
from models.ledger import AccountKind, Book, LedgerAccount, LedgerEntry, LedgerTransfer, TradeType
from tests.conftest import Clock
from tests.customers.factories import a_customer
from tests.factories import a_partner, an_administrator
from tests.ledger.factories import an_account, assert_sound, balance, entries, move
from tests.races import at_once, until_waiting

pytestmark = pytest.mark.usefixtures("database")


async def test_money_that_moves_is_taken_from_one_and_given_to_the_other(time: Clock) -> None:
    source = await an_account(await a_partner(), 100, now=time.now)
    target = await an_account(await a_customer(), now=time.now)

    transfer = await move((source.id, "-30.25"), (target.id, "30.25"), now=time.now)

    assert (await balance(source), await balance(target)) == (Decimal("69.75"), Decimal("30.25"))
    assert transfer.amount == Decimal("30.25")
    rows = await LedgerEntry.filter(transfer_id=transfer.id).order_by("amount")
    assert [(row.sequence, row.balance_before, row.balance_after) for row in rows] == [
        (2, Decimal(100), Decimal("69.75")),
        (1, Decimal(0), Decimal("30.25")),
    ]
    await assert_sound()


async def test_a_book_of_the_house_keeps_no_balance(time: Clock) -> None:
    source = await an_account(await a_partner(), 100, now=time.now)
    sales = accounts.book(Book.SALES)

    await move((source.id, -40), (sales, 40), now=time.now)

    book = await LedgerAccount.get(id=sales)
    assert (book.balance, book.entries, book.book) == (Decimal(0), 0, Book.SALES)
    [entry] = await LedgerEntry.filter(account_id=sales)
    assert (entry.amount, entry.sequence, entry.balance_after) == (Decimal(40), None, None)


async def test_nothing_is_written_when_the_balance_is_not_enough(time: Clock) -> None:
    source = await an_account(await a_partner(), 100, now=time.now)
    target = await an_account(await a_customer(), now=time.now)

    with pytest.raises(InsufficientBalance) as refused:
        await move((source.id, "-100.01"), (target.id, "100.01"), now=time.now)

    assert refused.value.code == "CBC.99005003"
    assert (refused.value.needed, refused.value.available) == (Decimal("100.01"), Decimal(100))
    assert await balance(source) == 100
    assert await LedgerTransfer.all().count() == 1
    await assert_sound()


async def test_two_legs_of_one_account_follow_each_other(time: Clock) -> None:
    source = await an_account(await a_partner(), 100, now=time.now)
    outside = accounts.book(Book.OUTSIDE)

    await move((source.id, -100), (source.id, 60), (outside, 40), now=time.now)

    assert await entries(source) == [Decimal(100), Decimal(-100), Decimal(60)]
    await assert_sound()


async def test_credit_is_spent_up_to_the_limit_and_repaid_up_to_nothing(time: Clock) -> None:
    credit = await an_account(await a_customer(), kind=AccountKind.CREDIT, now=time.now)
    await database.execute("update ledger_account set credit_limit = 50 where id = $1", credit.id)
    sales, outside = accounts.book(Book.SALES), accounts.book(Book.OUTSIDE)

    await move((credit.id, -50), (sales, 50), now=time.now)
    with pytest.raises(InsufficientBalance):
        await move((credit.id, "-0.01"), (sales, "0.01"), now=time.now)
    with pytest.raises(NothingOwed) as refused:
        await move((credit.id, "50.01"), (outside, "-50.01"), now=time.now)

    assert refused.value.owed == 50
    assert await balance(credit) == -50
    await move((credit.id, 50), (outside, -50), now=time.now)
    assert await balance(credit) == 0


async def test_the_same_trans_id_again_is_the_earlier_transfer(time: Clock) -> None:
    source = await an_account(await a_partner(), 100, now=time.now)
    target = await an_account(await a_customer(), now=time.now)

    one = await move((source.id, -70), (target.id, 70), trans_id="t-1", now=time.now)
    other = await move((target.id, 70), (source.id, -70), trans_id="t-1", now=time.now)

    assert other.id == one.id
    assert await balance(target) == 70


async def test_the_same_trans_id_with_something_else_is_refused(time: Clock) -> None:
    source = await an_account(await a_partner(), 100, now=time.now)
    target = await an_account(await a_customer(), now=time.now)
    await move((source.id, -70), (target.id, 70), trans_id="t-1", now=time.now)

    for legs, kind in (
        (((source.id, -20), (target.id, 20)), TradeType.ADJUSTMENT),
        (((source.id, -70), (target.id, 70)), TradeType.ALLOCATION),
    ):
        with pytest.raises(DuplicateTransId) as refused:
            await move(*legs, trans_id="t-1", kind=kind, now=time.now)
        assert refused.value.code == "CBC.99007009"

    assert await balance(target) == 70


async def test_two_tenants_may_choose_the_same_trans_id(time: Clock) -> None:
    target = await an_account(await a_customer(), now=time.now)
    outside = accounts.book(Book.OUTSIDE)
    for name in ("Acme", "Rival"):
        by = await an_administrator(await a_partner(name))
        await move((target.id, 5), (outside, -5), trans_id="t-1", viewer=by, now=time.now)

    assert await balance(target) == 10


async def test_of_two_who_want_the_last_money_one_gets_it(time: Clock) -> None:
    source = await an_account(await a_partner(), 100, now=time.now)
    target = await an_account(await a_customer(), now=time.now)

    done = await at_once(
        *(move((source.id, -60), (target.id, 60), now=time.now) for _ in range(2)),
        while_locked=source,
    )

    assert [type(each) for each in done] == [LedgerTransfer, InsufficientBalance]
    assert (await balance(source), await balance(target)) == (Decimal(40), Decimal(60))
    await assert_sound()


async def test_the_same_trans_id_twice_at_once_moves_money_once(time: Clock) -> None:
    source = await an_account(await a_partner(), 100, now=time.now)
    target = await an_account(await a_customer(), now=time.now)

    one, other = await at_once(
        *(move((source.id, -60), (target.id, 60), trans_id="t-1", now=time.now) for _ in range(2)),
        while_locked=source,
    )

    assert one.id == other.id
    assert await balance(source) == 40


async def test_a_trans_id_that_another_is_using_on_other_accounts_is_told_to_wait(
    time: Clock,
) -> None:
    one = await an_account(await a_partner(), 100, now=time.now)
    other = await an_account(await a_partner("Other"), 100, now=time.now)
    sales, elsewhere = accounts.book(Book.SALES), copy_context()

    async with in_transaction():
        await move((one.id, -10), (sales, 10), trans_id="t-1", now=time.now)
        second = asyncio.create_task(
            move((other.id, -10), (sales, 10), trans_id="t-1", now=time.now), context=elsewhere
        )
        await until_waiting(1)

    with pytest.raises(TransIdInProgress) as refused:
        await second
    assert (refused.value.code, refused.value.retryable) == ("CBC.99007461", True)
    assert (await balance(one), await balance(other)) == (Decimal(90), Decimal(100))


async def test_crossing_transfers_do_not_deadlock(time: Clock) -> None:
    one = await an_account(await a_partner(), 100, now=time.now)
    other = await an_account(await a_partner("Other"), 100, now=time.now)

    done = await at_once(
        move((one.id, -10), (other.id, 10), now=time.now),
        move((other.id, -20), (one.id, 20), now=time.now),
        while_locked=min(one, other, key=lambda account: account.id),
    )

    assert [type(each) for each in done] == [LedgerTransfer, LedgerTransfer]
    assert (await balance(one), await balance(other)) == (Decimal(110), Decimal(90))


async def test_an_account_that_two_open_at_once_is_one(time: Clock) -> None:
    customer = await a_customer()

    @transactional
    async def open_one() -> LedgerAccount:
        await Customer.select_for_update(no_key=True).get(id=customer.id)
        return await accounts.of_customer(customer.id, AccountKind.CASH, now=time.now)

    found = await asyncio.gather(
        *(accounts.of_customer(customer.id, AccountKind.CASH, now=time.now) for _ in range(5)),
        open_one(),
    )

    assert len({account.id for account in found}) == 1
    assert await LedgerAccount.filter(customer_id=customer.id).count() == 1
