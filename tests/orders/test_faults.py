"""Whatever dies between any two statements of a payment: all of it happened, or nothing has."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest

from domain.orders import paying
from kit import connections
from models.orders import Order
from tests.conftest import Clock
from tests.orders.factories import (
    Shop,
    a_coupon,
    assert_sound,
    balance,
    everything,
    fresh,
    fund,
    lend,
    place,
)

pytestmark = pytest.mark.usefixtures("database")


class Died(BaseException):
    """As if the process had been killed here: nobody handles it."""


@contextmanager
def dying_before(number: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], int]]:
    """Let the statement with this number, from 1 on, never be sent; tells how many there were."""
    sent = 0
    real = connections.Transaction._ask

    async def ask(self: Any, method: Any, *arguments: Any) -> Any:
        nonlocal sent
        if arguments[0] == "begin":
            return await real(self, method, *arguments)
        sent += 1
        if sent == number:
            raise Died
        return await real(self, method, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(connections.Transaction, "_ask", ask)
        yield lambda: sent


async def test_a_payment_that_dies_before_any_of_its_statements_has_done_nothing(
    shop: Shop, time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Coupons, credit, cash, the 100 % offer, fulfilment: all of it, statement by statement."""
    await fund(shop.customer, "5000.00", now=time.now)
    await lend(shop.customer, "100.00", now=time.now)
    voucher = await a_coupon(shop.customer, "100.00", now=time.now)
    order = await place(shop, seller_account_name=shop.partner.account_name, now=time.now)
    before = await everything()

    async def pay() -> Order:
        return await paying.pay(
            viewer=shop.buyer,
            order_id=order.id,
            coupons={voucher.id: Decimal("50.00")},
            credit_amount=Decimal("100.00"),
            now=time.now,
        )

    number = 1
    while True:
        with dying_before(number, monkeypatch) as sent:
            try:
                await pay()
            except Died:
                assert sent() == number
            else:
                break
        assert await everything() == before, f"after dying before statement {number}"
        number += 1

    assert number > 20, "that was all of a payment"
    assert (await fresh(order)).payment_state == "PAID_ON_CREDIT"
    assert await balance(shop.customer) == Decimal("4150.00")
    await assert_sound(order)
