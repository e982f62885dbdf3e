"""What becomes of a customer's money when its association ends or is switched (C-21, BEUNBIND)."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.associations.change_checks import ChangeCheck, FailedChangeCheck
from domain.associations.effects import Done, Ending, Switched, Wish
from domain.funds.moving import given, write_down
from domain.identity.viewer import SYSTEM, Viewer
from domain.ledger import accounts
from kit import database
from kit.money import Money
from models.associations import ChangeKind
from models.customers import AssociationType
from models.funds import AdjustKind
from models.ledger import CURRENCY, AccountKind, LedgerAccount


async def recover_when_it_ends(fact: Ending) -> Done:
    """What is left of what the partner gave an agency customer goes back to it."""
    if fact.type is not AssociationType.AGENCY:
        return {}
    return await _recover(
        fact.customer_id, fact.partner_id, fact.association_id, fact.viewer, fact.now
    )


async def recover_when_switched(fact: Switched) -> Done:
    """As when it ends, where a customer pays for itself from now on."""
    if fact.from_type is not AssociationType.AGENCY:
        return {}
    return await _recover(fact.customer_id, fact.partner_id, fact.ended_id, fact.viewer, fact.now)


async def forbid_with_money(wish: Wish) -> Sequence[FailedChangeCheck]:
    """What the accounts say against a change: debt on credit, and money of a referral customer.

    Its own money is refunded before it becomes an agency customer, whose money is its partner's.
    """
    found = await LedgerAccount.filter(customer_id=wish.customer.id)
    balances = {account.kind: account.balance for account in found}
    failed = []
    if balances.get(AccountKind.CREDIT, Decimal(0)) < 0 and not wish.customer.has_debt:
        failed.append(FailedChangeCheck(ChangeCheck.OUTSTANDING_BILL))
    becomes_agency = wish.kind is ChangeKind.SWITCH and wish.to_type is AssociationType.AGENCY
    if becomes_agency and balances.get(AccountKind.CASH, Decimal(0)) > 0:
        failed.append(FailedChangeCheck(ChangeCheck.BALANCE_NOT_REFUNDED))
    return failed


async def recover_refunded(
    *, customer_id: UUID, paid_at: datetime, amount: Decimal, now: datetime
) -> Decimal:
    """How much of cash that has just come back, for what was paid then, went on to a partner.

    What an agency customer bought it has paid with what its partner had given it. When that
    association is over, the money is the partner's (C-21), at most what it gave and has not got
    back yet. The customer is held.
    """
    row = await database.row(_ENDED, customer_id, paid_at)
    if row is None:
        return Decimal(0)
    return await _take_back(customer_id, row["partner_id"], row["id"], SYSTEM, now, most=amount)


async def _recover(
    customer_id: UUID, partner_id: UUID, association_id: UUID, viewer: Viewer, now: datetime
) -> Done:
    taken = await _take_back(customer_id, partner_id, association_id, viewer, now)
    return {"recovered": str(taken)} if taken else {}


async def _take_back(
    customer_id: UUID,
    partner_id: UUID,
    association_id: UUID,
    viewer: Viewer,
    now: datetime,
    *,
    most: Decimal | None = None,
) -> Decimal:
    ours = await accounts.of_partner(partner_id, AccountKind.CASH, now=now)
    theirs = await accounts.of_customer(customer_id, AccountKind.CASH, now=now)
    held = await accounts.lock_all([ours.id, theirs.id])
    # What the customer had before it came is its own.
    amount = min(held[theirs.id].available, await given(customer_id, association_id))
    amount = amount if most is None else min(amount, most)
    if amount <= 0:
        return Decimal(0)
    await write_down(
        AdjustKind.UNBIND_RECOVERY,
        ours,
        theirs,
        Money(amount, CURRENCY),
        association_id=association_id,
        viewer=viewer,
        now=now,
    )
    return amount


_ENDED = """
select id, partner_id from association
where customer_id = $1 and type = 'AGENCY' and started_at <= $2 and ended_at > $2
order by started_at desc limit 1
"""
