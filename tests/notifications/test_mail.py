"""Mails: queued with the fact, sent after it, to a real mail server or into the outbox."""

import asyncio
import socket
from collections.abc import Iterator
from contextvars import copy_context
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import UUID

import aiosmtplib
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from tortoise.transactions import in_transaction

from domain.notifications import claims, mail
from kit import clock, links
from kit.leases import ATTEMPTS
from kit.problems import NotFound
from kit.transaction import transactional
from models.notifications import Mail, MailStatus
from tests.conftest import Clock
from tests.notifications.outbox import files, only, parsed, part

pytestmark = pytest.mark.usefixtures("database")

TENANT = UUID(int=1)
SENDER = "Partner Center <no-reply@pc.example>"
FACTS: dict[str, Any] = {
    "partner": "Acme",
    "inviter": "Han Meimei",
    "name": "Li Lei",
    "message": None,
    "expires_at": "2030-02-07T23:30:00+00:00",
    "link": {
        "path": "invitations/member",
        "purpose": "member-invitation",
        "id": str(UUID(int=7)),
        "generation": 2,
    },
}


class Mailbox:
    """A mail server's handler that keeps what it takes, or answers what it is told to."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.answer = "250 OK"

    async def handle_RCPT(  # noqa: N802 -- aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer

    async def handle_DATA(  # noqa: N802 -- aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        assert isinstance(envelope.content, bytes)
        self.taken.append(parsed(envelope.content))
        return "250 OK"


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A real mail server on a free port, and `mail` told to use it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    box = Mailbox()
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    mail.configure(smtp_url=f"smtp://127.0.0.1:{port}", outbox=Path("unused"), mail_from=SENDER)
    yield box
    server.stop()


@pytest.fixture
def outbox(tmp_path: Path) -> Path:
    """The folder that mails go to when there is no mail server."""
    folder = tmp_path / "outbox"
    mail.configure(smtp_url=None, outbox=folder, mail_from=SENDER)
    return folder


@transactional
async def queued(
    *,
    key: str = "key",
    to: str = "lilei@example.com",
    locale: str = "en",
    tenant: UUID = TENANT,
    template: str = "member_invitation",
    now: datetime,
    **facts: Any,
) -> None:
    await mail.queue(
        template,
        recipient=to,
        locale=locale,
        facts=FACTS | facts,
        dedupe_key=key,
        tenant_id=tenant,
        now=now,
    )


async def test_a_mail_in_the_outbox_has_everything(outbox: Path, time: Clock) -> None:
    await queued(now=time.now)

    assert await mail.deliver_due(now=time.now) == 1

    [row] = await Mail.all()
    assert (row.status, row.sent_at, row.lease_token) == (MailStatus.SENT, time.now, None)
    assert [file.name for file in files(outbox)] == [f"{row.id}.eml"]
    message = only(outbox)
    assert message["To"] == "lilei@example.com"
    assert message["From"] == SENDER
    assert message["Subject"] == "Acme invites you to become a member"
    assert message["Message-ID"] == f"<{row.id}@pc.example>"
    token = links.token("member-invitation", id=UUID(int=7), generation=2)
    for kind in ("plain", "html"):
        text = part(message, kind)
        assert links.url("invitations/member", token) in text
        assert "2030-02-08 07:30" in text


async def test_a_mail_is_in_the_readers_language(outbox: Path, time: Clock) -> None:
    await queued(locale="zh-CN", message="<b>欢迎</b>", now=time.now)

    await mail.deliver_due(now=time.now)

    message = only(outbox)
    assert message["Subject"] == "Acme 邀请您成为其成员"
    assert "Li Lei,您好:" in part(message, "plain")
    assert "留言:<b>欢迎</b>" in part(message, "plain")
    assert "&lt;b&gt;欢迎&lt;/b&gt;" in part(message, "html")


@pytest.mark.parametrize("locale", ["zh", "en"])
@pytest.mark.parametrize(
    "template",
    [
        "member_invitation",
        "member_invitation_reminder",
        "member_invitation_expired",
        "member_joined",
    ],
)
async def test_every_template_is_there_in_both_languages(
    outbox: Path, time: Clock, template: str, locale: str
) -> None:
    await queued(
        template=template,
        locale=locale,
        email="lilei@example.com",
        joined_at="2030-02-01T00:00:00Z",
        now=time.now,
    )

    await mail.deliver_due(now=time.now)

    message = only(outbox)
    assert any(word in message["Subject"] for word in ("Acme", "Li Lei", "lilei@example.com"))
    assert "Acme" in part(message, "plain")
    assert "Acme" in part(message, "html")


async def test_a_name_can_not_add_headers(outbox: Path, time: Clock) -> None:
    await queued(partner="Acme\r\nBcc: everybody@example.com", now=time.now)

    await mail.deliver_due(now=time.now)

    message = only(outbox)
    assert message["Bcc"] is None
    assert message["To"] == "lilei@example.com"


async def test_what_is_rolled_back_is_never_sent(outbox: Path, time: Clock) -> None:
    @transactional
    async def change_of_mind() -> None:
        await queued(now=time.now)
        raise NotFound(thing="courage")

    with pytest.raises(NotFound):
        await change_of_mind()

    assert await mail.deliver_due(now=time.now) == 0
    assert files(outbox) == []


async def test_the_same_fact_is_mailed_once(outbox: Path, time: Clock) -> None:
    for _ in range(2):
        await queued(key="member_invitation.sent:1:1", now=time.now)

    assert await Mail.all().count() == 1


async def test_a_mail_server_takes_it(mailbox: Mailbox, time: Clock) -> None:
    for number in range(3):
        await queued(key=str(number), to=f"p{number}@example.com", now=time.now)

    assert await mail.deliver_due(now=time.now) == 3

    assert [message["To"] for message in mailbox.taken] == [
        "p0@example.com",
        "p1@example.com",
        "p2@example.com",
    ]
    assert {row.status for row in await Mail.all()} == {MailStatus.SENT}


async def test_a_recipient_that_does_not_exist_is_not_tried_again(
    mailbox: Mailbox, time: Clock
) -> None:
    mailbox.answer = "550 no such user"
    await queued(now=time.now)

    await mail.deliver_due(now=time.now)

    [row] = await Mail.all()
    assert row.status is MailStatus.DEAD
    assert "no such user" in (row.last_error or "")


@pytest.mark.parametrize("code", [450, 550])
async def test_whom_it_was_for_stands_neither_in_the_error_nor_in_the_log(
    mailbox: Mailbox, time: Clock, caplog: pytest.LogCaptureFixture, code: int
) -> None:
    """Who operates the platform reads both, and sees no addresses otherwise."""
    mailbox.answer = f"{code} <LiLei@example.com>: Recipient address rejected"
    await queued(now=time.now)

    await mail.deliver_due(now=time.now)

    [row] = await Mail.all()
    said = f"{code} <l***@example.com>: Recipient address rejected"
    assert (row.last_error or "").endswith(said)
    assert "lilei@" not in caplog.text.lower()


async def test_a_mail_is_given_up_after_the_eighth_refusal(mailbox: Mailbox, time: Clock) -> None:
    mailbox.answer = "451 later"
    await queued(now=time.now)

    for attempt in range(1, ATTEMPTS + 1):
        time.forward(days=1)
        assert await mail.deliver_due(now=time.now) == 1
        [row] = await Mail.all()
        assert row.attempts == attempt
        assert row.status is (MailStatus.DEAD if attempt == 8 else MailStatus.QUEUED)
        assert row.next_attempt_at - time.now <= timedelta(hours=6)
        assert await mail.deliver_due(now=time.now - timedelta(microseconds=1)) == 0
    assert mailbox.taken == []


async def test_a_mail_server_that_is_away_costs_no_attempt(mailbox: Mailbox, time: Clock) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    mail.configure(smtp_url=f"smtp://127.0.0.1:{port}", outbox=Path("unused"), mail_from=SENDER)
    await queued(now=time.now)

    await mail.deliver_due(now=time.now)

    [row] = await Mail.all()
    assert (row.status, row.attempts, row.lease_token) == (MailStatus.QUEUED, 0, None)
    assert row.last_error


async def test_what_a_server_says_too_late_is_no_answer_to_the_next_mail(
    mailbox: Mailbox, time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would be taken for a refusal of somebody whom the server has never been asked about."""
    late = asyncio.Event()
    real = aiosmtplib.SMTP.mail

    async def mail_from(client: aiosmtplib.SMTP, *args: Any, **more: Any) -> Any:
        if late.is_set():
            return await real(client, *args, **more)
        late.set()
        # The command is out, its answer is not in, and the time for this mail is over.
        answering = asyncio.create_task(real(client, *args, **more))
        await asyncio.sleep(0)
        answering.cancel()
        raise TimeoutError

    monkeypatch.setattr(aiosmtplib.SMTP, "mail", mail_from)
    await queued(key="slow", to="a@example.com", now=time.now)
    await queued(key="next", to="b@example.com", now=time.now)

    await mail.deliver_due(now=time.now)

    states = {each.recipient: each.status for each in await Mail.all()}
    assert states == {"a@example.com": MailStatus.QUEUED, "b@example.com": MailStatus.SENT}
    assert [message["To"] for message in mailbox.taken] == ["b@example.com"]


