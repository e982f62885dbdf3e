"""Mails: queued in the transaction of what they tell, sent after its commit, at least once."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson

from domain.notifications import claims
from domain.notifications.digests import NEXT_DIGEST
from domain.notifications.rendering import render
from domain.notifications.topics import LETTERS, TOPICS
from domain.notifications.transport import TIMEOUT, Outbox, PutOff, Refused, Smtp, Transport
from kit import clock, database, ids, metrics
from kit.ids import new_id
from kit.transaction import assert_open
from models.inbox import Topic

log = logging.getLogger(__name__)

BATCH = 50

# Who has turned the topic off isn't written to, and who wants a digest is written to later.
_QUEUE = f"""
insert into mail (id, created_at, tenant_id, recipient, locale, template, facts,
    dedupe_key, status, attempts, next_attempt_at)
select $1, $2, $3, $4, $5, $6, $7::jsonb, $8,
  case when reader.hour is null or $10 then 'QUEUED' else 'HELD' end, 0,
  case when reader.hour is null or $10 then $2::timestamptz
    else {NEXT_DIGEST.format(now="$2::timestamptz", hour="reader.hour")} end
from (select) one left join lateral (
  select digest.hour, wish.enabled from person
  left join notification_digest digest on digest.id = person.id
  left join notification_preference wish
    on wish.person_id = person.id and wish.topic = $9 and wish.channel = 'MAIL'
  where person.email = $4) reader on true
where $10::boolean or coalesce(reader.enabled, true)
on conflict (dedupe_key) do nothing
"""

_sender = "Partner Center <no-reply@localhost>"
_open: Callable[[], Transport] | None = None


def configure(*, smtp_url: str | None, outbox: Path, mail_from: str) -> None:
    """Say how mails leave: through a mail server, or as `.eml` files in the outbox folder."""
    global _sender, _open
    _sender = mail_from
    _open = partial(Smtp, smtp_url) if smtp_url else partial(Outbox, outbox)


async def queue(
    template: str,
    *,
    recipient: str,
    locale: str,
    facts: dict[str, Any],
    dedupe_key: str,
    tenant_id: UUID,
    now: datetime,
) -> None:
    """Write one mail, to go out if and when the open transaction commits.

    `template` names the files in templates/, `facts` what they show, JSON-ready. A secret link is
    not a fact: `{"link": {path, purpose, id, generation}}` becomes one when the mail is rendered.
    A second mail with the same `dedupe_key` is dropped, and so is one to a reader who has turned
    its topic off; a reader who has asked for a digest gets it with that. Not what is mandatory.
    """
    assert_open()
    topic = LETTERS.get(template, Topic.ACCOUNT)
    await database.execute(
        _QUEUE,
        *(new_id(), now, tenant_id, recipient, locale, template),
        *(orjson.dumps(facts).decode(), dedupe_key, topic, TOPICS[topic].is_mandatory),
    )


async def recall(*, dedupe_key: str) -> None:
    """Take a mail back that nobody has begun to send; what it tells is no longer so."""
    assert_open()
    await database.execute(
        "delete from mail where dedupe_key = $1 and status in ('QUEUED', 'HELD')"
        " and lease_token is null",
        dedupe_key,
    )


async def deliver_due(*, now: datetime, limit: int = BATCH) -> int:
    """Send what is due and give back how many were claimed; 0 means that nothing waits.

    Many workers may call it at the same time. After a crash between sending and noting it, the
    mail goes out again with the same Message-ID.
    """
    assert _open is not None, "mail.configure() was not called"
    claim = await claims.claim(limit=limit, now=now)
    if not claim.rows:
        return 0
    # A slow mail server must not hold us longer than the lease: what is left waits for the next.
    last_start = clock.wall() + claims.LEASE - TIMEOUT
    async with _open() as door:
        for mail in claim.rows:
            if clock.wall() > last_start:
                break
            await _send(mail, claim.token, door, now)
    await claims.release(claim.token)
    return len(claim.rows)


async def _send(mail: dict[str, Any], token: UUID, door: Transport, now: datetime) -> None:
    id: UUID = mail["id"]
    try:
        message = render(
            template=mail["template"],
            locale=mail["locale"],
            facts=orjson.loads(mail["facts"]),
            recipient=mail["recipient"],
            sender=_sender,
            id=id,
            at=now,
        )
        async with asyncio.timeout(TIMEOUT.total_seconds()):
            await door.send(id, message)
    except Refused as refusal:
        await claims.MAILS.give_up([id], token=token, reason=str(refusal))
        metrics.MAILS.labels("refused").inc()
    except Exception as error:
        # One mail that can't be rendered or sent must not hold up the others.
        trace = None if isinstance(error, PutOff) else error
        log.warning("mail %s was not sent: %r", ids.encode("mai", id), error, exc_info=trace)
        await claims.MAILS.put_off([id], token=token, error=error, now=now)
        metrics.MAILS.labels("put_off").inc()
    else:
        await claims.finish(id, token=token, now=now)
        metrics.MAILS.labels("sent").inc()
