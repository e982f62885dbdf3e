"""Money has come, or won't: what payment systems answer to recharges, in whatever order."""

from datetime import datetime
from decimal import Decimal, InvalidOperation
from uuid import UUID

from domain.funds import deadlines, history
from domain.funds.effects import LANDED, Landed
from domain.identity.viewer import SYSTEM, Viewer
from domain.ledger import accounts, posting
from domain.ledger.posting import DuplicateTransId, Leg
from domain.upstream.effects import Answer
from kit.money import Money
from kit.transaction import assert_open, lock
from models.customers import Customer
from models.funds import Recharge, RechargeStatus
from models.ledger import Book, TradeType


async def answered(answer: Answer) -> None:
    """What the payment system or the bank says of a recharge; once for each distinct answer.

    An error after money has come changes nothing: what has been credited stays. A second payment
    of the same page has a reference of its own, and is credited, too.
    """
    known = await Recharge.get(id=answer.subject_id)
    if known.customer_id is not None:
        await lock(Customer, id=known.customer_id)
    recharge = await lock(Recharge, id=known.id)
    assert recharge is not None
    if not answer.ok:
        await _fail(recharge, answer.code or "UNKNOWN", answer.now)
        return
    reference = answer.reference or f"{answer.request_id}"
    try:
        await credit(
            recharge,
            amount=_amount(answer, recharge),
            reference=reference,
            viewer=SYSTEM,
            now=answer.now,
        )
    except DuplicateTransId:
        # Two answers contradict each other: people have to look, and the first one stays.
        await history.of(
            "reference_reused",
            recharge,
            viewer=SYSTEM,
            after={"reference": reference},
            now=answer.now,
        )


async def credit(
    recharge: Recharge, *, amount: Money, reference: str, viewer: Viewer, now: datetime
) -> UUID | None:
    """Add what has come to the account; None, or the recharge that this reference brought before.

    A new recharge is written, too. The caller holds the customer. Raises DuplicateTransId when the
    reference has brought another amount, or something to another account.
    """
    assert_open()
    # Whoever asks twice at once waits here for the other.
    await accounts.lock(recharge.account_id)
    name = f"{recharge.method.value}:{reference}"
    if earlier := await posting.earlier(name, viewer=SYSTEM):
        # It may be no recharge: people of the platform name their adjustments as they like.
        before = await Recharge.get_or_none(id=earlier.subject_id)
        if before is None or (before.account_id, earlier.amount) != (
            recharge.account_id,
            amount.amount,
        ):
            raise DuplicateTransId(path=("input", "reference"))
        return before.id
    outside = accounts.book(Book.OUTSIDE)
    await posting.post(
        kind=TradeType.RECHARGE,
        legs=[Leg(recharge.account_id, amount), Leg(outside, -amount)],
        subject_type="recharge",
        subject_id=recharge.id,
        trans_id=name,
        customer_id=recharge.customer_id,
        viewer=viewer,
        now=now,
    )
    was = recharge.status
    if was is not RechargeStatus.CREDITED:
        recharge.status = RechargeStatus.CREDITED
        recharge.credited_at = now
        recharge.reference = reference
    recharge.credited_amount += amount.amount
    await _keep(recharge, now=now)
    await history.of(
        "credited",
        recharge,
        viewer=viewer,
        before={"status": was.value},
        after={
            "status": recharge.status.value,
            "amount": str(amount.amount),
            "reference": reference,
        },
        now=now,
    )
    if recharge.customer_id is not None:
        await LANDED.run(
            Landed(
                customer_id=recharge.customer_id,
                recharge_id=recharge.id,
                order_id=recharge.order_id,
                plan=recharge.plan,
                amount=amount.amount,
                viewer=viewer,
                now=now,
            )
        )
    return None


async def _keep(recharge: Recharge, *, now: datetime) -> None:
    if not recharge._saved_in_db:
        await recharge.insert()
        return
    recharge.version += 1
    await recharge.save(
        update_fields=["status", "credited_at", "reference", "credited_amount", "version"]
    )
    await deadlines.cancel(recharge)


async def _fail(recharge: Recharge, code: str, now: datetime) -> None:
    if recharge.status is not RechargeStatus.WAITING:
        await history.of(
            "error_after_the_fact", recharge, viewer=SYSTEM, after={"failure": code}, now=now
        )
        return
    recharge.status = RechargeStatus.FAILED
    recharge.failure = code
    recharge.version += 1
    await recharge.save(update_fields=["status", "failure", "version"])
    await deadlines.cancel(recharge)
    await history.of(
        "failed",
        recharge,
        viewer=SYSTEM,
        before={"status": RechargeStatus.WAITING.value},
        after={"status": recharge.status.value, "failure": code},
        now=now,
    )


def _amount(answer: Answer, recharge: Recharge) -> Money:
    """What has come, which may differ from what was announced by a bank's fee."""
    try:
        told = Decimal(str(answer.facts["amount"]))
    except (KeyError, InvalidOperation):
        told = recharge.amount
    return Money(told, recharge.currency)
