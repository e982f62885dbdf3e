"""Queries and mutations of customer requirements."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import strawberry

from domain.identity.permissions import describe, require
from domain.identity.viewer import Viewer
from domain.requirements import answering, drafting, submitting
from domain.requirements.wishes import Wish
from kit import ids
from kit.reads import Connection, root_connection, root_one
from resolvers.mutation import Outcome, mutation
from schema import requirement_changes as changes
from schema.requirements import (
    CustomerRequirement,
    CustomerRequirementFilter,
    CustomerRequirementOrder,
)


def _may_list(viewer: Viewer) -> None:
    require(viewer, "customerRequirements")


@strawberry.type
class RequirementQuery:
    customer_requirement: CustomerRequirement | None = root_one(
        "A customer requirement by its id; null when you may not see it.", prefix="crq"
    )
    customer_requirements: Connection[CustomerRequirement] = root_connection(
        "For a partner what it has asked for its customers, an account manager's being his own"
        " customers'; for a merchant what it has been asked."
        f" {describe('customerRequirements')}",
        filter=CustomerRequirementFilter,
        order=CustomerRequirementOrder,
        guard=_may_list,
    )


@strawberry.type
class RequirementMutation:
    @mutation(
        "Write down what a customer wants (客户需求), as a draft.",
        changes.CustomerRequirementCreatePayload,
        requires=describe("customerRequirementCreate"),
    )
    async def customer_requirement_create(
        self, viewer: Viewer, input: changes.CustomerRequirementCreateInput, now: datetime
    ) -> Outcome:
        requirement = await drafting.create(
            viewer=viewer,
            customer_id=ids.decode("cus", input.customer_id, path=("input", "customerId")),
            expected_ratio=input.expected_ratio,
            lines=_wishes(input.lines),
            note=input.note,
            now=now,
        )
        return Outcome(customer_requirement=requirement.id)

    @mutation(
        "Change a draft. What is left out is none.",
        changes.CustomerRequirementEditPayload,
        requires=describe("customerRequirementEdit"),
    )
    async def customer_requirement_edit(
        self, viewer: Viewer, input: changes.CustomerRequirementEditInput, now: datetime
    ) -> Outcome:
        requirement = await drafting.edit(
            viewer=viewer,
            requirement_id=_id(input.id),
            expected_version=input.expected_version,
            expected_ratio=input.expected_ratio,
            lines=_wishes(input.lines),
            note=input.note,
            now=now,
        )
        return Outcome(customer_requirement=requirement.id)

    @mutation(
        "Ask the merchant, who has five times 24 hours to answer; silence is a refusal.",
        changes.CustomerRequirementSubmitPayload,
        requires=describe("customerRequirementSubmit"),
    )
    async def customer_requirement_submit(
        self, viewer: Viewer, input: changes.CustomerRequirementSubmitInput, now: datetime
    ) -> Outcome:
        requirement = await submitting.submit(
            viewer=viewer,
            requirement_id=_id(input.id),
            expected_version=input.expected_version,
            now=now,
        )
        return Outcome(customer_requirement=requirement.id)

    @mutation(
        "Give a draft up, or take a requirement back before the merchant has answered.",
        changes.CustomerRequirementCancelPayload,
        requires=describe("customerRequirementCancel"),
    )
    async def customer_requirement_cancel(
        self, viewer: Viewer, input: changes.CustomerRequirementEndInput, now: datetime
    ) -> Outcome:
        requirement = await submitting.cancel(
            viewer=viewer, requirement_id=_id(input.id), reason=input.reason, now=now
        )
        return Outcome(customer_requirement=requirement.id)

    @mutation(
        "Say that an accepted requirement is wanted no longer, while no private offer answers it.",
        changes.CustomerRequirementClosePayload,
        requires=describe("customerRequirementClose"),
    )
    async def customer_requirement_close(
        self, viewer: Viewer, input: changes.CustomerRequirementEndInput, now: datetime
    ) -> Outcome:
        requirement = await submitting.close(
            viewer=viewer, requirement_id=_id(input.id), reason=input.reason, now=now
        )
        return Outcome(customer_requirement=requirement.id)

    @mutation(
        "Promise the partner the ratio that it expects, in time. What held when it was submitted"
        " has to hold still. Then make a private offer of it.",
        changes.CustomerRequirementAcceptPayload,
        requires=describe("customerRequirementAccept"),
    )
    async def customer_requirement_accept(
        self, viewer: Viewer, input: changes.CustomerRequirementAcceptInput, now: datetime
    ) -> Outcome:
        requirement = await answering.accept(viewer=viewer, requirement_id=_id(input.id), now=now)
        return Outcome(customer_requirement=requirement.id)

    @mutation(
        "Say no to a requirement, and why.",
        changes.CustomerRequirementRejectPayload,
        requires=describe("customerRequirementReject"),
    )
    async def customer_requirement_reject(
        self, viewer: Viewer, input: changes.CustomerRequirementRejectInput, now: datetime
    ) -> Outcome:
        requirement = await answering.reject(
            viewer=viewer, requirement_id=_id(input.id), reason=input.reason, now=now
        )
        return Outcome(customer_requirement=requirement.id)


def _id(text: str) -> UUID:
    return ids.decode("crq", text, path=("input", "id"))


def _wishes(lines: Sequence[changes.RequirementLineInput]) -> list[Wish]:
    return [_wish(line, ("input", "lines", str(place))) for place, line in enumerate(lines)]


def _wish(line: changes.RequirementLineInput, path: tuple[str, ...]) -> Wish:
    return Wish(
        goods_id=ids.decode("gds", line.goods_id, path=(*path, "goodsId")),
        sku_id=ids.optional("sku", line.sku_id, path=(*path, "skuId")),
        quantity=line.quantity,
    )
