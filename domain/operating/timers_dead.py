"""Whether a dead timer has still something to do: what its subject has come to meanwhile."""

from collections.abc import Sequence
from uuid import UUID

from domain.operating import kinds
from kit import database
from kit.problems import Problem


class SubjectDecided(Problem):
    """Somebody, or something, has decided what the deadline was to decide."""

    en = "What it was about is decided already: trying again would have no effect."
    zh = "相关事项已有结果,重试不会产生任何影响。"


class Superseded(Problem):
    """The subject has a newer timer of the kind, which waits."""

    en = "A newer deadline has taken its place."
    zh = "该期限已被新的期限取代。"


class KindUnknown(Problem):
    """This release knows no effect for such timers; one that does is to be deployed first."""

    en = "This release knows nothing of its kind."
    zh = "当前版本不识别该类定时任务。"


async def lock_subjects(kind: str, timer_ids: Sequence[UUID]) -> None:
    """Hold what the timers are about, as whoever sets or cancels them does."""
    waits = kinds.waiting_of(kind)
    if waits is not None:
        await database.rows(
            f"select id from {waits.table} where id = any(array("
            "select subject_id from timer where id = any($1))) order by id for no key update",
            list(timer_ids),
        )


async def judged(kind: str, timer_ids: Sequence[UUID]) -> dict[UUID, Problem]:
    """Why not, by id, for those timers of the kind that have nothing to do any more."""
    waits = kinds.waiting_of(kind)
    if waits is None:
        return {id: KindUnknown() for id in timer_ids}
    # By the same condition as the sweep's, as of just before the timer was due: what a deadline
    # itself ends (the time to be reminded in) must not count as decided.
    rows = await database.rows(
        f"""
        select timer.id,
          exists (select from timer newer where newer.kind = timer.kind
            and newer.subject_id = timer.subject_id
            and (newer.state = 'SCHEDULED' or newer.generation > timer.generation)) as superseded,
          exists (
            select from {waits.table}
            cross join (select timer.due_at - interval '1 microsecond' as now) as moment
            where {waits.table}.id = timer.subject_id and ({waits.live})) as waits
        from timer where id = any($1) order by id""",
        list(timer_ids),
    )
    found: dict[UUID, Problem] = {}
    for row in rows:
        if row["superseded"]:
            found[row["id"]] = Superseded()
        elif not row["waits"]:
            found[row["id"]] = SubjectDecided()
    return found
