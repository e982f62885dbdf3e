"""Money that is promised to something: held back first, then released, or taken for good."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.identity.viewer import Viewer
from domain.ledger import accounts, posting
from domain.ledger.posting import InsufficientBalance, Leg
from kit import database
from kit.ids import new_id
from kit.money import Money
from kit.transaction import assert_open, lock
from models.holds import HoldState, LedgerHold
from models.ledger import CURRENCY, LedgerAccount, LedgerTransfer, TradeType


async def hold(
    account_id: UUID, amount: Decimal, *, subject_type: str, subject_id: UUID, now: datetime
) -> LedgerHold:
    """Keep an amount of an account for one subject, which has no other hold open.

    Raises InsufficientBalance. Holds the account's row.
    """
    assert amount > 0, "nothing needs no hold"
    account = await accounts.lock(account_id)
    if account.available < amount:
        raise InsufficientBalance(needed=amount, available=account.available)
    made = LedgerHold(
        id=new_id(),
        created_at=now,
        account_id=account_id,
        amount=amount,
        subject_type=subject_type,
        subject_id=subject_id,
    )
    await made.insert()
    await _change(account, amount)
    return made


async def release(*, subject_id: UUID, now: datetime) -> Decimal:
    """Let go what is held for this subject; how much that was, 0 when nothing is (any more)."""
    return await _end(subject_id, HoldState.RELEASED, now)


async def take(
    *,
    kind: TradeType,
    to: UUID,
    subject_type: str,
    subject_id: UUID,
    customer_id: UUID | None = None,
    note: str | None = None,
    viewer: Viewer,
    now: datetime,
) -> LedgerTransfer | None:
    """Move what is held for this subject to another account or book; None when nothing is."""
    open_hold = await _open(subject_id)
    if open_hold is None:
        return None
    amount = Money(await _end(subject_id, HoldState.TAKEN, now), CURRENCY)
    return await posting.post(
        kind=kind,
        legs=[Leg(open_hold.account_id, -amount), Leg(to, amount)],
        subject_type=subject_type,
        subject_id=subject_id,
        customer_id=customer_id,
        note=note,
        viewer=viewer,
        now=now,
    )


async def _end(subject_id: UUID, state: HoldState, now: datetime) -> Decimal:
    assert_open()
    found = await _open(subject_id)
    if found is None:
        return Decimal(0)
    account = await accounts.lock(found.account_id)
    # The account's row is held first everywhere, so who waited for it may find the hold ended.
    ended = await lock(LedgerHold, id=found.id, state=HoldState.OPEN)
    if ended is None:
        return Decimal(0)
    ended.state = state
    ended.ended_at = now
    await ended.save(update_fields=["state", "ended_at"])
    await _change(account, -ended.amount)
    return ended.amount


async def _open(subject_id: UUID) -> LedgerHold | None:
    return await LedgerHold.filter(subject_id=subject_id, state=HoldState.OPEN).first()


async def _change(account: LedgerAccount, by: Decimal) -> None:
    await database.execute(
        "update ledger_account set held = held + $2 where id = $1", account.id, by
    )
