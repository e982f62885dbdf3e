"""From events to messages: who is told of what, on which channel, and once."""

import asyncio
import re
from pathlib import Path

import pytest

from domain.audit import relay
from domain.audit.events import PLATFORM_TENANT
from domain.identity.items import Item
from domain.identity.presets import Preset
from domain.notifications import labels, planning, preferences
from domain.notifications.preferences import Choice
from domain.notifications.rule import Audience
from domain.notifications.rules import RULES
from domain.notifications.topics import LETTERS, TOPICS
from kit import database
from kit.ids import new_id
from kit.transaction import transaction
from models.customers import Customer
from models.identity import CustomerUser, Operator, Person
from models.inbox import Channel, InboxMessage, NotificationReader, TextMessage, Topic
from models.notifications import Mail, MailStatus
from partner_center import notices
from tests.conftest import Clock
from tests.customers.factories import a_customer
from tests.factories import (
    a_distributor,
    a_partner,
    a_person,
    a_staff_viewer,
    an_administrator,
    an_operator,
    as_operator,
    as_person,
)
from tests.notifications.conftest import Happen, tell, told

pytestmark = pytest.mark.usefixtures("database")

ROOT = Path(__file__).parent.parent.parent
TEMPLATES = ROOT / "domain" / "notifications" / "templates"


async def test_who_holds_the_right_is_told_and_nobody_else(happen: Happen) -> None:
    acme, other = await a_partner(), await a_partner("Other")
    finance = await an_operator(of=acme, person=await a_person("Fin"), role=Preset.FINANCE)
    await an_operator(of=acme, person=await a_person("Sup"), role=Preset.SUPERVISOR)
    await an_operator(of=other, role=Preset.FINANCE)

    await happen("statement.paid", at=acme.id)

    assert await told() == [("statement.paid", finance.id)]


async def test_whoever_did_it_is_not_told_of_it(happen: Happen) -> None:
    acme = await a_partner()
    doer, other = await an_administrator(acme), await an_administrator(acme)

    await happen("order.paid", at=acme.id, actor=doer)

    assert await told() == [("order.paid", other.seat_id)]


async def test_an_account_manager_is_told_of_his_own_customers_alone(happen: Happen) -> None:
    acme = await a_partner()
    mine = await an_operator(of=acme, person=await a_person("A"), role=Preset.ACCOUNT_MANAGER)
    await an_operator(of=acme, person=await a_person("B"), role=Preset.ACCOUNT_MANAGER)
    customer = await a_customer("Blue Sky", of=acme, manager=mine)

    await happen("customer.frozen", at=acme.id, customer_id=customer.id, subject_id=customer.id)
    # What is for nobody in particular of the account managers names its partner (see of_order).
    await happen("order.paid", at=acme.id, manager_id=acme.id)

    assert await told() == [("customer.frozen", mine.id)]
    [message] = await InboxMessage.all()
    assert message.facts == {"label": "Blue Sky", "partner": "Acme", "partner_en": "Acme"}


async def test_the_customers_people_are_told_in_their_seat(happen: Happen, time: Clock) -> None:
    customer = await Customer.create(created_at=time.now, name="Blue Sky", account_name="blue")
    user = await a_person("User")
    seat = await CustomerUser.create(
        created_at=time.now, customer_id=customer.id, person_id=user.id
    )
    gone = await CustomerUser.create(
        created_at=time.now,
        customer_id=customer.id,
        person_id=(await a_person("Gone")).id,
        removed_at=time.now,
    )

    await happen("order.paid", at=PLATFORM_TENANT, customer_id=customer.id)

    assert await told() == [("order.paid", seat.id)]
    assert gone.id not in {id for _, id in await told()}


async def test_a_person_is_told_in_the_seat_that_it_concerns(happen: Happen) -> None:
    acme = await a_partner()
    seat = await an_operator(of=acme, person=await a_person("Op"))
    stranger = await a_person("Stranger")

    await happen("operator.roles_set", at=acme.id, person_id=seat.person_id)
    await happen("member_invitation.sent", at=acme.id, person_id=stranger.id)

    assert await told() == [
        ("operator.roles_set", seat.id),
        ("member_invitation.sent", stranger.id),
    ]


async def test_resellers_activity_is_for_distributors_that_subscribe(
    happen: Happen, time: Clock
) -> None:
    great = await a_distributor()
    reseller = await a_partner("Small", distributor=great)
    boss, silent = await an_administrator(great), await an_administrator(great)
    own = await an_administrator(reseller)
    await preferences.choose(
        viewer=boss, choices=[Choice(Topic.RESELLER, Channel.INBOX, True)], now=time.now
    )

    await happen("order.paid", at=reseller.id)

    assert sorted(await told()) == sorted(
        [("order.paid", own.seat_id), ("order.paid", boss.seat_id)]
    )
    [message] = await InboxMessage.filter(seat_id=boss.seat_id)
    assert (message.topic, message.tenant_id) == (Topic.RESELLER, reseller.id)
    assert not await InboxMessage.filter(seat_id=silent.seat_id).exists()


