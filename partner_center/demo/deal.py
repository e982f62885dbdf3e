"""One exclusive offer of the demo, who deals with it, and what they do at a given time."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

from domain.catalogue.terms import policies
from domain.identity.items import Item
from domain.identity.viewer import Viewer, ViewerKind
from domain.offers import applications, automatic, drafting, links, submitting, withdrawing
from domain.offers.terms import Terms, WantedSku
from kit.transaction import transactional
from models.catalogue import Goods, Sku
from models.customers import Customer
from models.offers import PrivateLink, SpecialApplication
from partner_center.demo.people import House

REVIEWER = Viewer(
    kind=ViewerKind.STAFF, display_name="平台运营", items=frozenset({Item.OFFER_REVIEW})
)

_NAMES = ("开年特惠", "年中大促", "老客户专享", "续费优惠", "新客首单", "云上护航套餐")


class Deal:
    """`now` is the time at which the next thing happens."""

    def __init__(
        self,
        house: House,
        customer: Customer,
        goods: Sequence[Goods],
        dice: Random,
        begin: datetime,
    ) -> None:
        self._house, self._customer, self._goods, self._dice = house, customer, goods, dice
        self._offer_id: UUID | None = None
        self.now = begin

    def days(self, fewest: float, most: float) -> timedelta:
        """So many days, as the dice will have it."""
        return timedelta(days=self._dice.uniform(fewest, most))

    @property
    def offer_id(self) -> UUID:
        """The offer that was drafted."""
        assert self._offer_id is not None
        return self._offer_id

    async def draft(
        self,
        *,
        ahead: timedelta,
        lasts: timedelta,
        too_low: bool = False,
        as_list: bool = False,
    ) -> None:
        """Within what is authorized, or ten points below it; for goods or for a list of SKUs."""
        begin = self.now + ahead
        by_account = self._customer.partner_id != self._house.partner.id
        goods_ids = [each.id for each in self._goods]
        offer = await drafting.create(
            viewer=self._house.administrator,
            customer_id=None if by_account else self._customer.id,
            account_name=self._customer.account_name if by_account else None,
            wanted=Terms(
                name=self._dice.choice(_NAMES),
                discount=await self._discount(begin, too_low=too_low),
                effective_at=begin,
                expires_at=begin + lasts,
                goods_ids=() if as_list else goods_ids,
                configuration=await self._configuration() if as_list else (),
                note="客户预算有限,尽快推进。" if self._dice.random() < 0.3 else None,
            ),
            now=self.now,
        )
        self._offer_id = offer.id

    async def submit(self) -> None:
        """Where it is too low, people are asked."""
        await submitting.submit(
            viewer=self._house.administrator,
            offer_id=self.offer_id,
            confirm_special_application=True,
            reason="竞争对手报价更低,客户年度预算已锁定。",
            now=self.now,
        )

    async def withdraw(self) -> None:
        """The partner thinks better of it."""
        await withdrawing.withdraw(
            viewer=self._house.administrator,
            offer_id=self.offer_id,
            reason="客户需求变更。",
            now=self.now,
        )

    async def take(self) -> None:
        """It is being worked on in the CRM."""
        await applications.take(
            viewer=REVIEWER,
            application_id=await self._application_id(),
            crm_number=f"SC-{self._dice.randrange(10**6):06}",
            now=self.now,
        )

    async def grant(self) -> None:
        """As far down as was asked."""
        asked = await SpecialApplication.get(id=await self._application_id()).select_related(
            "offer"
        )
        await applications.grant(
            viewer=REVIEWER,
            application_id=asked.id,
            granted_floor=asked.offer.discount,
            now=self.now,
        )

    async def reject(self) -> None:
        """Not that far."""
        await applications.reject(
            viewer=REVIEWER,
            application_id=await self._application_id(),
            reason="申请折扣低于区域底线,请调整后重新申请。",
            now=self.now,
        )

    async def open_link(self, buyer: Viewer) -> None:
        """The customer looks at it."""
        link = await PrivateLink.get(offer_id=self.offer_id)
        token = links.url_of(link.id).partition("#")[2]
        await links.open_link(viewer=buyer, token=token, now=self.now)

    @transactional
    async def pay_at_list_price(self) -> None:
        """An order that binds the partner, and for which nobody has made an offer."""
        await automatic.ensure(
            customer_id=self._customer.id,
            partner_id=self._house.partner.id,
            goods_ids=[each.id for each in self._goods],
            order_id=UUID(int=self._dice.getrandbits(128), version=4),
            now=self.now,
        )

    async def _application_id(self) -> UUID:
        return (await SpecialApplication.get(offer_id=self.offer_id)).id

    async def _discount(self, begin: datetime, *, too_low: bool) -> Decimal:
        held = await policies([each.id for each in self._goods], at=begin)
        floor = max(policy.authorized_floor for policy in held.values())
        if too_low:
            return floor - Decimal("0.1")
        return self._dice.choice((floor, (floor + 1) / 2, Decimal(1))).quantize(Decimal("0.001"))

    async def _configuration(self) -> list[WantedSku]:
        skus = await Sku.filter(goods_id__in=[each.id for each in self._goods], on_sale=True)
        ordered = sorted(skus, key=lambda sku: sku.code)
        return [WantedSku(sku.id, self._dice.randint(1, 20)) for sku in ordered]
