"""The audit: what must be true of the whole database when nothing is under way any more."""

from collections.abc import Awaitable, Callable

from domain.ledger import audit as ledger
from kit import clock, database, timers
from kit.timers import Waits
from kit.transaction import transactional
from tests.faults.chaos import histories, sums
from tests.faults.chaos.looked import Looked
from tests.vouchers.factories import DIFFERING_COUPONS, DIFFERING_QUOTAS
from workers.effects import WAITS

Check = Callable[[], Awaitable[Looked]]


async def audit() -> dict[str, Looked]:
    """Every check, by the promise that it holds the product to."""
    return {promise: await check() for promise, check in CHECKS.items()}


async def _timers() -> Looked:
    rows = await database.rows(
        """
        select kind, state, count(*), min(due_at) as since, max(last_error) as error from timer
        where state = 'DEAD' or state = 'SCHEDULED' and due_at <= $1 group by kind, state""",
        await clock.now(),
    )
    wrong = [
        f"{row['count']} {row['kind']} {row['state']}, due since {row['since']}: {row['error']}"
        for row in rows
    ]
    return Looked("timers", await _count("timer"), wrong)


async def _subjects() -> Looked:
    """A sweep asks the rows, not the timers: what it would mend is what has slipped through."""
    wrong, count = [], 0
    for kind, waits in WAITS.items():
        [row] = await database.rows(
            f"select count(*) from {waits.table} cross join (select $1::timestamptz as now) moment"
            f" where {waits.live}",
            await clock.now(),
        )
        count += row["count"]
        try:
            await _mended(waits)
        except _Undone as undone:
            created, cancelled = undone.args
            if created:
                wrong.append(f"{kind}: {created} subjects wait without a timer")
            if cancelled:
                wrong.append(f"{kind}: {cancelled} timers have outlived their subject")
    return Looked("subjects that wait for a deadline", count, wrong)


class _Undone(Exception):
    """What was mended, so that it isn't."""


@transactional
async def _mended(waits: Waits) -> None:
    mended = await timers.mend(waits, now=await clock.now())
    raise _Undone(mended.created, mended.cancelled)


# Stored deadlines of what still waits for a decision, by table: which column, and when it counts.
_DEADLINES = {
    "member_invitation": ("expires_at", "status = 'PENDING'"),
    "customer_invitation": ("expires_at", "channel = 'EMAIL' and status = 'SENT'"),
    "customer_report": ("expires_at", "status = 'REPORTED'"),
    "association_change": ("expires_at", "status = 'PENDING'"),
    "customer_requirement": ("expires_at", "status = 'PENDING_MERCHANT'"),
    "private_offer": ("expires_at", "status in ('PUBLISHED', 'EFFECTIVE')"),
    "exclusive_offer": ("expires_at", "status in ('SCHEDULED', 'EFFECTIVE')"),
    "sales_order": ("pay_by", "status = 'PENDING_PAYMENT'"),
    "refund": ("decide_by", "status = 'MERCHANT_REVIEW'"),
    "recharge": ("expires_at", "status = 'WAITING'"),
    "voucher_quota": ("expires_at", "status in ('NORMAL', 'ADJUSTING', 'FROZEN')"),
    "coupon": ("expires_at", "status = 'USABLE'"),
    "export": ("expires_at", "state = 'DONE'"),
    "subscription": ("expires_at", "status = 'IN_USE'"),
    "incentive": ("confirm_by", "state = 'TO_CONFIRM'"),
    "programme_invitation": ("expires_at", "status = 'PENDING'"),
    "programme_application": ("expires_at", "status = 'APPROVED'"),
}


async def _deadlines() -> Looked:
    wrong, count, now = [], 0, await clock.now()
    for table, (column, waits) in _DEADLINES.items():
        [row] = await database.rows(
            f"select count(*), count(*) filter (where {waits} and {column} <= $1) as late"
            f" from {table} where {column} is not null",
            now,
        )
        count += row["count"]
        if row["late"]:
            wrong.append(f"{row['late']} rows of {table} wait though {column} is over")
    return Looked("rows with a deadline", count, wrong)