async def test_who_has_seats_in_both_houses_is_called_once(happen: Happen, time: Clock) -> None:
    great = await a_distributor()
    reseller = await a_partner("Small", distributor=great)
    person = await a_person("Both")
    seats = [
        await an_operator(of=house, person=person, role=Preset.ADMINISTRATOR)
        for house in (great, reseller)
    ]
    chosen = [
        Choice(topic, channel, True)
        for topic in (Topic.ORDER, Topic.RESELLER)
        for channel in (Channel.INBOX, Channel.MAIL, Channel.SMS)
    ]
    boss = await as_operator(seats[0])
    await preferences.choose(viewer=boss, choices=chosen, now=time.now)

    await happen("order.paid", at=reseller.id)

    assert sorted(await told()) == sorted(("order.paid", seat.id) for seat in seats)
    [mail], [text] = await Mail.all(), await TextMessage.all()
    assert (mail.recipient, text.recipient) == (person.email, person.phone)
    assert mail.facts["told"]["topic"] == text.facts["topic"] == Topic.ORDER


async def test_staff_is_told_of_disputes(happen: Happen) -> None:
    acme = await a_partner()
    reviewer = await a_staff_viewer(Item.SETTLEMENT_REVIEW)
    await a_staff_viewer(Item.OPERATE)

    await happen("statement_dispute.opened", at=acme.id)

    assert await told() == [("statement_dispute.opened", reviewer.seat_id)]


async def test_mail_and_text_follow_the_preferences(happen: Happen, time: Clock) -> None:
    acme = await a_partner()
    eager, quiet = await an_administrator(acme), await an_administrator(acme)
    await preferences.choose(
        viewer=eager,
        choices=[
            Choice(Topic.FUNDS, Channel.MAIL, True),
            Choice(Topic.FUNDS, Channel.SMS, True),
            Choice(Topic.FUNDS, Channel.INBOX, False),
        ],
        now=time.now,
    )

    event_id = await happen("withdrawal.paid", at=acme.id)

    assert await told() == [("withdrawal.paid", quiet.seat_id)]
    [mail] = await Mail.all()
    assert (mail.template, mail.recipient, mail.status) == (
        "notification",
        eager.email,
        MailStatus.QUEUED,
    )
    assert mail.dedupe_key == f"notification:{event_id}:{eager.person_id}"
    [text] = await TextMessage.all()
    assert (text.recipient, text.dedupe_key) == ("13812345678", mail.dedupe_key)


async def test_what_has_a_letter_of_its_own_is_not_mailed_twice(
    happen: Happen, time: Clock
) -> None:
    acme = await a_partner()
    admin = await an_administrator(acme)
    wished = [Choice(Topic.ESTIMATED_INCENTIVE, Channel.MAIL, True)]
    await preferences.choose(viewer=admin, choices=wished, now=time.now)

    await happen("statement.paid", at=acme.id)
    await happen("incentive.final", at=acme.id)

    assert await InboxMessage.filter(seat_id=admin.seat_id).count() == 2
    assert await Mail.all().count() == 0


async def test_old_history_calls_nobody(happen: Happen, time: Clock) -> None:
    acme = await a_partner()
    admin = await an_administrator(acme)
    await preferences.choose(
        viewer=admin, choices=[Choice(Topic.FUNDS, Channel.MAIL, True)], now=time.now
    )
    await happen("withdrawal.paid", at=acme.id, plan=False)
    time.forward(days=7)

    await tell(time)

    assert await InboxMessage.filter(name="withdrawal.paid").count() == 1
    assert await Mail.all().count() == 0


async def test_an_export_is_told_to_its_creator(happen: Happen, time: Clock) -> None:
    acme = await a_partner()
    creator = await an_administrator(acme)
    await an_administrator(acme)
    export = await _an_export_of(creator.seat_id, time)

    await happen(
        "export.finished",
        at=acme.id,
        person_id=creator.person_id,
        manager_id=creator.seat_id,
        subject_id=export,
    )

    assert await told() == [("export.finished", creator.seat_id)]
    [mail] = await Mail.all()
    assert (mail.recipient, mail.template) == (creator.email, "notification")


async def _an_export_of(seat_id: object, time: Clock) -> object:
    id = new_id()
    await database.execute(
        "insert into export (id, created_at, version, tenant_id, created_by, creator_name, viewer,"
        " listing, title, title_en, arguments, columns, format, language, csv_bom, state, attempts,"
        " next_attempt_at, rows_done, busy_ms) values ($1, $2, 1, $1, $1, 'x',"
        " jsonb_build_object('seat_id', $3::text), 'orders', '订单', 'Orders', '{}', '[]', 'CSV',"
        " 'EN', false, 'QUEUED', 0, $2, 0, 0)",
        id,
        time.now,
        str(seat_id),
    )
    return id


async def test_a_burst_at_others_keeps_nobody_waiting(happen: Happen, time: Clock) -> None:
    acme = await a_partner()
    admin = await an_administrator(acme)
    await happen("order.paid", at=acme.id, plan=False)
    await relay.place_all(now=time.now)
    await database.execute(
        "insert into event_counter (id, created_at, last_position)"
        " select lpad(n::text, 32, '0')::uuid, $1, 5000 from generate_series(1, $2) n",
        time.now,
        planning.TENANTS,
    )

    await planning.plan(now=time.now)

    assert await told() == [("order.paid", admin.seat_id)]


