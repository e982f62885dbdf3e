"""Supervised deliveries, step by step, back and forth, and to the platform."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from domain.fulfilment import appealing, delivering, waiting
from domain.fulfilment.guards import (
    PATIENCE,
    AppealIsOpen,
    DeliveryOfAnotherCustomer,
    DeliveryOfAnotherMerchant,
    NothingToAppeal,
)
from domain.identity.items import Item
from domain.identity.viewer import Viewer
from kit import timers
from kit.problems import Forbidden, NotFound
from kit.status import WrongStatus
from models.catalogue import GoodsCategory
from models.order_states import OrderStatus, SupervisionState
from models.orders import Order
from models.supervision import AppealState, ServiceSupervision
from models.supervision import SupervisionStep as Step
from tests.conftest import Clock
from tests.customers.factories import a_customer, a_user_of
from tests.factories import a_staff_viewer
from tests.fulfilment.factories import (
    delivered,
    line_of,
    subscription_of,
    supervision_of,
    told,
)
from tests.orders.factories import Shop, a_shop, history
from tests.races import at_once
from tests.upstream.working import work

pytestmark = pytest.mark.usefixtures("database")

REASON = "The third page is missing."


@pytest.fixture
async def shop(time: Clock) -> Shop:
    """What it sells is supervised."""
    return await a_shop(requires_supervision=True)


@pytest.fixture
async def platform(time: Clock) -> Viewer:
    return await a_staff_viewer(Item.ORDER_REVIEW)


async def to_acceptance(shop: Shop, time: Clock) -> tuple[Order, ServiceSupervision]:
    """The merchant has delivered; it is the buyer's turn."""
    order = await delivered(shop, now=time.now)
    row = await supervision_of(order)
    await delivering.submit_requirement(
        viewer=shop.buyer, supervision_id=row.id, requirement="For forty desks.", now=time.now
    )
    await delivering.confirm(viewer=shop.seller, supervision_id=row.id, now=time.now)
    row = await delivering.deliver(viewer=shop.seller, supervision_id=row.id, now=time.now)
    return order, row


async def rejected(shop: Shop, row: ServiceSupervision, times: int, time: Clock) -> None:
    """The buyer sends it back so often; each time but the last it is delivered anew."""
    for turn in range(times):
        if turn:
            await delivering.deliver(viewer=shop.seller, supervision_id=row.id, now=time.now)
        await delivering.reject(
            viewer=shop.buyer, supervision_id=row.id, reason=REASON, now=time.now
        )


async def test_a_supervised_order_goes_on_until_the_buyer_accepts(shop: Shop, time: Clock) -> None:
    order, row = await to_acceptance(shop, time)
    subscription = await subscription_of(order)
    assert (order.status, order.supervision_state) == (
        OrderStatus.PROCESSING,
        SupervisionState.IN_PROGRESS,
    )
    assert (subscription.effective_at, subscription.expires_at) == (None, None)
    assert (await line_of(order)).effective_at is None
    time.forward(days=2)

    await delivering.accept(viewer=shop.buyer, supervision_id=row.id, now=time.now)

    order = await Order.get(id=order.id)
    assert (order.status, order.completed_at) == (OrderStatus.COMPLETED, time.now)
    assert order.supervision_state is SupervisionState.DONE
    line = await line_of(order)
    assert (line.supervision_state, line.supervision_done_at) == (SupervisionState.DONE, time.now)
    subscription = await subscription_of(order)
    assert subscription.effective_at == line.effective_at == time.now
    assert subscription.opened_at == time.now - timedelta(days=2)
    assert await told(row) == ["requirement_submitted", "confirmed", "delivered", "accepted"]
    assert await told(row, shop.merchant) == await told(row)
    assert (await history(order))[-1] == "completed"


