"""Quiet digests: mails that can wait are held, and go out together once a day."""

from datetime import datetime

from kit import database
from kit.faults import reach

MOST = 200  # mails in one digest; what is more comes in another
BATCH = 20_000  # mails that are folded in one statement

# The next time that it is `{hour}` o'clock in Shanghai, which knows no summer time.
NEXT_DIGEST = (
    "(select case when at.today > {now} then at.today else at.today + interval '1 day' end"
    " from (select (date_trunc('day', {now} at time zone 'Asia/Shanghai')"
    " + make_interval(hours => {hour})) at time zone 'Asia/Shanghai' as today) at)"
)


# The key of a digest is of its first mail, which is in no other. Whoever changes a preference at
# this moment keeps their mails until the next look.
_FOLD = f"""
with held as materialized (
  select id, created_at, tenant_id, recipient, locale, template, facts from mail
  where status = 'HELD' and next_attempt_at <= $1
  order by recipient, id limit $2 for update skip locked
), placed as (
  select *, (row_number() over (partition by recipient order by id) - 1) / {MOST} as part from held
), digests as (
  insert into mail (id, created_at, tenant_id, recipient, locale, template, facts, dedupe_key,
    status, attempts, next_attempt_at)
  select uuidv7(), $1, (array_agg(tenant_id order by id))[1], recipient,
    (array_agg(locale order by id desc))[1], 'digest',
    jsonb_build_object('mails', jsonb_agg(
      jsonb_build_object('template', template, 'facts', facts, 'at', created_at) order by id)),
    'digest:' || (array_agg(id order by id))[1], 'QUEUED', 0, $1
  from placed group by recipient, part
), folded as (
  update mail set status = 'FOLDED', sent_at = $1 from held where mail.id = held.id returning 1
)
select 1 from folded limit 1
"""


async def fold_due(*, scheduled_for: datetime, now: datetime) -> None:
    """Fold what is held and due into one mail a reader."""
    while await database.row(_FOLD, now, BATCH):
        reach("notifications.folded")
