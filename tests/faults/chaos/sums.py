"""The audit of what is signed, billed, used and paid out: sums that hold, and things done once."""

from decimal import Decimal
from typing import Any

from domain.consumption.collecting import PAID_SINCE, TOO_MUCH
from kit import database
from tests.faults.chaos.book import Book
from tests.faults.chaos.looked import Looked


async def statements() -> Looked:
    """Its lines are its total; what it stands for is in one living statement only."""
    looked = Looked("statements", await _count("statement"))
    looked.wrong += await _found(
        "the lines of {number} are {lines} and come to {amount}",
        """
        select statement.number, count(line.id) as lines, coalesce(sum(line.amount), 0) as amount
        from statement left join settlement_line line on line.statement_id = statement.id
          and (line.voided_at is not null) = (statement.status = 'CANCELLED')
        group by statement.id
        having count(line.id) <> statement.lines
          or coalesce(sum(line.amount), 0) <> statement.lines_amount""",
    )
    looked.wrong += await _found(
        "{source} is settled {times} times",
        """
        select coalesce(order_line_id, refund_id, consumption_record_id, transfer_id) as source,
          count(*) as times
        from settlement_line where voided_at is null and kind = 'ORIGINAL'
        group by 1, partner_id having count(*) > 1 and coalesce(
          max(order_line_id::text), max(refund_id::text), max(consumption_record_id::text),
          max(transfer_id::text)) is not null""",
    )
    looked.wrong += await _found(
        "{number} was taken back and is replaced by {times}",
        """
        select old.number, count(*) as times from statement old
        join statement made on made.replaces_id = old.id and made.status <> 'CANCELLED'
        group by old.id having count(*) > 1 or old.status <> 'CANCELLED'""",
    )
    return looked


async def signatures() -> Looked:
    """By as many people as there are names, none of them its reviewer, each told of once."""
    looked = Looked("signatures", await _count("statement_signature"))
    looked.wrong += await _found(
        "{number} ({status}) has {given} signatures of {wanted} by {people} people, told {told}",
        """
        select * from (
          select statement.number, statement.status, count(*) as wanted,
            count(signature.signed_at) as given, count(distinct signature.signed_by) as people,
            bool_or(signature.signed_by = statement.reviewed_by) as by_reviewer,
            (select count(*) from event where subject_id = statement.id
              and name = 'statement.signed') as told,
            statement.countersigned_at is not null as done
          from statement join statement_signature signature
            on signature.statement_id = statement.id
          group by statement.id) signed
        where given <> people or given <> told or by_reviewer or done <> (given = wanted)""",
    )
    return looked


async def invoices() -> Looked:
    """Those that count are for what is paid, and no two of them are one."""
    looked = Looked("invoices", await _count("invoice") + await _count("incentive_invoice"))
    looked.wrong += await _found(
        "{number} pays {total} and is invoiced for {invoiced}",
        """
        select statement.number, statement.total_amount as total,
          sum(invoice.total_amount) as invoiced
        from statement join invoice on invoice.statement_id = statement.id
          and invoice.status in ('SUBMITTED', 'RECEIVED', 'VERIFIED')
        group by statement.id having sum(invoice.total_amount) <> statement.total_amount
        union all
        select application.number, application.total_amount, sum(invoice.total_amount)
        from payment_application application
        join incentive_invoice invoice on invoice.application_id = application.id
          and invoice.returned_at is null
        group by application.id having sum(invoice.total_amount) <> application.total_amount""",
    )
    looked.wrong += await _found(
        "{number} is {status} with {verified} verified invoices of {total}",
        """
        select statement.number, statement.status, statement.total_amount as total,
          coalesce(sum(invoice.total_amount) filter (where invoice.status = 'VERIFIED'), 0)
            as verified
        from statement left join invoice on invoice.statement_id = statement.id
        group by statement.id
        having (statement.status in ('PAYING', 'PAY_FAILED', 'PAID')) <> (
          coalesce(sum(invoice.total_amount) filter (where invoice.status = 'VERIFIED'), 0)
            = statement.total_amount and statement.total_amount > 0)""",
    )
    looked.wrong += await _found(
        "invoice {code} {number} counts {times} times",
        """
        select code, number, count(*) as times from (
          select coalesce(code, '') as code, number from invoice
          where status in ('SUBMITTED', 'RECEIVED', 'VERIFIED')
          union all
          select code, number from incentive_invoice where returned_at is null) told
        group by 1, 2 having count(*) > 1""",
    )
    return looked


async def payouts() -> Looked:
    """What a bank pays: asked for once, paid once, booked once."""
    rows = await database.rows(
        """
        select paid.number, paid.state, paid.amount, (
            select count(*) from upstream_request request
            where request.subject_id = paid.id and request.operation = paid.operation
              and exists (select from upstream_answer answer
                where answer.request_id = request.id and answer.ok)) as answered,
          (select coalesce(sum(entry.amount), 0) from ledger_transfer transfer
            join ledger_entry entry on entry.transfer_id = transfer.id and entry.amount > 0
            where transfer.subject_id = paid.id) as booked
        from (
          select id, number, status as state, total_amount as amount,
            'statement.pay' as operation from statement
          union all
          select id, number, state, total_amount, 'incentive.pay'
          from payment_application) paid"""
    )
    wrong = [str(row) for row in rows if _is_odd(row)]
    return Looked("things that banks pay", len(rows), wrong)


def _is_odd(row: dict[str, Any]) -> bool:
    if row["state"] == "REPAID":  # by the partner, what it was below zero
        return bool(row["answered"] or row["booked"] != -row["amount"])
    is_paid: bool = row["state"] in ("PAID", "DONE") and row["amount"] > 0
    due = row["amount"] if is_paid else Decimal(0)
    return bool(row["answered"] != is_paid or row["booked"] != due)