async def test_what_the_cloud_opens_after_the_acceptance_counts_from_then(
    shop: Shop, time: Clock
) -> None:
    from models.upstream import Behaviour
    from tests.fulfilment.factories import the_cloud_is

    await the_cloud_is(Behaviour.LATE, after=3600)
    order, row = await to_acceptance(shop, time)
    await delivering.accept(viewer=shop.buyer, supervision_id=row.id, now=time.now)
    assert (await Order.get(id=order.id)).status is OrderStatus.PROCESSING
    time.forward(hours=1)

    await work(time.now)

    assert (await subscription_of(order)).effective_at == time.now
    assert (await Order.get(id=order.id)).status is OrderStatus.COMPLETED


async def test_an_image_needs_no_supervision_whatever_its_policy_says(time: Clock) -> None:
    from models.catalogue import Goods

    shop = await a_shop(requires_supervision=True)
    await Goods.filter(id=shop.goods.id).update(category=GoodsCategory.IMAGE)

    order = await delivered(shop, now=time.now)

    assert order.status is OrderStatus.COMPLETED
    assert order.supervision_state is SupervisionState.NOT_INVOLVED
    assert await ServiceSupervision.all().count() == 0


async def test_a_requirement_that_says_too_little_goes_back(shop: Shop, time: Clock) -> None:
    row = await supervision_of(await delivered(shop, now=time.now))
    await delivering.submit_requirement(
        viewer=shop.buyer, supervision_id=row.id, requirement="Some.", now=time.now
    )

    row = await delivering.send_back(
        viewer=shop.seller, supervision_id=row.id, reason="How many?", now=time.now
    )

    assert row.step is Step.SUBMIT_REQUIREMENT
    assert await told(row) == ["requirement_submitted", "requirement_returned"]


async def test_nobody_takes_another_ones_step(shop: Shop, time: Clock, platform: Viewer) -> None:
    _, row = await to_acceptance(shop, time)
    other = await a_user_of(await a_customer("Pearl River"))
    calls: list[tuple[Callable[..., Any], Viewer, type[Exception], dict[str, Any]]] = [
        (delivering.accept, shop.seller, DeliveryOfAnotherCustomer, {}),
        (delivering.accept, shop.by, DeliveryOfAnotherCustomer, {}),
        (delivering.accept, other, NotFound, {}),
        (delivering.reject, shop.by, DeliveryOfAnotherCustomer, {"reason": REASON}),
        (delivering.deliver, shop.by, DeliveryOfAnotherMerchant, {}),
        (delivering.deliver, shop.buyer, Forbidden, {}),
        (delivering.deliver, shop.seller, WrongStatus, {}),
        (appealing.appeal, shop.by, DeliveryOfAnotherMerchant, {"reason": REASON}),
        (appealing.decide, shop.seller, Forbidden, {"granted": True, "reason": REASON}),
        (appealing.decide, platform, WrongStatus, {"granted": True, "reason": REASON}),
        (appealing.review, platform, WrongStatus, {"passed": True}),
        (appealing.require_review, shop.seller, Forbidden, {}),
    ]
    for call, viewer, problem, more in calls:
        with pytest.raises(problem):
            await call(viewer=viewer, supervision_id=row.id, now=time.now, **more)

    fresh = await ServiceSupervision.get(id=row.id)
    assert (fresh.step, fresh.version) == (Step.BUYER_ACCEPT, row.version)


async def test_after_the_third_rejection_and_not_before_the_merchant_may_appeal(
    shop: Shop, time: Clock, platform: Viewer
) -> None:
    order, row = await to_acceptance(shop, time)
    await rejected(shop, row, 2, time)
    with pytest.raises(NothingToAppeal) as refused:
        await appealing.appeal(
            viewer=shop.seller, supervision_id=row.id, reason="It is all there.", now=time.now
        )
    assert refused.value.rejection_count == 2
    await delivering.deliver(viewer=shop.seller, supervision_id=row.id, now=time.now)
    await delivering.reject(viewer=shop.buyer, supervision_id=row.id, reason=REASON, now=time.now)

    row = await appealing.appeal(
        viewer=shop.seller, supervision_id=row.id, reason="It is all there.", now=time.now
    )
    # Friday, 1 February 2030 in China; 2 to 8 February are Monday-to-Friday days but for weekends.
    assert (row.appeal, row.appeal_due_on) == (AppealState.OPEN, date(2030, 2, 6))
    with pytest.raises(AppealIsOpen):
        await delivering.deliver(viewer=shop.seller, supervision_id=row.id, now=time.now)

    await appealing.decide(
        viewer=platform, supervision_id=row.id, granted=True, reason="It is.", now=time.now
    )

    assert (await supervision_of(order)).step is Step.DONE
    assert (await Order.get(id=order.id)).status is OrderStatus.COMPLETED


