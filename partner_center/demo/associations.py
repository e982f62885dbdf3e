"""How the demo's customers are invited, and what they answer: invitations in every state."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from random import Random

from domain.associations import accepting, invitations, letters, sending
from domain.identity.viewer import Viewer, ViewerKind
from models.customer_invitations import CustomerInvitation
from models.customers import AssociationType, Customer
from partner_center.demo.counter import Counter
from partner_center.demo.people import House
from partner_center.demo.stories import Story

# The links of a house that go round, by who made them and for what; each is made when first needed.
Links = dict[tuple[str, AssociationType], CustomerInvitation]


class Courtship(Counter):
    """A counter at which a customer is invited, and answers."""

    def __init__(
        self, house: House, team: Sequence[Viewer], random: Random, begin: datetime, links: Links
    ) -> None:
        super().__init__(house, team, random, begin)
        self._links = links
        self._invitation: CustomerInvitation | None = None

    @property
    def invitation(self) -> CustomerInvitation:
        """What the customer has got."""
        assert self._invitation is not None
        return self._invitation

    async def invite(self, *, agency: bool | None = None) -> None:
        """The partner writes to the customer that it has reported."""
        sent = await invitations.invite_by_mail(
            viewer=self._by, report_id=self.report_id, type=self._type(agency), now=self.now
        )
        self._invitation = sent.invitation

    async def hand_out_link(self, *, agency: bool | None = None) -> None:
        """Somebody gets the partner's link, from a leaflet or at a fair."""
        type = self._type(agency)
        key = (self._by.display_name + str(self._by.seat_id), type)
        if key not in self._links:
            sent = await invitations.invite_by_link(viewer=self._by, type=type, now=self.now)
            self._links[key] = sent.invitation
        self._invitation = self._links[key]

    async def make_link(self) -> None:
        """The partner makes one more link."""
        sent = await invitations.invite_by_link(
            viewer=self._by, type=AssociationType.REFERRAL, now=self.now
        )
        self._invitation = sent.invitation

    async def invite_again(self) -> None:
        """The partner writes once more."""
        sent = await sending.resend(viewer=self._by, invitation_id=self.invitation.id, now=self.now)
        self._invitation = sent.invitation

    async def cancel(self) -> None:
        """The partner takes it back."""
        await sending.cancel(
            viewer=self._by, invitation_id=self.invitation.id, reason="发错对象。", now=self.now
        )

    async def accept(self) -> None:
        """The customer says yes, whatever comes of it."""
        token = letters.token_of(id=self.invitation.id, generation=self.invitation.generation)
        await accepting.accept(viewer=self._buyer(), token=token, consent=True, now=self.now)
        self._customer = await Customer.get(id=self.customer.id)

    async def associate(self, *, agency: bool | None = None) -> None:
        """The customer comes by a link."""
        await self.hand_out_link(agency=agency)
        await self.accept()

    async def put_right(self) -> None:
        """What stood in the way is gone."""
        await Customer.filter(id=self.customer.id).update(has_special_contract=False)

    def _type(self, agency: bool | None) -> AssociationType:
        if agency is None:
            agency = self._random.random() < 0.4
        return AssociationType.AGENCY if agency else AssociationType.REFERRAL

    def _buyer(self) -> Viewer:
        return Viewer(
            kind=ViewerKind.CUSTOMER,
            display_name=f"{self.customer.name} 采购部",
            customer_id=self.customer.id,
        )


Plot = Callable[[Courtship], Story]


async def is_invited(courtship: Courtship) -> Story:
    """The customer hasn't answered yet, or never will."""
    await courtship.meet()
    await courtship.report()
    await courtship.invite()
    yield timedelta()


async def is_invited_late(courtship: Courtship) -> Story:
    """The report ends before the seven days do."""
    await courtship.meet()
    await courtship.report()
    yield timedelta(days=10)
    await courtship.invite()


async def is_invited_twice(courtship: Courtship) -> Story:
    """The first mail lay unread for a week."""
    await courtship.meet()
    await courtship.report()
    yield timedelta(hours=2)
    await courtship.invite()
    yield timedelta(days=7, hours=5)
    await courtship.invite_again()
    yield courtship.days(0.2, 4)
    await courtship.accept()


async def is_not_meant(courtship: Courtship) -> Story:
    """The mail went to the wrong one."""
    await courtship.meet()
    await courtship.report()
    await courtship.invite()
    yield courtship.days(0.1, 1)
    await courtship.cancel()


async def fails(courtship: Courtship) -> Story:
    """A special contract is in the way, and for agency a credit account, too."""
    await courtship.meet(has_special_contract=True, has_credit_account=True)
    await courtship.report()
    await courtship.invite()
    yield courtship.days(0.1, 2)
    await courtship.accept()


async def fails_first(courtship: Courtship) -> Story:
    """The contract is made invalid, and then it works."""
    await courtship.meet(has_special_contract=True)
    await courtship.report()
    await courtship.invite()
    yield courtship.days(0.1, 2)
    await courtship.accept()
    yield courtship.days(0.5, 3)
    await courtship.put_right()
    await courtship.accept()


async def a_link_is_withdrawn(courtship: Courtship) -> Story:
    """The fair is over."""
    await courtship.make_link()
    yield courtship.days(3, 20)
    await courtship.cancel()


async def the_buyer_is_invited(courtship: Courtship) -> Story:
    """Whom one can sign in as, to accept."""
    await courtship.know("changjiang")
    await courtship.report()
    await courtship.invite(agency=True)
    yield timedelta()


# How many there are of each in a big house, and how many days ago they began.
PLOTS: tuple[tuple[Plot, int, float, float], ...] = (
    (is_invited, 2, 0.1, 6.5),
    (is_invited, 2, 16, 300),
    (is_invited_late, 1, 20, 200),
    (is_invited_twice, 1, 20, 300),
    (is_not_meant, 2, 2, 200),
    (fails, 2, 2.5, 6.5),
    (fails_first, 1, 10, 200),
    (a_link_is_withdrawn, 1, 30, 300),
)
