"""Money between a partner's cash and a customer's or reseller's, and the record of it."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.funds import history
from domain.identity.viewer import Viewer
from domain.ledger import accounts, posting
from domain.ledger.posting import InsufficientBalance, Leg
from kit import database
from kit.ids import new_id
from kit.money import Money
from kit.problems import Problem
from models.funds import AdjustKind, AdjustRecord
from models.ledger import LedgerAccount, TradeType

TRADES = {
    AdjustKind.ALLOCATION: TradeType.ALLOCATION,
    AdjustKind.RECOVERY: TradeType.RECOVERY,
    AdjustKind.UNBIND_RECOVERY: TradeType.UNBIND_RECOVERY,
}


async def move(
    kind: AdjustKind,
    *,
    partner: LedgerAccount,
    other: LedgerAccount,
    association_id: UUID | None,
    refusal: Problem | None,
    money: Money,
    trans_id: str | None,
    note: str | None,
    viewer: Viewer,
    now: datetime,
) -> AdjustRecord:
    """Between a partner's cash and a customer's or reseller's; a repetition is the earlier one.

    `association_id` is the customer's. Of that, no more than was given is taken back: the rest of
    what it has is its own.
    """
    source, target = (partner, other) if kind is AdjustKind.ALLOCATION else (other, partner)
    legs = [Leg(source.id, -money), Leg(target.id, money)]
    trade, customer_id = TRADES[kind], other.customer_id
    held = await accounts.lock_all([source.id, target.id])
    before = await posting.repeated(
        trans_id, viewer=viewer, kind=trade, legs=legs, customer_id=customer_id
    )
    if before is not None:
        return await AdjustRecord.get(transfer_id=before.id)
    if refusal is not None:
        raise refusal
    # What is earmarked of a partner's money can't be given away (F-10).
    free = held[source.id].available - held[source.id].designated
    if kind is AdjustKind.RECOVERY and customer_id is not None and association_id is not None:
        free = min(free, await given(customer_id, association_id))
    if money.amount > free:
        raise InsufficientBalance(needed=money.amount, available=max(free, Decimal(0)))
    return await write_down(
        kind,
        partner,
        other,
        money,
        association_id=association_id,
        trans_id=trans_id,
        note=note,
        viewer=viewer,
        now=now,
    )


async def given(customer_id: UUID, association_id: UUID) -> Decimal:
    """What a partner has given its customer in this association, without what it has got back."""
    row = await database.row(
        "select coalesce(sum(case when kind = 'ALLOCATION' then amount else -amount end), 0)"
        " as given from adjust_record where customer_id = $1 and association_id = $2",
        *(customer_id, association_id),
    )
    assert row is not None
    return Decimal(row["given"])


async def write_down(
    kind: AdjustKind,
    partner: LedgerAccount,
    other: LedgerAccount,
    money: Money,
    *,
    association_id: UUID | None,
    trans_id: str | None = None,
    note: str | None = None,
    viewer: Viewer,
    now: datetime,
) -> AdjustRecord:
    """Move the money and keep the record of it, for a workflow that has checked everything."""
    gives = money if kind is AdjustKind.ALLOCATION else -money
    id = new_id()
    transfer = await posting.post(
        kind=TRADES[kind],
        legs=[Leg(partner.id, -gives), Leg(other.id, gives)],
        subject_type="adjust_record",
        subject_id=id,
        trans_id=trans_id,
        customer_id=other.customer_id,
        note=note,
        viewer=viewer,
        now=now,
    )
    assert partner.partner_id is not None
    record = AdjustRecord(
        id=id,
        created_at=now,
        partner_id=partner.partner_id,
        customer_id=other.customer_id,
        association_id=association_id,
        reseller_id=other.partner_id,
        kind=kind,
        amount=money.amount,
        currency=money.currency,
        trans_id=trans_id,
        note=note,
        transfer_id=transfer.id,
        actor_name=viewer.display_name,
    )
    await record.insert()
    await history.of(
        "made",
        record,
        viewer=viewer,
        after={"kind": kind.value, "amount": str(money.amount)},
        reason=note,
        now=now,
    )
    return record
