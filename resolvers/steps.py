"""Mutations of step-up verification."""

from datetime import datetime

import strawberry

from domain.identity import steps
from domain.identity.permissions import describe
from domain.identity.viewer import Viewer
from kit.masking import mask_email
from resolvers.mutation import Outcome, mutation
from schema.steps import (
    PartnerStepUpSetInput,
    PartnerStepUpSetPayload,
    StepUpCodeRequestInput,
    StepUpCodeRequestPayload,
)


@strawberry.type
class StepUpMutation:
    @mutation(
        "Have a code mailed to you for one sensitive operation; it is good for ten minutes and five"
        " attempts. A new code makes the one before void; three in ten minutes are the most.",
        StepUpCodeRequestPayload,
        requires=describe("stepUpCodeRequest"),
    )
    async def step_up_code_request(
        self, viewer: Viewer, input: StepUpCodeRequestInput, now: datetime
    ) -> Outcome:
        code = await steps.request_code(viewer=viewer, operation=input.operation, now=now)
        return Outcome(
            sent_to=mask_email(viewer.email) if viewer.email else None, expires_at=code.expires_at
        )

    @mutation(
        "Let sensitive operations of your partner ask for a code from a mail, or no longer.",
        PartnerStepUpSetPayload,
        requires=describe("partnerStepUpSet"),
    )
    async def partner_step_up_set(
        self, viewer: Viewer, input: PartnerStepUpSetInput, now: datetime
    ) -> Outcome:
        partner = await steps.set_enabled(
            viewer=viewer, enabled=input.enabled, code=input.step_up_code, now=now
        )
        return Outcome(partner=partner.id)