async def test_planners_at_once_tell_everything_once(happen: Happen, time: Clock) -> None:
    acme = await a_partner()
    await an_administrator(acme)
    for _ in range(20):
        await happen("order.paid", at=acme.id, plan=False)
    await tell_nothing_yet(time)

    while any(await asyncio.gather(*(planning.plan(now=time.now) for _ in range(5)))):
        pass

    assert await InboxMessage.all().count() == 20
    assert (await NotificationReader.get(id=acme.id)).position == 20


async def tell_nothing_yet(time: Clock) -> None:
    from domain.audit import relay

    await relay.place_all(now=time.now)


async def test_a_planner_that_dies_before_its_commit_has_told_nothing(
    happen: Happen, time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    acme = await a_partner()
    await an_administrator(acme)
    await happen("export.failed", at=acme.id, plan=False)
    await happen("order.paid", at=acme.id, plan=False)
    await tell_nothing_yet(time)

    def die(label: str) -> None:
        raise ConnectionResetError(label)

    with monkeypatch.context() as patch:
        patch.setattr(planning, "reach", die)
        with pytest.raises(ConnectionResetError):
            await planning.plan(now=time.now)
    assert await InboxMessage.all().count() == 0
    assert await NotificationReader.all().count() == 0

    await tell(time)
    assert await InboxMessage.all().count() == 1


async def test_a_slow_planner_keeps_others_from_overtaking_it(happen: Happen, time: Clock) -> None:
    """Else somebody could see a later message first, and miss the earlier one for ever."""
    acme = await a_partner()
    await an_administrator(acme)
    await happen("order.paid", at=acme.id, plan=False)
    await tell_nothing_yet(time)

    async with transaction():
        await database.row("select pg_advisory_xact_lock($1)", planning._PLANNING)
        other = asyncio.create_task(_plan_apart(time))
        assert await other is False
    assert await InboxMessage.all().count() == 0

    assert await planning.plan(now=time.now) is True
    assert await InboxMessage.all().count() == 1


async def _plan_apart(time: Clock) -> bool:
    from contextvars import Context

    loop = asyncio.get_running_loop()
    return await loop.create_task(planning.plan(now=time.now), context=Context())


async def test_people_who_are_disabled_are_not_told(happen: Happen, time: Clock) -> None:
    acme = await a_partner()
    seat = await an_operator(of=acme)
    await Person.filter(id=seat.person_id).update(disabled_at=time.now)

    await happen("order.paid", at=acme.id)

    assert await told() == []


async def test_every_label_is_a_statement_that_runs() -> None:
    """A column that was renamed would stop every message."""
    for kind in labels._LABELS:
        row = await database.row(
            f"select {labels.label_of('$1::text', '$2::uuid')} as label", kind, new_id()
        )
        assert row == {"label": None}


def test_every_event_that_is_told_is_one_that_happens() -> None:
    """A rule for an event that nobody records would be a promise that isn't kept."""
    source = "\n".join(
        path.read_text()
        for path in (ROOT / "domain").rglob("*.py")
        if path.parent.name != "notifications"
    )
    words = set(re.findall(r"[\"'.]([a-z_]+)[\"']", source)) | set(
        re.findall(r"[a-z_]+\.([a-z_]+)", source)
    )
    assert {name for name, _ in RULES if name.split(".")[1] not in words} == set()


def test_rules_hang_together() -> None:
    for rule in RULES.values():
        for to in rule.to:
            needs_items = to.audience in (Audience.PARTNER, Audience.STAFF, Audience.DISTRIBUTOR)
            assert bool(to.items) is needs_items, rule
            assert (to.audience is Audience.DISTRIBUTOR) is (rule.topic is Topic.RESELLER), rule
        for text in (rule.en, rule.zh):
            assert text.format(label="L", partner="P")
            assert not re.search(r"[<>&]", text)
        assert re.search(r"[\u4e00-\u9fff]", rule.zh)
    assert TOPICS.keys() == set(Topic)
    assert [topic for topic, about in TOPICS.items() if about.for_distributors] == [Topic.RESELLER]


def test_the_page_in_docs_is_the_table() -> None:
    assert (ROOT / "docs" / "notifications.md").read_text() == notices.page()


def test_every_letter_has_a_topic_that_is_mailed() -> None:
    there = {path.name.split(".")[0] for path in TEMPLATES.glob("*.*.txt")}
    assert there - {"notification", "digest"} == set(LETTERS)
    assert all(TOPICS[topic].mail for topic in LETTERS.values())


async def test_the_seats_of_the_world_are_who_they_are() -> None:
    """The factories' seats are the ones that viewers sit in."""
    acme = await a_partner()
    seat = await an_operator(of=acme)
    viewer = await as_operator(await Operator.get(id=seat.id))
    assert viewer.seat_id == seat.id
    person = await a_person("Alone")
    assert (await as_person(person)).seat_id == person.id