async def test_one_mail_that_can_not_be_written_holds_up_no_other(
    outbox: Path, time: Clock
) -> None:
    await queued(key="broken", template="no_such_template", now=time.now)
    await queued(key="good", now=time.now)

    await mail.deliver_due(now=time.now)

    broken, good = await Mail.all().order_by("dedupe_key")
    assert (broken.status, broken.attempts) == (MailStatus.QUEUED, 1)
    assert "no_such_template" in (broken.last_error or "")
    assert good.status is MailStatus.SENT


async def test_a_tenant_with_many_mails_does_not_hold_up_the_others(
    outbox: Path, time: Clock
) -> None:
    for number in range(10):
        await queued(key=f"many{number}", tenant=UUID(int=1), now=time.now)
    await queued(key="one", tenant=UUID(int=2), now=time.now + timedelta(minutes=1))
    await queued(key="other", tenant=UUID(int=3), now=time.now + timedelta(minutes=2))

    claim = await claims.claim(limit=3, now=time.now + timedelta(minutes=2))

    assert {row["tenant_id"] for row in claim.rows} == {UUID(int=1), UUID(int=2), UUID(int=3)}


async def test_a_mail_is_in_one_workers_hands_until_the_lease_ends(
    outbox: Path, time: Clock
) -> None:
    await queued(now=time.now)
    first = await claims.claim(limit=1, now=time.now)
    [taken] = first.rows

    assert (await claims.claim(limit=1, now=time.now)).rows == []
    await Mail.all().update(leased_until=clock.wall() - timedelta(seconds=1))
    second = await claims.claim(limit=1, now=time.now)
    assert [row["id"] for row in second.rows] == [taken["id"]]

    # The first comes back from the dead, and has no say any more.
    await claims.finish(taken["id"], token=first.token, now=time.now)
    assert (await Mail.get(id=taken["id"])).status is MailStatus.QUEUED
    await claims.finish(taken["id"], token=second.token, now=time.now)
    assert (await Mail.get(id=taken["id"])).status is MailStatus.SENT


