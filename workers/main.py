"""The worker process: what it runs, how it survives its queue, and how it leaves."""

import asyncio
import logging
from contextlib import suppress
from datetime import UTC, timedelta
from typing import Protocol

from arq import Worker, cron, func

from workers.dispatcher import Dispatcher
from workers.effects import EVERY_SECOND, UNHURRIED
from workers.exports import Exporter
from workers.jobs import JOBS, Context
from workers.pulse import Pulse
from workers.queue import AWAY, QUEUE, Hints, connect, from_json, to_json
from workers.webhooks import Courier

JOB_TIMEOUT = 60  # seconds; a killed worker's jobs are given out again ten seconds after
EXPORTS_DRAIN = 5.0  # an export begins anew elsewhere, which is better than a deploy that waits
DRAIN = 15.0  # seconds that work under way gets to end when the worker is to stop
CLOSE = 3.0
RECONNECT = 1.0

log = logging.getLogger(__name__)


class Settings(Protocol):
    """What a worker must be told; the environment has the same names in capitals."""

    @property
    def redis_url(self) -> str | None: ...
    @property
    def timer_lease_seconds(self) -> int: ...
    @property
    def worker_max_jobs(self) -> int: ...
    @property
    def worker_poll_delay(self) -> float: ...
    @property
    def worker_max_exports(self) -> int: ...


async def run(settings: Settings) -> None:
    """Work until cancelled; then pick up nothing more and let what is under way come to its end.

    The database must be open. The queue may come and go: while it is away, the work is done here.
    """
    stop = asyncio.Event()
    working = asyncio.create_task(_work(settings, stop))
    try:
        await asyncio.shield(working)
    except asyncio.CancelledError:
        stop.set()
        await working
        raise


async def _work(settings: Settings, stop: asyncio.Event) -> None:
    assert settings.redis_url
    logging.getLogger("arq").setLevel(logging.WARNING)  # else two lines a job
    hints = Hints(connect(settings.redis_url))
    dispatcher = Dispatcher(hints=hints, lease=timedelta(seconds=settings.timer_lease_seconds))
    pulse = Pulse({"dispatcher": dispatcher.dispatch, **EVERY_SECOND}, unhurried=UNHURRIED)
    watching = asyncio.create_task(pulse.watch())
    exporter = Exporter(settings.worker_max_exports)
    exporting = asyncio.create_task(exporter.work())
    log.info("worker started")
    try:
        await asyncio.gather(
            _serve_the_queue(settings, settings.redis_url, pulse, stop),
            _end(watching, pulse, stop),
            _end_exports(exporting, exporter, stop),
            Courier().run(stop),
        )
    finally:
        await hints.close()
        log.info("worker stopped")


async def _end(watching: asyncio.Task[None], pulse: Pulse, stop: asyncio.Event) -> None:
    await stop.wait()
    watching.cancel()
    await pulse.rest(within=DRAIN)


async def _end_exports(
    exporting: asyncio.Task[None], exporter: Exporter, stop: asyncio.Event
) -> None:
    await stop.wait()
    exporting.cancel()
    await exporter.rest(within=EXPORTS_DRAIN)


async def _serve_the_queue(
    settings: Settings, redis_url: str, pulse: Pulse, stop: asyncio.Event
) -> None:
    """arq's worker gives up at the first poll that fails: begin again until told to stop."""
    stopping = asyncio.create_task(stop.wait())
    while not stop.is_set():
        worker = _arq_worker(settings, redis_url, pulse)
        serving = asyncio.create_task(worker.main())
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        worker.allow_pick_jobs = False
        await _end_running_jobs(worker)
        await _cut_off(serving)
        closing = asyncio.create_task(worker.close())
        await asyncio.wait({closing}, timeout=CLOSE)
        await _cut_off(closing)
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(stopping), RECONNECT)


def _arq_worker(settings: Settings, redis_url: str, pulse: Pulse) -> Worker:
    async def beat(ctx: Context) -> None:
        pulse.tell()

    return Worker(
        [func(job, name=name, keep_result=0) for name, job in JOBS.items()],
        cron_jobs=[cron(beat, name="beat", second=set(range(60)), unique=True)],
        queue_name=QUEUE,
        redis_pool=connect(redis_url),
        handle_signals=False,
        max_jobs=settings.worker_max_jobs,
        poll_delay=settings.worker_poll_delay,
        job_timeout=JOB_TIMEOUT,
        keep_result=0,  # a kept result would swallow the next job of the same id
        max_tries=1000,  # arq counts every start, also those that a deploy cut off
        health_check_interval=10,
        job_serializer=to_json,
        job_deserializer=from_json,
        timezone=UTC,
    )


async def _cut_off(work: asyncio.Task[None]) -> None:
    # More than once, if need be: a time-out of the Redis client swallows a cancellation that comes
    # in the same instant.
    while not work.done():
        work.cancel()
        await asyncio.wait({work}, timeout=0.5)
    if not work.cancelled() and (error := work.exception()) and not isinstance(error, AWAY):
        log.error("the queue's worker ended badly", exc_info=error)


async def _end_running_jobs(worker: Worker) -> None:
    """A job that were cut off would leave its timers leased, and late by as much."""
    with suppress(TimeoutError):
        async with asyncio.timeout(DRAIN):
            while running := [task for task in worker.tasks.values() if not task.done()]:
                await asyncio.wait(running)
