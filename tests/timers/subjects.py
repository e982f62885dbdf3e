"""Many invitations at once, each with its timer, and an effect that leaves a trace per subject."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from kit import database, timers
from kit.timers import Deadline
from kit.transaction import transactional
from models.identity import Person, RealName
from models.members import MemberInvitation, MemberInvitationStatus
from tests.factories import a_partner
from workers.effects import Effect

KIND = "test.expire"


@transactional
async def pending(count: int, *, due_at: datetime, kind: str = KIND) -> list[UUID]:
    """So many pending invitations of one partner, each with its timer; long since reminded of."""
    sent_at = due_at - timedelta(days=7)
    partner = await a_partner("青云科技")
    people = [
        Person(
            created_at=sent_at,
            email=f"li.wei.{partner.account_name}.{number}@example.com",
            account_name=f"li.wei.{partner.account_name}.{number}",
            name="Li Wei",
            real_name=RealName.INDIVIDUAL,
        )
        for number in range(count)
    ]
    await Person.bulk_create(people)
    invitations = [
        MemberInvitation(
            created_at=sent_at,
            partner_id=partner.id,
            person_id=person.id,
            email=person.email,
            status=MemberInvitationStatus.PENDING,
            token_hash=person.id.hex,
            invited_by=people[0].id,
            sent_at=sent_at,
            expires_at=due_at,
            reminded_at=sent_at,
        )
        for person in people
    ]
    await MemberInvitation.bulk_create(invitations)
    deadlines = [Deadline(partner.id, invitation.id, due_at) for invitation in invitations]
    await timers.schedule_many(kind, deadlines, on_timeout="EXPIRE", now=sent_at)
    return [invitation.id for invitation in invitations]


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
