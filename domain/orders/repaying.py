"""Orders on credit, and whether their customers have paid them back (D-11).

An order counts as repaid when what was paid back covers all of it, the oldest order first: of what
all of a customer's orders have borrowed, what it still owes is that of the latest. Nothing is kept
beside the ledger, so that adjustments and refunds count by themselves.
"""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.ledger import accounts
from domain.orders import history
from domain.orders.guards import OrderNotPayable
from domain.orders.holding import held
from kit import database, texts
from kit.problems import Problem
from kit.transaction import assert_open, lock, transactional
from models.ledger import AccountKind
from models.order_states import PaymentState
from models.orders import Order


async def settle_repaid(*, customer_id: UUID, viewer: Viewer, now: datetime) -> int:
    """Mark as repaid what the credit account's owner no longer owes; how many orders those were.

    For the transaction of a repayment, with the customer held. Orders whose coupons have to be
    repaid, too, wait for `record`.
    """
    assert_open()
    account = await accounts.of_customer(customer_id, AccountKind.CREDIT, now=now)
    owed = max(Decimal(0), -account.balance)
    lent = await database.rows(_LENT, customer_id)
    covered = sum((row["lent"] for row in lent), Decimal(0)) - owed
    done = 0
    for row in lent:
        covered -= row["lent"]
        if covered < 0:
            break
        if not row["by_coupon"]:
            order = await lock(Order, id=row["id"])
            assert order is not None
            await _repaid(order, viewer, None, now)
            done += 1
    return done


def not_on_credit(row: Order, viewer: Viewer, now: datetime) -> Problem | None:
    """The platform records repayments of what is owed."""
    if row.payment_state is not PaymentState.PAID_ON_CREDIT:
        return OrderNotPayable(status=row.status.value, payment_state=row.payment_state.value)
    return None


@transactional
async def record(*, viewer: Viewer, order_id: UUID, reason: str, now: datetime) -> Order:
    """Say by hand that an order is repaid, with its coupons. Raises OrderNotPayable."""
    permissions.require(viewer, "orderRepaymentRecord")
    reason = texts.reason(reason)
    order, _ = await held(viewer, order_id, not_on_credit, now=now)
    await _repaid(order, viewer, reason, now)
    return order


async def _repaid(order: Order, viewer: Viewer, reason: str | None, now: datetime) -> None:
    before = order.payment_state
    order.payment_state = before.to(PaymentState.REPAID)
    order.repaid_at = now
    order.version += 1
    await order.save(update_fields=["payment_state", "repaid_at", "version"])
    await history.of_order(
        "repaid",
        order,
        viewer=viewer,
        before={"payment_state": before.value},
        after={"payment_state": order.payment_state.value},
        reason=reason,
        now=now,
    )


_LENT = """
select o.id, coalesce(sum(p.amount - p.refunded_amount) filter (where p.instrument = 'CREDIT'), 0)
  as lent, bool_or(p.needs_repayment and p.instrument <> 'CREDIT') as by_coupon
from sales_order o join payment_part p on p.order_id = o.id
where o.customer_id = $1 and o.payment_state = 'PAID_ON_CREDIT'
group by o.id order by o.paid_at, o.id
"""