async def _ticks() -> Looked:
    rows = await database.rows(
        "select name, state, scheduled_for, last_error from tick"
        " where state = 'DEAD' or state = 'SCHEDULED' and scheduled_for <= $1",
        await clock.now(),
    )
    return Looked("runs of periodic work", await _count("tick"), [str(row) for row in rows])


async def _events() -> Looked:
    rows = await database.rows(
        """
        select tenant_id, subject_id, name, count(*), min(occurred_at) as at from event
        group by tenant_id, subject_id, subject_type, name, before, after, occurred_at, request_id,
          reason, actor_id
        having count(*) > 1"""
    )
    return Looked("events", await _count("event"), [str(row) for row in rows])


async def _positions() -> Looked:
    rows = await database.rows(
        """
        select tenant_id, count(*) as events, count(position) as placed,
          count(distinct position) as positions, min(position) as first, max(position) as last,
          (select last_position from event_counter log where log.id = tenant_id) as told
        from event group by tenant_id"""
    )
    wrong = [
        str(row)
        for row in rows
        if not row["events"] == row["placed"] == row["positions"] == row["last"] == row["told"]
        or row["first"] != 1
    ]
    return Looked("logs", len(rows), wrong)


async def _ledger() -> Looked:
    now = await clock.now()
    done = await ledger.audit(scheduled_for=now, now=now)
    nightly = await database.rows("select scheduled_for from ledger_audit where not is_sound")
    wrong = [str(difference) for difference in done.differences]
    wrong += [
        f"the nightly audit of {row['scheduled_for']} has found a difference" for row in nightly
    ]
    return Looked("entries", done.entries, list(dict.fromkeys(wrong)))


async def _quota() -> Looked:
    rows = await database.rows(DIFFERING_QUOTAS)
    return Looked("quotas", await _count("voucher_quota"), [f"quota {r['number']}" for r in rows])


async def _coupons() -> Looked:
    rows = await database.rows(DIFFERING_COUPONS)
    return Looked("coupons", await _count("coupon"), [f"coupon {row['number']}" for row in rows])


async def _payments() -> Looked:
    """Shares of a payment add up to its parts, and parts to what was due."""
    rows = await database.rows(
        """
        select sales_order.number, sales_order.due_amount,
          (select sum(amount) from payment_part part where part.order_id = sales_order.id) as parts,
          (select sum(share.amount) from payment_share share
           join payment_part part on part.id = share.part_id
           where part.order_id = sales_order.id) as shares
        from sales_order where status in ('PROCESSING', 'COMPLETED') and base_order_id is null"""
    )
    wrong = [
        str(row)
        for row in rows
        if row["due_amount"] and not row["due_amount"] == row["parts"] == row["shares"]
    ]
    return Looked("paid orders", len(rows), wrong)


async def _refunds() -> Looked:
    rows = await database.rows(
        """
        select refund.number, refund.amount,
          coalesce((select sum(amount) from refund_part part where part.refund_id = refund.id), 0)
            as parts
        from refund where status = 'REFUNDED'"""
    )
    wrong = [str(row) for row in rows if row["amount"] != row["parts"]]
    over = await database.rows(
        "select number from sales_order where refunded_amount > due_amount"
        " and base_order_id is null"
    )
    wrong += [f"order {row['number']} gave back more than was paid" for row in over]
    return Looked("refunds", len(rows), wrong)


async def _mails() -> Looked:
    rows = await database.rows(
        "select template, status, count(*), max(last_error) as error from mail"
        " where status in ('DEAD', 'QUEUED') group by 1, 2"
    )
    wrong = [str(row) for row in rows]
    lost = await database.rows(
        """
        select event.name, count(*) from inbox_message message
        full join event on event.id = message.event_id
        where event.id is null or message.event_id is not null and event.position > (
          select position from notification_reader reader where reader.id = event.tenant_id)
        group by 1"""
    )
    wrong += [f"told before it was read: {row}" for row in lost]
    return Looked("mails", await _count("mail"), wrong)


