"""The sweep and the housekeeping: what goes past timers, and what nobody needs any more."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.members.deadlines import EXPIRE, REMIND
from kit import clock, database
from kit.ids import new_id
from models.idempotency import IdempotencyRecord
from models.identity import Session, SignInFailure
from models.inbox import TextMessage, TextStatus
from models.notifications import Mail, MailStatus
from tests.factories import a_person
from tests.timers.subjects import pending, timer_states
from workers import housekeeping, sweep

pytestmark = pytest.mark.usefixtures("database")

NOW = datetime(2030, 1, 31, 23, 30, tzinfo=UTC)
DAY = timedelta(days=1)
A_MINUTE = timedelta(minutes=1)


async def test_where_nothing_is_wrong_the_sweep_is_silent(
    caplog: pytest.LogCaptureFixture,
) -> None:
    await pending(3, due_at=NOW + DAY, kind=EXPIRE)

    await sweep.compare(scheduled_for=NOW, now=NOW)

    assert await timer_states() == {"SCHEDULED": 3}
    assert caplog.messages == []


async def test_a_pending_invitation_without_a_timer_gets_one_and_an_operator_is_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    subject, *_ = await pending(2, due_at=NOW + DAY, kind=EXPIRE)
    await database.execute("delete from timer where subject_id = $1", subject)

    await sweep.compare(scheduled_for=NOW, now=NOW)

    assert await database.row(
        "select kind, due_at, on_timeout, generation, state from timer where subject_id = $1",
        subject,
    ) == {
        "kind": EXPIRE,
        "due_at": NOW + DAY,
        "on_timeout": "EXPIRE",
        "generation": 1,
        "state": "SCHEDULED",
    }
    assert caplog.messages == [
        f"sweep of {EXPIRE}: 1 subjects had no timer, 0 timers had outlived their subject"
    ]


async def test_a_timer_of_a_decided_invitation_is_taken_back_and_an_operator_is_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    subject, *_ = await pending(2, due_at=NOW + DAY, kind=EXPIRE)
    await database.execute("update member_invitation set status = 'REVOKED' where id = $1", subject)

    await sweep.compare(scheduled_for=NOW, now=NOW)

    assert await timer_states() == {"CANCELLED": 1, "SCHEDULED": 1}
    assert caplog.messages == [
        f"sweep of {EXPIRE}: 0 subjects had no timer, 1 timers had outlived their subject"
    ]


async def test_a_timer_that_is_due_is_left_to_fire_whatever_became_of_its_invitation(
    caplog: pytest.LogCaptureFixture,
) -> None:
    await pending(1, due_at=NOW, kind=EXPIRE)
    await database.execute("update member_invitation set status = 'REVOKED'")

    await sweep.compare(scheduled_for=NOW, now=NOW)

    assert await timer_states() == {"SCHEDULED": 1}
    assert caplog.messages == []


async def test_a_reminder_is_missed_only_while_it_could_still_be_sent(
    caplog: pytest.LogCaptureFixture,
) -> None:
    await pending(1, due_at=NOW + DAY, kind=EXPIRE)
    await pending(1, due_at=NOW, kind=EXPIRE)
    await database.execute("update member_invitation set reminded_at = null")

    await sweep.compare(scheduled_for=NOW, now=NOW)

    assert await database.rows("select due_at from timer where kind = $1", REMIND) == [
        {"due_at": NOW}
    ]


async def test_a_dead_timer_is_left_to_the_operators(caplog: pytest.LogCaptureFixture) -> None:
    await pending(1, due_at=NOW - DAY, kind=EXPIRE)
    await database.execute("update timer set state = 'DEAD'")

    await sweep.compare(scheduled_for=NOW, now=NOW)

    assert await timer_states() == {"DEAD": 1}
    assert caplog.messages == []


async def test_housekeeping_deletes_what_is_old_and_nothing_younger() -> None:
    for age in (30 * DAY + A_MINUTE, 30 * DAY - A_MINUTE):
        await IdempotencyRecord.create(
            created_at=NOW - age, caller_id=new_id(), mutation="m", key="k", input_hash="h"
        )
    wall = clock.wall()  # a sandbox that is years ahead doesn't sign anybody out
    for age in (DAY + A_MINUTE, DAY - A_MINUTE):
        await SignInFailure.create(created_at=wall - age, email_hash="h", address="a")
    person = (await a_person()).id
    for expired, revoked in ((31, None), (29, None), (-1, 31), (-1, 29)):
        await Session.create(
            created_at=wall - 100 * DAY,
            person_id=person,
            seat_kind="PERSON",
            seat_id=person,
            refresh_hash=new_id().hex,
            refreshed_at=wall - 100 * DAY,
            expires_at=wall - expired * DAY,
            revoked_at=revoked and wall - revoked * DAY,
        )

    await housekeeping.tidy(scheduled_for=NOW, now=NOW)

    assert [record.created_at for record in await IdempotencyRecord.all()] == [
        NOW - 30 * DAY + A_MINUTE
    ]
    assert [failure.created_at for failure in await SignInFailure.all()] == [wall - DAY + A_MINUTE]
    kept = await Session.all().order_by("expires_at")
    assert [session.expires_at for session in kept] == [wall - 29 * DAY, wall + DAY]


async def test_what_has_piled_up_is_deleted_a_piece_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """All at once it would one day take longer than a statement may, every night anew."""
    for number in range(5):
        await IdempotencyRecord.create(
            created_at=NOW - 31 * DAY,
            caller_id=new_id(),
            mutation="m",
            key=str(number),
            input_hash="h",
        )
    counts: list[int] = []
    real = database.execute

    async def execute(sql: str, *values: object) -> int:
        counts.append(await real(sql, *values))
        return counts[-1]

    monkeypatch.setattr(housekeeping, "BATCH", 2)
    monkeypatch.setattr(database, "execute", execute)

    await housekeeping.tidy(scheduled_for=NOW, now=NOW)

    assert [count for count in counts if count] == [2, 2, 1]
    assert await IdempotencyRecord.all().count() == 0


async def test_what_was_sent_is_kept_for_a_year_and_what_was_not_for_good() -> None:
    for age in (366, 364):
        for status in MailStatus:
            await Mail.create(
                created_at=NOW - age * DAY,
                tenant_id=new_id(),
                recipient="a@example.com",
                locale="en",
                template="x",
                dedupe_key=f"{status}.{age}",
                status=status,
                next_attempt_at=NOW,
            )
        for sent in TextStatus:
            await TextMessage.create(
                created_at=NOW - age * DAY,
                tenant_id=new_id(),
                recipient="1",
                locale="en",
                dedupe_key=f"{sent}.{age}",
                status=sent,
                next_attempt_at=NOW,
            )

    await housekeeping.tidy(scheduled_for=NOW, now=NOW)

    mails = {mail.dedupe_key for mail in await Mail.all()}
    assert {f"{status}.366" for status in MailStatus} - mails == {"SENT.366", "FOLDED.366"}
    assert len(mails) == 2 * len(MailStatus) - 2
    texts = {text.dedupe_key for text in await TextMessage.all()}
    assert {f"{status}.366" for status in TextStatus} - texts == {"SENT.366"}
    assert len(texts) == 2 * len(TextStatus) - 1


async def test_of_timers_only_cancelled_ones_go_and_only_after_a_year() -> None:
    for state in ("FIRED", "DEAD", "CANCELLED"):
        for age in (366, 364):
            await pending(1, due_at=NOW - age * DAY, kind=f"{state}.{age}")
            await database.execute(
                "update timer set state = $1 where kind = $2", state, f"{state}.{age}"
            )

    await housekeeping.tidy(scheduled_for=NOW, now=NOW)

    left = await database.rows("select kind from timer order by kind")
    assert [timer["kind"] for timer in left] == [
        "CANCELLED.364",
        "DEAD.364",
        "DEAD.366",
        "FIRED.364",
        "FIRED.366",
    ]


async def test_the_latest_tick_of_each_name_stays() -> None:
    for name, age, state in (
        ("yearly", 300, "DONE"),
        ("yearly", 665, "DONE"),
        ("daily", 91, "DEAD"),
        ("daily", 92, "DONE"),
        ("daily", 1, "DONE"),
    ):
        await database.execute(
            "insert into tick (id, name, scheduled_for, state, attempts, next_attempt_at)"
            " values ($1, $2, $3, $4, 0, $3)",
            new_id(),
            name,
            NOW - age * DAY,
            state,
        )

    await housekeeping.tidy(scheduled_for=NOW, now=NOW)

    left = await database.rows("select name, scheduled_for from tick order by 1, 2")
    assert [(tick["name"], (NOW - tick["scheduled_for"]).days) for tick in left] == [
        ("daily", 91),
        ("daily", 1),
        ("yearly", 300),
    ]
