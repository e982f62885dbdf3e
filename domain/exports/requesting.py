"""Asking for an export, taking it back, asking for it anew."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.exports import guards, history
from domain.exports.lists import LISTS, Exported
from domain.exports.policy import EXPORTS, tenant_of
from domain.exports.viewing import frozen
from domain.identity import permissions
from domain.identity.viewer import Viewer
from kit import database, tracing
from kit.guards import refuse
from kit.ids import new_id
from kit.problems import NotFound, Problem
from kit.transaction import transactional
from models.exports import Export, ExportFormat, ExportLanguage
from models.exports import ExportState as State

MOST_WAITING = 20  # of one creator


class TooManyExports(Problem):
    """Twenty that wait or run are enough for one person."""

    en = "You have {maximum} exports that aren't done yet; wait for one, or cancel it."
    zh = "您已有 {maximum} 个未完成的导出任务,请等待完成或先取消。"
    about = {"maximum": "How many one may have."}
    retryable = True
    maximum: int = MOST_WAITING


@transactional
async def create(
    *,
    viewer: Viewer,
    listing: str,
    arguments: Mapping[str, Any],
    parent_id: UUID | None,
    columns: Sequence[str] | None,
    format: ExportFormat,
    language: ExportLanguage,
    csv_bom: bool,
    now: datetime,
) -> Export:
    """Queue an export of a list; `arguments` are the list's own, as JSON.

    What the list would refuse is refused here, too: no right, a filter out of reach.
    """
    permissions.require(viewer, "exportCreate")
    wanted = LISTS[listing]
    wanted.guard(viewer)
    try:
        wanted.listing.check(wanted.listing.read(arguments), now=now)
        await _require_parent(wanted, parent_id, viewer=viewer, now=now)
    except Problem as problem:
        problem.path = ("input", "list", listing, *problem.path)
        raise
    chosen = wanted.chosen(columns, path=("input", "columns"))
    assert viewer.actor_id is not None
    await _refuse_too_many(viewer.actor_id)

    export = Export(
        id=new_id(),
        created_at=now,
        tenant_id=tenant_of(viewer),
        created_by=viewer.actor_id,
        creator_name=viewer.display_name,
        viewer=frozen(viewer),
        listing=listing,
        title=wanted.titles[ExportLanguage.ZH],
        title_en=wanted.titles[ExportLanguage.EN],
        arguments=dict(arguments),
        parent_id=parent_id,
        columns=chosen,
        format=format,
        language=language,
        csv_bom=csv_bom and format is ExportFormat.CSV,
        next_attempt_at=now,
        traceparent=tracing.current(),
    )
    await export.insert()
    await history.record(
        "requested",
        export,
        viewer=viewer,
        after={"list": listing, "format": format.value, "state": State.QUEUED.value},
        now=now,
    )
    return export


@transactional
async def cancel(*, viewer: Viewer, export_id: UUID, now: datetime) -> Export:
    """Take it back before it is done; a worker that is at it finds out within seconds."""
    permissions.require(viewer, "exportCancel")
    export = await EXPORTS.lock(Export, export_id, viewer=viewer, now=now, thing="export")
    refuse(guards.cancel(export, viewer, now))
    before = export.state
    export.state = before.to(State.CANCELLED)
    export.finished_at = now
    await _move(export, "cancelled", before, viewer, now)
    return export


@transactional
async def retry(*, viewer: Viewer, export_id: UUID, now: datetime) -> Export:
    """Ask for the same anew, of what there is now; never for more than when it was asked first.

    Raises TooManyExports, as `create` does.
    """
    permissions.require(viewer, "exportRetry")
    export = await EXPORTS.lock(Export, export_id, viewer=viewer, now=now, thing="export")
    refuse(guards.retry(export, viewer, now))
    await _refuse_too_many(export.created_by)
    return await begin_anew(export, viewer=viewer, now=now)


async def begin_anew(export: Export, *, viewer: Viewer, now: datetime) -> Export:
    """Queue an export that has ended once more; it is held, and the caller has judged it."""
    before = export.state
    export.state = guards.state_at(export, now).to(State.QUEUED)
    export.failure = None  # type: ignore[assignment]
    export.attempts = export.rows_done = export.busy_ms = 0
    export.next_attempt_at = now
    export.started_at = export.finished_at = export.expires_at = None
    export.rows_expected = export.size = None
    export.sha256 = None
    export.last_error = None
    await _move(export, "retried", before, viewer, now)
    return export


async def _refuse_too_many(creator_id: UUID) -> None:
    # One after the other, so that two at once can't both be the twentieth.
    await database.execute(
        "select pg_advisory_xact_lock(hashtextextended($1, 0))", f"exports of {creator_id}"
    )
    waiting = Export.filter(created_by=creator_id, state__in=[State.QUEUED, State.RUNNING])
    if await waiting.count() >= MOST_WAITING:
        raise TooManyExports()


async def _move(
    export: Export, happened: str, before: State, viewer: Viewer, now: datetime
) -> None:
    export.lease_token = export.leased_until = export.leased_by = None
    export.version += 1
    await export.save(
        update_fields=[
            *("state", "failure", "attempts", "next_attempt_at", "lease_token", "leased_until"),
            *("leased_by", "last_error", "started_at", "rows_expected", "rows_done", "busy_ms"),
            *("finished_at", "expires_at", "size", "sha256", "version"),
        ]
    )
    await history.record(
        happened,
        export,
        viewer=viewer,
        before={"state": before.value},
        after={"state": export.state.value},
        now=now,
    )


async def _require_parent(
    wanted: Exported, parent_id: UUID | None, *, viewer: Viewer, now: datetime
) -> None:
    if parent_id is None:
        return
    parent = wanted.listing.parent
    assert parent is not None
    thing = parent.name.rpartition("_")[2]
    if not await parent.scope.sees(parent.model, parent_id, viewer=viewer, now=now):
        raise NotFound(thing=thing, path=(f"{thing}Id",))
