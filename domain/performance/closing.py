"""Making the sheets of a month (业绩单) as it is over in Beijing: estimates become drafts."""

from datetime import datetime, time

from domain.consumption.periods import before
from domain.performance import months, writing
from kit import database
from kit.ids import new_id
from kit.numbers import numbered
from kit.request import request_id
from kit.transaction import transactional

# Midnight of the first, and a little more: what was paid a moment before it is written by then.
DAY, AT = 1, time(0, 5)


@transactional
async def make_sheets(*, scheduled_for: datetime, now: datetime) -> int:
    """Make a sheet per partner of last month's lines, after the last are written; how many.

    Lines of earlier months that have none yet get theirs, too. From then on what comes late counts
    in the month that runs. It may run twice, and does nothing then.
    """
    period = before(scheduled_for)
    await months.hold()
    await writing.write(now=now)
    if period < await months.first_open():
        return 0
    await database.execute(
        "insert into performance_closing (id, created_at, period) values ($1, $2, $3)",
        *(new_id(), now, period),
    )
    found = await database.rows(_WITHOUT, period)
    ids = [new_id() for _ in found]
    await database.execute(
        _MAKE,
        now,
        ids,
        [numbered("PF", id, at=now) for id in ids],
        *([row[name] for row in found] for name in _COLUMNS),
        request_id(),
    )
    await database.execute(_PUT_IN, ids)
    return len(ids)


_COLUMNS = ("partner_id", "period", "lines", "total_amount", "visible_at")

_WITHOUT = """
select partner_id, period, count(*)::int as lines, sum(amount) as total_amount,
  max(visible_at) as visible_at
from performance_line where sheet_id is null and period <= $1
group by partner_id, period order by period, partner_id
"""

# No seat has the id of a partner, so what is about all its customers isn't for account managers.
# How much it comes to, the event doesn't tell: partners see the sheet later.
_MAKE = """
with made as (
  insert into performance_sheet (id, created_at, version, number, partner_id, period, state,
    currency, lines, total_amount, visible_at)
  select given.id, $1, 1, given.number, given.partner_id, given.period, 'DRAFT', 'CNY',
    given.lines, given.total_amount, given.visible_at
  from unnest($2::uuid[], $3::text[], $4::uuid[], $5::text[], $6::int[], $7::numeric[],
    $8::timestamptz[]) as given (id, number, partner_id, period, lines, total_amount, visible_at)
  returning id, partner_id, period
)
insert into event (id, created_at, occurred_at, tenant_id, name, subject_type, subject_id,
  manager_id, actor_kind, actor_name, before, after, request_id)
select uuidv7(), $1, $1, partner_id, 'performance_sheet.made', 'performance_sheet', id, partner_id,
  'SYSTEM', 'system', '{"state": "ESTIMATED"}',
  jsonb_build_object('state', 'DRAFT', 'period', period), $9
from made
"""

_PUT_IN = """
update performance_line line set sheet_id = sheet.id from performance_sheet sheet
where sheet.id = any($1) and line.partner_id = sheet.partner_id and line.period = sheet.period
  and line.sheet_id is null
"""
