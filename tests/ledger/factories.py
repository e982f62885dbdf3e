"""Accounts with money in them, and how the ledger stands."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from uuid import UUID, uuid4

from domain.identity.viewer import SYSTEM, Viewer
from domain.ledger import accounts, posting
from domain.ledger.posting import Leg
from kit import database
from kit.money import Money
from kit.transaction import transactional
from models.customers import Customer
from models.ledger import (
    AccountKind,
    Book,
    LedgerAccount,
    LedgerEntry,
    LedgerTransfer,
    TradeType,
)
from models.partners import Partner


def yuan(amount: str | int | Decimal) -> Money:
    """An amount in the house's currency."""
    return Money(Decimal(amount), "CNY")


@transactional
async def move(
    *legs: tuple[UUID, str | int | Decimal],
    kind: TradeType = TradeType.ADJUSTMENT,
    trans_id: str | None = None,
    customer_id: UUID | None = None,
    subject_id: UUID | None = None,
    viewer: Viewer = SYSTEM,
    now: datetime,
) -> LedgerTransfer:
    """A transfer of these legs, in a transaction of its own."""
    return await posting.post(
        kind=kind,
        legs=[Leg(account_id, yuan(amount)) for account_id, amount in legs],
        subject_type="test",
        subject_id=subject_id or uuid4(),
        trans_id=trans_id,
        customer_id=customer_id,
        viewer=viewer,
        now=now,
    )


async def an_account(
    of: Partner | Customer,
    amount: str | int | Decimal = 0,
    *,
    kind: AccountKind = AccountKind.CASH,
    now: datetime,
) -> LedgerAccount:
    """The owner's account, with this much more in it than there was, from outside."""
    find: Callable[..., object] = (
        accounts.of_partner if isinstance(of, Partner) else accounts.of_customer
    )
    account: LedgerAccount = await find(of.id, kind, now=now)  # type: ignore[misc]
    if Decimal(amount):
        outside = accounts.book(Book.OUTSIDE)
        await move(
            (account.id, amount), (outside, -Decimal(amount)), kind=TradeType.RECHARGE, now=now
        )
    return await fresh(account)


async def fresh(account: LedgerAccount) -> LedgerAccount:
    """The account as it stands now."""
    return await LedgerAccount.get(id=account.id)


async def balance(account: LedgerAccount) -> Decimal:
    """What is in it now."""
    return (await fresh(account)).balance


async def entries(account: LedgerAccount) -> list[Decimal]:
    """What was added to it, the first first."""
    found = await LedgerEntry.filter(account_id=account.id).order_by("sequence", "created_at", "id")
    return [entry.amount for entry in found]


async def assert_sound() -> None:
    """All entries add up to nothing, and every balance and hold is what its rows say."""
    [total] = await database.rows("select coalesce(sum(amount), 0) as sum from ledger_entry")
    assert total["sum"] == 0
    wrong = await database.rows(
        "select account.id from ledger_account account where kind <> 'BOOK' and ("
        " balance <> (select coalesce(sum(amount), 0) from ledger_entry e"
        "   where e.account_id = account.id)"
        " or held <> (select coalesce(sum(amount), 0) from ledger_hold h"
        "   where h.account_id = account.id and h.state = 'OPEN')"
        " or balance - held + credit_limit < 0)"
    )
    assert wrong == []