async def test_what_is_leased_leaves_room_for_the_next(outbox: Path, time: Clock) -> None:
    for number in range(2):
        await queued(key=str(number), now=time.now)

    taken = [(await claims.claim(limit=1, now=time.now)).rows for _ in range(3)]

    assert [len(rows) for rows in taken] == [1, 1, 0]
    assert taken[0][0]["id"] != taken[1][0]["id"]


async def test_a_mail_that_somebody_is_about_to_take_is_passed_over(
    outbox: Path, time: Clock
) -> None:
    for number in range(2):
        await queued(key=str(number), now=time.now)
    held, free = await Mail.all().order_by("id")
    elsewhere = copy_context()  # the claim must not join the transaction opened here

    async with in_transaction():
        await Mail.select_for_update().get(id=held.id)
        claiming = asyncio.create_task(claims.claim(limit=2, now=time.now), context=elsewhere)
        async with asyncio.timeout(10):
            claim = await claiming

    assert [row["id"] for row in claim.rows] == [free.id]


async def test_many_workers_send_each_mail_once(mailbox: Mailbox, time: Clock) -> None:
    for number in range(40):
        await queued(key=str(number), to=f"p{number}@example.com", now=time.now)

    while await asyncio.gather(*(mail.deliver_due(now=time.now, limit=7) for _ in range(4))) != [
        0,
        0,
        0,
        0,
    ]:
        pass

    recipients = [message["To"] for message in mailbox.taken]
    assert sorted(recipients) == sorted(f"p{number}@example.com" for number in range(40))


async def test_nothing_goes_out_before_its_time(outbox: Path, time: Clock) -> None:
    await queued(now=time.now + timedelta(seconds=1))

    assert await mail.deliver_due(now=time.now) == 0
