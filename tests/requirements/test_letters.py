"""The mails around requirements, as they arrive."""

from datetime import timedelta

import pytest

from domain.notifications import preferences
from domain.notifications.preferences import Choice
from domain.notifications.rendering import render
from domain.requirements import answering, deadlines
from models.inbox import Channel, Topic
from models.notifications import Mail, MailStatus
from tests.conftest import Clock
from tests.requirements.factories import Sale, a_pending, an_accepted

LETTERS = {
    ("submitted", "zh"): ("Acme 的客户需求待接收:", "2030-02-06 07:30(北京时间)前接收或拒绝"),
    ("submitted", "en"): ("A customer requirement of Acme", "before 2030-02-06 07:30 (UTC+8)"),
    ("reminder", "zh"): ("即将逾期", "2030-02-06 07:30(北京时间)前未接收,则视为拒绝"),
    ("reminder", "en"): ("is about to lapse", "by 2030-02-06 07:30 (UTC+8) it counts as refused"),
    ("accepted", "zh"): ("已被接收", "Ink & Paper 已接收客户 Yangtze 的需求"),
    ("accepted", "en"): ("is accepted", "with a share of 0.25"),
    ("rejected", "zh"): ("已被拒绝", "sold out"),
    ("rejected", "en"): ("is refused", "sold out"),
    ("timed out", "zh"): ("已被拒绝", "2030-02-06 07:30(北京时间)前未接收"),
    ("timed out", "en"): ("is refused", "by 2030-02-06 07:30 (UTC+8), which counts as a refusal"),
}


async def a_letter(kind: str, sale: Sale, time: Clock) -> Mail:
    """What is sent at this step of a requirement."""
    if kind == "accepted":
        await an_accepted(sale, now=time.now)
        return await Mail.get(template="customer_requirement_answered")
    pending = await a_pending(sale, now=time.now)
    if kind == "submitted":
        return await Mail.get()
    if kind == "reminder":
        await deadlines.remind(subject_ids=[pending.id], now=time.now + timedelta(days=4))
        return await Mail.get(template="customer_requirement_reminder")
    if kind == "rejected":
        await answering.reject(
            viewer=sale.seller, requirement_id=pending.id, reason="sold out", now=time.now
        )
    else:
        await deadlines.expire(subject_ids=[pending.id], now=time.now + timedelta(days=5))
    return await Mail.get(template="customer_requirement_answered")


@pytest.mark.parametrize(("kind", "locale"), LETTERS)
async def test_each_letter_says_what_it_is_about(
    sale: Sale, time: Clock, kind: str, locale: str
) -> None:
    mail = await a_letter(kind, sale, time)

    message = render(
        template=mail.template,
        locale=locale,
        facts=mail.facts,
        recipient=mail.recipient,
        sender="Partner Center <no-reply@partner.example>",
        id=mail.id,
        at=time.now,
    )

    subject, sentence = LETTERS[kind, locale]
    assert subject in message["Subject"]
    assert mail.facts["number"] in message["Subject"]
    [plain, html] = [part.get_content() for part in message.iter_parts()]
    assert sentence in " ".join(plain.split())
    assert mail.facts["customer"] in html
    assert "None" not in plain + html


async def test_who_has_turned_the_topic_off_is_not_written_to(sale: Sale, time: Clock) -> None:
    off = [Choice(Topic.REQUIREMENT, Channel.MAIL, False)]
    for viewer in (sale.by, sale.seller):
        await preferences.choose(viewer=viewer, choices=off, now=time.now)

    pending = await a_pending(sale, now=time.now)
    await deadlines.remind(subject_ids=[pending.id], now=time.now + timedelta(days=4))
    await answering.accept(viewer=sale.seller, requirement_id=pending.id, now=time.now)

    assert await Mail.all().count() == 0


async def test_who_wants_a_digest_gets_the_letter_with_it(sale: Sale, time: Clock) -> None:
    await preferences.choose(viewer=sale.seller, digest=(9,), now=time.now)

    await a_pending(sale, now=time.now)

    # It is 07:30 in Shanghai.
    mail = await Mail.get()
    assert (mail.status, mail.next_attempt_at) == (
        MailStatus.HELD,
        time.now + timedelta(minutes=90),
    )
