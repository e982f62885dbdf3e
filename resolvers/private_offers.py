"""Queries and mutations of merchants' private offers."""

from datetime import datetime
from uuid import UUID

import strawberry

from domain.identity.lists import may_list
from domain.identity.permissions import describe
from domain.identity.viewer import Viewer
from domain.private_offers import drafting, publishing, versions
from domain.private_offers.terms import Price, Terms
from kit import ids
from kit.problems import InvalidInput
from kit.reads import Connection, root_connection, root_one
from resolvers.mutation import Outcome, mutation
from schema import private_offer_changes as changes
from schema.private_offers import PrivateOffer, PrivateOfferFilter, PrivateOfferOrder


@strawberry.type
class PrivateOfferQuery:
    private_offer: PrivateOffer | None = root_one(
        "A private offer by its id; null when you may not see it.", prefix="pvo"
    )
    private_offers: Connection[PrivateOffer] = root_connection(
        "For a merchant those that it makes, for a partner those that it brings, for a customer"
        f" those that it can use or has used. {describe('privateOffers')}",
        filter=PrivateOfferFilter,
        order=PrivateOfferOrder,
        guard=may_list("privateOffers"),
    )


@strawberry.type
class PrivateOfferMutation:
    @mutation(
        "Begin a private offer (商家优惠): of a requirement that you have accepted, or to a"
        " customer whom you know by name and account.",
        changes.PrivateOfferCreatePayload,
        requires=describe("privateOfferCreate"),
    )
    async def private_offer_create(
        self, viewer: Viewer, input: changes.PrivateOfferCreateInput, now: datetime
    ) -> Outcome:
        offered = _terms(input)
        named = (input.customer_name, input.customer_account_name)
        if input.requirement_id is not None and named == (None, None):
            offer = await drafting.create_of(
                viewer=viewer,
                requirement_id=ids.decode(
                    "crq", input.requirement_id, path=("input", "requirementId")
                ),
                name=input.name,
                offered=offered,
                now=now,
            )
        elif input.requirement_id is None and named[0] is not None and named[1] is not None:
            offer = await drafting.create_for(
                viewer=viewer,
                customer_name=named[0],
                customer_account_name=named[1],
                name=input.name,
                offered=offered,
                now=now,
            )
        else:
            raise InvalidInput(
                reason="Name a requirement, or a customer by both its name and its account.",
                reason_zh="请指定客户需求,或同时填写客户名称与云账号。",
                path=("input", "requirementId"),
            )
        return Outcome(private_offer=offer.id)

    @mutation(
        "Begin the next version of published terms; those hold until it is published.",
        changes.PrivateOfferDraftOpenPayload,
        requires=describe("privateOfferDraftOpen"),
    )
    async def private_offer_draft_open(
        self, viewer: Viewer, input: changes.PrivateOfferInput, now: datetime
    ) -> Outcome:
        offer = await versions.open_draft(viewer=viewer, offer_id=_id(input.id), now=now)
        return Outcome(private_offer=offer.id)

    @mutation(
        "Change the draft of the terms, of a new offer or of a next version.",
        changes.PrivateOfferDraftEditPayload,
        requires=describe("privateOfferDraftEdit"),
    )
    async def private_offer_draft_edit(
        self, viewer: Viewer, input: changes.PrivateOfferDraftEditInput, now: datetime
    ) -> Outcome:
        offer = await versions.edit_draft(
            viewer=viewer,
            offer_id=_id(input.id),
            expected_version=input.expected_version,
            offered=_terms(input),
            now=now,
        )
        return Outcome(private_offer=offer.id)

    @mutation(
        "Throw the draft of a next version away.",
        changes.PrivateOfferDraftDiscardPayload,
        requires=describe("privateOfferDraftDiscard"),
    )
    async def private_offer_draft_discard(
        self, viewer: Viewer, input: changes.PrivateOfferInput, now: datetime
    ) -> Outcome:
        offer = await versions.discard_draft(viewer=viewer, offer_id=_id(input.id), now=now)
        return Outcome(private_offer=offer.id)

    @mutation(
        "Publish the draft: partner and customer see it, and the terms before hold no longer.",
        changes.PrivateOfferPublishPayload,
        requires=describe("privateOfferPublish"),
    )
    async def private_offer_publish(
        self, viewer: Viewer, input: changes.PrivateOfferPublishInput, now: datetime
    ) -> Outcome:
        offer = await publishing.publish(
            viewer=viewer,
            offer_id=_id(input.id),
            expected_version=input.expected_version,
            now=now,
        )
        return Outcome(private_offer=offer.id)

    @mutation(
        "Take a published offer back, before an order has used it.",
        changes.PrivateOfferWithdrawPayload,
        requires=describe("privateOfferWithdraw"),
    )
    async def private_offer_withdraw(
        self, viewer: Viewer, input: changes.PrivateOfferWithdrawInput, now: datetime
    ) -> Outcome:
        offer = await publishing.withdraw(
            viewer=viewer, offer_id=_id(input.id), reason=input.reason, now=now
        )
        return Outcome(private_offer=offer.id)

    @mutation(
        "Delete an offer that was never published.",
        changes.PrivateOfferDeletePayload,
        requires=describe("privateOfferDelete"),
    )
    async def private_offer_delete(
        self, viewer: Viewer, input: changes.PrivateOfferInput, now: datetime
    ) -> Outcome:
        deleted = await drafting.delete(viewer=viewer, offer_id=_id(input.id), now=now)
        return Outcome(deleted_id=ids.encode("pvo", deleted))

    @mutation(
        "Begin a new offer with the terms of another one, and a number of its own.",
        changes.PrivateOfferClonePayload,
        requires=describe("privateOfferClone"),
    )
    async def private_offer_clone(
        self, viewer: Viewer, input: changes.PrivateOfferCloneInput, now: datetime
    ) -> Outcome:
        offer = await drafting.clone(
            viewer=viewer,
            offer_id=_id(input.id),
            without_requirement=input.without_requirement,
            now=now,
        )
        return Outcome(private_offer=offer.id)


def _id(text: str) -> UUID:
    return ids.decode("pvo", text, path=("input", "id"))


def _terms(input: changes.PrivateOfferCreateInput | changes.PrivateOfferDraftEditInput) -> Terms:
    return Terms(
        ratio=input.ratio,
        effective_at=input.effective_at,
        expires_at=input.expires_at,
        prices=[_price(line, place) for place, line in enumerate(input.lines)],
        note=input.note,
    )


def _price(line: changes.PrivateOfferLineInput, place: int) -> Price:
    path = ("input", "lines", str(place), "skuId")
    return Price(
        sku_id=ids.decode("sku", line.sku_id, path=path),
        unit_price=line.unit_price,
        quantity=line.quantity,
    )
