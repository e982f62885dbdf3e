"""arq as the hands: how hints travel to the workers. What is lost here is not missed."""

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from arq.connections import ArqRedis
from arq.constants import job_key_prefix
from arq.jobs import serialize_job
from redis import exceptions
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff

from kit import metrics, valkey

R = TypeVar("R")

QUEUE = "partner-center:queue"
HINT_LIVES_MS = 3_600_000  # far longer than a lease: by then the timer has been claimed anew
PATIENCE = 2.0  # seconds to wait for an answer before the work is done here instead
SHUNNED = 5.0  # seconds before the queue is asked again after it didn't answer

AWAY = (exceptions.RedisError, OSError, asyncio.TimeoutError)

log = logging.getLogger(__name__)


class QueueAway(Exception):
    """The queue didn't answer, just now or a moment ago."""


@dataclass(frozen=True, kw_only=True)
class Hint:
    """Run this job with these arguments, once per id while it waits; safe to lose or to repeat."""

    job: str
    id: str
    arguments: dict[str, Any] = field(default_factory=dict)


def to_json(value: dict[str, Any]) -> bytes:
    """arq would pickle: whoever can write to the queue could then run code in the workers."""
    return json.dumps(value, default=str).encode()


def from_json(body: bytes) -> dict[str, Any]:
    """The inverse of `to_json`."""
    value: dict[str, Any] = json.loads(body)
    return value


def connect(url: str) -> ArqRedis:
    """A pool that heals small interruptions by itself and reports longer ones within seconds."""
    connections = valkey.pool(
        url,
        retry=Retry(ExponentialBackoff(cap=0.2, base=0.02), 3),
        retry_on_error=[exceptions.ConnectionError, exceptions.TimeoutError],
        health_check_interval=15,
        socket_timeout=PATIENCE,
        socket_connect_timeout=1,
    )
    return ArqRedis(
        connections,
        job_serializer=to_json,
        job_deserializer=from_json,
        default_queue_name=QUEUE,
    )


class Hints:
    """The way into the queue. Once the queue is away, everyone is told so at once for a while."""

    def __init__(self, redis: ArqRedis) -> None:
        self._redis = redis
        self._shunned_until = 0.0
        self._is_away = False

    async def waiting(self) -> int:
        """How many hints are queued or in hand. Raises QueueAway."""

        async def ask() -> int:
            return int(await self._redis.zcard(QUEUE))

        return await self._try(ask)

    async def send(self, hints: Sequence[Hint]) -> None:
        """Queue the hints, all in one round trip. Raises QueueAway; some may have gone through.

        arq's own `enqueue_job` takes three round trips a job: 5,000 a second where this does
        80,000.
        """
        moment = int(time.time() * 1000)

        async def write() -> None:
            async with self._redis.pipeline(transaction=False) as pipe:
                for hint in hints:
                    body = serialize_job(
                        hint.job, (), hint.arguments, None, moment, serializer=to_json
                    )
                    pipe.psetex(job_key_prefix + hint.id, HINT_LIVES_MS, body)
                    pipe.zadd(QUEUE, {hint.id: moment})
                await pipe.execute()

        await self._try(write)

    async def close(self) -> None:
        """Disconnect."""
        await self._redis.aclose(close_connection_pool=True)

    async def _try(self, ask: Callable[[], Awaitable[R]]) -> R:
        if time.monotonic() < self._shunned_until:
            raise QueueAway
        try:
            async with asyncio.timeout(PATIENCE):
                answer = await ask()
        except AWAY as error:
            self._shunned_until = time.monotonic() + SHUNNED
            if not self._is_away:
                log.warning("the queue is away (%r); this process does the work itself", error)
            self._is_away = True
            metrics.QUEUE_AWAY.set(1)
            raise QueueAway from error
        if self._is_away:
            log.warning("the queue is back")
        self._is_away = False
        metrics.QUEUE_AWAY.set(0)
        return answer
