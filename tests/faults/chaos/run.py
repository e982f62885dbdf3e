"""One run: a house, a load and a storm, then rest, an audit and a report."""

import asyncio
import re
import sys
import time
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from kit import clock
from partner_center import startup
from tests.faults.chaos import audit, load, outside, settling, world
from tests.faults.chaos.book import Book
from tests.faults.chaos.house import House, a_house
from tests.faults.chaos.report import Report
from tests.faults.chaos.storm import Storm
from tests.faults.chaos.visitor import Visit
from tests.receiver import Receiver, receiving

VISITORS = 6


async def run(
    folder: Path,
    *,
    seconds: float,
    seed: int,
    hurry: bool = False,
    pause: tuple[float, float] = (2, 6),
    patience: float = 180,
) -> Report:
    """Storm for so many seconds. In a `hurry` nobody waits for the leases of the dead."""
    began, book, marks = clock.wall(), Book(), [time.monotonic()]
    command = " ".join(["python -m tests.faults.chaos", *sys.argv[1:]])
    with a_house(folder) as house:
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
                    storm = await _storm(house, visit, book, seed, seconds, pause)
                    marks.append(time.monotonic())
                    receiver.answers(200)
                    await settling.settle(house, visit, book, hurry=hurry, patience=patience)
                finally:
                    await house.end()
                marks.append(time.monotonic())
                report = Report(command, began, seed, book)
                report.audited = await _audited(house, receiver, book)
            marks.append(time.monotonic())
            report.passed = str(await clock.now() - world.BEGIN).partition(".")[0]
        finally:
            await startup.close()
        for at, what in book.internal:
            if not storm.was_away(at):
                book.wrong("no error of ours", f"INTERNAL for {what} at {at:%H:%M:%S}")
        report.logged = _logged(house)
    phases = ("start", "storm", "rest", "audit")
    report.seconds = {
        phase: end - begin for phase, begin, end in zip(phases, marks, marks[1:], strict=False)
    }
    return report


async def _storm(
    house: House, visit: Visit, book: Book, seed: int, seconds: float, pause: tuple[float, float]
) -> Storm:
    storm, stop = Storm(house, book, Random(seed), pause=pause), asyncio.Event()
    visiting = asyncio.create_task(load.visiting(visit, seed=seed, visitors=VISITORS, stop=stop))
    weather = [asyncio.create_task(storm.rage()), asyncio.create_task(storm.watch())]
    try:
        await asyncio.wait({visiting, *weather}, timeout=seconds, return_when="FIRST_COMPLETED")
        weather[0].cancel()
        with suppress(asyncio.CancelledError):
            await weather[0]
        await house.calm()
        stop.set()
        await visiting
    finally:
        for task in (*weather, visiting):
            task.cancel()
        await asyncio.gather(*weather, visiting, return_exceptions=True)
    return storm


async def _audited(house: House, receiver: Receiver, book: Book) -> dict[str, audit.Looked]:
    return {
        **await audit.audit(),
        "one key, one outcome": await outside.keys(book),
        "what counts as delivered came, always the same": await outside.deliveries(
            receiver.received
        ),
        "no half file is shown, and none is left": await outside.files(
            house.folder / "data" / "objects"
        ),
    }


def _logged(house: House) -> Counter[str]:
    """Lines of the logs, without what differs between two of a kind."""
    counted: Counter[str] = Counter()
    for member in house.members:
        for line in member.log.read_text(errors="replace").splitlines():
            if re.search(r"\b(WARNING|ERROR|CRITICAL)\b", line):
                text = re.sub(r"^.*?(WARNING|ERROR|CRITICAL)", r"\1", line)
                counted[re.sub(r"[0-9a-f-]{12,}|\d+", "…", text)[:140]] += 1
    return counted
