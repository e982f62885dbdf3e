"""Queries and mutations of exclusive offers, their applications and their links."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry

from domain.identity.lists import may_list
from domain.identity.permissions import describe
from domain.identity.viewer import Viewer
from domain.offers import applications, drafting, links, submitting, withdrawing
from domain.offers.terms import Terms, WantedSku
from kit import ids
from kit.reads import Connection, root_connection, root_one
from resolvers.mutation import Outcome, mutation
from schema import offer_changes as changes
from schema import special_application_changes as decisions
from schema.context import Context
from schema.offer_lists import (
    OFFERED,
    ExclusiveOfferFilter,
    OfferGoodsFilter,
    OfferGoodsOrder,
    OfferOrder,
    SpecialApplicationFilter,
)
from schema.offers import ExclusiveOffer, ExclusiveOfferLine, SpecialApplication
from schema.qr_codes import QrCode, drawn


@strawberry.type
class OfferQuery:
    exclusive_offer: ExclusiveOffer | None = root_one(
        "An exclusive offer by its id; null when you may not see it.", prefix="eof"
    )
    exclusive_offers: Connection[ExclusiveOffer] = root_connection(
        "Exclusive offers of the partners that you may see, an account manager's his own; for a"
        " customer's user those that it can use now (伙伴授予折扣)."
        f" {describe('exclusiveOffers')}",
        filter=ExclusiveOfferFilter,
        order=OfferOrder,
        guard=may_list("exclusiveOffers"),
    )
    offer_goods: Connection[ExclusiveOfferLine] = root_connection(
        "Offer goods (优惠商品): the goods of offers in force that people have made, each once for"
        f" every offer, with its link. {describe('offerGoods')}",
        filter=OfferGoodsFilter,
        order=OfferGoodsOrder,
        where=OFFERED,
        guard=may_list("offerGoods"),
    )
    special_application: SpecialApplication | None = root_one(
        "A special commercial application by its id; null when you may not see it.", prefix="spa"
    )
    special_applications: Connection[SpecialApplication] = root_connection(
        f"Special commercial applications. {describe('specialApplications')}",
        filter=SpecialApplicationFilter,
        order=OfferOrder,
        guard=may_list("specialApplications"),
    )

    @strawberry.field(
        description="The QR code of the private link of an offer in force, for the partner's own"
        f" people; null for what you may not see. {describe('privateLinkQrCode')}"
    )
    async def private_link_qr_code(
        self,
        info: strawberry.Info[Context, None],
        exclusive_offer_id: Annotated[strawberry.ID, strawberry.argument(description="The offer.")],
    ) -> QrCode | None:
        """A field of its own: drawing takes as long as reading a page of offers."""
        link = await links.shown(
            viewer=info.context.viewer,
            offer_id=ids.decode("eof", exclusive_offer_id, path=("exclusiveOfferId",)),
            now=info.context.now,
        )
        return drawn(link)


@strawberry.type
class OfferMutation:
    @mutation(
        "Draft an exclusive offer (专属优惠). The customer doesn't see it before it is in force.",
        changes.ExclusiveOfferCreatePayload,
        requires=describe("exclusiveOfferCreate"),
    )
    async def exclusive_offer_create(
        self, viewer: Viewer, input: changes.ExclusiveOfferCreateInput, now: datetime
    ) -> Outcome:
        offer = await drafting.create(
            viewer=viewer,
            customer_id=ids.optional("cus", input.customer_id, path=("input", "customerId")),
            account_name=input.account_name,
            wanted=_terms(input),
            now=now,
        )
        return Outcome(exclusive_offer=offer.id)

    @mutation(
        "Write a draft anew.",
        changes.ExclusiveOfferEditPayload,
        requires=describe("exclusiveOfferEdit"),
    )
    async def exclusive_offer_edit(
        self, viewer: Viewer, input: changes.ExclusiveOfferEditInput, now: datetime
    ) -> Outcome:
        offer = await drafting.edit(
            viewer=viewer,
            offer_id=_id(input.id),
            expected_version=input.expected_version,
            wanted=_terms(input),
            now=now,
        )
        return Outcome(exclusive_offer=offer.id)

    @mutation(
        "Submit a draft. Within what is authorized for its goods it is approved at once. Beyond it,"
        " the refusal tells how far one may go; submit again with `confirmSpecialApplication` and a"
        " reason, and the platform's account managers decide.",
        changes.ExclusiveOfferSubmitPayload,
        requires=describe("exclusiveOfferSubmit"),
    )
    async def exclusive_offer_submit(
        self, viewer: Viewer, input: changes.ExclusiveOfferSubmitInput, now: datetime
    ) -> Outcome:
        offer = await submitting.submit(
            viewer=viewer,
            offer_id=_id(input.id),
            expected_version=input.expected_version,
            confirm_special_application=input.confirm_special_application,
            reason=input.reason,
            now=now,
        )
        return Outcome(exclusive_offer=offer.id)

    @mutation(
        "Take an offer back, from a draft to one in force; its link is dead at once. Not while a"
        " pending order uses it.",
        changes.ExclusiveOfferWithdrawPayload,
        requires=describe("exclusiveOfferWithdraw"),
    )
    async def exclusive_offer_withdraw(
        self, viewer: Viewer, input: changes.ExclusiveOfferWithdrawInput, now: datetime
    ) -> Outcome:
        offer = await withdrawing.withdraw(
            viewer=viewer, offer_id=_id(input.id), reason=input.reason, now=now
        )
        return Outcome(exclusive_offer=offer.id)

    @mutation(
        "Open a private link (私有链接) as a user of its customer, which is counted. NOT_FOUND for"
        " everybody else, and for links of offers that aren't in force.",
        changes.PrivateLinkOpenPayload,
        requires=describe("privateLinkOpen"),
    )
    async def private_link_open(
        self, viewer: Viewer, input: changes.PrivateLinkOpenInput, now: datetime
    ) -> Outcome:
        offer = await links.open_link(viewer=viewer, token=input.token, now=now)
        return Outcome(exclusive_offer=offer.id)

    @mutation(
        "Note that a special commercial application is being worked on in the CRM.",
        decisions.SpecialApplicationTakePayload,
        requires=describe("specialApplicationTake"),
    )
    async def special_application_take(
        self, viewer: Viewer, input: decisions.SpecialApplicationTakeInput, now: datetime
    ) -> Outcome:
        application = await applications.take(
            viewer=viewer,
            application_id=_application_id(input.id),
            crm_number=input.crm_number,
            now=now,
        )
        return Outcome(special_application=application.id)

    @mutation(
        "Grant a special commercial application: its offer waits for its moment, or is in force at"
        " once when that has passed.",
        decisions.SpecialApplicationGrantPayload,
        requires=describe("specialApplicationGrant"),
    )
    async def special_application_grant(
        self, viewer: Viewer, input: decisions.SpecialApplicationGrantInput, now: datetime
    ) -> Outcome:
        application = await applications.grant(
            viewer=viewer,
            application_id=_application_id(input.id),
            granted_floor=input.granted_floor_ratio,
            crm_number=input.crm_number,
            now=now,
        )
        return Outcome(special_application=application.id)

    @mutation(
        "Refuse a special commercial application, and its offer with it, and say why.",
        decisions.SpecialApplicationRejectPayload,
        requires=describe("specialApplicationReject"),
    )
    async def special_application_reject(
        self, viewer: Viewer, input: decisions.SpecialApplicationRejectInput, now: datetime
    ) -> Outcome:
        application = await applications.reject(
            viewer=viewer,
            application_id=_application_id(input.id),
            reason=input.reason,
            now=now,
        )
        return Outcome(special_application=application.id)


def _terms(input: Any) -> Terms:
    return Terms(
        name=input.name,
        discount=input.discount_ratio,
        effective_at=input.effective_at,
        expires_at=input.expires_at,
        goods_ids=[
            ids.decode("gds", id, path=("input", "goodsIds")) for id in input.goods_ids or ()
        ],
        configuration=[
            WantedSku(
                ids.decode("sku", each.sku_id, path=("input", "configuration", "skuId")),
                each.quantity,
            )
            for each in input.configuration or ()
        ],
        note=input.note,
    )


def _id(text: str) -> UUID:
    return ids.decode("eof", text, path=("input", "id"))


def _application_id(text: str) -> UUID:
    return ids.decode("spa", text, path=("input", "id"))
