"""Taking money out (提现; F-05, F-07…F-09, domain.md 5.16): the application and its review."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.catalogue.amounts import positive
from domain.funds import history, withdrawable
from domain.funds.effects import REPLENISHED, Replenished
from domain.funds.owners import own, reading
from domain.funds.policy import RECHARGES, WITHDRAWALS
from domain.funds.withdrawable import Withdrawable, WithdrawalBlocked
from domain.funds.withdrawal_guards import approve as can_approve
from domain.funds.withdrawal_guards import delete as can_delete
from domain.funds.withdrawal_guards import reject as can_reject
from domain.identity import permissions
from domain.identity.items import Item
from domain.identity.viewer import Viewer
from domain.ledger import accounts, holds
from domain.ledger.posting import InsufficientBalance
from domain.upstream import asking
from kit import texts
from kit.guards import refuse
from kit.ids import new_id
from kit.money import Money
from kit.numbers import numbered
from kit.problems import InvalidInput, Problem
from kit.transaction import lock, transactional
from models.customers import Customer
from models.funds import Recharge, RechargeStatus, Withdrawal, WithdrawalKind
from models.funds import WithdrawalStatus as Status
from models.ledger import LedgerAccount
from models.upstream import System

OPERATION = "payout"
LONGEST = 160


class OriginalRouteClosed(Problem):
    """The money can't go back the way it has come: too long ago, or gone back already (F-09)."""

    en = "Of this recharge {left} can go back the way it came; use a bank card for the rest."
    zh = "该笔充值可原路退回的金额为 {left},其余请申请银行卡提现。"
    about = {"left": "How much of it can; 0 when its time is over."}
    left: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class BankAccount:
    """Where money is to go."""

    bank: str
    name: str
    number: str


@transactional
async def look(*, viewer: Viewer, kind: WithdrawalKind, now: datetime) -> Withdrawable:
    """How much the viewer's own partner or customer can withdraw now, and what forbids it.

    Nothing is held or written.
    """
    permissions.require(viewer, "withdrawable")
    owner = await reading(viewer, Item.FUNDS_WITHDRAW)
    account = await LedgerAccount.get_or_none(
        partner_id=owner.partner_id,
        customer_id=owner.customer_id,
        kind=withdrawable.SOURCES[kind],
    )
    if account is None:
        account = LedgerAccount(created_at=now, kind=withdrawable.SOURCES[kind])
    return await withdrawable.of(owner, account)


@transactional
async def submit(
    *,
    viewer: Viewer,
    kind: WithdrawalKind,
    amount: Decimal,
    recharge_id: UUID | None = None,
    to: BankAccount | None = None,
    now: datetime,
) -> Withdrawal:
    """Apply for a withdrawal from one's own account; the amount is held from now on.

    ORIGINAL_ROUTE names the recharge to give back, the other kinds a bank account. Raises
    WithdrawalBlocked, InsufficientBalance, OriginalRouteClosed, OnlyForItself.
    """
    permissions.require(viewer, "withdrawalCreate")
    money = positive(amount)
    _check_way(kind, recharge_id, to)
    owner = await own(viewer, Item.FUNDS_WITHDRAW, now=now)
    recharge = await _recharge(viewer, recharge_id, now) if recharge_id is not None else None
    opened = await owner.account(withdrawable.SOURCES[kind], now=now)
    account = await accounts.lock(opened.id)
    found = await withdrawable.of(owner, account)
    if found.blockers:
        raise WithdrawalBlocked(blockers=found.blockers)
    if money.amount > found.amount:
        raise InsufficientBalance(needed=money.amount, available=found.amount)
    if recharge is not None:
        await _check_route(recharge, account, money, now)
    id = new_id()
    withdrawal = Withdrawal(
        id=id,
        created_at=now,
        number=numbered("WD", id, at=now),
        account_id=account.id,
        partner_id=owner.partner_id,
        customer_id=owner.customer_id,
        kind=kind,
        amount=money.amount,
        currency=money.currency,
        recharge_id=recharge_id,
        bank=to.bank if to else None,
        bank_account_name=to.name if to else None,
        bank_account=to.number if to else None,
        created_by=viewer.person_id,
    )
    await withdrawal.insert()
    await holds.hold(
        account.id, money.amount, subject_type="withdrawal", subject_id=withdrawal.id, now=now
    )
    await _tell("submitted", withdrawal, viewer, None, now, amount=str(money.amount))
    return withdrawal


