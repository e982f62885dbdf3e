"""The nightly recount: whether the ledger adds up, asked of all there is; else an alarm."""

import logging
from datetime import datetime
from typing import Any

import orjson

from domain.audit import events
from domain.audit.events import PLATFORM_TENANT
from domain.identity.viewer import SYSTEM
from kit import database
from kit.ids import new_id
from kit.transaction import transactional
from models.ledger import LedgerAudit

ALARM = "ledger.alarm"
MOST_TOLD = 100  # differences of each kind; there should be none

log = logging.getLogger(__name__)


@transactional
async def audit(*, scheduled_for: datetime, now: datetime) -> LedgerAudit:
    """Count everything again and write down what came of it. The work of the tick `ledger`.

    All entries together are nothing, and so are those of each transfer; every balance is the sum
    of its entries, and what is held the sum of the open holds. Each is asked in one statement, and
    so of one moment, while payments go on. A difference is recorded as `ledger.alarm` and logged:
    constraints forbid it, so somebody has gone past them.
    """
    differences = [
        {"check": check} | _plain(row)
        for check, sql in _CHECKS.items()
        for row in await database.rows(f"{sql} limit {MOST_TOLD}")
    ]
    counted = await database.row(
        "select (select count(*) from ledger_account) as accounts,"
        " (select count(*) from ledger_entry) as entries"
    )
    assert counted is not None
    done = LedgerAudit(
        id=new_id(),
        created_at=now,
        scheduled_for=scheduled_for,
        accounts=counted["accounts"],
        entries=counted["entries"],
        is_sound=not differences,
        differences=differences,
    )
    await done.insert()
    if differences:
        log.error("the ledger does not add up: %s", orjson.dumps(differences).decode())
        await events.record(
            ALARM,
            actor=SYSTEM,
            subject_type="ledger_audit",
            subject_id=done.id,
            tenant_id=PLATFORM_TENANT,
            at=now,
            after={"differences": differences},
        )
    return done


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: None if value is None else str(value) for name, value in row.items()}


_CHECKS = {
    "ALL_ENTRIES": """
        select currency, sum(amount) as counted, 0 as told from ledger_entry
        group by currency having sum(amount) <> 0""",
    "TRANSFER": """
        select transfer_id as id, sum(amount) as counted, 0 as told from ledger_entry
        group by transfer_id having sum(amount) <> 0""",
    "BALANCE": """
        select account.id, coalesce(sum(entry.amount), 0) as counted, account.balance as told,
          count(entry.id) as counted_entries, account.entries as told_entries
        from ledger_account account left join ledger_entry entry on entry.account_id = account.id
        where account.kind <> 'BOOK'
        group by account.id
        having coalesce(sum(entry.amount), 0) <> account.balance
          or count(entry.id) <> account.entries""",
    "HELD": """
        select account.id, coalesce(sum(promised.amount), 0) as counted, account.held as told
        from ledger_account account left join ledger_hold promised
          on promised.account_id = account.id and promised.state = 'OPEN'
        group by account.id
        having coalesce(sum(promised.amount), 0) <> account.held""",
}
