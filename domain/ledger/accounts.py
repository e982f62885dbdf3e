"""Finding and opening accounts. Money is added to them by `posting` alone."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from kit import database, rows
from kit.ids import new_id
from kit.transaction import assert_open
from models.ledger import CURRENCY, Book, LedgerAccount, LedgerAccountKind

__all__ = ["BOOKS", "Book", "book", "lock", "lock_all", "of_customer", "of_partner"]

# As migration 0004 has made them.
BOOKS: Mapping[Book, UUID] = {book: UUID(int=number) for number, book in enumerate(Book, start=1)}


def book(which: Book) -> UUID:
    """The id of a book of the house, which is the other side of what comes in or goes out."""
    return BOOKS[which]


async def of_customer(
    customer_id: UUID, kind: LedgerAccountKind, *, now: datetime
) -> LedgerAccount:
    """The customer's account of this kind, opened when there is none yet. Holds nothing."""
    return await _of("customer_id", customer_id, kind, now)


async def of_partner(partner_id: UUID, kind: LedgerAccountKind, *, now: datetime) -> LedgerAccount:
    """The partner's account of this kind, opened when there is none yet. Holds nothing."""
    return await _of("partner_id", partner_id, kind, now)


async def lock_all(ids: Iterable[UUID]) -> dict[UUID, LedgerAccount]:
    """Hold these accounts, in the order of their ids, and read what they have now."""
    assert_open()
    found = await database.rows(
        f"select {rows.columns(LedgerAccount, 't')} from ledger_account t"
        " where t.id = any($1) order by t.id for no key update",
        sorted(set(ids)),
    )
    return {account.id: account for account in rows.as_models(LedgerAccount, found)}


async def lock(id: UUID) -> LedgerAccount:
    """Hold one account that is known to be there."""
    return (await lock_all([id]))[id]


async def _of(owner: str, owner_id: UUID, kind: LedgerAccountKind, now: datetime) -> LedgerAccount:
    assert kind is not LedgerAccountKind.BOOK, "books have no owner"
    if found := await _found(owner, owner_id, kind):
        return found
    # Two may open it at once: the second waits here for the first, and finds it below.
    await database.execute(
        f"insert into ledger_account (id, created_at, {owner}, kind, currency, balance, held,"
        " credit_limit, designated, unreturned_invoices, uncredited, entries)"
        f" values ($1, $2, $3, $4, '{CURRENCY}', 0, 0, 0, 0, 0, 0, 0)"
        f" on conflict ({owner}, kind, currency) do nothing",
        *(new_id(), now, owner_id, kind.value),
    )
    opened = await _found(owner, owner_id, kind)
    assert opened is not None, "the conflicting row is committed, so it is there"
    return opened


async def _found(owner: str, owner_id: UUID, kind: LedgerAccountKind) -> LedgerAccount | None:
    found = await database.rows(
        f"select {rows.columns(LedgerAccount, 't')} from ledger_account t"
        f" where t.{owner} = $1 and t.kind = $2 and t.currency = '{CURRENCY}'",
        *(owner_id, kind.value),
    )
    return rows.as_models(LedgerAccount, found)[0] if found else None