@transactional
async def approve(*, viewer: Viewer, withdrawal_id: UUID, now: datetime) -> Withdrawal:
    """Let it be paid out: the bank is asked, and its answer decides. Raises WrongStatus."""
    permissions.require(viewer, "withdrawalApprove")
    withdrawal = await held(viewer, withdrawal_id, now=now)
    refuse(can_approve(withdrawal, viewer, now))
    before = withdrawal.status
    withdrawal.status = before.to(Status.APPROVED)
    withdrawal.decided_at = now
    withdrawal.version += 1
    await withdrawal.save(update_fields=["status", "decided_at", "version"])
    recharge = await Recharge.get_or_none(id=withdrawal.recharge_id)
    await asking.ask(
        system=System.BANK,
        operation=OPERATION,
        subject_type="withdrawal",
        subject_id=withdrawal.id,
        payload={
            "number": withdrawal.number,
            "kind": withdrawal.kind.value,
            "amount": str(withdrawal.amount),
            "currency": withdrawal.currency,
            "recharge": recharge.reference if recharge else None,
            "bank": withdrawal.bank,
            "name": withdrawal.bank_account_name,
            "account": withdrawal.bank_account,
        },
        now=now,
    )
    await _tell("approved", withdrawal, viewer, before, now)
    return withdrawal


@transactional
async def reject(*, viewer: Viewer, withdrawal_id: UUID, reason: str, now: datetime) -> Withdrawal:
    """Refuse it; the money is free again. Raises WrongStatus."""
    permissions.require(viewer, "withdrawalReject")
    reason = texts.reason(reason)
    withdrawal = await held(viewer, withdrawal_id, now=now)
    refuse(can_reject(withdrawal, viewer, now))
    before = withdrawal.status
    withdrawal.status = before.to(Status.REJECTED)
    withdrawal.refusal = reason
    withdrawal.decided_at = withdrawal.ended_at = now
    withdrawal.version += 1
    await withdrawal.save(update_fields=["status", "refusal", "decided_at", "ended_at", "version"])
    await let_go(withdrawal, viewer=viewer, now=now)
    await _tell("rejected", withdrawal, viewer, before, now, reason=reason)
    return withdrawal


@transactional
async def delete(*, viewer: Viewer, withdrawal_id: UUID, now: datetime) -> Withdrawal:
    """Take a rejected one off the list (F-09); the platform keeps it. Raises WrongStatus."""
    permissions.require(viewer, "withdrawalDelete")
    withdrawal = await held(viewer, withdrawal_id, now=now)
    refuse(can_delete(withdrawal, viewer, now))
    withdrawal.deleted_at = now
    withdrawal.version += 1
    await withdrawal.save(update_fields=["deleted_at", "version"])
    await _tell("deleted", withdrawal, viewer, withdrawal.status, now)
    return withdrawal


async def let_go(withdrawal: Withdrawal, *, viewer: Viewer, now: datetime) -> None:
    """Free the money of one that came to nothing; a customer's pays what it owes by now."""
    await holds.release(subject_id=withdrawal.id, now=now)
    if withdrawal.customer_id is not None:
        await REPLENISHED.run(
            Replenished(customer_id=withdrawal.customer_id, viewer=viewer, now=now)
        )


async def held(viewer: Viewer, withdrawal_id: UUID, *, now: datetime) -> Withdrawal:
    """The withdrawal, its customer and itself held in the order of all. Raises NotFound."""
    known = await Withdrawal.get_or_none(id=withdrawal_id)
    if known is not None and known.customer_id is not None:
        await lock(Customer, id=known.customer_id)
    return await WITHDRAWALS.lock(
        Withdrawal, withdrawal_id, viewer=viewer, now=now, thing="withdrawal"
    )


async def _recharge(viewer: Viewer, id: UUID, now: datetime) -> Recharge:
    """What is to go back, held before its account, as by money that lands."""
    return await RECHARGES.lock(Recharge, id, viewer=viewer, now=now, thing="recharge")


def _check_way(kind: WithdrawalKind, recharge_id: UUID | None, to: BankAccount | None) -> None:
    by_route = kind is WithdrawalKind.ORIGINAL_ROUTE
    if by_route != (recharge_id is not None) or by_route == (to is not None):
        raise InvalidInput(
            reason="Name the recharge to give back for ORIGINAL_ROUTE, else a bank account.",
            reason_zh="原路提现须指定充值记录,其他方式须填写银行账户。",
            path=("input", "rechargeId" if by_route else "bankAccount"),
        )
    told = (("bankName", to.bank), ("name", to.name), ("number", to.number)) if to else ()
    for name, text in told:
        longest = 64 if name == "number" else LONGEST
        texts.needed(text, longest=longest, path=("input", "bankAccount", name))


async def _check_route(
    recharge: Recharge, account: LedgerAccount, money: Money, now: datetime
) -> None:
    left = Decimal(0)
    if (
        recharge.account_id == account.id
        and recharge.status is RechargeStatus.CREDITED
        and await withdrawable.leaves_by_its_route(recharge, now=now)
    ):
        left = recharge.credited_amount - recharge.returned_amount
    if money.amount > left:
        raise OriginalRouteClosed(left=left, path=("input", "rechargeId"))


async def _tell(
    happened: str,
    withdrawal: Withdrawal,
    viewer: Viewer,
    before: Status | None,
    now: datetime,
    *,
    reason: str | None = None,
    **changes: str,
) -> None:
    await history.of(
        happened,
        withdrawal,
        viewer=viewer,
        before={"status": before.value} if before else None,
        after={"status": withdrawal.status.value} | changes,
        reason=reason,
        now=now,
    )
