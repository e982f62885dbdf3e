"""Queries and mutations of supervised deliveries."""

from datetime import datetime
from uuid import UUID

import strawberry

from domain.fulfilment import appealing, delivering
from domain.identity.lists import may_list
from domain.identity.permissions import describe
from domain.identity.viewer import Viewer
from kit import ids
from kit.reads import Connection, root_connection, root_one
from resolvers.mutation import Outcome, mutation
from schema import service_supervision_changes as changes
from schema.service_supervision import (
    ServiceSupervision,
    ServiceSupervisionFilter,
    ServiceSupervisionOrder,
)

BEHALF = ("input", "onBehalfOf")


@strawberry.type
class ServiceSupervisionQuery:
    service_supervision: ServiceSupervision | None = root_one(
        "A supervised delivery by its id; null when you may not see it.", prefix="ssv"
    )
    service_supervisions: Connection[ServiceSupervision] = root_connection(
        "Supervised deliveries: a customer's own; those to a partner's customers, an account"
        " manager's being his own customers'; a merchant's own."
        f" {describe('serviceSupervisions')}",
        filter=ServiceSupervisionFilter,
        order=ServiceSupervisionOrder,
        guard=may_list("serviceSupervisions"),
    )


@strawberry.type
class ServiceSupervisionMutation:
    @mutation(
        "Say what you need of a supervised delivery (提交需求).",
        changes.ServiceRequirementSubmitPayload,
        requires=describe("serviceRequirementSubmit"),
    )
    async def service_requirement_submit(
        self, viewer: Viewer, input: changes.ServiceRequirementSubmitInput, now: datetime
    ) -> Outcome:
        row = await delivering.submit_requirement(
            viewer=viewer,
            supervision_id=_id(input.id),
            requirement=input.requirement,
            on_behalf_of=ids.optional("cus", input.on_behalf_of, path=BEHALF),
            now=now,
        )
        return Outcome(service_supervision=row.id)

    @mutation(
        "Take a buyer's requirement on: the delivery begins.",
        changes.ServiceRequirementConfirmPayload,
        requires=describe("serviceRequirementConfirm"),
    )
    async def service_requirement_confirm(
        self, viewer: Viewer, input: changes.ServiceSupervisionInput, now: datetime
    ) -> Outcome:
        row = await delivering.confirm(viewer=viewer, supervision_id=_id(input.id), now=now)
        return Outcome(service_supervision=row.id)

    @mutation(
        "Ask the buyer to say better what it needs.",
        changes.ServiceRequirementReturnPayload,
        requires=describe("serviceRequirementReturn"),
    )
    async def service_requirement_return(
        self, viewer: Viewer, input: changes.ServiceSupervisionReasonInput, now: datetime
    ) -> Outcome:
        row = await delivering.send_back(
            viewer=viewer, supervision_id=_id(input.id), reason=input.reason, now=now
        )
        return Outcome(service_supervision=row.id)

    @mutation(
        "Say that it is delivered: the buyer accepts it, or says what is wrong.",
        changes.ServiceDeliverPayload,
        requires=describe("serviceDeliver"),
    )
    async def service_deliver(
        self, viewer: Viewer, input: changes.ServiceSupervisionInput, now: datetime
    ) -> Outcome:
        row = await delivering.deliver(viewer=viewer, supervision_id=_id(input.id), now=now)
        return Outcome(service_supervision=row.id)

    @mutation(
        "Accept a delivery. The customer's own; its time runs from now on.",
        changes.ServiceAcceptPayload,
        requires=describe("serviceAccept"),
    )
    async def service_accept(
        self, viewer: Viewer, input: changes.ServiceSupervisionInput, now: datetime
    ) -> Outcome:
        row = await delivering.accept(viewer=viewer, supervision_id=_id(input.id), now=now)
        return Outcome(service_supervision=row.id)

    @mutation(
        "Send a delivery back, and say why (驳回). After the third time the merchant may appeal.",
        changes.ServiceRejectPayload,
        requires=describe("serviceReject"),
    )
    async def service_reject(
        self, viewer: Viewer, input: changes.ServiceSupervisionReasonInput, now: datetime
    ) -> Outcome:
        row = await delivering.reject(
            viewer=viewer, supervision_id=_id(input.id), reason=input.reason, now=now
        )
        return Outcome(service_supervision=row.id)

    @mutation(
        "Ask the platform to decide, after three rejections or five days of silence (申诉).",
        changes.ServiceAppealPayload,
        requires=describe("serviceAppeal"),
    )
    async def service_appeal(
        self, viewer: Viewer, input: changes.ServiceSupervisionReasonInput, now: datetime
    ) -> Outcome:
        row = await appealing.appeal(
            viewer=viewer, supervision_id=_id(input.id), reason=input.reason, now=now
        )
        return Outcome(service_supervision=row.id)

    @mutation(
        "Decide on a merchant's appeal.",
        changes.ServiceAppealDecidePayload,
        requires=describe("serviceAppealDecide"),
    )
    async def service_appeal_decide(
        self, viewer: Viewer, input: changes.ServiceAppealDecideInput, now: datetime
    ) -> Outcome:
        row = await appealing.decide(
            viewer=viewer,
            supervision_id=_id(input.id),
            granted=input.granted,
            reason=input.reason,
            now=now,
        )
        return Outcome(service_supervision=row.id)

    @mutation(
        "Have the platform look at a delivery itself when it is accepted.",
        changes.ServiceReviewRequirePayload,
        requires=describe("serviceReviewRequire"),
    )
    async def service_review_require(
        self, viewer: Viewer, input: changes.ServiceSupervisionInput, now: datetime
    ) -> Outcome:
        row = await appealing.require_review(viewer=viewer, supervision_id=_id(input.id), now=now)
        return Outcome(service_supervision=row.id)

    @mutation(
        "Confirm an accepted delivery, or send it back to its merchant (复核).",
        changes.ServiceReviewPayload,
        requires=describe("serviceReview"),
    )
    async def service_review(
        self, viewer: Viewer, input: changes.ServiceReviewInput, now: datetime
    ) -> Outcome:
        row = await appealing.review(
            viewer=viewer,
            supervision_id=_id(input.id),
            passed=input.passed,
            reason=input.reason,
            now=now,
        )
        return Outcome(service_supervision=row.id)


def _id(text: str) -> UUID:
    return ids.decode("ssv", text, path=("input", "id"))
