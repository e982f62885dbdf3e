"""From the log to messages: each event that a rule names, once to each seat that it is for.

Mails and text messages go to people, not to seats: each is written once to a person.

Messages, mails and text messages of a span of the log are written in the transaction that notes up
to where it was read, so that however often workers die, each is there once. One planner at a time
is at work anywhere: so a seat's messages, which come from several logs, are committed in the order
of their ids, and who has seen one has seen all before it.
"""

from datetime import datetime, timedelta
from uuid import UUID

from domain.notifications.digests import NEXT_DIGEST
from domain.notifications.labels import label_of
from domain.notifications.rules import RULES
from domain.notifications.topics import TOPICS
from kit import database
from kit.faults import reach
from kit.transaction import transactional

BATCH = 500  # events of one log in one transaction
TENANTS = 100
CHANNEL = "inbox"  # NOTIFY's payload is the seat that there is something new for

# What is told this late is history: it is in the inbox, and nobody is called to it.
STALE = timedelta(days=7)

_PLANNING = 0x696E626F78  # the advisory lock that one planner at a time holds

# Whoever has least to read comes first, so that a burst at one tenant delays no other.
_BEHIND = f"""
select log.id from event_counter log
left join notification_reader reader on reader.id = log.id
where coalesce(reader.position, 0) < log.last_position
order by log.last_position - coalesce(reader.position, 0), log.id limit {TENANTS}
"""

# The operators of the log's partner and of its distributor, with what they may, and whose
# customers they see.
_SEATS = """
  select o.id, o.person_id, o.partner_id, roles.items, roles.sees_all,
    array(select o.id union all select link.manager_id from supervisor_link link
          where link.supervisor_id = o.id and link.to_at is null) as manager_ids
  from house join operator o on o.partner_id in (house.id, house.distributor_id)
    and o.removed_at is null
  cross join lateral (
    select array_agg(distinct item.name) as items,
      bool_or(not (r.partner_id is null and r.code in ('ACCOUNT_MANAGER', 'SUPERVISOR')))
        as sees_all
    from operator_role given join role r on r.id = given.role_id
    left join lateral jsonb_array_elements_text(r.items) item(name) on true
    where given.operator_id = o.id) roles
"""

# Whoever did it isn't told of it.
_REACHED = """
  select hit.*, seat.id as seat_id, seat.person_id as reader_id
  from hit join seat on seat.partner_id = $1 and seat.items && hit.items
  where hit.audience = 'PARTNER' and seat.person_id is distinct from hit.actor_id
    and (seat.sees_all or hit.customer_id is null and hit.manager_id is null
      or hit.manager_id = any(seat.manager_ids)
      or exists (select from customer mine where mine.id = hit.customer_id
                 and mine.manager_id = any(seat.manager_ids)))
  union all
  select hit.*, seat.id, seat.person_id
  from hit join house on true
  join seat on seat.partner_id = house.distributor_id and seat.items && hit.items and seat.sees_all
  where hit.audience = 'DISTRIBUTOR' and seat.person_id is distinct from hit.actor_id
  union all
  select hit.*, u.id, u.person_id
  from hit join customer_user u on u.customer_id = hit.customer_id and u.removed_at is null
  where hit.audience = 'CUSTOMER' and u.person_id is distinct from hit.actor_id
  union all
  select hit.*, s.id, s.person_id
  from hit join staff_member s on s.removed_at is null and s.items ?| hit.items
  where hit.audience = 'STAFF' and s.person_id is distinct from hit.actor_id
  union all
  -- In the seat that an export was asked for in, or the one at the partner, or in their own name.
  select hit.*, coalesce(
      case when hit.subject_type = 'export' then
        (select (x.viewer ->> 'seat_id')::uuid from export x where x.id = hit.subject_id) end,
      (select seat.id from seat where seat.person_id = hit.person_id and seat.partner_id = $1),
      hit.person_id), hit.person_id
  from hit where hit.audience = 'PERSON' and hit.person_id is not null
"""


def _wish(channel: str) -> str:
    return (
        "coalesce((select wish.enabled from notification_preference wish"
        " where wish.person_id = reached.reader_id and wish.topic = reached.topic"
        f" and wish.channel = '{channel}'), about.{channel.lower()})"
    )


