"""One run: a house, a load and a storm, then rest, an audit and a report."""

import asyncio
import sys
import time
from random import Random

from kit import clock
from partner_center import startup
from tests.faults.chaos import audit, load, logs, outside, settling, sums, world
from tests.faults.chaos.book import Book
from tests.faults.chaos.house import House, a_house
from tests.faults.chaos.looked import Looked
from tests.faults.chaos.report import Report
from tests.faults.chaos.storm import Storm
from tests.faults.chaos.visitor import Visit
from tests.receiver import Receiver, receiving

VISITORS = 8


async def run(
    *,
    seconds: float,
    seed: int,
    hurry: bool = False,
    keep: bool = False,
    patience: float = 180,
) -> Report:
    """Storm for so many seconds.

    In a `hurry` one fault comes right after the other, and nobody waits for the leases of the dead.
    """
    pause = (0.2, 0.8) if hurry else (3.0, 9.0)
    began, book, marks = clock.wall(), Book(), [time.monotonic()]
    command = " ".join(["python -m tests.faults.chaos", *sys.argv[1:]])
    with a_house(keep=keep) as house:
        await asyncio.to_thread(house.migrate)
        await startup.open_database(house.settings)
        try:
            people = await world.a_world(seed)
            async with receiving() as receiver:
                house.start()
                try:
                    await house.until_ready()
                    visit = Visit(house.url, people, book, receiver.url())
                    await load.open_endpoints(visit)
                    receiver.secrets += visit.secrets
                    receiver.answer = load.moody(Random(seed))
                    marks.append(time.monotonic())
                    storm = Storm(house, book, Random(seed), pause=pause)
                    # Until all is at rest: who lost PostgreSQL at the storm's end may end later.
                    async with storm.watched():
                        await _rage(storm, visit, seed, seconds)
                        marks.append(time.monotonic())
                        receiver.answers(200)
                        await settling.rest(house, visit, hurry=hurry, patience=patience)
                    # Before keys and files are so old that they are deleted.
                    early = await _young(house, book)
                    await settling.settle(house, visit, book, patience=patience)
                finally:
                    await house.end()
                marks.append(time.monotonic())
                report = Report(command, began, seed, book)
                report.audited = early | await audit.audit()
                report.audited |= await _late(house, receiver)
            marks.append(time.monotonic())
            report.passed = str(await clock.now() - world.BEGIN).partition(".")[0]
        finally:
            await startup.close()
        files = [member.log for member in house.members]
        report.audited["no error of ours was raised"] = logs.judged(files)
        report.logged = logs.counted(files)
        report.unavailable = (
            len(book.unavailable),
            sum(not storm.was_away(at) for at in book.unavailable),
        )
    phases = ("start", "storm", "rest", "audit")
    report.seconds = {
        phase: end - begin for phase, begin, end in zip(phases, marks, marks[1:], strict=False)
    }
    return report


async def _rage(storm: Storm, visit: Visit, seed: int, seconds: float) -> None:
    """The storm, and the load that it is for."""
    stop = asyncio.Event()
    raging = asyncio.create_task(storm.rage(seconds))
    visiting = asyncio.create_task(
        load.visiting(visit, seed=seed, visitors=VISITORS, seconds=seconds, stop=stop)
    )
    every = (raging, visiting)
    try:
        done, _ = await asyncio.wait(every, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            await task  # it may have failed
        await storm.calm()
        stop.set()
        await visiting
    finally:
        for task in every:
            task.cancel()
        await asyncio.gather(*every, return_exceptions=True)


async def _young(house: House, book: Book) -> dict[str, Looked]:
    return {
        "one key, one outcome": await outside.keys(book),
        "usage that was handed in is there, once": await sums.usage(book),
        "each file that is shown is whole": await outside.files(house.objects),
    }


async def _late(house: House, receiver: Receiver) -> dict[str, Looked]:
    return {
        "what counts as delivered came, always the same": await outside.deliveries(
            receiver.received
        ),
        "of files that are over nothing is left": await outside.files(house.objects),
    }
