"""Queries and mutations of changes of associations."""

from datetime import datetime
from uuid import UUID

import strawberry

from domain.associations import changes, deciding
from domain.identity.lists import may_list
from domain.identity.permissions import describe
from domain.identity.viewer import Viewer
from kit import ids
from kit.reads import Connection, root_connection, root_one
from resolvers.mutation import Outcome, mutation
from schema import association_change_inputs as inputs
from schema.association_change_lists import AssociationChangeFilter, AssociationChangeOrder
from schema.association_changes import AssociationChange

_SIDES = "For the customer, and for its partner's operators with ASSOCIATION_CHANGE."


@strawberry.type
class AssociationChangeQuery:
    association_change: AssociationChange | None = root_one(
        "A change of an association by its id; null when you may not see it.", prefix="ach"
    )
    association_changes: Connection[AssociationChange] = root_connection(
        "Changes of the associations that you may see; an account manager's are those of his"
        f" customers. {describe('associationChanges')}",
        filter=AssociationChangeFilter,
        order=AssociationChangeOrder,
        guard=may_list("associationChanges"),
    )
    association_review_queue: Connection[AssociationChange] = root_connection(
        "Wishes to end agency associations that wait for the platform's pre-review."
        f" {describe('associationReviewQueue')}",
        where="{t}.status = 'PRE_REVIEW'",
        filter=AssociationChangeFilter,
        order=AssociationChangeOrder,
        guard=may_list("associationReviewQueue"),
    )


@strawberry.type
class AssociationChangeMutation:
    @mutation(
        "Ask the other side for a switch of the type of an association (切换关联类型). All checks"
        " that fail are told at once; one change in three months may be asked for.",
        inputs.AssociationSwitchRequestPayload,
        requires=_SIDES,
    )
    async def association_switch_request(
        self, viewer: Viewer, input: inputs.AssociationSwitchRequestInput, now: datetime
    ) -> Outcome:
        change = await changes.request_switch(
            viewer=viewer,
            customer_id=_customer(input.customer_id),
            to_type=input.to_type,
            understood=input.understood,
            reason=input.reason,
            step_up_code=input.step_up_code,
            now=now,
        )
        return Outcome(association_change=change.id)

    @mutation(
        "Ask the other side for the end of an association (解除关联); the platform reviews it first"
        " when it is an agency association. Limits and checks as for a switch.",
        inputs.AssociationEndRequestPayload,
        requires=_SIDES,
    )
    async def association_end_request(
        self, viewer: Viewer, input: inputs.AssociationEndRequestInput, now: datetime
    ) -> Outcome:
        change = await changes.request_end(
            viewer=viewer,
            customer_id=_customer(input.customer_id),
            reason=input.reason,
            understood=input.understood,
            step_up_code=input.step_up_code,
            now=now,
        )
        return Outcome(association_change=change.id)

    @mutation(
        "Agree to what the other side asks for. It is done within seconds, unless a check fails by"
        " then: read it again, or follow its events.",
        inputs.AssociationChangeApprovePayload,
        requires=_SIDES,
    )
    async def association_change_approve(
        self, viewer: Viewer, input: inputs.AssociationChangeApproveInput, now: datetime
    ) -> Outcome:
        change = await deciding.approve(
            viewer=viewer, change_id=_id(input.id), step_up_code=input.step_up_code, now=now
        )
        return Outcome(association_change=change.id)

    @mutation(
        "Refuse what the other side asks for, and say why.",
        inputs.AssociationChangeRejectPayload,
        requires=_SIDES,
    )
    async def association_change_reject(
        self, viewer: Viewer, input: inputs.AssociationChangeRejectInput, now: datetime
    ) -> Outcome:
        change = await deciding.reject(
            viewer=viewer,
            change_id=_id(input.id),
            reason=input.reason,
            step_up_code=input.step_up_code,
            now=now,
        )
        return Outcome(association_change=change.id)

    @mutation(
        "Take back what your side has asked for, before anybody has decided.",
        inputs.AssociationChangeCancelPayload,
        requires=_SIDES,
    )
    async def association_change_cancel(
        self, viewer: Viewer, input: inputs.AssociationChangeInput, now: datetime
    ) -> Outcome:
        change = await deciding.cancel(viewer=viewer, change_id=_id(input.id), now=now)
        return Outcome(association_change=change.id)

    @mutation(
        "Let a wish pass the pre-review (预评审), so that the other side decides.",
        inputs.AssociationChangeReviewPassPayload,
        requires=describe("associationChangeReviewPass"),
    )
    async def association_change_review_pass(
        self, viewer: Viewer, input: inputs.AssociationChangeInput, now: datetime
    ) -> Outcome:
        change = await deciding.review_pass(viewer=viewer, change_id=_id(input.id), now=now)
        return Outcome(association_change=change.id)

    @mutation(
        "End a wish in the pre-review, and say why and whom to turn to.",
        inputs.AssociationChangeReviewFailPayload,
        requires=describe("associationChangeReviewFail"),
    )
    async def association_change_review_fail(
        self, viewer: Viewer, input: inputs.AssociationChangeReviewFailInput, now: datetime
    ) -> Outcome:
        change = await deciding.review_fail(
            viewer=viewer,
            change_id=_id(input.id),
            reason=input.reason,
            contact=input.contact,
            now=now,
        )
        return Outcome(association_change=change.id)


def _id(text: str) -> UUID:
    return ids.decode("ach", text, path=("input", "id"))


def _customer(text: str) -> UUID:
    return ids.decode("cus", text, path=("input", "customerId"))
