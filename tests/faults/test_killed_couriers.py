"""A worker may die at any step of a delivery: it goes out again, with the same id and no other."""

import signal
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest

from domain.audit import relay
from domain.webhooks import targets
from domain.webhooks.endpoints import create
from kit import clock, database, ids, secrets
from kit.ids import new_id
from tests.factories import a_partner, an_administrator
from tests.faults.processes import SECRET_KEY, Workers, ended, until
from tests.receiver import Receiver, receiving

MANY = 40


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


@pytest.fixture
async def told(
    database: object, things: None, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> list[str]:
    """What an endpoint is to be told: the ids of events that happened just now."""
    monkeypatch.setattr(secrets, "_secret", SECRET_KEY.encode())
    targets.configure(to_loopback=True)
    viewer = await an_administrator(await a_partner("Acme"))
    made = await create(
        viewer=viewer, url=receiver.url(), types=["thing.*"], description="ours", now=clock.wall()
    )
    targets.configure(to_loopback=False)
    receiver.secrets.append(made.secret)
    events = [new_id() for _ in range(MANY)]
    await _insert(viewer.partner_id, events)
    await relay.place_all(now=clock.wall())
    return sorted(ids.encode("evt", id) for id in events)


@pytest.mark.parametrize(
    "step",
    [
        "webhook.planned",
        "webhook.sending",
        "webhook.sending:15",
        "webhook.answered",
        "webhook.answered:15",
        "webhook.settling",
        "webhook.settling:15",
        "webhook.written_down",
        "webhook.written_down:15",
    ],
)
async def test_killed_at_any_step_each_event_arrives_under_its_id(
    step: str, workers: Workers, receiver: Receiver, told: list[str]
) -> None:
    loopback = {"WEBHOOKS_TO_LOOPBACK": "1"}
    killed = workers.start(FAULT_AT=step, **loopback)
    assert await ended(killed) == -signal.SIGKILL
    # Nobody waits a minute for the leases of the dead.
    await database.execute(
        "update webhook_delivery set leased_until = $1 where lease_token is not null",
        clock.wall() - timedelta(seconds=1),
    )

    workers.start(**loopback)
    await until(
        "select 1 where $1 = (select count(*) from webhook_delivery where state = 'DELIVERED')",
        MANY,
    )

    assert sorted(set(receiver.ids)) == told
    assert len({(each.id, each.body) for each in receiver.received}) == MANY
    # Twice at most what the dead had in hand.
    assert MANY <= len(receiver.ids) <= MANY + 10


async def _insert(tenant_id: UUID | None, events: list[UUID]) -> None:
    await database.execute(
        """
        insert into event (id, created_at, tenant_id, name, subject_type, subject_id, actor_kind,
            actor_name, before, after, occurred_at)
        select id, $2, $3, 'thing.happened', 'thing', id, 'SYSTEM', 'system', '{}', '{}', $2
        from unnest($1::uuid[]) as id""",
        events,
        clock.wall(),
        tenant_id,
    )