async def incentives() -> Looked:
    """Each is paid in parts that add up to it, each part by one application or statement."""
    looked = Looked("incentives", await _count("incentive"))
    looked.wrong += await _found(
        "{number} ({state}) of {amount} has parts of {parts}, {frozen} frozen",
        """
        select * from (
          select incentive.number, incentive.state, incentive.amount,
            incentive.frozen_amount as frozen, coalesce(sum(part.amount), 0) as parts,
            coalesce(bool_and(part.state = 'PAID'), false) as all_paid,
            coalesce(bool_and(part.state = 'READY'), true) as all_ready
          from incentive left join incentive_part part on part.incentive_id = incentive.id
          group by incentive.id) told
        where case when state in ('ESTIMATED', 'TO_CONFIRM') then parts <> 0
            when state = 'LAPSED' then not all_ready
            else parts + frozen <> amount end
          or (state = 'PAID') <> (all_paid and frozen = 0)""",
    )
    looked.wrong += await _found(
        "part of {amount} is {state}, and {taken} applications and statements have it",
        """
        select part.amount, part.state, (
            select count(*) from payment_application_item item
            where item.part_id = part.id and not item.let_go)
          + (select count(*) from settlement_line line
             where line.incentive_id = part.id and line.voided_at is null) as taken
        from incentive_part part
        where ((
            select count(*) from payment_application_item item
            where item.part_id = part.id and not item.let_go)
          + (select count(*) from settlement_line line
             where line.incentive_id = part.id and line.voided_at is null))
          <> (part.state <> 'READY')::int""",
    )
    looked.wrong += await _found(
        "application {number} of {total} is over {items}",
        """
        select application.number, application.total_amount as total, sum(item.amount) as items
        from payment_application application
        join payment_application_item item on item.application_id = application.id
        group by application.id having sum(item.amount) <> application.total_amount""",
    )
    return looked


async def charges() -> Looked:
    """Of each customer, goods and month what was used is what was charged, to the cent."""
    looked = Looked("usage records", await _count("usage_record"))
    looked.wrong += await _found(
        "{customer_id} used {goods_id} for {used} in {period}, and was charged {charged}",
        """
        select customer_id, goods_id, period, used, charged from (
          select customer_id, goods_id, period, round(sum(amount), 2) as used
          from usage_record group by 1, 2, 3) record
        full join (
          select customer_id, goods_id, period, sum(consume_amount) as charged
          from consumption_record where bill_type = 'USAGE' group by 1, 2, 3) charge
        using (customer_id, goods_id, period)
        where coalesce(used, 0) <> coalesce(charged, 0)""",
    )
    looked.wrong += await _found(
        "import {id} says {added} added for {charged}, and has {records} for {amount}",
        """
        select made.id, made.added, made.charged_amount as charged, (
            select count(*) from usage_record where usage_import_id = made.id) as records, (
            select coalesce(sum(consume_amount), 0) from consumption_record
            where usage_import_id = made.id and corrects_id is null) as amount
        from usage_import made
        where added <> (select count(*) from usage_record where usage_import_id = made.id)
          or charged_amount <> (select coalesce(sum(consume_amount), 0) from consumption_record
            where usage_import_id = made.id and corrects_id is null)""",
    )
    looked.wrong += await _found(
        "{id}: {cash} of cash, and {moved} moved by {transfers} transfers",
        """
        select record.id, record.cash, sum(-entry.amount) as moved, count(*) as transfers
        from consumption_record record
        join ledger_transfer transfer on transfer.subject_id = record.id
          and transfer.id = record.transfer_id
        join ledger_entry entry on entry.transfer_id = transfer.id
        join ledger_account account on account.id = entry.account_id
          and account.customer_id = record.customer_id
        where record.bill_type = 'USAGE'
        group by record.id having sum(-entry.amount) <> record.cash or count(*) > 1""",
    )
    return looked


async def debts() -> Looked:
    """Nobody owes less than nothing, and who owes is known to owe."""
    rows = await database.rows(
        f"""
        select customer.id, customer.has_debt, coalesce(sum(owed), 0) as owed, min(owed) as least
        from customer left join lateral (
          select record.debt - ({PAID_SINCE.format(t="record")})
            - ({TOO_MUCH.format(t="record")}) as owed
          from consumption_record record
          where record.customer_id = customer.id and record.debt > 0) debt on true
        group by customer.id"""
    )
    wrong = [
        str(row) for row in rows if row["has_debt"] != (row["owed"] > 0) or (row["least"] or 0) < 0
    ]
    return Looked("customers", len(rows), wrong)


async def usage(book: Book) -> Looked:
    """What clients handed in is there once, as they said it, whatever was killed."""
    rows = await database.rows("select record_id, quantity from usage_record")
    kept: dict[str, list[Decimal]] = {}
    for row in rows:
        kept.setdefault(row["record_id"], []).append(row["quantity"])
    looked = Looked("records of usage that clients know of", len(book.used))
    looked.wrong = [
        f"{record_id}: handed in {quantity}, taken {kept.get(record_id, [])}"
        for record_id, quantity in book.used.items()
        if kept.get(record_id) != [quantity]
    ]
    return looked


async def _found(text: str, sql: str) -> list[str]:
    return [text.format(**row) for row in await database.rows(sql)]


async def _count(table: str) -> int:
    [row] = await database.rows(f"select count(*) from {table}")
    found: int = row["count"]
    return found
