"""The end of invitations by mail: in time, once, and for thousands at a time."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from domain.associations import accepting, deadlines, landing, sending
from kit import database, timers
from kit.ids import new_id
from kit.timers import TIMERS
from kit.transaction import transactional
from models.audit import Event
from models.customer_invitations import CustomerInvitation
from models.customer_invitations import CustomerInvitationStatus as Status
from models.notifications import Mail
from models.timers import Timer
from tests.associations.factories import a_link, a_mailed_invitation, accepted, invited
from tests.conftest import Clock
from tests.customers.factories import a_user_of
from tests.factories import a_partner, an_administrator
from tests.reports.factories import a_lead, a_live_report
from workers import firing
from workers.effects import EFFECTS, WAITS

pytestmark = pytest.mark.usefixtures("database")

MICROSECOND = timedelta(microseconds=1)


async def fire_all(now: datetime) -> int:
    """What the workers do at this moment; how many timers there were."""
    fired = 0
    claim = await TIMERS.claim(lease=timedelta(minutes=5), limit=10_000, now=now)
    kinds = await database.rows(
        "select kind, array_agg(id) as ids from timer where lease_token = $1 group by kind"
        " order by kind",
        claim.token,
    )
    for row in kinds:
        fired += await firing.fire(row["kind"], row["ids"], token=claim.token, now=now)
    return fired


async def test_a_mail_lapses_after_a_week_and_who_sent_it_is_told(time: Clock) -> None:
    by = await an_administrator(await a_partner("Acme"))
    sent = await a_mailed_invitation(by=by, now=time.now)
    assert sent.invitation.expires_at is not None

    assert await fire_all(sent.invitation.expires_at - MICROSECOND) == 0
    assert await fire_all(sent.invitation.expires_at) == 1
    assert await fire_all(sent.invitation.expires_at) == 0

    stored = await CustomerInvitation.get()
    assert (stored.status, stored.decided_at) == (Status.EXPIRED, stored.expires_at)
    event = await Event.get(name="customer_invitation.expired")
    assert (event.actor_kind, event.before, event.after["status"]) == (
        *("SYSTEM", {"status": "SENT"}),
        "EXPIRED",
    )
    mail = await Mail.get(template="customer_invitation_expired")
    assert (mail.recipient, mail.facts["email"]) == (by.email, stored.email)


async def test_a_failed_one_lapses_too(time: Clock) -> None:
    by = await an_administrator(await a_partner())
    lead = await a_lead(has_special_contract=True)
    sent = await a_mailed_invitation(by=by, to=lead, now=time.now)
    await accepted(sent, by=await a_user_of(lead), now=time.now)
    time.forward(days=7)

    await fire_all(time.now)

    stored = await CustomerInvitation.get()
    assert (stored.status, stored.failed_checks) == (Status.EXPIRED, ["SPECIAL_CONTRACT"])
    assert (await Event.get(name="customer_invitation.expired")).before == {"status": "FAILED"}


async def test_with_its_report_an_invitation_is_cancelled(time: Clock) -> None:
    by = await an_administrator(await a_partner())
    report = await a_live_report(by=by, now=time.now)
    time.forward(days=10)
    sent = await invited(report, by=by, now=time.now)
    assert report.expires_at is not None
    invitation = sent.invitation
    assert landing.status_at(invitation, report.expires_at - MICROSECOND) is Status.SENT
    assert landing.status_at(invitation, report.expires_at) is Status.CANCELLED

    assert await fire_all(report.expires_at) == 2

    stored = await CustomerInvitation.get()
    assert (stored.status, stored.decided_at) == (Status.CANCELLED, report.expires_at)
    event = await Event.get(name="customer_invitation.cancelled")
    assert (event.reason, event.actor_kind) == ("REPORT_EXPIRED", "SYSTEM")
    assert not await Mail.exists(template="customer_invitation_expired")


async def test_a_week_and_a_report_that_end_in_the_same_instant_end_it_by_the_week(
    time: Clock,
) -> None:
    by = await an_administrator(await a_partner())
    report = await a_live_report(by=by, now=time.now)
    time.forward(days=8)
    sent = await invited(report, by=by, now=time.now)
    assert sent.invitation.expires_at == report.expires_at
    time.forward(days=7)

    assert landing.status_at(sent.invitation, time.now) is Status.EXPIRED
    await fire_all(time.now)

    assert (await CustomerInvitation.get()).status is Status.EXPIRED


async def test_an_early_late_or_second_effect_does_nothing(time: Clock) -> None:
    by = await an_administrator(await a_partner())
    lead = await a_lead()
    sent = await a_mailed_invitation(by=by, to=lead, now=time.now)
    link = await a_link(by=by, now=time.now)
    ids = [sent.invitation.id, link.invitation.id, new_id()]

    await deadlines.expire(subject_ids=ids, now=time.now)
    assert (await CustomerInvitation.get(id=ids[0])).status is Status.SENT
    await accepted(sent, by=await a_user_of(lead), now=time.now)
    time.forward(days=30)
    await deadlines.expire(subject_ids=ids, now=time.now)

    assert (await CustomerInvitation.get(id=ids[0])).status is Status.ACCEPTED
    assert (await CustomerInvitation.get(id=ids[1])).status is Status.SENT
    assert not await Event.exists(name="customer_invitation.expired")


async def test_a_resent_one_lapses_by_its_new_week(time: Clock) -> None:
    by = await an_administrator(await a_partner())
    sent = await a_mailed_invitation(by=by, now=time.now)
    time.forward(days=5)
    await sending.resend(viewer=by, invitation_id=sent.invitation.id, now=time.now)
    time.forward(days=2)

    assert await fire_all(time.now) == 0
    time.forward(days=5)
    assert await fire_all(time.now) == 1
    assert (await CustomerInvitation.get()).decided_at == time.now


@transactional
async def thousands(number: int, by_id: UUID, partner_id: UUID, now: datetime) -> None:
    await database.execute(
        """
        insert into customer_invitation (id, created_at, version, partner_id, report_id, channel,
          type, email, status, failed_checks, token_hash, generation, invited_by, sent_at,
          expires_at, report_ends_at, accepted_count)
        select uuidv7(), $2, 1, $3, uuidv7(), 'EMAIL', 'REFERRAL', n || '@x.example', 'SENT', '[]',
          lpad(n::text, 64, '0'), 1, $4, $2, $5, $6, 0 from generate_series(1, $1) as n
        """,
        number,
        now,
        partner_id,
        by_id,
        now + deadlines.LIFETIME,
        now + timedelta(days=15),
    )


async def test_thousands_lapse_together_and_each_once(time: Clock) -> None:
    by = await an_administrator(await a_partner())
    assert by.person_id is not None
    assert by.partner_id is not None
    await thousands(3000, by.person_id, by.partner_id, time.now)
    mended = await timers.mend(WAITS[deadlines.EXPIRE], now=time.now)
    assert (mended.created, mended.cancelled) == (3000, 0)
    time.forward(days=7)

    assert await fire_all(time.now) == 3000

    assert await CustomerInvitation.filter(status=Status.EXPIRED).count() == 3000
    assert await Event.filter(name="customer_invitation.expired").count() == 3000
    assert await Mail.filter(template="customer_invitation_expired").count() == 3000
    assert {timer.state for timer in await Timer.all()} == {"FIRED"}


async def test_the_sweep_gives_and_takes_back_timers(time: Clock) -> None:
    by = await an_administrator(await a_partner())
    kept = await a_mailed_invitation(by=by, now=time.now)
    ended = await a_mailed_invitation(by=by, now=time.now)
    await a_link(by=by, now=time.now)
    await Timer.filter(subject_id=kept.invitation.id).delete()
    await CustomerInvitation.filter(id=ended.invitation.id).update(status="CANCELLED")

    mended = await timers.mend(deadlines.EXPIRE_WAITS, now=time.now)

    assert (mended.created, mended.cancelled) == (1, 1)
    live = await Timer.get(kind=deadlines.EXPIRE, state="SCHEDULED")
    assert (live.subject_id, live.due_at) == (kept.invitation.id, kept.invitation.ends_at)
    assert EFFECTS[deadlines.EXPIRE].table == "customer_invitation"


async def test_the_landing_tells_the_end_to_the_microsecond(time: Clock) -> None:
    by = await an_administrator(await a_partner("Acme"))
    sent = await a_mailed_invitation(by=by, to=await a_lead(email="buyer@x.example"), now=time.now)
    token = sent.link.partition("#")[2]
    assert sent.invitation.expires_at is not None

    before = await landing.landing(token=token, now=sent.invitation.expires_at - MICROSECOND)
    after = await landing.landing(token=token, now=sent.invitation.expires_at)

    assert before is not None
    assert after is not None
    assert (before.partner_name, before.masked_email, before.status) == (
        *("Acme", "b***@x.example"),
        Status.SENT,
    )
    assert after.status is Status.EXPIRED
    assert await accepting.by_token(token[:-1]) is None
    assert await landing.landing(token="x", now=time.now) is None
