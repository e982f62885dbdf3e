"""How timers do under load and at rest: `python -m bench.timers [how many]`.

So many invitations fall due in the same instant, and one worker, started as an operator would start
it, expires them. Then it has nothing to do, and is watched doing that. Real servers on a durable
directory; everything is checked for exactly once.
"""

import asyncio
import os
import sys
import time
from asyncio.subprocess import Process
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from tortoise import Tortoise
from tortoise.migrations.api import migrate

from bench.notes import note
from bench.servers import thrown_away
from domain.members.deadlines import EXPIRE
from kit import clock, database
from models import MODULES
from partner_center.embedded import Embedded
from tests.timers.subjects import pending

PARTNERS = 50
IDLE = 30.0  # seconds
SECONDS, SHARE = 15.0, 0.02  # targets: all fired, and of a core at rest


async def measure(count: int, embedded: Embedded) -> bool:
    """Print what was measured; whether the targets were met."""
    config = {
        "connections": {"default": embedded.database_url},
        "apps": {"models": {"models": MODULES, "migrations": "models.migrations"}},
    }
    await migrate(config=config)
    await Tortoise.close_connections()
    await Tortoise.init(config=config, _enable_global_fallback=True)
    due_at = clock.wall() + timedelta(seconds=10 + count / 2_500)
    for _ in range(PARTNERS):
        await pending(count // PARTNERS, due_at=due_at, kind=EXPIRE)
    await database.rows("analyze")
    worker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "partner_center", "worker"),
        env=os.environ
        | {
            "DATABASE_URL": embedded.database_url,
            "REDIS_URL": embedded.redis_url,
            "DATA_DIR": str(embedded.data_dir / "worker"),
            "SECRET_KEY": "for this measurement, and for nothing else",
            "LOG_LEVEL": "WARNING",
        },
    )
    try:
        return await _burst(worker, count, due_at) & await _idleness(worker)
    finally:
        worker.terminate()
        await worker.wait()
        await Tortoise.close_connections()


async def _burst(worker: Process, count: int, due_at: datetime) -> bool:
    await asyncio.sleep((due_at - clock.wall()).total_seconds())
    before = _cpu([worker.pid]), _cpu(await _backends())
    while await database.row(
        "select 1 from timer where state = 'SCHEDULED' and kind = $1 limit 1", EXPIRE
    ):
        assert worker.returncode is None, "the worker has ended"
        await asyncio.sleep(0.2)
    took = (clock.wall() - due_at).total_seconds()
    after = _cpu([worker.pid]), _cpu(await _backends())
    print(f"{count} due in one instant: all fired {took:.1f} s after it")
    print(f"    CPU: worker {after[0] - before[0]:.1f} s, PostgreSQL {after[1] - before[1]:.1f} s")
    row = await database.row(
        """
        select max(lateness_ms) as latest,
            percentile_disc(0.5) within group (order by lateness_ms) as median,
            count(*) filter (where state <> 'FIRED') as unfired
        from timer where kind = $1""",
        EXPIRE,
    )
    wrong = await database.row(
        """
        select count(*) filter (where status <> 'EXPIRED') as unexpired,
            count(*) filter (where 1 <> (
                select count(*) from event where subject_id = member_invitation.id
                    and name = 'member_invitation.expired')) as not_told_once
        from member_invitation"""
    )
    assert row is not None
    assert wrong is not None
    median, latest = row["median"] / 1000, row["latest"] / 1000
    print(f"    as recorded: half {median:.1f} s late, the last {latest:.1f} s")
    print(f"    wrong: {wrong | {'unfired': row['unfired']}}")
    note(
        f"{count:,} timers due in one instant: all fired",
        f"{took:.1f} s later",
        target=f"{SECONDS:.0f} s",
        is_met=took <= SECONDS and not row["unfired"] and not any(wrong.values()),
    )
    return took <= SECONDS and not row["unfired"] and not any(wrong.values())


async def _idleness(worker: Process) -> bool:
    await database.execute("delete from mail")  # which go out for minutes yet
    while await database.row("select 1 from event where position is null limit 1"):  # noqa: ASYNC110
        await asyncio.sleep(1)
    await asyncio.sleep(5)
    began, before = time.monotonic(), _cpu([worker.pid])
    await asyncio.sleep(IDLE)
    share = (_cpu([worker.pid]) - before) / (time.monotonic() - began)
    print(f"at rest: the worker takes {100 * share:.2f} % of a core over {IDLE:.0f} s")
    note(
        "a worker at rest",
        f"{100 * share:.2f} % of a core",
        target=f"{100 * SHARE:.0f} %",
        is_met=share <= SHARE,
    )
    return share <= SHARE


async def _backends() -> list[int]:
    found = await database.rows("select pid from pg_stat_activity where pid <> pg_backend_pid()")
    return [row["pid"] for row in found]


def _cpu(pids: Sequence[int]) -> float:
    """Seconds of CPU that the processes have used so far."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Measure with servers of our own; end with 1 if a target was missed."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with (
        thrown_away() as data_dir,
        Embedded(data_dir) as embedded,
    ):
        met = asyncio.run(measure(count, embedded))
    sys.exit(not met)


if __name__ == "__main__":
    main()
