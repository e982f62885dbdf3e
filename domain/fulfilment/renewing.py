"""Going on with what one has: orders that renew, and renewal by itself (续订)."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from domain.fulfilment import expiry, going_on, history, self_renewal
from domain.fulfilment.expiry import EndingRow
from domain.fulfilment.policy import SUBSCRIPTIONS
from domain.fulfilment.self_renewal import wanted
from domain.identity import permissions
from domain.identity.items import Item
from domain.identity.viewer import Viewer, ViewerKind
from domain.orders import placing
from domain.orders.holding import buyer
from kit.guards import Guard, refuse
from kit.problems import Forbidden, InvalidInput, NotFound, Problem
from kit.status import WrongStatus
from kit.transaction import transactional
from models.catalogue import ChargeMode
from models.order_states import OrderSource, OrderType
from models.orders import Order
from models.subscriptions import ExpirePolicy, Subscription
from models.subscriptions import SubscriptionStatus as Status

MOST = 10  # wire: resources of one renewal
# Wire: period_type 2 with 1 to 11 months, or 3 with 1 to 3 years.
LENGTHS = (*range(1, 12), 12, 24, 36)


class NothingToRenew(Problem):
    """What is used without an end, or was bought in one piece, isn't renewed."""

    en = "Only what was bought for a time is renewed."
    zh = "仅包周期资源可以续订。"


class SubscriptionOfAnotherCustomer(Problem):
    """Its own customer renews it, or its partner on behalf of it."""

    en = "Only its customer does this, or the customer's partner on behalf of it."
    zh = "仅资源所属客户或获授权的伙伴可代为操作。"


class SubscriptionRow(EndingRow, Protocol):
    """The columns of a subscription that guards read."""

    @property
    def customer_id(self) -> UUID: ...
    @property
    def charge_mode(self) -> str: ...


def can_renew(row: SubscriptionRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The customer, or its partner on behalf, until it is over."""
    if row.charge_mode != ChargeMode.PERIOD:
        return NothingToRenew()
    if problem := _is_over(row, now):
        return problem
    if viewer.kind is ViewerKind.OPERATOR:
        # Whether it has leave is seen by the mutation, which is told for whom it acts.
        return None if viewer.may(Item.ORDER_PLACE) else Forbidden(needs=Item.ORDER_PLACE)
    return _owns(row, viewer)


def can_set(row: SubscriptionRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The customer alone: it is its money."""
    if problem := _owns(row, viewer):
        return problem
    if row.charge_mode != ChargeMode.PERIOD:
        return NothingToRenew()
    return _is_over(row, now)


ACTIONS: dict[str, Guard] = {
    "subscriptionRenew": can_renew,
    "subscriptionAutoRenewSet": can_set,
}


@transactional
async def renew(
    *,
    viewer: Viewer,
    subscription_ids: Sequence[UUID],
    months: int,
    on_behalf_of: UUID | None = None,
    expected_total: Decimal | None = None,
    now: datetime,
) -> Order:
    """Order more time for up to ten subscriptions: 1 to 11 months, or 1 to 3 years.

    An order of type RENEW at today's prices, which is paid like any other; the new time begins
    where the paid one ends. Raises NotFound, NothingToRenew, WrongStatus, SubscriptionIsBusy while
    a change isn't carried out, InvalidInput, and what placing orders raises.
    """
    permissions.require(viewer, "subscriptionRenew")
    ids = _checked(subscription_ids, months)
    viewer, customer = await buyer(viewer, on_behalf_of, now=now)
    found = await SUBSCRIPTIONS.locked(Subscription, ids, viewer=viewer, now=now)
    by_id = {each.id: each for each in found if each.customer_id == customer.id}
    lines = []
    for place, id in enumerate(ids):
        if id not in by_id:
            path = ("input", "ids", str(place))
            raise NotFound(thing="subscription", path=path)
        refuse(can_renew(by_id[id], viewer, now))
        await going_on.while_changing(id)
        lines.append(await wanted(by_id[id], months=months))
    orders = {by_id[id].order_id for id in ids}
    is_on_behalf = viewer.on_behalf_of is not None
    base = await Order.get(id=by_id[ids[0]].order_id)
    return await placing.place_lines(
        viewer=viewer,
        customer=customer,
        lines=lines,
        type=OrderType.RENEW,
        source=OrderSource.PARTNER if is_on_behalf else OrderSource.CUSTOMER,
        else_seller_id=viewer.partner_id if is_on_behalf else base.seller_id,
        base_order_id=base.id if len(orders) == 1 else None,
        expected_total=expected_total,
        now=now,
    )


@transactional
async def set_auto_renew(
    *,
    viewer: Viewer,
    subscription_id: UUID,
    auto_renew: bool,
    expire_policy: ExpirePolicy | None = None,
    now: datetime,
) -> Subscription:
    """Let it be renewed from the customer's cash a day before it ends, or no longer.

    `expire_policy` says what becomes of it when it ends all the same; None leaves that as it is.
    """
    permissions.require(viewer, "subscriptionAutoRenewSet")
    subscription = await SUBSCRIPTIONS.lock(
        Subscription, subscription_id, viewer=viewer, now=now, thing="subscription"
    )
    refuse(can_set(subscription, viewer, now))
    before = {
        "auto_renew": subscription.auto_renew,
        "expire_policy": subscription.expire_policy.value,
    }
    subscription.auto_renew = auto_renew
    subscription.expire_policy = expire_policy or subscription.expire_policy
    after = {
        "auto_renew": subscription.auto_renew,
        "expire_policy": subscription.expire_policy.value,
    }
    if before == after:
        return subscription
    subscription.version += 1
    await subscription.save(update_fields=["auto_renew", "expire_policy", "version"])
    await self_renewal.schedule(subscription.customer_id, now=now)
    await history.of(
        "subscription",
        "renewal_set",
        subscription,
        viewer=viewer,
        before={name: value for name, value in before.items() if value != after[name]},
        after={name: value for name, value in after.items() if value != before[name]},
        now=now,
    )
    return subscription


def _is_over(row: SubscriptionRow, now: datetime) -> Problem | None:
    status = expiry.status_at(row, now)
    if status.is_final:
        return WrongStatus(status=status.value, wanted=Status.IN_USE.value)
    return None


def _owns(row: SubscriptionRow, viewer: Viewer) -> Problem | None:
    if viewer.kind is ViewerKind.SYSTEM:
        return None
    if viewer.kind is ViewerKind.CUSTOMER and viewer.customer_id == row.customer_id:
        return None
    return SubscriptionOfAnotherCustomer()


def _checked(ids: Sequence[UUID], months: int) -> list[UUID]:
    distinct = list(dict.fromkeys(ids))
    if not 1 <= len(distinct) <= MOST:
        raise InvalidInput(
            reason=f"Name 1 to {MOST} of them; these are {len(distinct)}.",
            reason_zh=f"一次须指定 1 至 {MOST} 个对象。",
            path=("input", "ids"),
        )
    if months not in LENGTHS:
        raise InvalidInput(
            reason="1 to 11 months, or 1 to 3 whole years.",
            reason_zh="续订时长应为 1 至 11 个月或 1 至 3 年。",
            path=("input", "months"),
        )
    return distinct
