"""What the platform's people book by hand: adjustments, deposits, and facts from elsewhere."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.catalogue.amounts import positive
from domain.funds import history
from domain.funds.amounts import not_negative, trans_id_of
from domain.funds.effects import REPAID, REPLENISHED, Repaid, Replenished
from domain.funds.owners import named, of_account
from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.ledger import accounts, posting
from domain.ledger.posting import Leg
from kit import texts
from kit.money import Money
from kit.problems import InvalidInput
from kit.transaction import transactional
from models.ledger import CURRENCY, AccountKind, Book, LedgerAccount, LedgerTransfer, TradeType

# Facts of an account, and the fields that tell them.
_FIELDS = {
    "designated": "designated",
    "unreturned_invoices": "unreturnedInvoices",
    "uncredited": "uncredited",
}


@transactional
async def adjust(
    *,
    viewer: Viewer,
    partner_id: UUID | None = None,
    customer_id: UUID | None = None,
    kind: AccountKind,
    amount: Decimal,
    reason: str,
    trans_id: str | None = None,
    now: datetime,
) -> LedgerTransfer:
    """Add to what somebody has, or take from it (below zero), against the book of adjustments.

    The account is opened when there is none. What a customer gets so pays what it owes, as any
    other money does. Raises InsufficientBalance, NothingOwed, DuplicateTransId.
    """
    permissions.require(viewer, "accountAdjust")
    reason = texts.reason(reason)
    money = positive(abs(amount))
    money = money if amount > 0 else -money
    if kind is AccountKind.BOOK:
        raise InvalidInput(
            reason="A book of the house is the other side of every adjustment.",
            reason_zh="不能直接调整平台账户。",
            path=("input", "kind"),
        )
    owner = await named(viewer, partner_id=partner_id, customer_id=customer_id, now=now)
    account = await owner.account(kind, now=now)
    return await _book(
        viewer,
        TradeType.ADJUSTMENT,
        [Leg(account.id, money), Leg(accounts.book(Book.ADJUSTMENTS), -money)],
        account,
        "adjusted",
        reason,
        trans_id_of(trans_id),
        money,
        now,
    )


@transactional
async def move_deposit(
    *,
    viewer: Viewer,
    partner_id: UUID,
    amount: Decimal,
    reason: str,
    trans_id: str | None = None,
    now: datetime,
) -> LedgerTransfer:
    """Keep a part of a partner's cash as its deposit (保证金), or give it back (below zero).

    Raises InsufficientBalance, DuplicateTransId.
    """
    permissions.require(viewer, "depositMove")
    reason = texts.reason(reason)
    money = positive(abs(amount))
    money = money if amount > 0 else -money
    owner = await named(viewer, partner_id=partner_id, customer_id=None, now=now)
    cash = await owner.account(AccountKind.CASH, now=now)
    deposit = await owner.account(AccountKind.DEPOSIT, now=now)
    return await _book(
        viewer,
        TradeType.DEPOSIT,
        [Leg(cash.id, -money), Leg(deposit.id, money)],
        deposit,
        "deposit_moved",
        reason,
        trans_id_of(trans_id),
        money,
        now,
    )


@transactional
async def set_facts(
    *,
    viewer: Viewer,
    account_id: UUID,
    designated: Decimal | None = None,
    unreturned_invoices: Decimal | None = None,
    uncredited: Decimal | None = None,
    reason: str,
    now: datetime,
) -> LedgerAccount:
    """Say what of a cash account is earmarked, invoiced, or spent and not booked; None stays."""
    permissions.require(viewer, "accountFactsSet")
    reason = texts.reason(reason)
    wanted = dict(zip(_FIELDS, (designated, unreturned_invoices, uncredited), strict=True))
    _, account_id = await of_account(viewer, account_id, now=now)
    account = await accounts.lock(account_id)
    before, after = {}, {}
    for name, amount in wanted.items():
        if amount is not None:
            told = not_negative(amount, path=("input", _FIELDS[name])).amount
            before[name], after[name] = str(getattr(account, name)), str(told)
            setattr(account, name, told)
    if after:
        await account.save(update_fields=list(after))
        await history.of(
            "facts_set",
            account,
            viewer=viewer,
            before=before,
            after=after,
            reason=reason,
            now=now,
        )
    return account


async def _book(
    viewer: Viewer,
    kind: TradeType,
    legs: list[Leg],
    account: LedgerAccount,
    happened: str,
    reason: str,
    trans_id: str | None,
    money: Money,
    now: datetime,
) -> LedgerTransfer:
    owned = [leg.account_id for leg in legs if leg.account_id not in accounts.BOOKS.values()]
    held = await accounts.lock_all(owned)
    before = await posting.repeated(
        trans_id, viewer=viewer, kind=kind, legs=legs, customer_id=account.customer_id
    )
    if before is not None:
        return before
    assert money.currency == CURRENCY
    transfer = await posting.post(
        kind=kind,
        legs=legs,
        subject_type="ledger_account",
        subject_id=account.id,
        trans_id=trans_id,
        customer_id=account.customer_id,
        note=reason,
        viewer=viewer,
        now=now,
    )
    await history.of(
        happened,
        account,
        viewer=viewer,
        after={"kind": account.kind.value, "amount": str(money.amount)},
        reason=reason,
        now=now,
    )
    if account.customer_id is not None and money.amount > 0:
        owed = -(held[account.id].balance + money.amount)
        await _follow(account.kind, account.customer_id, money, owed, viewer, now)
    return transfer


async def _follow(
    kind: AccountKind, customer_id: UUID, money: Money, owed: Decimal, viewer: Viewer, now: datetime
) -> None:
    """What a customer has got pays what it owes: on credit its orders, in cash its usage."""
    if kind is AccountKind.CREDIT:
        await REPAID.run(
            Repaid(customer_id=customer_id, amount=money.amount, owed=owed, viewer=viewer, now=now)
        )
    elif kind is AccountKind.CASH:
        await REPLENISHED.run(Replenished(customer_id=customer_id, viewer=viewer, now=now))
