"""What a house has of changes of associations and leaves to act on behalf, marked by its name."""

from datetime import datetime

from domain.associations import authorizations, changes, commitment, deciding
from domain.associations.commitment import Letter
from domain.identity.viewer import Viewer, ViewerKind
from models.customers import AssociationType
from models.partners import Partner
from tests.customers.factories import a_customer


async def furnish(house: str, partner: Partner, *, by: Viewer, now: datetime) -> None:
    """A wish in review, one that waits and one that was refused; a leave and a request for one."""
    for state in ("reviewed", "waiting", "refused", "authorizing"):
        customer = await a_customer(
            f"{house} {state}",
            of=partner,
            type=AssociationType.REFERRAL if state == "waiting" else AssociationType.AGENCY,
            account_name=f"{house.lower()}_{state}",
            email=f"{state}@{house.lower()}-customer.example",
        )
        buyer = Viewer(kind=ViewerKind.CUSTOMER, display_name=house, customer_id=customer.id)
        if state == "authorizing":
            leave = await authorizations.request(
                viewer=by,
                customer_id=customer.id,
                commitment_version=commitment.VERSIONS[Letter.COMMITMENT],
                now=now,
            )
            if partner.distributor_id is None:
                await authorizations.grant(
                    viewer=buyer,
                    authorization_id=leave.id,
                    letter_version=commitment.VERSIONS[Letter.CONSENT],
                    now=now,
                )
        elif state == "refused":
            change = await changes.request_switch(
                viewer=by,
                customer_id=customer.id,
                to_type=AssociationType.REFERRAL,
                understood=True,
                now=now,
            )
            await deciding.reject(
                viewer=buyer, change_id=change.id, reason=f"{house} suits us", now=now
            )
        else:
            await changes.request_end(
                viewer=by,
                customer_id=customer.id,
                reason=f"{house} has had enough",
                understood=True,
                now=now,
            )
