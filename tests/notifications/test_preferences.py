"""What people choose to be told: defaults, what can't be chosen, digests, text messages."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from domain.identity.viewer import Viewer, ViewerKind
from domain.notifications import digests, mail, preferences, texting
from domain.notifications.preferences import Choice
from kit.ids import new_id
from kit.leases import ATTEMPTS
from kit.transaction import transactional
from models.audit import Event
from models.identity import Person
from models.inbox import Channel, NotificationPreference, TextMessage, TextStatus, Topic
from models.notifications import Mail, MailStatus
from models.partners import Partner
from tests.conftest import Clock
from tests.customers.conftest import Ask, Refused
from tests.factories import a_distributor, a_partner, a_person, an_administrator, as_person
from tests.notifications.conftest import Happen
from tests.notifications.outbox import files, only, part

pytestmark = pytest.mark.usefixtures("database")

WISHES = """{ notificationPreferences { digestHour topics { topic title isMandatory
  channels { channel enabled canChange } } } }"""
SET = """mutation ($choices: [NotificationChoiceInput!]! = [], $digest: NotificationDigestInput) {
  notificationPreferencesSet(input: {choices: $choices, digest: $digest}) {
    notificationPreferences { digestHour topics { topic channels { channel enabled } } }
    errors { __typename code path message } } }"""


@pytest.fixture
async def acme(database: object) -> Partner:
    return await a_partner("Acme")


@pytest.fixture
def outbox(tmp_path: Path) -> Path:
    folder = tmp_path / "outbox"
    mail.configure(smtp_url=None, outbox=folder, mail_from="PC <no-reply@pc.example>")
    return folder


def by_topic(answer: Any) -> dict[str, dict[str, bool]]:
    """Whether each channel of each topic is on."""
    return {
        each["topic"]: {channel["channel"]: channel["enabled"] for channel in each["channels"]}
        for each in answer["topics"]
    }


@transactional
async def a_letter(to: str, *, key: str = "key", template: str, now: datetime) -> None:
    await mail.queue(
        template,
        recipient=to,
        locale="en",
        facts={
            "partner": "Acme",
            "name": "Blue Sky",
            "type": "an agency",
            "associated_at": now.isoformat(),
        },
        dedupe_key=key,
        tenant_id=UUID(int=1),
        now=now,
    )


async def test_unsaid_everything_is_as_the_topics_say(ask: Ask, acme: Partner) -> None:
    told = await ask(WISHES, by=await an_administrator(acme))

    assert told["digestHour"] is None
    wishes = by_topic(told)
    assert wishes["ORDER"] == {"INBOX": True, "MAIL": False, "SMS": False}
    assert wishes["LABEL"] == {"INBOX": False, "MAIL": False, "SMS": False}
    assert wishes["STATEMENT"] == {"INBOX": True, "MAIL": True, "SMS": True}
    assert wishes["EXPORT"] == {"INBOX": True, "MAIL": True, "SMS": False}
    assert "RESELLER" not in wishes
    [statement] = [each for each in told["topics"] if each["topic"] == "STATEMENT"]
    assert statement["title"] == "Statements and invoices"
    assert statement["isMandatory"] is True
    assert [channel["canChange"] for channel in statement["channels"]] == [False, False, True]


async def test_choices_are_kept_for_the_person_and_change_nobody_elses(
    ask: Ask, acme: Partner
) -> None:
    mine, other = await an_administrator(acme), await an_administrator(acme)
    choices = [
        {"topic": "ORDER", "channel": "MAIL", "enabled": True},
        {"topic": "LABEL", "channel": "INBOX", "enabled": True},
    ]

    first = await ask(SET, by=mine, choices=choices)
    second = await ask(SET, by=mine, choices=[choices[0] | {"enabled": False}])

    assert first["errors"] == second["errors"] == []
    assert by_topic(first["notificationPreferences"])["ORDER"]["MAIL"] is True
    told = by_topic(await ask(WISHES, by=mine))
    assert (told["ORDER"]["MAIL"], told["LABEL"]["INBOX"]) == (False, True)
    assert by_topic(await ask(WISHES, by=other))["LABEL"]["INBOX"] is False
    events = await Event.filter(name="person.notifications_set").order_by("id")
    assert [event.after for event in events] == [
        {"ORDER_MAIL": True, "LABEL_INBOX": True},
        {"ORDER_MAIL": False},
    ]
    assert {event.person_id for event in events} == {mine.person_id}


@pytest.mark.parametrize("channel", ["INBOX", "MAIL"])
async def test_what_is_mandatory_can_not_be_turned_off(
    ask: Ask, acme: Partner, channel: str
) -> None:
    viewer = await an_administrator(acme)
    choices = [
        {"topic": "ORDER", "channel": "MAIL", "enabled": True},
        {"topic": "STATEMENT", "channel": channel, "enabled": False},
    ]

    answer = await ask(SET, by=viewer, choices=choices)
    chinese = await ask(SET, by=viewer, choices=choices, locale="zh")

    assert answer == {
        "notificationPreferences": None,
        "errors": [
            {
                "__typename": "TopicMandatory",
                "code": "TOPIC_MANDATORY",
                "path": ["input", "choices"],
                "message": f"Messages about STATEMENT can't be turned off on {channel}.",
            }
        ],
    }
    assert chinese["errors"][0]["message"] == (
        f"该主题(STATEMENT)的通知不可在该渠道({channel})关闭。"
    )
    assert await NotificationPreference.all().count() == 0
    assert await Event.filter(name="person.notifications_set").count() == 0


async def test_only_distributors_subscribe_to_resellers(ask: Ask, acme: Partner) -> None:
    choice = {"topic": "RESELLER", "channel": "INBOX", "enabled": True}
    distributor = await an_administrator(await a_distributor())

    refused = await ask(SET, by=await an_administrator(acme), choices=[choice])
    done = await ask(SET, by=distributor, choices=[choice])

    assert [error["code"] for error in refused["errors"]] == ["TOPIC_FOR_DISTRIBUTORS"]
    assert done["errors"] == []
    assert by_topic(done["notificationPreferences"])["RESELLER"]["INBOX"] is True
    assert await NotificationPreference.all().count() == 1


@pytest.mark.parametrize(
    "input",
    [
        {"digest": {"hour": 24}},
        {"digest": {"hour": -1}},
        {
            "choices": [
                {"topic": "ORDER", "channel": "MAIL", "enabled": yes} for yes in (True, False)
            ]
        },
    ],
)
async def test_nonsense_is_refused(ask: Ask, acme: Partner, input: Any) -> None:
    answer = await ask(SET, by=await an_administrator(acme), **input)

    assert [error["code"] for error in answer["errors"]] == ["INVALID_INPUT"]
    assert await NotificationPreference.all().count() == 0


async def test_a_system_has_no_preferences(ask: Ask, acme: Partner) -> None:
    key = Viewer(kind=ViewerKind.OPERATOR, api_key_id=acme.id, partner_id=acme.id)

    for question in (WISHES, SET):
        with pytest.raises(Refused) as refused:
            await ask(question, by=key)
        assert refused.value.codes == ["FORBIDDEN"]


async def test_who_has_turned_a_topic_off_gets_no_letter_about_it(
    acme: Partner, time: Clock
) -> None:
    viewer = await an_administrator(acme)
    off = [Choice(Topic.CUSTOMER, Channel.MAIL, False)]
    await preferences.choose(viewer=viewer, choices=off, now=time.now)
    assert viewer.email is not None

    await a_letter(viewer.email, template="customer_associated", now=time.now)
    assert await Mail.all().count() == 0
    await a_letter("somebody@else.example", template="customer_associated", now=time.now)
    # What is mandatory comes all the same.
    await a_letter(viewer.email, template="step_up_code", key="other", now=time.now)

    assert {each.recipient for each in await Mail.all()} == {
        "somebody@else.example",
        viewer.email,
    }


async def test_a_digest_gathers_what_can_wait_and_goes_out_once(
    acme: Partner, happen: Happen, outbox: Path, time: Clock
) -> None:
    viewer = await an_administrator(acme)
    assert viewer.email is not None
    # It is 07:30 in Shanghai; the digest comes at nine.
    on = [Choice(Topic.ORDER, Channel.MAIL, True)]
    await preferences.choose(viewer=viewer, choices=on, digest=(9,), now=time.now)
    await a_letter(viewer.email, template="customer_associated", now=time.now)
    await happen("order.paid", at=acme.id)

    held = await Mail.all()
    assert {each.status for each in held} == {MailStatus.HELD}
    assert {each.next_attempt_at for each in held} == {datetime(2030, 2, 1, 1, 0, tzinfo=UTC)}
    time.forward(minutes=89)
    await digests.fold_due(scheduled_for=time.now, now=time.now)
    assert await mail.deliver_due(now=time.now) == 0
    time.forward(minutes=1)
    for _ in range(2):
        await digests.fold_due(scheduled_for=time.now, now=time.now)
        await mail.deliver_due(now=time.now)

    assert len(files(outbox)) == 1
    message = only(outbox)
    assert message["To"] == viewer.email
    assert message["Subject"] == "Partner Center: 2 messages since your last digest"
    for kind in ("plain", "html"):
        text = part(message, kind)
        assert "Blue Sky" in text
        assert "Order — was paid." in text
        assert "2030-02-01 07:30" in text
    assert sorted(each.status for each in await Mail.all()) == ["FOLDED", "FOLDED", "SENT"]


async def test_who_has_missed_hundreds_gets_digests_of_two_hundred_each_once(time: Clock) -> None:
    held: dict[str, list[str]] = {"ann@example.com": [], "bob@example.com": []}
    for number in range(digests.MOST + 1):
        for reader in held if number == 0 else ("ann@example.com",):
            key = f"{reader} {number}"
            held[reader].append(key)
            await Mail.create(
                created_at=time.now,
                tenant_id=new_id(),
                recipient=reader,
                locale="zh" if number == digests.MOST else "en",
                template="customer_associated",
                facts={"key": key},
                dedupe_key=key,
                status=MailStatus.HELD,
                next_attempt_at=time.now,
            )

    for _ in range(2):
        await digests.fold_due(scheduled_for=time.now, now=time.now)

    assert await Mail.filter(status=MailStatus.FOLDED).count() == digests.MOST + 2
    made = await Mail.filter(template="digest").order_by("recipient", "locale")
    ann, bob = held.values()
    assert [
        (mail.recipient, mail.locale, [told["facts"]["key"] for told in mail.facts["mails"]])
        for mail in made
    ] == [
        ("ann@example.com", "en", ann[: digests.MOST]),
        ("ann@example.com", "zh", ann[digests.MOST :]),
        ("bob@example.com", "en", bob),
    ]


async def test_all_that_is_due_is_folded_however_much_it_is(
    acme: Partner, time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digests, "BATCH", 1)
    viewer = await an_administrator(acme)
    assert viewer.email is not None
    await preferences.choose(viewer=viewer, digest=(9,), now=time.now)
    for key in "abc":
        await a_letter(viewer.email, template="customer_associated", key=key, now=time.now)
    time.forward(hours=2)

    await digests.fold_due(scheduled_for=time.now, now=time.now)

    assert await Mail.filter(status=MailStatus.FOLDED).count() == 3
    assert await Mail.filter(template="digest").count() == 3


async def test_a_digest_of_nothing_is_not_sent(acme: Partner, time: Clock) -> None:
    await preferences.choose(viewer=await an_administrator(acme), digest=(9,), now=time.now)
    time.forward(days=2)

    await digests.fold_due(scheduled_for=time.now, now=time.now)

    assert await Mail.all().count() == 0


async def test_what_is_late_for_todays_digest_comes_with_tomorrows(
    acme: Partner, time: Clock
) -> None:
    viewer = await an_administrator(acme)
    assert viewer.email is not None
    await preferences.choose(viewer=viewer, digest=(7,), now=time.now)

    await a_letter(viewer.email, template="customer_associated", now=time.now)

    assert (await Mail.get()).next_attempt_at == datetime(2030, 2, 1, 23, 0, tzinfo=UTC)


async def test_who_moves_or_ends_the_digest_loses_nothing(acme: Partner, time: Clock) -> None:
    viewer = await an_administrator(acme)
    assert viewer.email is not None
    await preferences.choose(viewer=viewer, digest=(9,), now=time.now)
    await a_letter(viewer.email, template="customer_associated", now=time.now)

    await preferences.choose(viewer=viewer, digest=(12,), now=time.now)
    moved = await Mail.get()
    await preferences.choose(viewer=viewer, digest=(None,), now=time.now)
    ended = await Mail.get()

    assert (moved.status, moved.next_attempt_at) == (
        MailStatus.HELD,
        datetime(2030, 2, 1, 4, 0, tzinfo=UTC),
    )
    assert (ended.status, ended.next_attempt_at) == (MailStatus.QUEUED, time.now)


async def test_what_is_mandatory_never_waits_for_a_digest(
    acme: Partner, happen: Happen, time: Clock
) -> None:
    viewer = await an_administrator(acme)
    assert viewer.email is not None
    await preferences.choose(viewer=viewer, digest=(9,), now=time.now)

    await a_letter(viewer.email, template="webhook_disabled", now=time.now)
    await happen("operator.roles_set", at=acme.id, person_id=viewer.person_id)

    assert [each.status for each in await Mail.all()] == [MailStatus.QUEUED] * 2


async def test_a_mail_about_an_event_is_in_the_readers_language(
    acme: Partner, happen: Happen, outbox: Path, time: Clock
) -> None:
    viewer = await an_administrator(acme)
    await Person.filter(id=viewer.person_id).update(locale="zh")
    await happen("operator.roles_set", at=acme.id, person_id=viewer.person_id)

    await mail.deliver_due(now=time.now)

    message = only(outbox)
    assert message["Subject"] == "您在 Acme 的角色已变更。"
    assert "收件箱" in part(message, "html")


class Gateway:
    """Keeps what it is given, or fails as it is told to."""

    def __init__(self, *, failure: Exception | None = None) -> None:
        self.sent: list[tuple[UUID, str, str]] = []
        self.failure = failure

    async def send(self, id: UUID, *, to: str, text: str) -> None:
        if self.failure:
            raise self.failure
        self.sent.append((id, to, text))


@pytest.fixture
async def texted(acme: Partner, happen: Happen) -> TextMessage:
    """A text message that waits."""
    await an_administrator(acme)
    await happen("statement.paid", at=acme.id)
    return await TextMessage.get()


async def test_a_text_message_goes_through_the_gateway_once(
    texted: TextMessage, time: Clock
) -> None:
    gateway = Gateway()
    texting.use(gateway)

    assert await texting.deliver_due(now=time.now) == 1
    assert await texting.deliver_due(now=time.now) == 0

    assert gateway.sent == [(texted.id, "13812345678", "Statement — was paid.")]
    sent = await TextMessage.get()
    assert (sent.status, sent.sent_at, sent.lease_token) == (TextStatus.SENT, time.now, None)
    texting.use(None)


async def test_without_a_gateway_text_messages_stand_in_the_log(
    texted: TextMessage, time: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    texting.use(None)
    with caplog.at_level("INFO"):
        await texting.deliver_due(now=time.now)

    assert f"text message txt_{texted.id.hex} to 138****5678: Statement — was paid." in caplog.text
    assert "13812345678" not in caplog.text


@pytest.mark.parametrize(
    "failure", [RuntimeError("503"), ConnectionRefusedError("503"), TimeoutError("503")]
)
async def test_a_gateway_that_is_away_is_asked_again_and_given_up_in_the_end(
    texted: TextMessage, time: Clock, failure: Exception
) -> None:
    texting.use(Gateway(failure=failure))
    for _ in range(ATTEMPTS):
        assert (await TextMessage.get()).status is TextStatus.QUEUED
        await texting.deliver_due(now=time.now)
        time.forward(hours=1)
    dead = await TextMessage.get()
    assert (dead.status, dead.attempts) == (TextStatus.DEAD, ATTEMPTS)
    assert dead.last_error == f"NotSent: {type(failure).__name__}: 503"
    texting.use(None)


async def test_a_number_that_does_not_exist_is_given_up_at_once(
    texted: TextMessage, time: Clock
) -> None:
    texting.use(Gateway(failure=texting.Refused("no such number")))

    await texting.deliver_due(now=time.now)

    dead = await TextMessage.get()
    assert (dead.status, dead.last_error) == (TextStatus.DEAD, "no such number")
    texting.use(None)


async def test_preferences_hold_in_every_seat(time: Clock) -> None:
    person = await a_person("Alone")
    viewer = await as_person(person)
    await preferences.choose(
        viewer=viewer, choices=[Choice(Topic.EXPORT, Channel.MAIL, False)], now=time.now
    )

    read = await preferences.read(viewer=viewer)

    assert Choice(Topic.EXPORT, Channel.MAIL, False) in read.choices
