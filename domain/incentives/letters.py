"""Mails about incentives: to the partner that is to confirm one, to who reviews its application.

Hundreds become final at once, so that recipients are found in SQL, for one incentive as for all.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from domain.identity.holders import staff
from domain.identity.items import Item
from domain.notifications import mail
from domain.partners.names import called
from kit import database
from kit.transaction import assert_open
from models.partners import Partner
from models.payment_applications import PaymentApplication


async def ask_to_confirm(incentive_ids: Sequence[UUID], *, now: datetime) -> None:
    """Ask for a yes before silence counts as one, where there is something to be paid.

    To the mailbox bound to the partner and to everybody there who may confirm; once each.
    """
    assert_open()
    await database.execute(_TO_CONFIRM, list(incentive_ids), now, Item.INCENTIVE_MANAGE.value)


async def ask_to_review(application: PaymentApplication, *, now: datetime) -> None:
    """Tell the platform's reviewers that an application waits to be accepted."""
    partner = await Partner.get(id=application.partner_id)
    for person in await staff(Item.SETTLEMENT_REVIEW):
        await mail.queue(
            "payment_application_to_review",
            recipient=person["email"],
            locale=person["locale"],
            facts={
                "partner": called(partner, person["locale"]),
                "number": application.number,
                "amount": f"{application.total_amount} {application.currency}",
            },
            dedupe_key=f"payment_application_to_review:{application.id}:{person['id']}",
            tenant_id=partner.id,
            now=now,
        )


# Mailboxes have no language; they read that of the partner's site.
_TO_CONFIRM = """
with asked as (
  select earned.*, policy.name, policy.name_en from incentive earned
  join incentive_policy policy on policy.id = earned.policy_id
  where earned.id = any($1) and earned.state = 'TO_CONFIRM' and earned.amount > 0
), reader as (
  select partner.id as partner_id, person.email, person.locale, 1 as place
  from partner join operator on operator.partner_id = partner.id and operator.removed_at is null
  join person on person.id = operator.person_id and person.disabled_at is null
  where partner.id in (select partner_id from asked) and exists (
    select from operator_role join role on role.id = operator_role.role_id
    where operator_role.operator_id = operator.id and role.items ? $3::text)
  union all
  select id, contact_email, case site when 'CHINA' then 'zh' else 'en' end, 2
  from partner where id in (select partner_id from asked) and contact_email is not null
)
insert into mail (id, created_at, tenant_id, recipient, locale, template, facts, dedupe_key,
  status, attempts, next_attempt_at)
select distinct on (asked.id, reader.email) uuidv7(), $2, asked.partner_id, reader.email,
  reader.locale, 'incentive_to_confirm',
  jsonb_build_object(
    'number', asked.number, 'period', asked.period,
    'partner', case when reader.locale like 'zh%' then partner.name
      else coalesce(partner.name_en, partner.name) end,
    'policy', case when reader.locale like 'zh%' then asked.name else asked.name_en end,
    'amount', asked.amount::text || ' ' || asked.currency,
    'frozen', case when asked.frozen_amount > 0
      then asked.frozen_amount::text || ' ' || asked.currency end,
    'due_at', to_char(asked.confirm_by at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')),
  'incentive_to_confirm:' || asked.id || ':' || reader.email, 'QUEUED', 0, $2
from asked join partner on partner.id = asked.partner_id
join reader on reader.partner_id = asked.partner_id
order by asked.id, reader.email, reader.place
on conflict (dedupe_key) do nothing
"""
