"""What is done to the house, by dice: the seed says what comes in which order, if not when."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from random import Random

from redis.asyncio import Redis
from redis.exceptions import RedisError

from kit import clock
from tests.faults.chaos.book import Book
from tests.faults.chaos.house import LEASE, House, Member

WORKER_STEPS = (
    "claim.before_commit",
    "claim.after_commit",
    "hint.sent",
    "effect.locked",
    "effect.before_commit",
    "effect.after_commit",
    "notifications.planned",
    "notifications.folded",
    "webhook.planned",
    "webhook.sending",
    "webhook.answered",
    "webhook.settling",
    "webhook.written_down",
    "export.claimed",
    "export.begun",
    "export.half",
    "export.written",
    "export.stored",
    "export.shown",
    "settlement.claimed",
    "settlement.before_commit",
    "statement.paid",
    "payment_application.paid",
)
API_STEPS = (
    "order_payment.checked",
    "order_payment.offered",
    "order_payment.spent",
    "order_payment.told",
    "order_payment.before_commit",
    "refund.counted",
    "refund.booked",
    "refund.before_commit",
    "usage_import.taken_in",
    "usage_import.charged",
    "statement.signed",
)
AFTERMATH = timedelta(seconds=20)  # in which a lost PostgreSQL may still be noticed


class Storm:
    """`outages` are the spans of time in which PostgreSQL was away, or had just been."""

    def __init__(self, house: House, book: Book, dice: Random, *, pause: tuple[float, float]):
        self._house, self._book, self._dice, self._pause = house, book, dice, pause
        self._steps: dict[str, list[str]] = {"worker": [], "api": []}
        self._wanted: set[Member] = set()  # whom we are ending ourselves
        self.outages: list[tuple[datetime, datetime | None]] = []

    async def rage(self, seconds: float) -> None:
        """So long: every kind of fault in turn, in an order by dice, then again.

        What has begun then is seen to its end.
        """
        end = time.monotonic() + seconds
        kinds: list[Callable[[], Awaitable[None]]] = [
            *(self._kill_at_a_step,) * 3,
            self._kill_a_worker,
            self._kill_api,
            self._kill_api_at_a_step,
            self._sleep,
            self._flush,
            self._lose_valkey,
            self._restart_postgres,
            self._crash_postgres,
        ]
        while time.monotonic() < end:
            self._dice.shuffle(kinds)
            for kind in kinds:
                await asyncio.sleep(self._dice.uniform(*self._pause))
                if time.monotonic() < end:
                    await kind()

    async def calm(self) -> None:
        """Nobody is to die at any step any more."""
        for member in self._house.members:
            if member.label:
                await self._again(member)

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Meanwhile, whoever dies is started again, as a supervisor does."""
        watching = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching  # it may have failed

    async def _watch(self) -> None:
        while True:
            for member in self._house.members:
                if member not in self._wanted and member.ended is not None:
                    self._tell_end(member)
                    member.start()
            await asyncio.sleep(0.2)

    def was_away(self, at: datetime) -> bool:
        """Whether PostgreSQL's absence explains what was seen then."""
        return any(begin <= at <= (end or at) + AFTERMATH for begin, end in self.outages)

    def _tell_end(self, member: Member) -> None:
        if member.label and member.ended == -signal.SIGKILL:
            self._book.fault(f"{member.name.partition('-')[0]} killed at a step", member.label)
        else:
            self._book.fault("ended by itself", member.name)
            # Whoever starts while PostgreSQL is away ends, and its supervisor starts it again.
            if not self.was_away(clock.wall()):
                self._book.wrong("processes", f"{member.name} ended by itself: {member.ended}")

    async def _again(self, member: Member, label: str = "") -> None:
        """Kill it, and start it a moment later."""
        self._wanted.add(member)
        await member.end()
        await asyncio.sleep(self._dice.uniform(0, 1))
        member.start(label)
        self._wanted.discard(member)

    def _step(self, of: str, steps: tuple[str, ...]) -> str:
        """Each in its turn, the first to the third time that it is reached."""
        if not self._steps[of]:
            self._steps[of] = self._dice.sample(steps, len(steps))
        return f"{self._steps[of].pop()}:{self._dice.choice((1, 1, 2, 3))}"

    async def _kill_at_a_step(self) -> None:
        worker = self._dice.choice(self._house.workers)
        await self._again(worker, self._step("worker", WORKER_STEPS))

    async def _kill_api_at_a_step(self) -> None:
        await self._again(self._house.api, self._step("api", API_STEPS))

    async def _kill_a_worker(self) -> None:
        worker = self._dice.choice(self._house.workers)
        self._book.fault("worker killed at any moment", worker.name)
        await self._again(worker)

    async def _kill_api(self) -> None:
        self._book.fault("api killed")
        await self._again(self._house.api)

    async def _sleep(self) -> None:
        worker = self._dice.choice(self._house.workers)
        self._book.fault("worker stopped for longer than its lease", worker.name)
        worker.send(signal.SIGSTOP)
        await asyncio.sleep(2.5 * LEASE)
        worker.send(signal.SIGCONT)

    async def _flush(self) -> None:
        async with Redis.from_url(self._house.servers.redis_url) as valkey:
            with suppress(RedisError, OSError):
                await valkey.flushall()
                self._book.fault("Valkey flushed")

    async def _lose_valkey(self) -> None:
        self._book.fault("Valkey lost for a while")
        self._house.signal_server("valkey", signal.SIGKILL)
        await asyncio.sleep(self._dice.uniform(1, 5))
        await self._house.revive()

    async def _restart_postgres(self) -> None:
        self._book.fault("PostgreSQL restarted")
        await self._lose_postgres(signal.SIGINT)

    async def _crash_postgres(self) -> None:
        self._book.fault("PostgreSQL restarted, immediate")
        await self._lose_postgres(signal.SIGQUIT)

    async def _lose_postgres(self, how: signal.Signals) -> None:
        begin = clock.wall()
        self.outages.append((begin, None))
        self._house.signal_server("postgres", how)
        await self._house.revive()
        self.outages[-1] = (begin, clock.wall())
