"""Moving the sandbox's clock."""

from datetime import datetime

import strawberry

from domain.identity.permissions import describe
from domain.identity.viewer import Viewer
from domain.sandbox import clock
from resolvers.mutation import Outcome, mutation
from schema.sandbox import SandboxAdvanceClockInput, SandboxAdvanceClockPayload


@strawberry.type
class SandboxMutation:
    @mutation(
        "Move the business time of a sandbox forward, for everybody and for good. What falls due on"
        " the way happens within a second or two.",
        SandboxAdvanceClockPayload,
        requires=describe("sandboxAdvanceClock"),
    )
    async def sandbox_advance_clock(
        self, viewer: Viewer, input: SandboxAdvanceClockInput, now: datetime
    ) -> Outcome:
        return Outcome(now=await clock.advance(viewer=viewer, by=input.by, now=now))
