"""What the bank answers to a payout: paid, or not; also twice, late, or after the fact."""

from decimal import Decimal

from domain.funds import history
from domain.funds.withdrawing import held, let_go
from domain.identity.viewer import SYSTEM
from domain.ledger import accounts, holds
from domain.ledger.posting import InsufficientBalance
from domain.upstream.effects import Answer
from kit.transaction import lock
from models.funds import Recharge, Withdrawal
from models.funds import WithdrawalStatus as Status
from models.ledger import Book, TradeType


async def answered(answer: Answer) -> None:
    """Take the held money for good, or let it go; once for each distinct answer.

    An error after the money was paid changes nothing. When the bank has paid after saying that it
    could not, the money is taken after all; if it has been spent meanwhile, that is written in the
    history (`withdrawal.paid_uncovered`) for people to settle.
    """
    withdrawal = await held(SYSTEM, answer.subject_id, now=answer.now)
    if answer.ok:
        await _paid(withdrawal, answer)
    else:
        await _failed(withdrawal, answer)


async def _paid(withdrawal: Withdrawal, answer: Answer) -> None:
    if withdrawal.status is Status.PAID:
        await _note("paid_again", withdrawal, answer)
        return
    before = withdrawal.status
    recharge = await lock(Recharge, id=withdrawal.recharge_id) if withdrawal.recharge_id else None
    if before is not Status.APPROVED:
        try:
            await holds.hold(
                withdrawal.account_id,
                withdrawal.amount,
                subject_type="withdrawal",
                subject_id=withdrawal.id,
                now=answer.now,
            )
        except InsufficientBalance:
            await _note("paid_uncovered", withdrawal, answer)
            return
    withdrawal.status = Status.PAID
    withdrawal.reference = answer.reference
    withdrawal.ended_at = answer.now
    withdrawal.version += 1
    await withdrawal.save(update_fields=["status", "reference", "ended_at", "version"])
    await holds.take(
        kind=TradeType.WITHDRAWAL,
        to=accounts.book(Book.PAYOUTS),
        subject_type="withdrawal",
        subject_id=withdrawal.id,
        customer_id=withdrawal.customer_id,
        viewer=SYSTEM,
        now=answer.now,
    )
    if recharge is not None:
        await _give_back(recharge, withdrawal.amount)
    await _note("paid", withdrawal, answer, before=before)


async def _failed(withdrawal: Withdrawal, answer: Answer) -> None:
    if withdrawal.status is not Status.APPROVED:
        await _note("error_after_the_fact", withdrawal, answer)
        return
    before = withdrawal.status
    withdrawal.status = Status.PAY_FAILED
    withdrawal.failure = answer.code
    withdrawal.ended_at = answer.now
    withdrawal.version += 1
    await withdrawal.save(update_fields=["status", "failure", "ended_at", "version"])
    await let_go(withdrawal, viewer=SYSTEM, now=answer.now)
    await _note("pay_failed", withdrawal, answer, before=before)


async def _give_back(recharge: Recharge, amount: Decimal) -> None:
    recharge.returned_amount = min(recharge.returned_amount + amount, recharge.credited_amount)
    recharge.version += 1
    await recharge.save(update_fields=["returned_amount", "version"])


async def _note(
    happened: str, withdrawal: Withdrawal, answer: Answer, *, before: Status | None = None
) -> None:
    told = {"reference": answer.reference, "failure": answer.code}
    await history.of(
        happened,
        withdrawal,
        viewer=SYSTEM,
        before={"status": before.value} if before else None,
        after={"status": withdrawal.status.value}
        | {name: value for name, value in told.items() if value},
        now=answer.now,
    )
