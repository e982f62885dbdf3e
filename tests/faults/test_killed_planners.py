"""Whoever reads the log may die in the middle: messages, mails and deliveries are there once."""

import signal
from datetime import timedelta
from uuid import UUID

import pytest

from domain.audit import relay
from domain.webhooks import targets
from domain.webhooks.endpoints import create
from kit import clock, database, secrets
from kit.ids import new_id
from models.inbox import InboxMessage
from models.notifications import Mail, MailStatus
from tests.factories import a_partner, an_administrator
from tests.faults.processes import SECRET_KEY, Workers, ended, until
from tests.notifications.conftest import recorded
from tests.receiver import receiving

EVENTS = 12
READERS = 2
JUST_NOW = timedelta(seconds=1)


async def happened(*tenants: UUID) -> None:
    """Keys of which each of these is told, with their places in the log."""
    for tenant_id in tenants:
        for _ in range(EVENTS):
            await recorded("api_key.created", at=tenant_id, now=clock.wall())
    await relay.place_all(now=clock.wall())


async def forget_the_leases(*tables: str) -> None:
    """As if a minute had gone by."""
    for table in tables:
        await database.execute(
            f"update {table} set leased_until = $1 where lease_token is not null",
            clock.wall() - JUST_NOW,
        )


@pytest.mark.parametrize("step", ["webhook.planned", "webhook.planned:2", "webhook.planned:3"])
async def test_killed_while_it_plans_webhooks_each_endpoint_is_told_of_everything_once(
    step: str, workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secrets, "_secret", SECRET_KEY.encode())
    viewer = await an_administrator(await a_partner("Acme"))
    assert viewer.partner_id is not None
    async with receiving() as receiver:
        targets.configure(to_loopback=True)
        for number in range(3):
            made = await create(
                viewer=viewer,
                url=receiver.url(f"/{number}"),
                types=["api_key.*"],
                description="ours",
                now=clock.wall(),
            )
            receiver.secrets.append(made.secret)
        targets.configure(to_loopback=False)
        await happened(viewer.partner_id)

        loopback = {"WEBHOOKS_TO_LOOPBACK": "1"}
        assert await ended(workers.start(FAULT_AT=step, **loopback)) == -signal.SIGKILL
        await forget_the_leases("webhook_delivery")
        workers.start(**loopback)
        await until(
            "select 1 where $1 = (select count(*) from webhook_delivery where state = 'DELIVERED')",
            3 * EVENTS,
        )

    for number in range(3):
        ids = [each.id for each in receiver.received if each.path == f"/{number}"]
        assert len(set(ids)) == EVENTS
    rows = await database.rows(
        "select endpoint_id, count(*), count(distinct event_id) as events from webhook_delivery"
        " group by endpoint_id"
    )
    assert [(row["count"], row["events"]) for row in rows] == [(EVENTS, EVENTS)] * 3


@pytest.mark.parametrize(
    "step", ["notifications.planned", "notifications.planned:2", "notifications.planned:3"]
)
async def test_killed_while_it_plans_notifications_each_reader_is_told_once(
    step: str, workers: Workers
) -> None:
    houses = [await a_partner(name) for name in ("Acme", "Borealis", "Cirrus")]
    seats = [
        str((await an_administrator(house)).seat_id) for house in houses for _ in range(READERS)
    ]
    await happened(*(house.id for house in houses))

    assert await ended(workers.start(FAULT_AT=step)) == -signal.SIGKILL
    await forget_the_leases("mail")
    workers.start()
    await until(
        "select 1 where not exists (select from event_counter log left join notification_reader"
        " reader on reader.id = log.id where reader.position is distinct from log.last_position)"
    )
    await until("select 1 where not exists (select from mail where status <> 'SENT')")

    told = await InboxMessage.filter(name="api_key.created").values_list("seat_id", flat=True)
    assert sorted(map(str, told)) == sorted(seats * EVENTS)
    mails = await Mail.filter(template="notification")
    assert len(mails) == len(seats) * EVENTS
    assert len(list((workers.data_dir / "outbox").glob("*.eml"))) >= len(mails)


async def test_killed_while_it_folds_digests_each_reader_gets_one(workers: Workers) -> None:
    held_since = clock.wall() - timedelta(hours=1)
    for reader in ("ann@example.com", "bob@example.com"):
        for _ in range(EVENTS):
            id = new_id()
            await Mail.create(
                id=id,
                created_at=held_since,
                tenant_id=id,
                recipient=reader,
                locale="en",
                template="notification",
                facts={"told": {"name": "api_key.created", "topic": "ACCOUNT"}},
                dedupe_key=str(id),
                status=MailStatus.HELD,
                next_attempt_at=held_since,
            )

    assert await ended(workers.start(FAULT_AT="notifications.folded")) == -signal.SIGKILL
    assert await Mail.filter(template="digest").count() == 0
    assert await Mail.filter(status=MailStatus.HELD).count() == 2 * EVENTS
    workers.start()
    await until(
        "select 1 where 2 = (select count(*) from mail"
        " where template = 'digest' and status = 'SENT')"
    )

    assert await Mail.filter(status=MailStatus.FOLDED).count() == 2 * EVENTS
    digests = await Mail.filter(template="digest").order_by("recipient")
    assert [each.recipient for each in digests] == ["ann@example.com", "bob@example.com"]
    assert [len(each.facts["mails"]) for each in digests] == [EVENTS, EVENTS]
