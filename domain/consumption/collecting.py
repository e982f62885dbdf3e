"""Usage that cash didn't cover (欠费): paid as soon as money comes, the oldest month first.

Money that comes for an order pays the order first: who pays for it knows what it costs, and would
find it unpaid for a debt that came in between. The debt has all that is left.

A record of consumption stays as it was written. What pays it later is a transfer of the ledger
that names the record; what is owed of it is its `debt` without those, and without what a later
record has corrected.
"""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.consumption.effects import DEBT_PAID, DebtPaid
from domain.customers import history
from domain.funds.effects import Debtors, Done, Landed, Replenished
from domain.identity.viewer import Viewer
from domain.ledger import accounts, posting
from domain.ledger.posting import Leg
from kit import database
from kit.money import Money
from kit.transaction import assert_open, lock
from models.customers import Customer
from models.ledger import CURRENCY, AccountKind, Book, TradeType

# Over a record of consumption `{t}`: how much of its debt was charged too much, zero or above.
TOO_MUCH = (
    "case when {t}.debt <= 0 then 0::numeric(18, 2) else (select coalesce(-sum(back.debt), 0)"
    " from consumption_record back where back.corrects_id = {t}.id)::numeric(18, 2) end"
)
# And what has been paid of it since.
PAID_SINCE = (
    "case when {t}.debt <= 0 then 0::numeric(18, 2) else (select coalesce(sum(paid.amount), 0)"
    " from ledger_transfer paid where paid.subject_id = {t}.id and paid.subject_type ="
    " 'consumption_record' and paid.id is distinct from {t}.transfer_id)::numeric(18, 2) end"
)


async def landed(fact: Landed) -> Done:
    """Take what is owed of a recharge, as far as it goes. The effect of funds' LANDED.

    It comes after orders: of money that names one, it is what the order leaves.
    """
    return _told(await collect(fact.customer_id, viewer=fact.viewer, now=fact.now))


async def replenished(fact: Replenished) -> Done:
    """The same of whatever else it has got. The effect of funds' REPLENISHED."""
    return _told(await collect(fact.customer_id, viewer=fact.viewer, now=fact.now))


async def collect(customer_id: UUID, *, viewer: Viewer, now: datetime) -> Decimal:
    """Pay what the customer owes of its cash: record by record, by month; how much that was.

    The customer is held. It is no longer in debt when nothing is left to pay.
    """
    assert_open()
    customer = await lock(Customer, id=customer_id)
    assert customer is not None
    if not customer.has_debt:
        return Decimal(0)
    opened = await accounts.of_customer(customer_id, AccountKind.CASH, now=now)
    account = await accounts.lock(opened.id)
    rest, collected = max(account.available, Decimal(0)), Decimal(0)
    owed = await database.rows(_OWED, customer_id)
    for row in owed:
        amount = min(rest - collected, row["owed"])
        if not amount:
            break
        transfer = await posting.post(
            kind=TradeType.PAYMENT,
            legs=[
                Leg(account.id, -Money(amount, CURRENCY)),
                Leg(accounts.book(Book.SALES), Money(amount, CURRENCY)),
            ],
            subject_type="consumption_record",
            subject_id=row["id"],
            customer_id=customer_id,
            note=f"usage {row['period']}",
            viewer=viewer,
            now=now,
        )
        collected += amount
        await DEBT_PAID.run(
            DebtPaid(record_id=row["id"], transfer_id=transfer.id, amount=amount, now=now)
        )
    if collected == sum((row["owed"] for row in owed), Decimal(0)):
        await note(customer, has_debt=False, viewer=viewer, now=now)
    return collected


async def owed_to(fact: Debtors) -> Decimal:
    """What a partner's agency customers owe for usage. An answer to funds' DEBTS."""
    row = await database.row(_OWED_TO, fact.partner_id)
    assert row is not None
    return Decimal(row["owed"])


async def note(customer: Customer, *, has_debt: bool, viewer: Viewer, now: datetime) -> None:
    """Let a customer that is held say whether it owes for usage."""
    if customer.has_debt == has_debt:
        return
    customer.has_debt = has_debt
    customer.version += 1
    await customer.save(update_fields=["has_debt", "version"])
    await history.of_customer(
        "fell_into_debt" if has_debt else "debt_paid",
        customer,
        viewer=viewer,
        before={"has_debt": not has_debt},
        after={"has_debt": has_debt},
        now=now,
    )


def _told(collected: Decimal) -> Done:
    return {"collected": str(collected)} if collected else {}


_REST = f"record.debt - ({PAID_SINCE.format(t='record')}) - ({TOO_MUCH.format(t='record')})"
_OWED = f"""
select id, period, owed from (
  select record.id, record.created_at, record.period, {_REST} as owed
  from consumption_record record where record.customer_id = $1 and record.debt > 0
) debts
where owed > 0 order by period, created_at, id
"""
_OWED_TO = f"""
select coalesce(sum({_REST}), 0) as owed
from customer join consumption_record record on record.customer_id = customer.id
where customer.partner_id = $1 and customer.association_type = 'AGENCY' and customer.has_debt
  and record.debt > 0
"""
