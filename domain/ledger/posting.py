"""Moving money: the one function that writes to the ledger; a transfer takes what it gives."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.audit.events import PLATFORM_TENANT
from domain.identity.viewer import Viewer
from domain.ledger import accounts
from kit import database, rows
from kit.ids import new_id
from kit.money import Money
from kit.numbers import numbered
from kit.problems import Problem
from kit.transaction import assert_open
from kit.violations import answering
from models.ledger import (
    CURRENCY,
    LedgerAccount,
    LedgerAccountKind,
    LedgerEntry,
    LedgerTransfer,
    TradeType,
)


class InsufficientBalance(Problem):
    """The account has less than is to be taken from it."""

    code = "CBC.99005003"
    en = "The balance isn't enough: {needed} is needed, {available} is available."
    zh = "余额不足:需要 {needed},可用 {available}。"
    about = {"needed": "How much is to be taken.", "available": "How much there is to take."}
    needed: Decimal
    available: Decimal


class DuplicateTransId(Problem):
    """The `transId` stands for another movement of money already; a new one needs a new name."""

    code = "CBC.99007009"
    en = "This transId was used for something else."
    zh = "该事务流水号(trans_id)已用于其他操作。"
    blames = "trans_id"


class TransIdInProgress(Problem):
    """Another request with the same `transId` is being worked on at this moment."""

    code = "CBC.99007461"
    en = "A request with this transId is still being worked on; ask again."
    zh = "存在未完成的拨款或回收任务,请稍后重试。"
    retryable = True
    blames = "trans_id"


class NothingOwed(Problem):
    """More would be paid back to a credit account than is owed on it."""

    en = "Only {owed} is owed."
    zh = "待还金额仅为 {owed}。"
    about = {"owed": "How much is owed."}
    owed: Decimal


@dataclass(frozen=True, slots=True)
class Leg:
    """One side of a transfer: what is added to what the account's owner has; below zero: taken."""

    account_id: UUID
    amount: Money


async def post(
    *,
    kind: TradeType,
    legs: Sequence[Leg],
    subject_type: str,
    subject_id: UUID,
    trans_id: str | None = None,
    customer_id: UUID | None = None,
    note: str | None = None,
    viewer: Viewer,
    now: datetime,
) -> LedgerTransfer:
    """Move money between accounts, in the caller's transaction; what is written stays for ever.

    The legs add up to nothing. `customer_id` is whom it is about, for statements of account.
    With the same `trans_id` (within the viewer's tenant) and the same kind and legs again, the
    earlier transfer is the answer and nothing moves. Holds the accounts in the order of their ids.
    Raises InsufficientBalance, NothingOwed, DuplicateTransId, TransIdInProgress; before anything is
    written but for the last.
    """
    assert_open()
    legs = [leg for leg in legs if leg.amount.amount]
    assert legs, "money that doesn't move is no transfer"
    assert sum(leg.amount.amount for leg in legs) == 0, "a transfer takes as much as it gives"
    assert {leg.amount.currency for leg in legs} == {CURRENCY}
    held = await accounts.lock_all(
        leg.account_id for leg in legs if leg.account_id not in _OF_THE_HOUSE
    )
    scope = tenant_of(viewer) if trans_id is not None else None
    before = await repeated(trans_id, viewer=viewer, kind=kind, legs=legs, customer_id=customer_id)
    if before is not None:
        return before
    _check_covered(held, legs)
    id = new_id()
    transfer = LedgerTransfer(
        id=id,
        created_at=now,
        number=numbered("TR", id, at=now),
        kind=kind,
        amount=sum((leg.amount.amount for leg in legs if leg.amount.amount > 0), Decimal(0)),
        subject_type=subject_type,
        subject_id=subject_id,
        customer_id=customer_id,
        trans_id=trans_id,
        trans_scope=scope,
        note=note,
        actor_kind=viewer.kind.value,
        actor_id=viewer.actor_id,
        actor_name=viewer.display_name,
    )
    with answering(ledger_transfer_trans_once=TransIdInProgress):
        await transfer.insert()
    await _write(transfer, held, legs)
    return transfer


def tenant_of(viewer: Viewer) -> UUID:
    """Within which names that callers give (`trans_id`) are one's own."""
    return viewer.partner_id or viewer.customer_id or PLATFORM_TENANT


