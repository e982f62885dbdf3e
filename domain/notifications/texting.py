"""Text messages: a port for gateways, and the log in place of one."""

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

import orjson

from domain.notifications.rendering import sentence
from kit import clock, database, ids
from kit.leases import Backlog
from kit.masking import mask_phone

log = logging.getLogger(__name__)

BATCH = 50
LEASE = timedelta(seconds=60)
TIMEOUT = timedelta(seconds=10)

# Gateways come back within the hour: seven waits, which come to two hours at most.
TEXTS = Backlog(
    table="text_message",
    state="status",
    waiting="QUEUED",
    tells=("id", "recipient", "locale", "facts"),
    first_wait=timedelta(minutes=1),
    longest_wait=timedelta(minutes=30),
)


class Refused(Exception):
    """The gateway will never take this message: there is no such number."""


class NotSent(Exception):
    """It could not be sent now, whoever's fault that is."""


class Gateway(Protocol):
    """Sends one text message in at most TIMEOUT."""

    async def send(self, id: UUID, *, to: str, text: str) -> None:
        """Hand it over; `id` is the same at every attempt. Raises Refused for a wrong number.

        Whatever else it raises counts as an attempt.
        """


class Logged:
    """No gateway: what would be sent stands in the log, without the whole number."""

    async def send(self, id: UUID, *, to: str, text: str) -> None:
        """Write it down."""
        log.info("text message %s to %s: %s", ids.encode("txt", id), mask_phone(to), text)


_gateway: Gateway = Logged()


def use(gateway: Gateway | None) -> None:
    """Say how text messages leave; None: into the log."""
    global _gateway
    _gateway = gateway or Logged()


async def deliver_due(*, now: datetime) -> int:
    """Send what is due and give back how many were claimed; 0 means that nothing waits.

    Many workers may call it at the same time. After a crash between sending and noting it, the
    message goes out again with the same id.
    """
    claim = await TEXTS.claim(lease=LEASE, limit=BATCH, now=now)
    last_start = clock.wall() + LEASE - TIMEOUT
    for text in claim.rows:
        if clock.wall() > last_start:
            break  # a slow gateway must not hold us longer than the lease
        await _send(text, claim.token, now)
    await database.execute(
        "update text_message set lease_token = null, leased_until = null, leased_by = null"
        " where lease_token = $1",
        claim.token,
    )
    return len(claim.rows)


async def _send(text: dict[str, Any], token: UUID, now: datetime) -> None:
    id: UUID = text["id"]
    try:
        said = sentence(orjson.loads(text["facts"]), locale=text["locale"])
        async with asyncio.timeout(TIMEOUT.total_seconds()):
            await _gateway.send(id, to=text["recipient"], text=said)
    except Refused as refusal:
        await TEXTS.give_up([id], token=token, reason=str(refusal))
    except Exception as error:
        # One message that can't be sent must not hold up the others.
        log.warning("text message %s was not sent", ids.encode("txt", id), exc_info=error)
        # A gateway that is away is no fault of ours that passes: what a text tells is old by then.
        counted = NotSent(f"{type(error).__name__}: {error}")
        await TEXTS.put_off([id], token=token, error=counted, now=now)
    else:
        await database.execute(
            """
            update text_message set status = 'SENT', sent_at = $3, last_error = null,
              lease_token = null, leased_until = null, leased_by = null
            where id = $1 and lease_token = $2""",
            id,
            token,
            now,
        )
