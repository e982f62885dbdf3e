"""A customer of the demo and its partner, and what they settle between them at a given time."""

from datetime import datetime
from itertools import count
from random import Random

from domain.associations import authorizations, changes, commitment, deciding
from domain.associations.commitment import Letter
from domain.customers import standing
from domain.identity import people, recognition
from domain.identity.items import Item
from domain.identity.viewer import Viewer, ViewerKind
from models.associations import AssociationChange, OnBehalfAuthorization, OnBehalfScope
from models.customers import AssociationType, Freeze
from models.identity import AccountKind, RealName
from partner_center.demo.associations import Courtship, Links
from partner_center.demo.people import House
from partner_center.demo.stories import let_time_pass

REVIEWER = Viewer(
    kind=ViewerKind.STAFF,
    display_name="平台运营",
    email="reviewer@platform.example",
    items=frozenset({Item.ASSOCIATION_REVIEW}),
)

_serial = count(1)


class Couple(Courtship):
    """`above` is the administrator of the distributor, where the partner is a reseller."""

    buyer: Viewer
    change: AssociationChange
    leave: OnBehalfAuthorization

    def __init__(
        self,
        house: House,
        above: Viewer | None,
        random: Random,
        begin: datetime,
        links: Links,
    ) -> None:
        super().__init__(house, [house.administrator], random, begin, links)
        self.partner, self.above = house.administrator, above

    async def belong(self, *, agency: bool) -> None:
        """An account becomes the partner's customer, and somebody works there."""
        await self.meet()
        await self.associate(agency=agency)
        number = next(_serial)
        person = await people.register(
            email=f"buyer{number}@customer.example",
            account_name=f"hwb_{number:06}",
            name=f"采购专员{number}",
            phone=None,
            locale="zh",
            site=self._house.partner.site,
            account_kind=AccountKind.PERSONAL,
            real_name=RealName.INDIVIDUAL,
            password_hash=None,
            now=self.now,
        )
        await people.seat_at_customer(
            person_id=person.id, customer_id=self.customer.id, now=self.now
        )
        found = await recognition.by_person(person.id, until=self.now)
        assert found is not None
        self.buyer = found.viewer

    async def ask_for_a_switch(self, by: Viewer) -> None:
        """One side would go on as the other type."""
        is_agency = self.customer.association_type is AssociationType.AGENCY
        self.change = await changes.request_switch(
            viewer=by,
            customer_id=self.customer.id,
            to_type=AssociationType.REFERRAL if is_agency else AssociationType.AGENCY,
            understood=True,
            reason="业务模式调整。",
            now=self.now,
        )

    async def ask_for_an_end(self, by: Viewer) -> None:
        """One side has had enough."""
        self.change = await changes.request_end(
            viewer=by,
            customer_id=self.customer.id,
            reason="合作到期,不再续约。",
            understood=True,
            now=self.now,
        )

    async def review(self, *, failing: str | None = None) -> None:
        """The platform looks at it."""
        if failing is None:
            await deciding.review_pass(viewer=REVIEWER, change_id=self.change.id, now=self.now)
        else:
            await deciding.review_fail(
                viewer=REVIEWER, change_id=self.change.id, reason=failing, now=self.now
            )

    async def agree(self, by: Viewer, *, frozen: bool = False) -> None:
        """The other side says yes, and what both want is done, unless the customer is frozen."""
        await deciding.approve(viewer=by, change_id=self.change.id, now=self.now)
        if frozen:
            await standing.freeze(
                viewer=self.partner,
                customer_id=self.customer.id,
                extent=Freeze.ACCOUNT,
                reason="代售账单逾期未付。",
                now=self.now,
            )
        await let_time_pass(self.now)

    async def refuse(self, by: Viewer) -> None:
        """The other side says no."""
        await deciding.reject(
            viewer=by, change_id=self.change.id, reason="仍有项目在交付。", now=self.now
        )

    async def take_back(self, by: Viewer) -> None:
        """Whoever asked thinks better of it."""
        await deciding.cancel(viewer=by, change_id=self.change.id, now=self.now)

    async def ask_for_leave(self, *scopes: OnBehalfScope) -> None:
        """The partner would act on behalf."""
        self.leave = await authorizations.request(
            viewer=self.partner,
            customer_id=self.customer.id,
            scopes=scopes or tuple(OnBehalfScope),
            commitment_version=commitment.VERSIONS[Letter.COMMITMENT],
            now=self.now,
        )

    async def endorse(self) -> None:
        """The reseller's distributor has nothing against it."""
        assert self.above is not None
        await authorizations.endorse(
            viewer=self.above, authorization_id=self.leave.id, now=self.now
        )

    async def refuse_leave(self, by: Viewer) -> None:
        """Somebody has something against it."""
        await authorizations.reject(
            viewer=by, authorization_id=self.leave.id, reason="暂不需要。", now=self.now
        )

    async def give_leave(self) -> None:
        """The customer signs."""
        await authorizations.grant(
            viewer=self.buyer,
            authorization_id=self.leave.id,
            letter_version=commitment.VERSIONS[Letter.CONSENT],
            now=self.now,
        )

    async def end_leave(self, *, by_partner: bool = False) -> None:
        """One of the two ends it."""
        if by_partner:
            await authorizations.withdraw(
                viewer=self.partner, authorization_id=self.leave.id, now=self.now
            )
        else:
            await authorizations.revoke(
                viewer=self.buyer, authorization_id=self.leave.id, now=self.now
            )
