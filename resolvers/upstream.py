"""Queries and mutations of what other systems are asked."""

from datetime import datetime, timedelta
from uuid import UUID

import strawberry

from domain.identity.permissions import describe, require
from domain.identity.viewer import Viewer
from domain.upstream import operating, simulator
from kit import ids
from kit.reads import Connection, root_connection, root_one
from resolvers.mutation import Outcome, mutation
from schema import upstream as schema
from schema.upstream import UpstreamRequest, UpstreamRequestFilter, UpstreamRequestOrder


def _may_list(viewer: Viewer) -> None:
    require(viewer, "upstreamRequests")


@strawberry.type
class UpstreamQuery:
    upstream_request: UpstreamRequest | None = root_one(
        "A request to another system by its id; null when you may not see it.", prefix="upr"
    )
    upstream_requests: Connection[UpstreamRequest] = root_connection(
        f"What other systems were asked, and answered. {describe('upstreamRequests')}",
        filter=UpstreamRequestFilter,
        order=UpstreamRequestOrder,
        guard=_may_list,
    )


@strawberry.type
class UpstreamMutation:
    @mutation(
        "Ask another system anew for what was given up.",
        schema.UpstreamRequestRetryPayload,
        requires=describe("upstreamRequestRetry"),
    )
    async def upstream_request_retry(
        self, viewer: Viewer, input: schema.UpstreamRequestRetryInput, now: datetime
    ) -> Outcome:
        request = await operating.retry(viewer=viewer, request_id=_id(input.id), now=now)
        return Outcome(upstream_request=request.id)

    @mutation(
        "Record what a system has answered by mail or telephone: it counts like its own answer.",
        schema.UpstreamAnswerRecordPayload,
        requires=describe("upstreamAnswerRecord"),
    )
    async def upstream_answer_record(
        self, viewer: Viewer, input: schema.UpstreamAnswerRecordInput, now: datetime
    ) -> Outcome:
        request = await operating.record_answer(
            viewer=viewer,
            request_id=_id(input.id),
            ok=input.ok,
            reference=input.reference,
            code=input.code,
            now=now,
        )
        return Outcome(upstream_request=request.id)

    @mutation(
        "Let a sandbox's simulator answer in the place of a system as told, for everybody.",
        schema.SandboxUpstreamSetPayload,
        requires=describe("sandboxUpstreamSet"),
    )
    async def sandbox_upstream_set(
        self, viewer: Viewer, input: schema.SandboxUpstreamSetInput, now: datetime
    ) -> Outcome:
        told = await simulator.behave(
            viewer=viewer,
            system=input.system,
            behaviour=input.behaviour,
            after=input.after or timedelta(),
            now=now,
        )
        return Outcome(behaviour=told.behaviour)


def _id(text: str) -> UUID:
    return ids.decode("upr", text, path=("input", "id"))