_TELL = f"""
with span as materialized (
  select event.* from event where event.tenant_id = $1 and event.position > $2
  order by event.position limit {BATCH}
), rule as (
  select * from unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::boolean[])
    as rule (name, topic, audience, items, is_mailed)
), about as (
  select * from unnest($9::text[], $10::boolean[], $11::boolean[], $12::boolean[], $13::boolean[])
    as about (topic, inbox, mail, sms, is_mandatory)
), house as (
  select id, name, coalesce(name_en, name) as name_en, distributor_id from partner where id = $1
), hit as materialized (
  select span.id, span.position, span.name, span.subject_type, span.subject_id, span.person_id,
    span.customer_id, span.manager_id, span.actor_id, span.occurred_at,
    rule.topic, rule.audience, string_to_array(rule.items, ',') as items, rule.is_mailed,
    {label_of("span.subject_type", "span.subject_id")} as label
  from span join rule on rule.name = span.name
), seat as materialized ({_SEATS}
), reached as materialized (
  select distinct on (each.position, each.seat_id) each.* from ({_REACHED}) each
  order by each.position, each.seat_id, each.topic
), told as materialized (
  select reached.*, person.email, person.phone, person.locale, digest.hour,
    about.is_mandatory,
    about.is_mandatory or {_wish("INBOX")} as by_inbox,
    reached.is_mailed and reached.occurred_at > $3::timestamptz - $14::interval
      and (about.is_mandatory or {_wish("MAIL")}) as by_mail,
    person.phone is not null and reached.occurred_at > $3::timestamptz - $14::interval
      and {_wish("SMS")} as by_sms,
    jsonb_strip_nulls(jsonb_build_object('label', reached.label[1], 'label_en', reached.label[2],
      'partner', (select name from house), 'partner_en', (select name_en from house))) as facts
  from reached
  join about on about.topic = reached.topic
  join person on person.id = reached.reader_id and person.disabled_at is null
  left join notification_digest digest on digest.id = person.id
), messages as (
  insert into inbox_message (id, created_at, seat_id, person_id, tenant_id, event_id, topic, name,
    subject_type, subject_id, facts, occurred_at)
  select uuidv7(), $3, seat_id, reader_id, $1, id, topic, name, subject_type, subject_id, facts,
    occurred_at
  from told where by_inbox order by position
  on conflict (event_id, seat_id) do nothing
  returning seat_id
), written as materialized (
  -- Who has several seats is told in each, and called once: in the words of the log's own partner.
  select distinct on (position, reader_id) told.* from told where by_mail
  order by position, reader_id, audience = 'DISTRIBUTOR', seat_id
), texted as materialized (
  select distinct on (position, reader_id) told.* from told where by_sms
  order by position, reader_id, audience = 'DISTRIBUTOR', seat_id
), mails as (
  insert into mail (id, created_at, tenant_id, recipient, locale, template, facts, dedupe_key,
    status, attempts, next_attempt_at)
  select uuidv7(), $3, $1, email, locale, 'notification',
    jsonb_build_object('told', facts || jsonb_build_object('name', name, 'topic', topic)),
    'notification:' || id || ':' || reader_id,
    case when hour is null or is_mandatory then 'QUEUED' else 'HELD' end, 0,
    case when hour is null or is_mandatory then $3
      else {NEXT_DIGEST.format(now="$3::timestamptz", hour="hour")} end
  from written order by position
  on conflict (dedupe_key) do nothing
), texts as (
  insert into text_message (id, created_at, tenant_id, recipient, locale, facts, dedupe_key,
    status, attempts, next_attempt_at)
  select uuidv7(), $3, $1, phone, locale,
    facts || jsonb_build_object('name', name, 'topic', topic),
    'notification:' || id || ':' || reader_id, 'QUEUED', 0, $3
  from texted order by position
  on conflict (dedupe_key) do nothing
), moved as (
  insert into notification_reader (id, created_at, position)
  select $1, $3, max(position) from span having count(*) > 0
  on conflict (id) do update set position = excluded.position
)
select pg_notify('{CHANNEL}', seat_id::text) from (select distinct seat_id from messages) fresh
"""


def _columns() -> tuple[list[object], ...]:
    """The rules and the topics as arrays, one a column."""
    rules = [
        (rule.name, rule.topic, to.audience, ",".join(sorted(to.items)), not rule.letter)
        for rule in RULES.values()
        for to in rule.to
    ]
    topics = [
        (topic, about.inbox, about.mail, about.sms, about.is_mandatory)
        for topic, about in TOPICS.items()
    ]
    return tuple(list(column) for table in (rules, topics) for column in zip(*table, strict=True))


_KNOWN = _columns()


async def plan(*, now: datetime) -> bool:
    """Write what is to be told of events that have a position; whether there was anything to read.

    Gives way to a planner that runs elsewhere at this moment.
    """
    behind = await database.rows(_BEHIND)
    for log in behind:
        if not await _read_on(log["id"], now=now):
            return False
    return bool(behind)


@transactional
async def _read_on(tenant_id: UUID, *, now: datetime) -> bool:
    mine = await database.row("select pg_try_advisory_xact_lock($1) as held", _PLANNING)
    if mine is None or not mine["held"]:
        return False
    # Statements of their own: their snapshots must be taken after the lock.
    reader = await database.row("select position from notification_reader where id = $1", tenant_id)
    await database.rows(_TELL, tenant_id, reader["position"] if reader else 0, now, *_KNOWN, STALE)
    reach("notifications.planned")
    return True
