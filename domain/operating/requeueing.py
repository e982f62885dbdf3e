"""Trying again what was given up, one by one or by a filter, and saying what that can't help.

Nothing is done twice by it: a deadline's effect checks for itself whether there is still something
to do. What was decided meanwhile isn't tried again but closed, and the answer says so.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.audit import events
from domain.exports import requesting
from domain.identity.permissions import require
from domain.identity.viewer import Viewer
from domain.operating.backlogs import Queue
from domain.operating.dead import DEAD, Dead, Wanted
from domain.operating.timers_dead import judged, lock_subjects
from domain.upstream import operating as upstream
from kit import clock, database, ids, texts
from kit.ids import new_id
from kit.problems import InvalidInput, Problem
from kit.transaction import transactional
from models.exports import Export

_TOLD = 100  # of what was left alone, and of what was done


class NotGivenUp(Problem):
    """It isn't dead: it waits, is done, or doesn't exist."""

    en = "It was not given up: it waits, is done, or there is no such thing."
    zh = "该任务并未失败:仍在等待、已完成或不存在。"


class EndpointGone(Problem):
    """A delivery whose endpoint was deleted can't arrive any more."""

    en = "Its webhook endpoint was deleted: it can't be delivered any more."
    zh = "其 webhook 端点已删除,无法再投递。"


class CreatorLostRight(Problem):
    """An export that its creator may no longer see is not made by another's wish."""

    en = "Its creator may no longer see that list: it stays as it is."
    zh = "创建者已无权查看该列表,导出保持失败状态。"


_STAYS: Mapping[Queue, type[Problem]] = {
    Queue.DELIVERIES: EndpointGone,
    Queue.EXPORTS: CreatorLostRight,
}


@dataclass(kw_only=True)
class Requeued:
    """How many met the wish, were set going again, were closed since decided, left for later.

    `skipped` are those of the first hundred left alone or closed, by id, each with why.
    """

    matched: int
    requeued: int = 0
    decided: int = 0
    left: int = 0
    skipped: dict[str, Problem] = field(default_factory=dict)


@transactional
async def requeue(
    *,
    viewer: Viewer,
    queue: Queue,
    wanted: Wanted,
    reason: str,
    dry_run: bool,
    now: datetime,
) -> Requeued:
    """Set going again what was given up, with all its attempts anew; `dry_run` only counts.

    At most 10,000 at a time, the longest due first (500 exports or requests to other systems);
    the rest is `left` for the next call. Raises InvalidInput for a wish that says nothing.
    """
    require(viewer, "opsRequeue")
    reason = texts.reason(reason)
    dead = DEAD[queue]
    _check(dead, queue, wanted)
    condition, values = wanted.over(dead)
    counted = await database.row(
        f"select count(*) from {dead.backlog.table} where {condition}", *values
    )
    assert counted is not None
    # What stays dead comes last, or it would take the places of what doesn't at each call.
    rows = await database.rows(
        f"select id, {dead.kind} as kind, {dead.stays} as stays from {dead.backlog.table}"
        f" where {condition} order by stays, {dead.backlog.owed}, id limit {dead.most}",
        *values,
    )
    outcome = Requeued(matched=counted["count"], left=counted["count"] - len(rows))
    _miss(outcome, dead, wanted, rows)
    going = await _judge(queue, rows, outcome, dry_run=dry_run, now=now)
    outcome.requeued = len(going)
    if dry_run:
        return outcome

    outcome.requeued = await _set_going(queue, going, viewer=viewer, now=now)
    await events.record(
        "work.requeued",
        actor=viewer,
        subject_type="work",
        subject_id=new_id(),
        tenant_id=events.PLATFORM_TENANT,
        reason=reason,
        at=now,
        after={
            "queue": queue.value,
            **wanted.said(),
            "requeued": outcome.requeued,
            "decided": outcome.decided,
            "left": outcome.left,
            "first": [ids.encode(dead.prefix, id) for id in going[:_TOLD]],
        },
    )
    return outcome


def _check(dead: Dead, queue: Queue, wanted: Wanted) -> None:
    if wanted.is_all:
        raise InvalidInput(
            reason="Say which: ids, or a filter with at least one condition.",
            reason_zh="须指定 ID,或至少一个筛选条件。",
            path=("input",),
        )
    if dead.tenant is None and wanted.partner_id is not None:
        raise InvalidInput(
            reason=f"{queue.value} are of no partner.",
            reason_zh="该队列不区分伙伴。",
            path=("input", "filter", "partnerId"),
        )


def _miss(outcome: Requeued, dead: Dead, wanted: Wanted, rows: Sequence[Mapping[str, Any]]) -> None:
    found = {row["id"] for row in rows}
    for id in wanted.ids or ():
        if id not in found:
            outcome.skipped[ids.encode(dead.prefix, id)] = NotGivenUp()


def _skip(outcome: Requeued, queue: Queue, id: UUID, problem: Problem) -> None:
    if len(outcome.skipped) < _TOLD:
        outcome.skipped[ids.encode(DEAD[queue].prefix, id)] = problem


async def _judge(
    queue: Queue,
    rows: Sequence[Mapping[str, Any]],
    outcome: Requeued,
    *,
    dry_run: bool,
    now: datetime,
) -> list[UUID]:
    """Those that can be set going, in order; the others are told, and closed where decided."""
    if queue is Queue.TIMERS:
        return await _judge_timers(rows, outcome, dry_run=dry_run, now=now)
    for row in rows:
        if row["stays"]:
            _skip(outcome, queue, row["id"], _STAYS[queue]())
    return [row["id"] for row in rows if not row["stays"]]


async def _judge_timers(
    rows: Sequence[Mapping[str, Any]], outcome: Requeued, *, dry_run: bool, now: datetime
) -> list[UUID]:
    by_kind: defaultdict[str, list[UUID]] = defaultdict(list)
    for row in rows:
        by_kind[row["kind"]].append(row["id"])
    refused: dict[UUID, Problem] = {}
    for kind, timer_ids in sorted(by_kind.items()):
        if not dry_run:
            await lock_subjects(kind, timer_ids)
        refused |= await judged(kind, timer_ids)
    closing = [id for id, problem in refused.items() if problem.code != "KIND_UNKNOWN"]
    outcome.decided = len(closing)
    if closing and not dry_run:
        await database.execute(
            "update timer set state = 'CANCELLED' where id = any($1) and state = 'DEAD'", closing
        )
    for id, problem in refused.items():
        _skip(outcome, Queue.TIMERS, id, problem)
    return [row["id"] for row in rows if row["id"] not in refused]


async def _set_going(queue: Queue, wanted: Sequence[UUID], *, viewer: Viewer, now: datetime) -> int:
    dead = DEAD[queue]
    if queue is Queue.EXPORTS:
        held = Export.filter(id__in=list(wanted), state="FAILED").select_for_update(no_key=True)
        exports = await held.order_by("id")
        for export in exports:
            await requesting.begin_anew(export, viewer=viewer, now=now)
        return len(exports)
    if queue is Queue.UPSTREAM:
        for id in sorted(wanted):
            await upstream.retry(viewer=viewer, request_id=id, now=now)
        return len(wanted)
    assert dead.anew is not None
    return await database.execute(
        f"update {dead.backlog.table} set {dead.anew.format(now='$2::timestamptz')}"
        f" where id = any($1) and {dead.backlog.dead}",
        list(wanted),
        clock.wall() if dead.backlog.by_wall else now,
    )
