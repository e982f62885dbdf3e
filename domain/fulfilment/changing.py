"""Another SKU or quantity of what one has, for the rest of its time (变更)."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Protocol
from uuid import UUID

from domain.catalogue import terms
from domain.catalogue.amounts import CURRENCY
from domain.catalogue.quantities import check_quantity
from domain.fulfilment import expiry, going_on
from domain.fulfilment.opening import periods_of
from domain.fulfilment.pieces import rest_of
from domain.fulfilment.policy import SUBSCRIPTIONS
from domain.fulfilment.renewing import SubscriptionOfAnotherCustomer, SubscriptionRow
from domain.fulfilment.spans import Days, days_of, is_change
from domain.identity import permissions
from domain.identity.items import Item
from domain.identity.viewer import Viewer, ViewerKind
from domain.orders import placing
from domain.orders.holding import buyer
from domain.orders.wishes import NOTHING, Wanted
from domain.pricing.arithmetic import Amounts
from kit.guards import Guard, refuse
from kit.money import Money
from kit.problems import Forbidden, InvalidInput, NotFound, Problem
from kit.status import WrongStatus
from kit.transaction import transactional
from models.catalogue import ChargeMode, Sku
from models.order_states import OrderSource, OrderType
from models.orders import Order, OrderLine
from models.subscriptions import Subscription, SubscriptionPeriod
from models.subscriptions import SubscriptionStatus as Status


class NothingToChange(Problem):
    """What is used without an end, bought in one piece or not accepted yet isn't changed."""

    en = "Only what was bought for a time, and whose time runs, is changed."
    zh = "仅已生效的包周期资源可以变更。"


class ChangeableRow(SubscriptionRow, Protocol):
    """The columns of a subscription that the guard reads."""

    @property
    def effective_at(self) -> datetime | None: ...


