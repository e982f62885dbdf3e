"""A partner pays for its customer: who may ask, who pays, and what it blocks (D-02, D-03)."""

from decimal import Decimal

import pytest

from domain.associations import changes
from domain.associations.change_checks import ChangeCheck, ChangeCheckFailed
from domain.associations.effects import ENDING, Ending
from domain.identity.viewer import SYSTEM
from domain.ledger.posting import InsufficientBalance
from domain.orders import cancelling, partner_payment, paying
from domain.orders.guards import (
    NotAskedToPay,
    OrderNotPayable,
    OrderOfAnotherCustomer,
    PartnerPaymentNotPossible,
)
from kit.problems import Forbidden, NotFound
from kit.transaction import transactional
from models.customers import AssociationType, Customer
from models.orders import Order
from models.partners import Partner
from tests.conftest import Clock
from tests.customers.factories import a_manager
from tests.factories import a_distributor, a_partner, an_administrator
from tests.orders.factories import (
    Shop,
    a_shop,
    assert_sound,
    balance,
    fresh,
    fund,
    history,
    parts_of,
    place,
)

pytestmark = pytest.mark.usefixtures("database")

REFERRAL, AGENCY = AssociationType.REFERRAL, AssociationType.AGENCY


async def asked(shop: Shop, now: object) -> Order:
    """An order of 1000 that the partner is to pay."""
    order = await place(shop, now=now)  # type: ignore[arg-type]
    return await partner_payment.request(viewer=shop.buyer, order_id=order.id, now=now)  # type: ignore[arg-type]


async def partner_of(kind: str) -> Partner:
    if kind == "reseller":
        return await a_partner("Corner", distributor=await a_distributor())
    return await a_distributor() if kind == "distributor" else await a_partner()


@pytest.mark.parametrize(
    ("kind", "type", "may"),
    [
        ("provider", REFERRAL, True),
        ("provider", AGENCY, True),
        ("distributor", REFERRAL, True),
        ("distributor", AGENCY, True),
        ("reseller", REFERRAL, False),
        ("reseller", AGENCY, True),
    ],
)
async def test_who_may_ask(time: Clock, kind: str, type: AssociationType, may: bool) -> None:
    """D-02."""
    shop = await a_shop(partner=await partner_of(kind), type=type)

    if may:
        order = await fresh(await asked(shop, time.now))
        assert (order.payment_state, order.payer_id) == (
            "PENDING_PARTNER_PAYMENT",
            shop.partner.id,
        )
    else:
        with pytest.raises(PartnerPaymentNotPossible):
            await asked(shop, time.now)
        assert await Order.filter(payment_state="UNPAID", payer_id=None).count() == 1


async def test_the_partner_pays_all_of_it_from_its_balance(shop: Shop, time: Clock) -> None:
    await fund(shop.partner, "1200.00", now=time.now)
    order = await asked(shop, time.now)

    await partner_payment.pay(viewer=shop.by, order_id=order.id, now=time.now)

    assert (await fresh(order)).payment_state == "PAID"
    assert await parts_of(order) == [("PARTNER_BALANCE", Decimal("1000.00"))]
    assert await balance(shop.partner) == Decimal("200.00")
    assert (await history(order))[:3] == ["placed", "partner_asked", "paid"]
    await assert_sound(order)


async def test_a_distributor_pays_orders_of_its_resellers_customers(time: Clock) -> None:
    """D-03."""
    distributor = await a_distributor()
    shop = await a_shop(partner=await a_partner("Corner", distributor=distributor), type=AGENCY)
    await fund(distributor, "1000.00", now=time.now)
    order = await asked(shop, time.now)

    by = await an_administrator(distributor)
    await partner_payment.pay(viewer=by, order_id=order.id, now=time.now)

    assert (await fresh(order)).payer_id == distributor.id
    assert await balance(distributor) == 0