async def test_five_days_of_silence_to_the_second_open_the_appeal(shop: Shop, time: Clock) -> None:
    _, row = await to_acceptance(shop, time)
    time.now += PATIENCE - timedelta(microseconds=1)
    with pytest.raises(NothingToAppeal):
        await appealing.appeal(
            viewer=shop.seller, supervision_id=row.id, reason="Silence.", now=time.now
        )
    await work(time.now)
    assert (await told(row))[-1] == "delivered"

    time.forward(microseconds=1)
    await work(time.now)

    assert (await told(row))[-1] == "appealable"
    await appealing.appeal(
        viewer=shop.seller, supervision_id=row.id, reason="Silence.", now=time.now
    )
    assert (await supervision_of(await Order.get(id=row.order_id))).appeal is AppealState.OPEN


async def test_a_refused_appeal_leaves_the_buyer_the_last_word_and_its_days_anew(
    shop: Shop, time: Clock, platform: Viewer
) -> None:
    order, row = await to_acceptance(shop, time)
    time.now += PATIENCE
    await appealing.appeal(
        viewer=shop.seller, supervision_id=row.id, reason="Silence.", now=time.now
    )
    await appealing.decide(
        viewer=platform, supervision_id=row.id, granted=False, reason="Wait.", now=time.now
    )

    with pytest.raises(NothingToAppeal):
        await appealing.appeal(
            viewer=shop.seller, supervision_id=row.id, reason="Silence.", now=time.now
        )
    assert (await timers.mend(waiting.APPEALABLE_WAITS, now=time.now)).created == 0
    await delivering.accept(viewer=shop.buyer, supervision_id=row.id, now=time.now)
    assert (await supervision_of(order)).step is Step.DONE


async def test_the_platform_looks_at_what_it_wants_to_review(
    shop: Shop, time: Clock, platform: Viewer
) -> None:
    order, row = await to_acceptance(shop, time)
    await appealing.require_review(viewer=platform, supervision_id=row.id, now=time.now)
    row = await delivering.accept(viewer=shop.buyer, supervision_id=row.id, now=time.now)
    assert row.step is Step.PLATFORM_REVIEW
    assert (await Order.get(id=order.id)).status is OrderStatus.PROCESSING

    await appealing.review(
        viewer=platform, supervision_id=row.id, passed=False, reason="No.", now=time.now
    )
    await delivering.deliver(viewer=shop.seller, supervision_id=row.id, now=time.now)
    await delivering.accept(viewer=shop.buyer, supervision_id=row.id, now=time.now)
    await appealing.review(viewer=platform, supervision_id=row.id, passed=True, now=time.now)

    assert (await Order.get(id=order.id)).status is OrderStatus.COMPLETED


@pytest.mark.parametrize("accept_first", [True, False])
async def test_accepted_as_it_is_rejected(shop: Shop, time: Clock, accept_first: bool) -> None:
    order, row = await to_acceptance(shop, time)
    calls = [
        delivering.accept(viewer=shop.buyer, supervision_id=row.id, now=time.now),
        delivering.reject(viewer=shop.buyer, supervision_id=row.id, reason=REASON, now=time.now),
    ]
    if not accept_first:
        calls.reverse()

    _, lost = await at_once(*calls, while_locked=order)

    assert isinstance(lost, WrongStatus)
    wanted = Step.DONE if accept_first else Step.DELIVERING
    assert (await supervision_of(order)).step is wanted