async def _webhooks() -> Looked:
    rows = await database.rows(
        """
        select delivery.state, delivery.lease_token is not null as leased, count(*)
        from webhook_delivery delivery
        join webhook_endpoint endpoint on endpoint.id = delivery.endpoint_id
        where delivery.state = 'WAITING' and (delivery.next_attempt_at is null
          or endpoint.state = 'DELETED' or delivery.attempted = 0)
        group by 1, 2"""
    )
    missing = await database.rows(
        """
        select endpoint.url, count(*) from webhook_endpoint endpoint
        join event on event.tenant_id = endpoint.partner_id
          and event.position <= endpoint.position and event.created_at > endpoint.created_at
        where endpoint.types = '[]' and not exists (
          select from webhook_delivery delivery
          where delivery.endpoint_id = endpoint.id and delivery.event_id = event.id)
        group by 1"""
    )
    wrong = [f"in no clear state: {row}" for row in rows]
    wrong += [f"passed over: {row}" for row in missing]
    return Looked("webhook deliveries", await _count("webhook_delivery"), wrong)


async def _exports() -> Looked:
    rows = await database.rows(
        "select state, failure, count(*), max(last_error) as error from export"
        " where state in ('QUEUED', 'RUNNING') or state = 'FAILED' group by 1, 2"
    )
    return Looked("exports", await _count("export"), [str(row) for row in rows])


async def _upstream() -> Looked:
    rows = await database.rows(
        """
        select system, state, count(*), max(last_error) as error from upstream_request request
        where state in ('WAITING', 'DEAD') or state = 'SENT' and not exists (
          select from timer where subject_id = request.id and state = 'SCHEDULED')
        group by 1, 2"""
    )
    return Looked("upstream requests", await _count("upstream_request"), [str(r) for r in rows])


async def _leases() -> Looked:
    wrong, count = [], 0
    for table, waiting in (
        ("timer", "state = 'SCHEDULED'"),
        ("tick", "state = 'SCHEDULED'"),
        ("mail", "status = 'QUEUED'"),
        ("upstream_request", "state = 'WAITING'"),
        ("webhook_delivery", "state = 'WAITING'"),
        ("export", "state = 'RUNNING'"),
    ):
        [row] = await database.rows(
            f"select count(*), count(*) filter (where lease_token is not null and not ({waiting}))"
            f" as kept from {table}"
        )
        count += row["count"]
        if row["kept"]:
            wrong.append(f"{row['kept']} rows of {table} are decided and still leased")
    return Looked("rows that workers claim", count, wrong)


async def _count(table: str) -> int:
    [row] = await database.rows(f"select count(*) from {table}")
    found: int = row["count"]
    return found


CHECKS: dict[str, Check] = {
    "every due timer is decided, none dead": _timers,
    "who waits has a timer, who is decided none": _subjects,
    "nothing waits beyond its deadline": _deadlines,
    "periodic work was neither missed nor given up": _ticks,
    "no event is there twice": _events,
    "positions have no gaps": _positions,
    "each history is a path of its machine, and ends where the row is": histories.paths,
    "the ledger adds up, each balance is its entries": _ledger,
    "quota is conserved down the tiers": _quota,
    "coupons are what was issued, used, returned": _coupons,
    "payments add up": _payments,
    "refunds add up": _refunds,
    "a statement is its lines, and nothing is settled twice": sums.statements,
    "each signer signs once": sums.signatures,
    "invoices are for what is paid, each once": sums.invoices,
    "banks pay once what is to be paid": sums.payouts,
    "an incentive is paid once, in parts that add up": sums.incentives,
    "usage is charged once, to the cent": sums.charges,
    "who owes is known to owe": sums.debts,
    "mails went out": _mails,
    "each webhook is delivered, or says why not": _webhooks,
    "exports have come to an end": _exports,
    "what other systems were asked is answered, or asked again": _upstream,
    "nobody holds what is decided": _leases,
}
