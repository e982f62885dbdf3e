"""Confirming incentives (I-14): by the partner within seven days, or else by their end."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.incentives import guards, history, letters, parts
from domain.incentives.counting import FIRST_MONTH, LAST_MONTH
from domain.incentives.policy import INCENTIVES
from kit import database, timers
from kit.guards import refuse
from kit.request import request_id
from kit.timers import Deadline, Waits
from kit.transaction import assert_open, transactional
from models.incentives import ConfirmedBy, Incentive, IncentiveState

CONFIRM = "incentive.confirm"

# How long a partner has; the sources name no number of days.
PATIENCE = timedelta(days=7)

# Where an incentive stands at `{now}`, also before a worker comes by.
STATE_NOW = (
    "case when {t}.state = 'TO_CONFIRM' and {t}.confirm_by <= {now} then 'CONFIRMED'"
    " else {t}.state end"
)


@transactional
async def confirm(*, viewer: Viewer, incentive_id: UUID, now: datetime) -> Incentive:
    """Agree to the amount; it can be paid from now on, but for what is frozen.

    Raises IncentiveIsConfirmed at and after the deadline, WrongStatus.
    """
    permissions.require(viewer, "incentiveConfirm")
    incentive = await INCENTIVES.lock(
        Incentive, incentive_id, viewer=viewer, now=now, thing="incentive"
    )
    refuse(guards.confirm(incentive, viewer, now))
    before: IncentiveState = incentive.state
    incentive.state = before.to(IncentiveState.CONFIRMED)
    incentive.confirmed_at = now
    incentive.confirmed_by = ConfirmedBy.PARTNER
    incentive.version += 1
    await incentive.save(update_fields=["state", "confirmed_at", "confirmed_by", "version"])
    await timers.cancel(CONFIRM, subject_id=incentive.id)
    await history.of(
        "confirmed",
        incentive,
        viewer=viewer,
        before={"state": before.value},
        after={"state": incentive.state.value, "amount": str(incentive.amount)},
        now=now,
    )
    await parts.make([incentive.id], now=now)
    return incentive


async def confirm_silent(*, subject_ids: Sequence[UUID], now: datetime) -> None:
    """Take silence for a yes. The effect of the timer `incentive.confirm`; the rows are held."""
    assert_open()
    rows = await database.rows(_CONFIRM, list(subject_ids), now, request_id())
    await parts.make([row["id"] for row in rows], now=now)


async def confirm_overdue(*, partner_id: UUID | None, ends_at: datetime, now: datetime) -> None:
    """Take silence for a yes where a deadline is over and no worker has come by yet.

    Of one partner or of all; of periods that end at `ends_at` at the latest. For whoever pays what
    is confirmed.
    """
    assert_open()
    held = await database.rows(_OVERDUE, now, ends_at, partner_id)
    if held:
        await confirm_silent(subject_ids=[row["id"] for row in held], now=now)


async def ask_for_all(*, now: datetime) -> int:
    """Let partners confirm what is final: the period is over, and no sheet of it a draft any more.

    Sets the deadlines, and tells the partners of them; how many there were.
    """
    assert_open()
    rows = await database.rows(_ASK, now, now + PATIENCE, request_id())
    await schedule(
        [Deadline(row["partner_id"], row["id"], now + PATIENCE) for row in rows], now=now
    )
    await letters.ask_to_confirm([row["id"] for row in rows], now=now)
    return len(rows)


async def schedule(deadlines: Sequence[Deadline], *, now: datetime) -> None:
    """Set the timers of incentives that wait to be confirmed."""
    await timers.schedule_many(CONFIRM, deadlines, on_timeout="ACCEPT", now=now)


# Every incentive that waits to be confirmed has a timer, and no other.
CONFIRM_WAITS = Waits(
    kind=CONFIRM,
    table="incentive",
    live="state = 'TO_CONFIRM'",
    due_at="confirm_by",
    tenant_id="partner_id",
    on_timeout="ACCEPT",
)


_EVENT = """
insert into event (id, created_at, occurred_at, tenant_id, name, subject_type, subject_id,
  manager_id, actor_kind, actor_name, before, after, request_id)
select uuidv7(), {now}, {now}, partner_id, 'incentive.{happened}', 'incentive', id, partner_id,
  'SYSTEM', 'system', '{{"state": "{before}"}}', jsonb_build_object('state', '{after}', 'amount',
  amount::text), $3
from moved
"""

_OVERDUE = """
select id from incentive
where state = 'TO_CONFIRM' and confirm_by <= $1 and ends_at <= $2
  and ($3::uuid is null or partner_id = $3)
order by id for no key update
"""

_CONFIRM = f"""
with moved as (
  update incentive set state = 'CONFIRMED', confirmed_at = $2, confirmed_by = 'TIMEOUT',
    version = version + 1
  where id = any($1) and state = 'TO_CONFIRM' and confirm_by <= $2
  returning id, partner_id, amount
), told as ({
    _EVENT.format(now="$2", happened="confirmed_by_silence", before="TO_CONFIRM", after="CONFIRMED")
})
select id from moved
"""

_ASK = f"""
with moved as (
  update incentive earned set state = 'TO_CONFIRM', confirm_by = $2, version = earned.version + 1
  where earned.state = 'ESTIMATED' and earned.ends_at <= $1
    and exists (select from performance_closing closed
      where closed.period >= {LAST_MONTH.replace("{t}", "earned")})
    and not exists (select from performance_sheet sheet
      where sheet.partner_id = earned.partner_id and sheet.state = 'DRAFT'
        and sheet.period between {FIRST_MONTH.replace("{t}", "earned")}
          and {LAST_MONTH.replace("{t}", "earned")})
  returning earned.id, earned.partner_id, earned.amount
), told as ({_EVENT.format(now="$1", happened="final", before="ESTIMATED", after="TO_CONFIRM")})
select id, partner_id from moved order by id
"""