async def earlier(trans_id: str, *, viewer: Viewer) -> LedgerTransfer | None:
    """The transfer that this caller gave the name to before, if there is one."""
    found = await database.rows(
        f"select {rows.columns(LedgerTransfer, 't')} from ledger_transfer t"
        " where t.trans_scope = $1 and t.trans_id = $2",
        *(tenant_of(viewer), trans_id),
    )
    return rows.as_models(LedgerTransfer, found)[0] if found else None


async def repeated(
    trans_id: str | None,
    *,
    viewer: Viewer,
    kind: TradeType,
    legs: Sequence[Leg],
    customer_id: UUID | None,
) -> LedgerTransfer | None:
    """The transfer that this would repeat: same name, same content. Raises DuplicateTransId.

    For workflows whose own checks a repetition must not meet again; call it with the accounts held.
    """
    if trans_id is None or (before := await earlier(trans_id, viewer=viewer)) is None:
        return None
    await _check_same(before, kind, legs, customer_id)
    return before


_OF_THE_HOUSE = frozenset(accounts.BOOKS.values())


async def _check_same(
    transfer: LedgerTransfer, kind: TradeType, legs: Sequence[Leg], customer_id: UUID | None
) -> None:
    entries = await LedgerEntry.filter(transfer_id=transfer.id)
    moved = _sums((entry.account_id, entry.amount) for entry in entries)
    wanted = _sums((leg.account_id, leg.amount.amount) for leg in legs)
    if (transfer.kind, transfer.customer_id, moved) != (kind, customer_id, wanted):
        raise DuplicateTransId()


def _check_covered(held: Mapping[UUID, LedgerAccount], legs: Sequence[Leg]) -> None:
    sums = _sums((leg.account_id, leg.amount.amount) for leg in legs)
    for account_id, amount in sorted(sums.items()):
        if account_id in _OF_THE_HOUSE:
            continue
        account = held[account_id]
        if amount < 0 and account.available + amount < 0:
            raise InsufficientBalance(needed=-amount, available=account.available)
        if account.kind is LedgerAccountKind.CREDIT and account.balance + amount > 0:
            raise NothingOwed(owed=-account.balance)


def _sums(amounts: object) -> dict[UUID, Decimal]:
    sums: dict[UUID, Decimal] = defaultdict(Decimal)
    for account_id, amount in amounts:  # type: ignore[attr-defined]
        sums[account_id] += amount
    return dict(sums)


async def _write(
    transfer: LedgerTransfer, held: Mapping[UUID, LedgerAccount], legs: Sequence[Leg]
) -> None:
    """All entries and all balances in one statement; the models in `held` follow."""
    ids, account_ids, amounts = [], [], []
    sequences: list[int | None] = []
    befores: list[Decimal | None] = []
    afters: list[Decimal | None] = []
    for leg in legs:
        amount, account = leg.amount.amount, held.get(leg.account_id)
        ids.append(new_id())
        account_ids.append(leg.account_id)
        amounts.append(amount)
        befores.append(account.balance if account else None)
        if account:
            account.entries += 1
            account.balance += amount
        sequences.append(account.entries if account else None)
        afters.append(account.balance if account else None)
    touched = [account for id, account in held.items() if id in account_ids]
    await database.execute(
        _WRITE,
        *(transfer.id, transfer.created_at, transfer.currency, transfer.kind.value),
        *(transfer.customer_id, ids, account_ids, amounts, sequences, befores, afters),
        [account.id for account in touched],
        [account.entries for account in touched],
        [account.balance for account in touched],
    )


_WRITE = """
with written as (
  insert into ledger_entry (id, created_at, transfer_id, account_id, currency, kind, customer_id,
    amount, sequence, balance_before, balance_after)
  select new.id, $2, $1, new.account_id, $3, $4, $5, new.amount, new.sequence, new.before, new.after
  from unnest($6::uuid[], $7::uuid[], $8::numeric[], $9::int[], $10::numeric[], $11::numeric[])
    as new (id, account_id, amount, sequence, before, after)
)
update ledger_account account
set entries = now.entries, balance = now.balance
from unnest($12::uuid[], $13::int[], $14::numeric[]) as now (id, entries, balance)
where account.id = now.id
"""
