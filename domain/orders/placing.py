"""Placing orders: what is wanted becomes lines that keep the terms of this moment."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.associations.authorization_guards import CustomerIsFrozen
from domain.catalogue.amounts import CURRENCY
from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.orders import carting, deadlines, history, orderable, quoting, scenes, sellers, settling
from domain.orders.holding import buyer
from domain.orders.quoting import Quote, Quoted
from domain.orders.wishes import NOTHING, Wanted
from domain.pricing.arithmetic import Amounts
from kit import rows, texts
from kit.ids import new_id
from kit.money import Money
from kit.numbers import numbered
from kit.problems import InvalidInput, Problem
from kit.transaction import assert_open, transactional
from models.catalogue import ShareModel, SkuPrice
from models.customers import Customer, Freeze
from models.order_states import OrderSource, OrderStatus, OrderType, PaymentState, PolicyScene
from models.orders import Order, OrderLine

NUMBER = "SO"
LONGEST_NOTE = 500


class PriceChanged(Problem):
    """It costs something else than the client has seen: a price, policy or offer has changed."""

    en = "The price is {current} by now, not {expected}."
    zh = "价格已由 {expected} 变更为 {current}。"
    about = {"expected": "What the client has seen.", "current": "What it costs now."}
    expected: Decimal
    current: Decimal


@transactional
async def place(
    *,
    viewer: Viewer,
    lines: Sequence[Wanted] = (),
    cart_line_ids: Sequence[UUID] = (),
    seller_account_name: str | None = None,
    on_behalf_of: UUID | None = None,
    expected_total: Decimal | None = None,
    note: str | None = None,
    now: datetime,
) -> Order:
    """Order lines of the cart, which leave it, or other lines; 50 together at most.

    A partner orders on behalf by its grant, and is bound to the order if nobody else is. What is
    due is paid later, within `deadlines.PAY_WITHIN`; an order with nothing due is paid at once
    (D-01). Raises NotOrderable, PriceChanged, CustomerIsFrozen, NotFound, InvalidInput, and what
    `acting.on_behalf` raises.
    """
    permissions.require(viewer, "orderPlace")
    note = texts.optional(note, longest=LONGEST_NOTE, path=("input", "note"))
    viewer, customer = await buyer(viewer, on_behalf_of, now=now)
    asked = [replace(line, path=("input", "lines", str(place))) for place, line in enumerate(lines)]
    wanted = [*(await carting.take(customer.id, cart_line_ids)), *asked]
    seller_id = await sellers.named(
        account_name=seller_account_name, path=("input", "sellerAccountName")
    )
    is_on_behalf = viewer.on_behalf_of is not None
    return await place_lines(
        viewer=viewer,
        customer=customer,
        lines=wanted,
        source=OrderSource.PARTNER if is_on_behalf else OrderSource.CUSTOMER,
        seller_id=seller_id,
        else_seller_id=viewer.partner_id if is_on_behalf else None,
        expected_total=expected_total,
        note=note,
        now=now,
    )


async def place_lines(
    *,
    viewer: Viewer,
    customer: Customer,
    lines: Sequence[Wanted],
    type: OrderType = OrderType.NEW,
    source: OrderSource = OrderSource.CUSTOMER,
    seller_id: UUID | None = None,
    else_seller_id: UUID | None = None,
    base_order_id: UUID | None = None,
    expected_total: Decimal | None = None,
    pay_by: datetime | None = None,
    note: str | None = None,
    now: datetime,
) -> Order:
    """Write the order of a customer that the caller holds, with the terms of this moment.

    For renewals and changes, too: their lines name the subscription. `else_seller_id` is bound when
    neither the buyer nor an offer names a partner. `pay_by` is when it is too late to be paid, if
    that is earlier than for other orders. Raises NotOrderable, PriceChanged,
    CustomerIsFrozen, NotFound, InvalidInput.
    """
    assert_open()
    if customer.freeze is not Freeze.NONE:
        raise CustomerIsFrozen()
    quote = await quoting.quote(
        viewer=viewer, customer=customer, wanted=lines, seller_id=seller_id, hold=True, now=now
    )
    total = _agreed(quote, type, expected_total)
    id = new_id()
    sold_by = quote.seller_id or else_seller_id
    order = Order(
        id=id,
        created_at=now,
        number=numbered(NUMBER, id, at=now),
        type=type,
        source=source,
        customer_id=customer.id,
        partner_id=customer.partner_id,
        association_id=customer.association_id,
        association_type=customer.association_type,
        manager_id=customer.manager_id,
        seller_id=sold_by,
        policy_scene=await _scene(customer, sold_by, viewer, quote.seller_id, base_order_id, now),
        base_order_id=base_order_id,
        placed_by=viewer.actor_id,
        status=OrderStatus.PENDING_PAYMENT,
        payment_state=PaymentState.UNPAID,
        currency=CURRENCY,
        list_amount=total.list.amount,
        deal_amount=total.deal.amount,
        due_amount=total.deal.amount,
        pay_by=min([now + deadlines.PAY_WITHIN, *([pay_by] if pay_by else [])]),
        note=note,
    )
    await order.insert()
    made = [_line(order, place, line) for place, line in enumerate(quote.lines, start=1)]
    await rows.insert_all(made)
    await history.of_order(
        "placed",
        order,
        viewer=viewer,
        merchants=[line.merchant_id for line in made],
        after={"status": order.status.value, "due_amount": str(order.due_amount)},
        now=now,
    )
    if total.deal == NOTHING:
        await settling.settle(order, customer, made, payment=None, viewer=viewer, now=now)
    else:
        await deadlines.schedule(order, now=now)
    return order


def _agreed(quote: Quote, type: OrderType, expected_total: Decimal | None) -> Amounts:
    """What it all costs, if it can be ordered, and for what the buyer has expected to pay."""
    orderable.refuse([line.findings for line in quote.lines], type=type)
    total = quote.total
    assert total is not None, "lines without a price are refused"
    if expected_total is not None and Money(expected_total, CURRENCY) != total.deal:
        raise PriceChanged(
            expected=expected_total, current=total.deal.amount, path=("input", "expectedTotal")
        )
    if total.deal.amount < 0:
        raise InvalidInput(reason="An order costs nothing or more.", reason_zh="金额不能为负。")
    return total


async def _scene(
    customer: Customer,
    seller_id: UUID | None,
    viewer: Viewer,
    named_id: UUID | None,
    base_order_id: UUID | None,
    now: datetime,
) -> PolicyScene:
    """What goes on by itself keeps its scene with its seller; who names a seller decides anew."""
    if base_order_id is not None and named_id is None and viewer.on_behalf_of is None:
        base = await Order.get(id=base_order_id)
        if base.seller_id == seller_id:
            return base.policy_scene
    return await scenes.scene_of(customer, seller_id, now=now)


def _line(order: Order, place: int, quoted: Quoted) -> OrderLine:
    wanted, policy, price, amounts = quoted.wanted, quoted.policy, quoted.price, quoted.amounts
    assert policy is not None, "lines without a policy are refused"
    assert price is not None, "lines without a price are refused"
    assert amounts is not None, "lines without a price are refused"
    private = quoted.private_offer
    is_joint = private is not None and private.requirement_id is not None
    agreed = wanted.amounts is not None or private is not None
    discount = quoted.exclusive_offer.discount if quoted.exclusive_offer else Decimal(1)
    return OrderLine(
        id=new_id(),
        created_at=order.created_at,
        order_id=order.id,
        position=place,
        goods_id=quoted.goods.id,
        sku_id=quoted.sku.id,
        merchant_id=quoted.goods.merchant_id,
        quantity=wanted.quantity,
        periods=quoted.periods,
        charge_mode=quoted.sku.charge_mode,
        months=quoted.sku.months,
        unit_price=price.list_price,
        list_amount=amounts.list.amount,
        discount=None if agreed else discount,
        deal_amount=amounts.deal.amount,
        due_amount=amounts.deal.amount,
        kind=quoted.goods.kind,
        category=quoted.goods.category,
        share_model=ShareModel.MERCHANT_JOINT if is_joint else policy.share_model,
        share_ratio=private.ratio if private is not None and is_joint else policy.share_ratio,
        strategy=policy.strategy,
        tax_rate=policy.tax_rate,
        floor_amount=_floor(quoted, price, amounts),
        requires_supervision=policy.requires_supervision,
        five_day_refund=policy.five_day_refund,
        policy_id=policy.id,
        exclusive_offer_id=wanted.exclusive_offer_id,
        private_offer_id=wanted.private_offer_id,
        requirement_id=private.requirement_id if private is not None else None,
        subscription_id=wanted.subscription_id,
    )


def _floor(quoted: Quoted, price: SkuPrice, amounts: Amounts) -> Decimal | None:
    """The floor price; that of a difference is the same part of it as at list price."""
    if price.floor_price is None:
        return None
    if quoted.wanted.amounts is None or not price.list_price:
        return price.floor_price * quoted.pieces
    return amounts.deal.times(price.floor_price / price.list_price).amount
