"""Beginning a run (出账): it says what is made; workers make it, a partner at a time."""

from datetime import datetime
from uuid import UUID

from domain.audit import events
from domain.audit.events import PLATFORM_TENANT
from domain.identity import permissions
from domain.identity.viewer import SYSTEM, Viewer
from domain.incentives import confirming, settling
from domain.settlement import periods
from domain.settlement.rules import CURRENT
from kit import database
from kit.ids import new_id
from kit.problems import NotFound, Problem
from kit.transaction import assert_open, transactional
from kit.workdays import SHANGHAI
from models.partners import Partner
from models.settlement import StatementKind
from models.settlement_runs import RunState, SettlementRun

_PERIOD = ("input", "period")


class PeriodNotOver(Problem):
    """Statements are made of what a whole period has brought."""

    en = "The period {period} is over at {ends_at:%Y-%m-%d %H:%M} UTC."
    zh = "账期 {period} 尚未结束(截止 {ends_at:%Y-%m-%d %H:%M} UTC)。"
    about = {"period": "Which period.", "ends_at": "The first instant after it."}
    period: str
    ends_at: datetime


class RunExists(Problem):
    """A kind of statements is made once for a period; a partner's alone are made again."""

    en = "The statements of {period} are made already, or being made."
    zh = "账期 {period} 已出账或正在出账。"
    about = {"period": "Which period."}
    period: str


@transactional
async def start_all(
    *, viewer: Viewer, kind: StatementKind, period: str, now: datetime
) -> SettlementRun:
    """Begin the run of a period for all partners. Raises PeriodNotOver, RunExists, InvalidInput."""
    permissions.require(viewer, "settlementRunStart")
    return await start(kind=kind, period=period, viewer=viewer, now=now)


@transactional
async def start_due(*, scheduled_for: datetime, now: datetime) -> list[SettlementRun]:
    """Begin what is made on a billing day, unless that has begun. The work of a tick.

    What a partner has confirmed after its quarter's billing day comes with the next one, and not
    three months later: of who has no statement of that quarter, a run is begun alone.
    """
    due: list[tuple[StatementKind, str, UUID | None]] = [
        (kind, period, None) for kind, period in periods.due_at(scheduled_for)
    ]
    quarter = periods.last_before(StatementKind.ASSESSMENT, scheduled_for)
    if (StatementKind.ASSESSMENT, quarter, None) not in due:
        late = await _confirmed_late(quarter, now)
        due += [(StatementKind.ASSESSMENT, quarter, partner_id) for partner_id in late]
    started = [await _start(kind, period, of, SYSTEM, now) for kind, period, of in due]
    return [run for run in started if run is not None]


async def start(
    *,
    kind: StatementKind,
    period: str,
    partner_id: UUID | None = None,
    viewer: Viewer,
    now: datetime,
) -> SettlementRun:
    """Begin a run, of all partners or of one, whose statements are to be made again.

    The caller has asked for the right. One partner's run of a period at a time: while one goes on,
    it is given back. Raises PeriodNotOver, RunExists for that of all partners, NotFound for the
    partner, InvalidInput for the period.
    """
    assert_open()
    if partner_id is not None and not await Partner.exists(id=partner_id):
        raise NotFound(thing="partner")
    run = await _start(kind, period, partner_id, viewer, now)
    if run is not None:
        return run
    if partner_id is None:
        raise RunExists(period=period, path=_PERIOD)
    going_on = await SettlementRun.get_or_none(
        kind=kind, period=period, partner_id=partner_id, state=RunState.RUNNING
    )
    if going_on is not None:
        return going_on
    # It has come to its end this very moment.
    return await start(kind=kind, period=period, partner_id=partner_id, viewer=viewer, now=now)


async def _start(
    kind: StatementKind, period: str, partner_id: UUID | None, viewer: Viewer, now: datetime
) -> SettlementRun | None:
    starts_at, ends_at = periods.span(kind, period, path=_PERIOD)
    if now < ends_at:
        raise PeriodNotOver(period=period, ends_at=ends_at, path=_PERIOD)
    if kind is StatementKind.ASSESSMENT:
        await confirming.confirm_overdue(partner_id=partner_id, ends_at=ends_at, now=now)
    partners = await _partners(kind, ends_at, now) if partner_id is None else [partner_id]
    today = now.astimezone(SHANGHAI).date()
    # What an outage has delayed is late by the day on which it was to be made (S-01).
    billing_day = min(today, periods.billing_day(ends_at)) if partner_id is None else today
    id = new_id()
    made = await database.rows(
        _RUN,
        *(id, now, kind, period, starts_at, ends_at, billing_day, CURRENT),
        *(partner_id, viewer.actor_id, RunState.RUNNING if partners else RunState.DONE),
        None if partners else now,
    )
    if not made:
        return None
    await database.execute(_SHARES, id, now, partners)
    await events.record(
        "settlement_run.started",
        actor=viewer,
        subject_type="settlement_run",
        subject_id=id,
        tenant_id=PLATFORM_TENANT,
        after={"kind": kind.value, "period": period, "partners": len(partners)},
        at=now,
    )
    return await SettlementRun.get(id=id)


async def _confirmed_late(quarter: str, now: datetime) -> list[UUID]:
    """Who has incentives to be paid, and no statement of the quarter made, or being made."""
    _, ends_at = periods.span(StatementKind.ASSESSMENT, quarter)
    await confirming.confirm_overdue(partner_id=None, ends_at=ends_at, now=now)
    partners = await settling.partners(ends_at=ends_at, as_of=now)
    found = await database.rows(_WITHOUT, partners, StatementKind.ASSESSMENT, quarter)
    return [row["partner_id"] for row in found]


async def _partners(kind: StatementKind, ends_at: datetime, now: datetime) -> list[UUID]:
    if kind is StatementKind.ASSESSMENT:
        return await settling.partners(ends_at=ends_at, as_of=now)
    return [row["partner_id"] for row in await database.rows(_WAITING)]


_RUN = """
insert into settlement_run (id, created_at, kind, period, starts_at, ends_at, as_of, billing_day,
  rule_version, partner_id, started_by, state, finished_at)
values ($1, $2, $3, $4, $5, $6, $2, $7, $8, $9, $10, $11, $12)
on conflict do nothing
returning id
"""

_SHARES = """
insert into settlement_share (id, created_at, run_id, partner_id)
select uuidv7(), $2, $1, partner_id from unnest($3::uuid[]) as partner_id order by partner_id
"""

_WITHOUT = """
select late.partner_id from unnest($1::uuid[]) as late (partner_id)
where not exists (select from statement made
    where made.partner_id = late.partner_id and made.kind = $2 and made.period = $3
      and made.status <> 'CANCELLED')
  and not exists (select from settlement_share share
    join settlement_run made on made.id = share.run_id
    where share.partner_id = late.partner_id and share.done_at is null and made.kind = $2
      and made.period = $3)
order by late.partner_id
"""

# A step from one partner to the next along the index, however much each of them has.
_WAITING = """
with recursive next as (
  (select partner_id from unsettled order by partner_id limit 1)
  union all
  select (select u.partner_id from unsettled u where u.partner_id > next.partner_id
    order by u.partner_id limit 1)
  from next where next.partner_id is not null
)
select partner_id from next where partner_id is not null order by partner_id
"""