async def test_without_enough_balance_it_still_waits(shop: Shop, time: Clock) -> None:
    order = await asked(shop, time.now)

    with pytest.raises(InsufficientBalance):
        await partner_payment.pay(viewer=shop.by, order_id=order.id, now=time.now)

    waiting = await fresh(order)
    assert (waiting.payment_state, waiting.payer_id) == (
        "PENDING_PARTNER_PAYMENT",
        shop.partner.id,
    )


async def test_nobody_else_pays_or_declines(shop: Shop, time: Clock) -> None:
    order = await asked(shop, time.now)
    rival = await an_administrator(await a_partner("Rival"))
    _, manager = await a_manager(shop.partner)

    with pytest.raises(NotFound):
        await partner_payment.pay(viewer=rival, order_id=order.id, now=time.now)
    with pytest.raises(Forbidden):
        await partner_payment.pay(viewer=manager, order_id=order.id, now=time.now)
    unasked = await place(shop, now=time.now)
    with pytest.raises(NotAskedToPay):
        await partner_payment.pay(viewer=shop.by, order_id=unasked.id, now=time.now)
    with pytest.raises(OrderOfAnotherCustomer):
        await partner_payment.recall(viewer=shop.by, order_id=order.id, now=time.now)


async def test_declined_or_recalled_the_customer_pays_itself(shop: Shop, time: Clock) -> None:
    await fund(shop.customer, "2000.00", now=time.now)
    declined, recalled = await asked(shop, time.now), await asked(shop, time.now)
    with pytest.raises(OrderNotPayable):
        await paying.pay(viewer=shop.buyer, order_id=declined.id, now=time.now)

    await partner_payment.decline(
        viewer=shop.by, order_id=declined.id, reason="Too dear.", now=time.now
    )
    await partner_payment.recall(viewer=shop.buyer, order_id=recalled.id, now=time.now)

    for order in (declined, recalled):
        assert (await fresh(order)).payer_id is None
        await paying.pay(viewer=shop.buyer, order_id=order.id, now=time.now)
        assert await parts_of(order) == [("CASH", Decimal("1000.00"))]


async def test_the_customer_may_cancel_what_waits_for_its_partner(shop: Shop, time: Clock) -> None:
    order = await asked(shop, time.now)

    await cancelling.cancel(viewer=shop.buyer, order_id=order.id, now=time.now)

    assert (await fresh(order)).status == "CANCELLED"
    with pytest.raises(OrderNotPayable):
        await partner_payment.pay(viewer=shop.by, order_id=order.id, now=time.now)


async def test_the_association_stays_as_it_is_while_the_partner_is_to_pay(
    shop: Shop, time: Clock
) -> None:
    """C-19."""
    order = await asked(shop, time.now)

    with pytest.raises(ChangeCheckFailed) as refused:
        await changes.request_end(
            viewer=shop.by,
            customer_id=shop.customer.id,
            reason="We part.",
            understood=True,
            now=time.now,
        )
    assert [check.code for check in refused.value.checks] == [ChangeCheck.PARTNER_PAYMENT_PENDING]

    # From its deadline on it blocks nothing, whether or not a worker has come by.
    assert order.pay_by is not None
    await changes.request_end(
        viewer=shop.by,
        customer_id=shop.customer.id,
        reason="We part.",
        understood=True,
        now=order.pay_by,
    )


async def test_an_association_that_ends_nevertheless_gives_the_order_back(
    shop: Shop, time: Clock
) -> None:
    order = await asked(shop, time.now)

    @transactional
    async def end() -> None:
        await Customer.select_for_update(no_key=True).get(id=shop.customer.id)
        assert shop.customer.association_id is not None
        await ENDING.run(
            Ending(
                customer_id=shop.customer.id,
                partner_id=shop.partner.id,
                association_id=shop.customer.association_id,
                type=REFERRAL,
                reason="TEST",
                viewer=SYSTEM,
                now=time.now,
            )
        )

    await end()

    left = await fresh(order)
    assert (left.status, left.payment_state, left.payer_id) == ("PENDING_PAYMENT", "UNPAID", None)
    assert (await history(order))[-1] == "partner_recalled"
