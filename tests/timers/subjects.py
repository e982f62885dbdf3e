"""Many invitations at once, each with its timer, and an effect that leaves a trace per subject."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from kit import database, timers
from kit.ids import new_id
from kit.timers import Deadline
from kit.transaction import transactional
from workers.effects import Effect

KIND = "test.expire"


@transactional
async def pending(count: int, *, due_at: datetime, kind: str = KIND) -> list[UUID]:
    """So many pending invitations of one partner, each with its timer."""
    partner_id, ids = new_id(), [new_id() for _ in range(count)]
    sent_at, mailbox = due_at - timedelta(days=7), f"li.wei.{partner_id.hex[-6:]}."
    await database.execute(
        "insert into partner (id, created_at, version, name, account_name, kind, tier, site)"
        " values ($1, $2, 1, '青云科技', $3, 'SOLUTION_PROVIDER', 1, 'CHINA')",
        partner_id,
        sent_at,
        partner_id.hex,
    )
    await database.execute(
        """
        insert into person (id, created_at, version, email, account_name, name, locale, site,
            account_kind, real_name)
        select id, $2, 1, $3 || place || '@example.com', id::text, 'Li Wei', 'zh', 'CHINA',
            'PERSONAL', 'INDIVIDUAL'
        from unnest($1::uuid[]) with ordinality as given (id, place)""",
        ids,
        sent_at,
        mailbox,
    )
    await database.execute(
        """
        insert into member_invitation (id, created_at, version, partner_id, person_id, email,
            status, token_hash, generation, invited_by, sent_at, expires_at, reminded_at)
        select person.id, $2, 1, $3, person.id, person.email, 'PENDING', person.id::text, 1, $5,
            $2, $4, $4
        from person where id = any($1)""",
        ids,
        sent_at,
        partner_id,
        due_at,
        ids[0],
    )
    deadlines = [Deadline(partner_id, id, due_at) for id in ids]
    await timers.schedule_many(kind, deadlines, on_timeout="EXPIRE", now=sent_at)
    return ids


async def expire(*, subject_ids: Sequence[UUID], now: datetime) -> None:
    """Expire what is pending and overdue, with an event each."""
    await database.rows(
        """
        with expired as (
            update member_invitation set status = 'EXPIRED', decided_at = $2
            where id = any($1) and status = 'PENDING' and expires_at <= $2
            returning id, partner_id
        )
        insert into event (id, created_at, tenant_id, name, subject_type, subject_id, actor_kind,
            actor_name, before, after, occurred_at)
        select uuidv7(), $2, partner_id, 'member_invitation.expired', 'member_invitation', id,
            'SYSTEM', 'system', '{}', '{}', $2
        from expired""",
        list(subject_ids),
        now,
    )


EXPIRE = Effect(table="member_invitation", run=expire)


async def events_per_subject() -> dict[UUID, int]:
    """How many events of expiry each subject has."""
    found = await database.rows(
        "select subject_id, count(*) as events from event"
        " where name = 'member_invitation.expired' group by subject_id"
    )
    return {row["subject_id"]: row["events"] for row in found}


async def timer_states() -> dict[str, int]:
    """How many timers there are in each state."""
    found = await database.rows("select state, count(*) as timers from timer group by state")
    return {row["state"]: row["timers"] for row in found}