def can_change(row: ChangeableRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The customer, or its partner on behalf, while its time runs."""
    if row.charge_mode != ChargeMode.PERIOD or row.effective_at is None:
        return NothingToChange()
    status = expiry.status_at(row, now)
    if status is not Status.IN_USE:
        return WrongStatus(status=status.value, wanted=Status.IN_USE.value)
    if viewer.kind is ViewerKind.OPERATOR:
        # Whether it has leave is seen by the mutation, which is told for whom it acts.
        return None if viewer.may(Item.ORDER_PLACE) else Forbidden(needs=Item.ORDER_PLACE)
    is_own = viewer.kind is ViewerKind.CUSTOMER and viewer.customer_id == row.customer_id
    return None if is_own else SubscriptionOfAnotherCustomer()


COLUMNS = ("customer_id", "status", "charge_mode", "effective_at", "expires_at", "expire_policy")
ACTIONS: dict[str, Guard] = {"subscriptionChange": can_change}


@transactional
async def change(
    *,
    viewer: Viewer,
    subscription_id: UUID,
    sku_id: UUID | None = None,
    quantity: int | None = None,
    on_behalf_of: UUID | None = None,
    expected_total: Decimal | None = None,
    now: datetime,
) -> Order:
    """Order another SKU of the same goods, another quantity, or both; what isn't named stays.

    An order of type CHANGE over the difference as `difference` has it, which is paid like any other
    until the running period ends; with nothing due it is paid at once. Raises NotFound,
    NothingToChange, WrongStatus, SubscriptionIsBusy, InvalidInput, and what placing orders raises.
    """
    permissions.require(viewer, "subscriptionChange")
    viewer, customer = await buyer(viewer, on_behalf_of, now=now)
    subscription = await SUBSCRIPTIONS.lock(
        Subscription, subscription_id, viewer=viewer, now=now, thing="subscription"
    )
    if subscription.customer_id != customer.id:
        raise NotFound(thing="subscription", path=("input", "id"))
    refuse(can_change(subscription, viewer, now))
    sku = await _sku(subscription, sku_id or subscription.sku_id)
    quantity = subscription.quantity if quantity is None else quantity
    _check(subscription, sku, quantity)
    await going_on.to_change(subscription, now=now)

    periods = await periods_of(subscription.id)
    running = [each for each in periods if _is_running(each, now)]
    base = await Order.get(id=subscription.order_id)
    is_on_behalf = viewer.on_behalf_of is not None
    return await placing.place_lines(
        viewer=viewer,
        customer=customer,
        lines=[
            Wanted(
                sku_id=sku.id,
                quantity=quantity,
                subscription_id=subscription.id,
                amounts=await _amounts(sku, quantity, running, periods, now),
            )
        ],
        type=OrderType.CHANGE,
        source=OrderSource.PARTNER if is_on_behalf else OrderSource.CUSTOMER,
        else_seller_id=viewer.partner_id if is_on_behalf else base.seller_id,
        base_order_id=base.id,
        expected_total=expected_total,
        pay_by=subscription.expires_at,
        now=now,
    )


def difference(
    *, listed: Money, quantity: int, months: int, span: int, days: Days, paid: Money
) -> Amounts:
    """What the new costs for the whole days that are left, and what is due of that [inferred].

    `listed` is its list price today for `months`; the period that runs has `span` months and
    `days`. What was `paid` for the same days of the old is taken off; never more than all of it: a
    smaller one gives nothing back, to unsubscribe does.
    """
    whole = listed.times(Decimal(quantity * span))
    new = part_of(whole, Fraction(days.left, days.total * months))
    return Amounts(new, max(new - paid, NOTHING, key=lambda each: each.amount))


def part_of(amount: Money, part: Fraction) -> Money:
    """A part of it, rounded once."""
    return amount.split([part.numerator, part.denominator - part.numerator])[0]


async def _amounts(
    sku: Sku,
    quantity: int,
    running: Sequence[SubscriptionPeriod],
    periods: Sequence[SubscriptionPeriod],
    now: datetime,
) -> Amounts | None:
    price = (await terms.prices([sku.id], at=now)).get(sku.id)
    if price is None:
        return None  # refused with whatever else stands in the way
    [whole] = [each for each in running if not is_change(each)]
    assert whole.months is not None
    assert sku.months is not None
    return difference(
        listed=Money(price.list_price, CURRENCY),
        quantity=quantity,
        months=sku.months,
        span=whole.months,
        days=days_of(whole, periods, at=now),
        paid=await _paid(running, periods, now),
    )


async def _paid(
    running: Sequence[SubscriptionPeriod], periods: Sequence[SubscriptionPeriod], now: datetime
) -> Money:
    """What was paid, by whatever means, for the days to come of what is in use."""
    paid = NOTHING
    for period in running:
        line = await OrderLine.get(id=period.line_id)
        rest, days = await rest_of(line, periods), days_of(period, periods, at=now)
        paid += part_of(
            Money(line.due_amount, CURRENCY), rest.part * Fraction(days.left, days.total)
        )
    return paid


async def _sku(subscription: Subscription, sku_id: UUID) -> Sku:
    path = ("input", "skuId")
    sku = await Sku.get_or_none(id=sku_id, goods_id=subscription.goods_id)
    if sku is None:
        raise NotFound(thing="SKU", path=path)
    if sku.charge_mode is not ChargeMode.PERIOD:
        raise InvalidInput(
            reason="A subscription changes to what is sold for a time.",
            reason_zh="仅可变更为包周期规格。",
            path=path,
        )
    return sku


def _check(subscription: Subscription, sku: Sku, quantity: int) -> None:
    check_quantity(quantity, path=("input", "quantity"))
    if (sku.id, quantity) == (subscription.sku_id, subscription.quantity):
        raise InvalidInput(
            reason="It is that already: name another SKU or quantity.",
            reason_zh="规格与数量均未变化。",
            path=("input",),
        )


def _is_running(period: SubscriptionPeriod, now: datetime) -> bool:
    is_begun = period.started_at is not None and period.started_at <= now
    is_over = period.ends_at is not None and period.ends_at <= now
    return period.given_back_at is None and is_begun and not is_over
