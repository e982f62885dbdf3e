"""Queries and mutations of customers."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from domain.customers import assignments, revealing, standing, tags
from domain.identity.lists import may_list
from domain.identity.permissions import describe, require
from domain.identity.viewer import Viewer
from kit import ids
from kit.reads import Connection, root_connection, root_one
from resolvers.mutation import Outcome, mutation
from schema import customer_changes as changes
from schema.context import Context
from schema.customer_dashboard import CustomerDashboard, CustomerDashboardFilter
from schema.customer_lists import CustomerFilter, CustomerOrder
from schema.customers import Customer


@strawberry.type
class CustomerQuery:
    customer: Customer | None = root_one(
        "A customer by its id; null when you may not see it.", prefix="cus"
    )
    customers: Connection[Customer] = root_connection(
        "Customers of the partners that you may see; an account manager's are his own, a"
        f" supervisor's those of his managers. {describe('customers')}",
        filter=CustomerFilter,
        order=CustomerOrder,
        guard=may_list("customers"),
    )

    @strawberry.field(
        description="Your customers, reports and invitations in numbers."
        f" {describe('customerDashboard')}"
    )
    def customer_dashboard(
        self,
        info: strawberry.Info[Context, None],
        filter: Annotated[
            CustomerDashboardFilter | None, strawberry.argument(description="Which part of them.")
        ] = None,
    ) -> CustomerDashboard:
        require(info.context.viewer, "customerDashboard")
        return CustomerDashboard.of(filter)


@strawberry.type
class CustomerMutation:
    @mutation(
        "See a customer's phone number or mail address in full. Who asks, and why, is recorded.",
        changes.CustomerRevealPayload,
        requires=describe("customerReveal"),
    )
    async def customer_reveal(
        self, viewer: Viewer, input: changes.CustomerRevealInput, now: datetime
    ) -> Outcome:
        revealed = await revealing.reveal(
            viewer=viewer,
            customer_id=_id(input.id),
            fields=input.fields,
            reason=input.reason,
            now=now,
        )
        return Outcome(customer=revealed.customer.id, phone=revealed.phone, email=revealed.email)

    @mutation(
        "Replace all tags of a customer.",
        changes.CustomerTagsSetPayload,
        requires=describe("customerTagsSet"),
    )
    async def customer_tags_set(
        self, viewer: Viewer, input: changes.CustomerTagsSetInput, now: datetime
    ) -> Outcome:
        customer = await tags.set_tags(
            viewer=viewer, customer_id=_id(input.id), tags=input.tags, now=now
        )
        return Outcome(customer=customer.id)

    @mutation(
        "Put one more tag on a customer.",
        changes.CustomerTagAddPayload,
        requires=describe("customerTagAdd"),
    )
    async def customer_tag_add(
        self, viewer: Viewer, input: changes.CustomerTagInput, now: datetime
    ) -> Outcome:
        customer = await tags.add(viewer=viewer, customer_id=_id(input.id), tag=input.tag, now=now)
        return Outcome(customer=customer.id)

    @mutation(
        "Take a tag off a customer.",
        changes.CustomerTagRemovePayload,
        requires=describe("customerTagRemove"),
    )
    async def customer_tag_remove(
        self, viewer: Viewer, input: changes.CustomerTagInput, now: datetime
    ) -> Outcome:
        customer = await tags.remove(
            viewer=viewer, customer_id=_id(input.id), tag=input.tag, now=now
        )
        return Outcome(customer=customer.id)

    @mutation(
        "Give customers to an account manager, all in one transaction, with a result for each.",
        changes.CustomerAssignPayload,
        requires=describe("customerAssign"),
    )
    async def customer_assign(
        self, viewer: Viewer, input: changes.CustomerAssignInput, now: datetime
    ) -> Outcome:
        outcomes = await assignments.assign(
            viewer=viewer,
            customer_ids=_ids(input.customer_ids),
            manager_id=ids.decode("opr", input.manager_id, path=("input", "managerId")),
            now=now,
        )
        return Outcome(results=outcomes)

    @mutation(
        "Leave customers without an account manager, with a result for each.",
        changes.CustomerUnassignPayload,
        requires=describe("customerUnassign"),
    )
    async def customer_unassign(
        self, viewer: Viewer, input: changes.CustomerUnassignInput, now: datetime
    ) -> Outcome:
        outcomes = await assignments.unassign(
            viewer=viewer, customer_ids=_ids(input.customer_ids), now=now
        )
        return Outcome(results=outcomes)

    @mutation(
        "Freeze a customer's account, or the account and its resources.",
        changes.CustomerFreezePayload,
        requires=describe("customerFreeze"),
    )
    async def customer_freeze(
        self, viewer: Viewer, input: changes.CustomerFreezeInput, now: datetime
    ) -> Outcome:
        customer = await standing.freeze(
            viewer=viewer,
            customer_id=_id(input.id),
            extent=input.freeze,
            reason=input.reason,
            now=now,
        )
        return Outcome(customer=customer.id)

    @mutation(
        "Let a frozen customer go on.",
        changes.CustomerUnfreezePayload,
        requires=describe("customerUnfreeze"),
    )
    async def customer_unfreeze(
        self, viewer: Viewer, input: changes.CustomerUnfreezeInput, now: datetime
    ) -> Outcome:
        customer = await standing.unfreeze(
            viewer=viewer, customer_id=_id(input.id), reason=input.reason, now=now
        )
        return Outcome(customer=customer.id)

    @mutation(
        "Give a customer its level.",
        changes.CustomerLevelSetPayload,
        requires=describe("customerLevelSet"),
    )
    async def customer_level_set(
        self, viewer: Viewer, input: changes.CustomerLevelSetInput, now: datetime
    ) -> Outcome:
        customer = await standing.set_level(
            viewer=viewer, customer_id=_id(input.id), level=input.level, now=now
        )
        return Outcome(customer=customer.id)

    @mutation(
        "Say how the platform serves a customer (客户分层). It decides about incentives when the"
        " customer comes to another partner; what began before stays.",
        changes.CustomerSegmentSetPayload,
        requires=describe("customerSegmentSet"),
    )
    async def customer_segment_set(
        self, viewer: Viewer, input: changes.CustomerSegmentSetInput, now: datetime
    ) -> Outcome:
        customer = await standing.set_segment(
            viewer=viewer,
            customer_id=_id(input.id),
            segment=input.segment,
            reason=input.reason,
            now=now,
        )
        return Outcome(customer=customer.id)


def _id(text: str) -> UUID:
    return ids.decode("cus", text, path=("input", "id"))


def _ids(texts: list[strawberry.ID]) -> list[UUID]:
    return [ids.decode("cus", text, path=("input", "customerIds")) for text in texts]
