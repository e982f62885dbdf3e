"""What a customer's lines cost now and on which terms: for carts, and for placing orders.

It differs from a simulation in that only the customer's own offers count, named by their ids, and
in that months are multiplied.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.catalogue import terms
from domain.catalogue.amounts import CURRENCY
from domain.identity.viewer import Viewer
from domain.orders.wishes import NOTHING, Wanted, check, periods_of, pieces_of
from domain.pricing import arithmetic, reading, verdicts
from domain.pricing.arithmetic import Amounts
from domain.pricing.verdicts import Finding, Obstacle, Setting
from kit import database, rows
from kit.money import Money
from kit.problems import InvalidInput, NotFound
from models.catalogue import Goods, GoodsPolicy, Sku, SkuPrice
from models.customers import Customer
from models.offers import ExclusiveOffer, ExclusiveOfferLine
from models.private_offers import PrivateOffer, PrivateOfferLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """A line with its terms. Price, policy and amounts are None where there are none to be had."""

    wanted: Wanted
    goods: Goods
    sku: Sku
    price: SkuPrice | None
    policy: GoodsPolicy | None
    periods: int
    amounts: Amounts | None
    exclusive_offer: ExclusiveOffer | None
    private_offer: PrivateOffer | None
    findings: list[Finding]

    @property
    def pieces(self) -> int:
        """How many times the list price it is: 0 for what is paid by use."""
        return pieces_of(self.sku.charge_mode, self.wanted.quantity, self.periods)


@dataclass(frozen=True, slots=True)
class Quote:
    """Lines as they would be ordered, and the partner to which the order is bound, if to any."""

    seller_id: UUID | None
    lines: list[Quoted]

    @property
    def total(self) -> Amounts | None:
        """The sum of all lines; None when one has no price."""
        amounts = [line.amounts for line in self.lines if line.amounts is not None]
        return arithmetic.total(amounts, CURRENCY) if len(amounts) == len(self.lines) else None


async def quote(
    *,
    viewer: Viewer,
    customer: Customer,
    wanted: Sequence[Wanted],
    seller_id: UUID | None = None,
    hold: bool = False,
    now: datetime,
) -> Quote:
    """The lines at list prices, policies and offers as of `now`; what stands in the way, too.

    The order is bound to the partner that is named, else to the first line's seller, else to the
    owner of the first offer; offers of others don't fit (A-22). `hold` keeps the offers from being
    withdrawn until the transaction ends. Raises NotFound for a SKU or offer that isn't there for
    the customer, InvalidInput.
    """
    check(wanted)
    skus = await reading.skus_in_sight({w.sku_id for w in wanted}, viewer=viewer, now=now)
    for each in wanted:
        if each.sku_id not in skus:
            raise NotFound(thing="SKU", path=(*each.path, "skuId"))
    offers = await _offers(customer.id, wanted, hold)
    seller_id = seller_id or _first_seller(wanted, offers)
    prices = await terms.prices(list(skus), at=now)
    policies = await terms.policies({goods.id for _, goods in skus.values()}, at=now)
    quantities = Counter[tuple[UUID, UUID]]()
    for each in wanted:
        quantities.update({(id, each.sku_id): each.quantity for id in each.offers})
    lines = []
    for each in wanted:
        sku, goods = skus[each.sku_id]
        setting = Setting(
            customer_id=customer.id,
            partner_id=seller_id,
            goods=goods,
            sku=sku,
            quantity=max((quantities[id, sku.id] for id in each.offers), default=each.quantity),
            policy=policies.get(goods.id),
            at=now,
        )
        lines.append(_quoted(each, setting, prices.get(sku.id), offers))
    return Quote(seller_id, lines)


@dataclass(frozen=True, slots=True)
class _Offers:
    exclusive: dict[UUID, ExclusiveOffer] = field(default_factory=dict)
    exclusive_lines: dict[UUID, list[ExclusiveOfferLine]] = field(default_factory=dict)
    private: dict[UUID, PrivateOffer] = field(default_factory=dict)
    private_lines: dict[UUID, list[PrivateOfferLine]] = field(default_factory=dict)


async def _offers(customer_id: UUID, wanted: Sequence[Wanted], hold: bool) -> _Offers:
    found = _Offers()
    for each in wanted:
        if (id := each.exclusive_offer_id) is not None and id not in found.exclusive:
            offer = await held(ExclusiveOffer, id, customer_id, hold=hold)
            if offer is None:
                raise NotFound(thing="exclusive offer", path=(*each.path, "exclusiveOfferId"))
            found.exclusive[id] = offer
            found.exclusive_lines[id] = await ExclusiveOfferLine.filter(offer_id=id)
        if (id := each.private_offer_id) is not None and id not in found.private:
            brought = await held(PrivateOffer, id, customer_id, hold=hold)
            if brought is None or brought.current_version_id is None:
                raise NotFound(thing="private offer", path=(*each.path, "privateOfferId"))
            found.private[id] = brought
            found.private_lines[id] = await PrivateOfferLine.filter(
                terms_id=brought.current_version_id
            )
    return found


async def held(table: Any, id: UUID, customer_id: UUID, *, hold: bool = True) -> Any:
    """The offer, if it is this customer's; `hold` keeps others from changing it, not from reading.

    Several orders may count on one offer at the same time, so that none waits for another's.
    """
    found = await database.rows(
        f'select {rows.columns(table, "t")} from "{table._meta.db_table}" t'
        f" where t.id = $1 and t.customer_id = $2{' for share' if hold else ''}",
        *(id, customer_id),
    )
    return rows.as_models(table, found)[0] if found else None


def _first_seller(wanted: Sequence[Wanted], offers: _Offers) -> UUID | None:
    for each in wanted:
        if each.seller_id is not None:
            return each.seller_id
    for each in wanted:
        if each.exclusive_offer_id is not None:
            return offers.exclusive[each.exclusive_offer_id].partner_id
        if each.private_offer_id is not None:
            return offers.private[each.private_offer_id].partner_id
    return None


def _quoted(wanted: Wanted, line: Setting, price: SkuPrice | None, offers: _Offers) -> Quoted:
    exclusive = offers.exclusive.get(wanted.exclusive_offer_id) if wanted.offers else None  # type: ignore[arg-type]
    private = offers.private.get(wanted.private_offer_id) if wanted.offers else None  # type: ignore[arg-type]
    findings = verdicts.of_sale(line, price)
    if wanted.seller_id not in (None, line.partner_id):
        findings.append(Finding(Obstacle.OTHER_PARTNER))
    if exclusive is not None:
        findings += verdicts.of_exclusive(exclusive, offers.exclusive_lines[exclusive.id], line)
    if private is not None:
        findings += verdicts.of_private(private, offers.private_lines[private.id], line)
    periods = periods_of(wanted, line.sku)
    return Quoted(
        wanted=wanted,
        goods=line.goods,
        sku=line.sku,
        price=price,
        policy=line.policy,
        periods=periods,
        amounts=_amounts(wanted, line.sku, price, periods, exclusive, private, offers),
        exclusive_offer=exclusive,
        private_offer=private,
        findings=findings,
    )


def _amounts(
    wanted: Wanted,
    sku: Sku,
    price: SkuPrice | None,
    periods: int,
    exclusive: ExclusiveOffer | None,
    private: PrivateOffer | None,
    offers: _Offers,
) -> Amounts | None:
    if wanted.amounts is not None:
        return wanted.amounts
    if price is None:
        return None
    count = pieces_of(sku.charge_mode, wanted.quantity, periods)
    if not count:
        return Amounts(NOTHING, NOTHING)
    listed = Money(price.list_price, CURRENCY)
    try:
        if private is not None:
            agreed = [
                line for line in offers.private_lines[private.id] if line.sku_id == wanted.sku_id
            ]
            if agreed:
                unit = Money(agreed[0].unit_price, CURRENCY)
                return arithmetic.at_price(listed, count, unit)
        discount = exclusive.discount if exclusive is not None else arithmetic.WHOLE
        return arithmetic.at_discount(listed, count, discount)
    except InvalidInput as problem:
        problem.path = (*wanted.path, "quantity")
        raise
