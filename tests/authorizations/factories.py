"""Authorizations to act on behalf; name only what the test is about."""

from datetime import datetime

from domain.associations import authorizations, commitment
from domain.associations.commitment import Letter
from domain.identity.viewer import Viewer
from kit import ids
from models.associations import OnBehalfAuthorization, OnBehalfScope
from tests.changes.factories import AGENCY, Sides, both_sides
from tests.customers.factories import a_customer, a_user_of
from tests.factories import a_distributor, a_partner, an_administrator

COMMITMENT = commitment.VERSIONS[Letter.COMMITMENT]
CONSENT = commitment.VERSIONS[Letter.CONSENT]


async def agency_sides() -> Sides:
    """A partner and an agency customer of it."""
    return await both_sides(AGENCY)


async def a_reseller_and_its_distributor() -> tuple[Sides, Viewer]:
    """A reseller with an agency customer, and the administrator of its distributor."""
    distributor = await a_distributor()
    reseller = await a_partner("Corner shop", distributor=distributor)
    sides = Sides()
    sides.house = reseller
    sides.customer = await a_customer(of=reseller, type=AGENCY)
    sides.partner = await an_administrator(reseller)
    sides.buyer = await a_user_of(sides.customer)
    return sides, await an_administrator(distributor)


async def a_request(
    sides: Sides,
    *,
    now: datetime,
    by: Viewer | None = None,
    scopes: tuple[OnBehalfScope, ...] = tuple(OnBehalfScope),
    version: str | None = COMMITMENT,
) -> OnBehalfAuthorization:
    """Asked for by the partner, letter and all."""
    return await authorizations.request(
        viewer=by or sides.partner,
        customer_id=sides.customer.id,
        scopes=scopes,
        commitment_version=version,
        now=now,
    )


async def granted(
    authorization: OnBehalfAuthorization, *, by: Viewer, now: datetime, version: str = CONSENT
) -> OnBehalfAuthorization:
    """Given by the customer."""
    return await authorizations.grant(
        viewer=by, authorization_id=authorization.id, letter_version=version, now=now
    )


async def a_grant(
    sides: Sides, *, now: datetime, scopes: tuple[OnBehalfScope, ...] = tuple(OnBehalfScope)
) -> OnBehalfAuthorization:
    """Asked for and given."""
    return await granted(await a_request(sides, scopes=scopes, now=now), by=sides.buyer, now=now)


def oba(authorization: OnBehalfAuthorization) -> str:
    """The id of an authorization as the API writes it."""
    return ids.encode("oba", authorization.id)
