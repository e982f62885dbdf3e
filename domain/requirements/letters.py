"""Mails around requirements: to the merchant who is asked, and to who has asked.

Thousands may be due at once, so that recipients are found in SQL, for one requirement as for all;
and what they have chosen with them, as `domain.notifications.mail` does for a single mail.
"""

from datetime import datetime
from uuid import UUID

from domain.notifications.digests import NEXT_DIGEST
from domain.notifications.topics import LETTERS
from kit import database

# Who at the merchant may answer. Over an alias `asked` with the requirement's columns.
_AT_MERCHANT = """
  join person reader on reader.disabled_at is null and reader.id in (
    select operator.person_id from operator
    join operator_role on operator_role.operator_id = operator.id
    join role on role.id = operator_role.role_id
    where operator.partner_id = asked.merchant_id and operator.removed_at is null
      and role.items ? 'PRIVATE_OFFER_MANAGE')
"""

# Who has asked and, when a system did or nobody of that name works there any more, who may ask.
_AT_PARTNER = """
  join person reader on reader.disabled_at is null and reader.id in (
    select operator.person_id from operator
    where operator.partner_id = asked.partner_id and operator.removed_at is null
      and (operator.person_id = asked.created_by or (
        not exists (select from operator author where author.partner_id = asked.partner_id
          and author.person_id = asked.created_by and author.removed_at is null)
        and exists (select from operator_role join role on role.id = operator_role.role_id
          where operator_role.operator_id = operator.id and role.partner_id is null
            and role.code = 'ADMINISTRATOR'))))
"""


def _statement(letter: str, tenant: str, readers: str) -> str:
    """SQL that queues a letter to each reader of each row of `asked`; `$2` is the time."""
    template = f"customer_requirement_{letter}"
    next_digest = NEXT_DIGEST.format(now="$2::timestamptz", hour="digest.hour")
    return f"""
insert into mail (id, created_at, tenant_id, recipient, locale, template, facts, dedupe_key,
  status, attempts, next_attempt_at)
select uuidv7(), $2, asked.{tenant}, reader.email, reader.locale, '{template}',
  jsonb_build_object(
    'number', asked.number,
    'partner', case when reader.locale like 'zh%' then asking.name
      else coalesce(asking.name_en, asking.name) end,
    'merchant', case when reader.locale like 'zh%' then merchant.name
      else coalesce(merchant.name_en, merchant.name) end,
    'customer', customer.name,
    'ratio', trim_scale(asked.expected_ratio)::text,
    'status', asked.status, 'rejection', asked.rejection, 'refusal', asked.refusal,
    'expires_at', to_char(asked.expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')),
  'customer_requirement.{letter}:' || asked.id || ':' || reader.id,
  case when digest.hour is null then 'QUEUED' else 'HELD' end, 0,
  case when digest.hour is null then $2::timestamptz else {next_digest} end
from asked
join partner asking on asking.id = asked.partner_id
join partner merchant on merchant.id = asked.merchant_id
join customer on customer.id = asked.customer_id
{readers}
left join notification_digest digest on digest.id = reader.id
left join notification_preference wish on wish.person_id = reader.id
  and wish.topic = '{LETTERS[template]}' and wish.channel = 'MAIL'
where coalesce(wish.enabled, true)
on conflict (dedupe_key) do nothing
"""


TELL_SUBMITTED = _statement("submitted", "merchant_id", _AT_MERCHANT)
TELL_REMINDER = _statement("reminder", "merchant_id", _AT_MERCHANT)
TELL_ANSWER = _statement("answered", "partner_id", _AT_PARTNER)

_ONE = "with asked as (select * from customer_requirement where id = $1)"


async def ask_merchant(requirement_id: UUID, *, now: datetime) -> None:
    """Tell the merchant's people that they are asked, and until when they have time."""
    await database.execute(_ONE + TELL_SUBMITTED, requirement_id, now)


async def tell_answer(requirement_id: UUID, *, now: datetime) -> None:
    """Tell who has asked what the merchant says."""
    await database.execute(_ONE + TELL_ANSWER, requirement_id, now)
