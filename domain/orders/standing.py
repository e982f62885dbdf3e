"""Whether what was ordered is still sold and offered like this, at the instant of its payment."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from domain.offers import guards as exclusive
from domain.orders import quoting
from domain.orders.orderable import FailedOrderCheck, NotOrderable
from domain.orders.wishes import pieces_of
from domain.pricing.verdicts import Finding, Obstacle
from domain.private_offers import using
from kit import database
from kit.money import Money
from kit.problems import Problem
from models.offers import ExclusiveOffer, OfferStatus
from models.order_states import OrderType
from models.orders import Order, OrderLine


class OfferChanged(Problem):
    """The merchant has published other terms since the order was placed: order again."""

    about: ClassVar[dict[str, str]] = {"number": "Which private offer."}
    en = "The private offer {number} has other terms by now; cancel the order and place it again."
    zh = "商家优惠 {number} 的条款已变更,请取消订单后重新下单。"
    number: str


async def check(order: Order, lines: Sequence[OrderLine], *, now: datetime) -> None:
    """Use private offers up, and keep exclusive ones from being withdrawn; the order is held.

    An offer has to be in force when the payment is confirmed (5.7). A private offer is used up here
    and not when the order is placed, so that a cancelled order costs nobody an offer. Raises
    NotOrderable with all that stands in the way, OfferChanged, and the problems of private offers.
    """
    failed = []
    if order.type is not OrderType.RENEW:
        failed += await _off_sale(lines)
    failed += await _not_in_force(order, lines, now)
    if failed:
        raise NotOrderable(checks=failed)
    for id in dict.fromkeys(line.private_offer_id for line in lines):
        if id is not None:
            await _use(order, [line for line in lines if line.private_offer_id == id], now)


async def _off_sale(lines: Sequence[OrderLine]) -> list[FailedOrderCheck]:
    rows = await database.rows(
        "select s.id, s.on_sale, g.on_sale as goods_on_sale from sku s join goods g"
        " on g.id = s.goods_id where s.id = any($1) and not (s.on_sale and g.on_sale)",
        [line.sku_id for line in lines],
    )
    off = {row["id"]: row for row in rows}
    return [
        _failed(
            line,
            Obstacle.SKU_NOT_ON_SALE
            if off[line.sku_id]["goods_on_sale"]
            else Obstacle.GOODS_NOT_ON_SALE,
        )
        for line in lines
        if line.sku_id in off
    ]


async def _not_in_force(
    order: Order, lines: Sequence[OrderLine], now: datetime
) -> list[FailedOrderCheck]:
    statuses: dict[UUID, OfferStatus] = {}
    failed = []
    for line in lines:
        id = line.exclusive_offer_id
        if id is None:
            continue
        if id not in statuses:
            offer = await quoting.held(ExclusiveOffer, id, order.customer_id)
            statuses[id] = exclusive.status_at(offer, now)
        if statuses[id] is not OfferStatus.EFFECTIVE:
            is_over = statuses[id] is OfferStatus.EXPIRED
            failed.append(_failed(line, Obstacle.EXPIRED if is_over else Obstacle.WITHDRAWN))
    return failed


async def _use(order: Order, lines: Sequence[OrderLine], now: datetime) -> None:
    offer_id, partner_id = lines[0].private_offer_id, order.seller_id
    assert offer_id is not None
    assert partner_id is not None, "who brings an offer is bound to the order"
    frozen = await using.use(
        private_offer_id=offer_id,
        order_id=order.id,
        customer_id=order.customer_id,
        partner_id=partner_id,
        now=now,
    )
    prices = {price.sku_id: price.unit_price for price in reversed(frozen.prices)}
    for line in lines:
        price = prices.get(line.sku_id)
        is_other = price is None or _amount(line, price) != line.deal_amount
        if is_other or (frozen.requirement_id is not None and frozen.ratio != line.share_ratio):
            raise OfferChanged(number=frozen.number)


def _amount(line: OrderLine, price: Money) -> object:
    pieces = pieces_of(line.charge_mode, line.quantity, line.periods)
    return price.amount * pieces


def _failed(line: OrderLine, code: Obstacle) -> FailedOrderCheck:
    return FailedOrderCheck(line.position - 1, code, Finding(code).rule)
