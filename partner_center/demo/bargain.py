"""A joint sale of the demo: what a customer wants, and what partner and merchant do about it."""

from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from domain.catalogue import terms as catalogue
from domain.funds import recharging
from domain.identity.viewer import Viewer, ViewerKind
from domain.orders import paying, placing
from domain.orders.wishes import Wanted
from domain.private_offers import drafting as offers
from domain.private_offers import publishing, versions
from domain.private_offers.terms import Price, Terms
from domain.requirements import answering, drafting, submitting
from domain.requirements.wishes import Wish
from domain.upstream import answering as upstream
from models.catalogue import Goods, Sku
from models.customers import Customer, Freeze
from models.orders import OrderLine
from models.private_offers import PrivateOffer, PrivateOfferVersion
from models.requirements import CustomerRequirement
from models.upstream import UpstreamRequest
from partner_center.demo.funds import PLATFORM
from partner_center.demo.people import House

_NOTES = (
    "客户计划本季度上线,预算已批复。",
    "客户希望与现有系统集成,请评估。",
    None,
    "Renewal of last year's project.",
    None,
)
_NAMES = ("联合销售专享价", "年度框架价", "新客户首单优惠", "Joint sale special")


class Bargain:
    """`now` is the time at which the next thing happens."""

    def __init__(
        self,
        house: House,
        merchant: House,
        customer: Customer,
        goods: Goods,
        random: Random,
        begin: datetime,
    ) -> None:
        self._by, self._seller = house.administrator, merchant.administrator
        self._customer, self._goods, self._random = customer, goods, random
        self._requirement: CustomerRequirement | None = None
        self._offer: PrivateOffer | None = None
        self.now = begin

    def days(self, fewest: float, most: float) -> timedelta:
        """So many days, as the dice will have it."""
        return timedelta(days=self._random.uniform(fewest, most))

    async def write_down(self) -> None:
        """The partner notes what the customer wants."""
        policy = (await catalogue.policies([self._goods.id], at=self.now))[self._goods.id]
        share = Decimal(self._random.choice(("0.5", "0.8", "1")))
        self._requirement = await drafting.create(
            viewer=self._by,
            customer_id=self._customer.id,
            expected_ratio=(policy.max_ratio * share).quantize(Decimal("0.0001")),
            lines=[Wish(self._goods.id, quantity=self._random.randint(1, 20))],
            note=self._random.choice(_NOTES),
            now=self.now,
        )

    async def ask(self) -> None:
        """The partner asks the merchant."""
        requirement = await self._wanted()
        await submitting.submit(
            viewer=self._by,
            requirement_id=requirement.id,
            expected_version=requirement.version,
            now=self.now,
        )

    async def take_back(self) -> None:
        """The customer thinks better of it."""
        requirement = await self._wanted()
        await submitting.cancel(
            viewer=self._by, requirement_id=requirement.id, reason="客户预算调整。", now=self.now
        )

    async def close(self) -> None:
        """The customer wants it no longer."""
        requirement = await self._wanted()
        await submitting.close(
            viewer=self._by, requirement_id=requirement.id, reason="客户项目取消。", now=self.now
        )

    async def accept(self) -> None:
        """The merchant says yes."""
        requirement = await self._wanted()
        await answering.accept(viewer=self._seller, requirement_id=requirement.id, now=self.now)

    async def reject(self) -> None:
        """The merchant says no."""
        requirement = await self._wanted()
        await answering.reject(
            viewer=self._seller,
            requirement_id=requirement.id,
            reason=self._random.choice(("该地区暂无交付能力。", "库存不足,暂不接单。")),
            now=self.now,
        )

    async def draft(self, *, ahead: float, lasts: float, alone: bool = False) -> None:
        """The merchant writes an offer that begins so many days ahead and lasts so many."""
        offered = await self._terms(ahead, lasts, "0.9")
        name = self._random.choice(_NAMES)
        if alone:
            self._offer = await offers.create_for(
                viewer=self._seller,
                customer_name=self._customer.name,
                customer_account_name=self._customer.account_name,
                name=name,
                offered=offered,
                now=self.now,
            )
        else:
            requirement = await self._wanted()
            self._offer = await offers.create_of(
                viewer=self._seller,
                requirement_id=requirement.id,
                name=name,
                offered=offered,
                now=self.now,
            )

    async def publish(self) -> None:
        """Partner and customer see it."""
        draft = await PrivateOfferVersion.get(offer_id=self.offer.id, status="DRAFT")
        await publishing.publish(
            viewer=self._seller,
            offer_id=self.offer.id,
            expected_version=draft.version,
            now=self.now,
        )

    async def improve(self, *, lasts: float) -> None:
        """The merchant drafts a better price."""
        await versions.open_draft(viewer=self._seller, offer_id=self.offer.id, now=self.now)
        await versions.edit_draft(
            viewer=self._seller,
            offer_id=self.offer.id,
            expected_version=1,
            offered=await self._terms(0, lasts, "0.85"),
            now=self.now,
        )

    async def withdraw(self) -> None:
        """The merchant takes it back."""
        await publishing.withdraw(
            viewer=self._seller, offer_id=self.offer.id, reason="报价有误。", now=self.now
        )

    async def clone(self) -> None:
        """The merchant begins anew with the same terms."""
        await offers.clone(
            viewer=self._seller, offer_id=self.offer.id, without_requirement=True, now=self.now
        )

    async def order(self) -> None:
        """The customer orders by it, and pays; not if somebody has frozen it meanwhile."""
        if (await Customer.get(id=self._customer.id)).freeze is not Freeze.NONE:
            return
        skus = await Sku.filter(goods_id=self._goods.id, on_sale=True).order_by("code")
        buyer = Viewer(
            kind=ViewerKind.CUSTOMER,
            display_name=self._customer.name,
            customer_id=self._customer.id,
        )
        order = await placing.place(
            viewer=buyer,
            lines=[Wanted(sku_id=sku.id, private_offer_id=self.offer.id) for sku in skus],
            now=self.now,
        )
        if order.due_amount:
            await recharging.record(
                viewer=PLATFORM,
                customer_id=self._customer.id,
                amount=order.due_amount,
                reference=f"TT{order.number}",
                now=self.now,
            )
            await paying.pay(viewer=buyer, order_id=order.id, now=self.now)
        lines = await OrderLine.filter(order_id=order.id).values_list("id", flat=True)
        for request in await UpstreamRequest.filter(subject_id__in=lines).order_by("id"):
            reference = f"CCE-{request.id.hex[-8:].upper()}"
            await upstream.answered(request.id, ok=True, reference=reference, now=self.now)

    @property
    def offer(self) -> PrivateOffer:
        """The offer that was made."""
        assert self._offer is not None
        return self._offer

    async def _wanted(self) -> CustomerRequirement:
        assert self._requirement is not None
        return await CustomerRequirement.get(id=self._requirement.id)

    async def _terms(self, ahead: float, lasts: float, share: str) -> Terms:
        skus = await Sku.filter(goods_id=self._goods.id, on_sale=True).order_by("code")
        prices = await catalogue.prices([sku.id for sku in skus], at=self.now)
        policy = (await catalogue.policies([self._goods.id], at=self.now))[self._goods.id]
        begin = self.now + timedelta(days=ahead)
        return Terms(
            ratio=policy.max_ratio,
            note="含首年标准服务。",
            effective_at=begin,
            expires_at=begin + timedelta(days=lasts),
            prices=[
                Price(
                    sku.id,
                    (prices[sku.id].list_price * Decimal(share)).quantize(Decimal("0.01")),
                )
                for sku in skus
            ],
        )
