"""The dispatcher: claims what is due and hands it to the queue, or does it here without one."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from kit import metrics, tracing
from kit.faults import reach
from kit.leases import Claim
from kit.timers import TIMERS
from kit.transaction import transactional
from workers import ticks
from workers.effects import EFFECTS
from workers.jobs import JOBS
from workers.queue import Hint, Hints, QueueAway
from workers.ticks import TICKS

CLAIM = 20_000  # timers in one claim
BATCH = 1_000  # timers in one hint, and in one transaction

# Work that would wait longer than its lease is better left where the next claim finds it.
MOST_WAITING = 200

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Dispatcher:
    """Any number may run, anywhere: no two claims get the same row."""

    hints: Hints
    lease: timedelta

    async def dispatch(self, *, now: datetime) -> None:
        """Hand out every timer and tick that is due at `now`, what deadlines decide first."""
        await ticks.plan(now=now)
        while not await self._is_busy():
            claim = await _claim_timers(lease=self.lease, now=now)
            if claim.rows:
                reach("claim.after_commit")
                await self._hand_out(_hints_to_fire(claim))
                reach("hint.sent")
            if len(claim.rows) < CLAIM:
                break
        due = await TICKS.claim(lease=self.lease, limit=100, now=now)
        await self._hand_out(
            [
                Hint(
                    job="tick",
                    id=f"tick:{due.token.hex}:{row['id'].hex}",
                    arguments={"token": due.token.hex, "id": row["id"].hex},
                )
                for row in due.rows
            ]
        )

    async def _is_busy(self) -> bool:
        try:
            return await self.hints.waiting() >= MOST_WAITING
        except QueueAway:
            return False

    async def _hand_out(self, hints: list[Hint]) -> None:
        if not hints:
            return
        try:
            await self.hints.send(hints)
        except QueueAway:
            # What got through nevertheless will find its work done.
            await asyncio.gather(*(JOBS[hint.job]({}, **hint.arguments) for hint in hints))


@transactional
async def _claim_timers(*, lease: timedelta, now: datetime) -> Claim:
    claim = await TIMERS.claim(lease=lease, limit=CLAIM, now=now)
    unknown = [row["id"] for row in claim.rows if row["kind"] not in EFFECTS]
    if unknown:
        kinds = sorted({row["kind"] for row in claim.rows} - EFFECTS.keys())
        log.error("%d timers are dead: nothing is known of %s", len(unknown), ", ".join(kinds))
        await TIMERS.give_up(unknown, token=claim.token, reason="Nothing is known of this kind.")
        metrics.TIMER_FAILURES.labels("unknown", "dead").inc(len(unknown))
    if claim.rows:
        reach("claim.before_commit")
    return claim


def _hints_to_fire(claim: Claim) -> list[Hint]:
    by_kind: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in claim.rows:
        if row["kind"] in EFFECTS:
            by_kind[row["kind"]].append(row)
    return [
        Hint(
            job="fire",
            id=f"fire:{claim.token.hex}:{kind}:{start}",
            arguments={
                "kind": kind,
                "token": claim.token.hex,
                "ids": [row["id"].hex for row in rows[start : start + BATCH]],
                **_traces(rows[start : start + BATCH]),
            },
        )
        for kind, rows in by_kind.items()
        for start in range(0, len(rows), BATCH)
    ]


def _traces(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """The traces in which they were set, as many as a span may be linked to."""
    found = dict.fromkeys(row["traceparent"] for row in rows if row["traceparent"])
    return {"traces": list(found)[: tracing.LINKS]} if found else {}
