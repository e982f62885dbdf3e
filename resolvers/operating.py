"""What operators see of timed work, and do about it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, TypeVar
from uuid import UUID

import strawberry

from domain.identity.permissions import describe, require
from domain.identity.viewer import Viewer
from domain.operating import lateness, pausing, requeueing, standing
from domain.operating.backlogs import Queue
from domain.operating.dead import DEAD, Wanted
from domain.operating.policy import LATE
from kit import batches, ids, texts
from kit.reads import Connection, root_connection
from resolvers.mutation import Outcome, mutation
from schema import operating as types
from schema import operating_changes as schema
from schema import operating_lists as lists
from schema.context import Context
from schema.exports import Export, ExportFilter, ExportOrder
from schema.ranges import DateTimeRange
from schema.scalars import DateTime, Duration

T = TypeVar("T")
Info = strawberry.Info[Context, None]
Span = Annotated[
    DateTimeRange | None,
    strawberry.argument(description="In which span, 31 days at most; the last 24 hours if unsaid."),
]
LONGEST_ERROR = 200


def _may(viewer: Viewer) -> None:
    require(viewer, "ops")


@strawberry.type(description="Timed work, for those who operate the platform.")
class Ops:
    timers: Connection[types.OpsTimer] = root_connection(
        "Timers that wait, the next first; what is due and isn't fired is late or held.",
        filter=lists.OpsTimerFilter,
        order=lists.OpsTimerOrder,
        where="{t}.state = 'SCHEDULED'",
        guard=_may,
    )
    dead_timers: Connection[types.OpsTimer] = root_connection(
        "Timers that were given up after eight attempts, the latest due first.",
        filter=lists.OpsTimerFilter,
        where="{t}.state = 'DEAD'",
        default_order="due_at",
        guard=_may,
    )
    fired_timers: Connection[types.OpsTimer] = root_connection(
        "Timers that had their effect, the latest first.",
        filter=lists.OpsFiredTimerFilter,
        where="{t}.state = 'FIRED' and {t}.fired_at is not null",
        default_order="fired_at",
        guard=_may,
    )
    ticks: Connection[types.OpsTick] = root_connection(
        "Runs of periodic work, the latest first.",
        filter=lists.OpsTickFilter,
        default_order="scheduled_for",
        guard=_may,
    )
    mails: Connection[types.OpsMail] = root_connection(
        "Mails, the latest first.", filter=lists.OpsMailFilter, guard=_may
    )
    # By id, which rises like the time: so both its indexes are walked.
    texts: Connection[types.OpsText] = root_connection(
        "Text messages, the latest first.",
        filter=lists.OpsTextFilter,
        default_order="id",
        guard=_may,
    )
    deliveries: Connection[types.OpsDelivery] = root_connection(
        "Webhooks of all partners, the latest first.",
        filter=lists.OpsDeliveryFilter,
        guard=_may,
    )
    exports: Connection[Export] = root_connection(
        "Exports of everybody.", filter=ExportFilter, order=ExportOrder, guard=_may
    )
    pauses: Connection[types.OpsPause] = root_connection(
        "What is held, and was, the latest first.", filter=lists.OpsPauseFilter, guard=_may
    )

    @strawberry.field(description="Every queue, and how it stands.")
    async def queues(self, info: Info) -> list[types.OpsQueue]:
        context = info.context
        found = await standing.queues(viewer=context.viewer, now=context.now)
        return [_told(types.OpsQueue, each) for each in found]

    @strawberry.field(
        description="Every kind of timers and all periodic work, and how it stands; these names are"
        " what `opsPause` takes."
    )
    async def kinds(self, info: Info) -> list[types.OpsKind]:
        context = info.context
        found = await standing.kinds_at(viewer=context.viewer, now=context.now)
        return [_told(types.OpsKind, each) for each in found]

    @strawberry.field(
        description="How late timers were that fired in a span, by kind, the worst first."
    )
    async def lateness(self, info: Info, fired: Span = None) -> list[types.OpsLateness]:
        context = info.context
        found = await lateness.by_kind(viewer=context.viewer, **_ends(fired), now=context.now)
        return [_told(types.OpsLateness, each) for each in found]

    @strawberry.field(
        description="What came late in a span, as after an outage or a pause, and what is late now."
        " `firedTimers(filter: {isLate: true})` has them one by one."
    )
    async def late_report(
        self,
        info: Info,
        fired: Span = None,
        over: Annotated[
            Duration | None,
            strawberry.argument(description="Later than this; two minutes if unsaid."),
        ] = None,
    ) -> types.OpsLateReport:
        context = info.context
        found = await lateness.report(
            viewer=context.viewer,
            **_ends(fired),
            over=LATE if over is None else timedelta(seconds=over.total_seconds()),
            now=context.now,
        )
        told: types.OpsLateReport = _told(types.OpsLateReport, found)
        told.kinds = [_told(types.OpsLateKind, each) for each in found.kinds]
        return told


@strawberry.type
class OperatingQuery:
    @strawberry.field(
        description=f"How timed work stands, for those who operate it. {describe('ops')}"
    )
    def ops(self, info: Info) -> Ops:
        _may(info.context.viewer)
        return Ops.__new__(Ops)  # it has no facts of its own: each field is read by itself


@strawberry.type
class OperatingMutation:
    @mutation(
        "Try again what was given up, one by one or by a filter; safe at any time, for whatever is"
        " done by now is not done again.",
        schema.OpsRequeuePayload,
        requires=describe("opsRequeue"),
    )
    async def ops_requeue(
        self, viewer: Viewer, input: schema.OpsRequeueInput, now: datetime, context: Context
    ) -> Outcome:
        found = await requeueing.requeue(
            viewer=viewer,
            queue=input.queue,
            wanted=_wanted(input.queue, input.ids, input.filter),
            reason=input.reason,
            dry_run=input.dry_run,
            now=now,
        )
        return Outcome(
            matched_count=found.matched,
            requeued_count=found.requeued,
            decided_count=found.decided,
            left_count=found.left,
            skipped=[
                schema.OpsSkipped(
                    id=strawberry.ID(id),
                    code=problem.code,
                    message=problem.in_words(context.locale),
                )
                for id, problem in found.skipped.items()
            ],
        )

    @mutation(
        "Hold a kind of timed work, or all timers of a partner. When this answers, none of it is"
        " under way; nothing is lost, and deadlines hold all the same.",
        schema.OpsPausePayload,
        requires=describe("opsPause"),
    )
    async def ops_pause(
        self, viewer: Viewer, input: schema.OpsPauseInput, now: datetime
    ) -> Outcome:
        held = await pausing.pause(
            viewer=viewer,
            kind=input.kind,
            partner_id=ids.optional("ptn", input.partner_id, path=("input", "partnerId")),
            reason=input.reason,
            now=now,
        )
        return Outcome(ops_pause=held.id)

    @mutation(
        "End a pause: what has waited comes now, late, the longest due first.",
        schema.OpsResumePayload,
        requires=describe("opsResume"),
    )
    async def ops_resume(
        self, viewer: Viewer, input: schema.OpsResumeInput, now: datetime
    ) -> Outcome:
        ended = await pausing.resume(
            viewer=viewer,
            pause_id=ids.decode("pau", input.id, path=("input", "id")),
            reason=input.reason,
            now=now,
        )
        return Outcome(ops_pause=ended.id)


def _wanted(
    queue: Queue, given: Sequence[str] | None, filter: schema.OpsDeadFilter | None
) -> Wanted:
    path = ("input", "filter")
    wanted: tuple[UUID, ...] | None = None
    if given is not None:
        decoded = [ids.decode(DEAD[queue].prefix, id, path=("input", "ids")) for id in given]
        wanted = tuple(batches.checked(decoded, path=("input", "ids")))
    if filter is None:
        return Wanted(ids=wanted)
    return Wanted(
        ids=wanted,
        kind=texts.optional(filter.kind, longest=160, path=(*path, "kind")),
        partner_id=ids.optional("ptn", filter.partner_id, path=(*path, "partnerId")),
        due_from=filter.due.from_ if filter.due else None,
        due_to=filter.due.to if filter.due else None,
        error=texts.optional(filter.error, longest=LONGEST_ERROR, path=(*path, "error")),
    )


def _ends(span: DateTimeRange | None) -> dict[str, Any]:
    return {"from_": span and span.from_, "to": span and span.to}


def _told(as_: type[T], found: Any) -> T:
    """The same facts as a type of the API; moments are its own."""
    facts = {
        name: DateTime(value) if isinstance(value, datetime) else value
        for name, value in vars(found).items()
    }
    return as_(**facts)
