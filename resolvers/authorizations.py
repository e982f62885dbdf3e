"""Queries and mutations of authorizations to act on behalf."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from domain.associations import authorizations, commitment
from domain.associations.commitment import Letter
from domain.identity.lists import may_list
from domain.identity.permissions import describe
from domain.identity.viewer import Viewer
from kit import ids
from kit.reads import Connection, root_connection, root_one
from resolvers.mutation import Outcome, mutation
from schema import authorization_changes as changes
from schema.authorization_lists import OnBehalfAuthorizationFilter, OnBehalfAuthorizationOrder
from schema.authorizations import OnBehalfAuthorization, OnBehalfLetter
from schema.context import Context

_CUSTOMER = "For the customer alone."


@strawberry.type
class AuthorizationQuery:
    on_behalf_authorization: OnBehalfAuthorization | None = root_one(
        "An authorization by its id; null when you may not see it.", prefix="oba"
    )
    on_behalf_authorizations: Connection[OnBehalfAuthorization] = root_connection(
        "Authorizations to act on behalf of the customers that you may see."
        f" {describe('onBehalfAuthorizations')}",
        filter=OnBehalfAuthorizationFilter,
        order=OnBehalfAuthorizationOrder,
        guard=may_list("onBehalfAuthorizations"),
    )

    @strawberry.field(
        description="A letter around acting on behalf, to be read before it is accepted."
    )
    def on_behalf_letter(
        self,
        info: strawberry.Info[Context, None],
        letter: Annotated[Letter, strawberry.argument(description="Which letter.")],
    ) -> OnBehalfLetter:
        info.context.viewer.require_sign_in()
        found = commitment.text(letter, info.context.locale)
        return OnBehalfLetter(letter=found.letter, version=found.version, text=found.text)


@strawberry.type
class AuthorizationMutation:
    @mutation(
        "Ask an agency customer for leave to act on its behalf (代客授权). What a reseller asks for"
        " goes to its distributor first.",
        changes.OnBehalfAuthorizationRequestPayload,
        requires=describe("onBehalfAuthorizationRequest"),
    )
    async def on_behalf_authorization_request(
        self, viewer: Viewer, input: changes.OnBehalfAuthorizationRequestInput, now: datetime
    ) -> Outcome:
        made = await authorizations.request(
            viewer=viewer,
            customer_id=ids.decode("cus", input.customer_id, path=("input", "customerId")),
            scopes=input.scopes,
            commitment_version=input.commitment_version,
            now=now,
        )
        return Outcome(on_behalf_authorization=made.id)

    @mutation(
        "As the distributor, put what a reseller asks for before the customer.",
        changes.OnBehalfAuthorizationEndorsePayload,
        requires=describe("onBehalfAuthorizationEndorse"),
    )
    async def on_behalf_authorization_endorse(
        self, viewer: Viewer, input: changes.OnBehalfAuthorizationInput, now: datetime
    ) -> Outcome:
        made = await authorizations.endorse(viewer=viewer, authorization_id=_id(input.id), now=now)
        return Outcome(on_behalf_authorization=made.id)

    @mutation(
        "Let the partner act on your behalf, by accepting the letter of authorization.",
        changes.OnBehalfAuthorizationGrantPayload,
        requires=_CUSTOMER,
    )
    async def on_behalf_authorization_grant(
        self, viewer: Viewer, input: changes.OnBehalfAuthorizationGrantInput, now: datetime
    ) -> Outcome:
        made = await authorizations.grant(
            viewer=viewer,
            authorization_id=_id(input.id),
            letter_version=input.letter_version,
            step_up_code=input.step_up_code,
            now=now,
        )
        return Outcome(on_behalf_authorization=made.id)

    @mutation(
        "Refuse a request and say why: as the customer, or before it as the distributor of the"
        " reseller that asks.",
        changes.OnBehalfAuthorizationRejectPayload,
        requires="For the customer, and for the distributor's operators with ON_BEHALF_REQUEST.",
    )
    async def on_behalf_authorization_reject(
        self, viewer: Viewer, input: changes.OnBehalfAuthorizationRejectInput, now: datetime
    ) -> Outcome:
        made = await authorizations.reject(
            viewer=viewer, authorization_id=_id(input.id), reason=input.reason, now=now
        )
        return Outcome(on_behalf_authorization=made.id)

    @mutation(
        "Take your authorization back, with immediate effect.",
        changes.OnBehalfAuthorizationRevokePayload,
        requires=_CUSTOMER,
    )
    async def on_behalf_authorization_revoke(
        self, viewer: Viewer, input: changes.OnBehalfAuthorizationRevokeInput, now: datetime
    ) -> Outcome:
        made = await authorizations.revoke(
            viewer=viewer,
            authorization_id=_id(input.id),
            step_up_code=input.step_up_code,
            now=now,
        )
        return Outcome(on_behalf_authorization=made.id)

    @mutation(
        "As the partner, give up what you have asked for or been given.",
        changes.OnBehalfAuthorizationWithdrawPayload,
        requires=describe("onBehalfAuthorizationWithdraw"),
    )
    async def on_behalf_authorization_withdraw(
        self, viewer: Viewer, input: changes.OnBehalfAuthorizationInput, now: datetime
    ) -> Outcome:
        made = await authorizations.withdraw(viewer=viewer, authorization_id=_id(input.id), now=now)
        return Outcome(on_behalf_authorization=made.id)


def _id(text: str) -> UUID:
    return ids.decode("oba", text, path=("input", "id"))
