"""The worked examples of section 6, by the workflows: offered, ordered, paid, refunded, settled."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domain.refunds import requesting
from domain.settlement import exporting, recomputing
from models.catalogue import GoodsKind, ShareModel
from models.refunds import RefundReason
from models.settlement import SettledKind
from models.settlement_runs import RunState
from models.statements import Statement
from models.subscriptions import Subscription
from models.vouchers import CouponKind
from tests.conftest import Clock
from tests.orders.factories import a_coupon
from tests.settlement.sales import (
    JOINT,
    SELF,
    STRICT,
    Provider,
    a_provider,
    lines_of,
    statements_of,
)
from tests.upstream.working import work

pytestmark = pytest.mark.usefixtures("database")

# The clock of the tests stands at the first of February in Shanghai.
BILLING = datetime(2030, 3, 4, 0, 0, tzinfo=UTC)
FLOOR, SOLO = ShareModel.FLOOR_PRICE, ShareModel.LEGACY_SOLO
LEGACY, MERCHANT = ShareModel.LEGACY_JOINT, ShareModel.MERCHANT_JOINT


@pytest.fixture
async def provider(time: Clock) -> Provider:
    """A general taxpayer."""
    return await a_provider(time)


@pytest.mark.parametrize(
    ("fee_tax_rate", "sale", "amount"),
    [
        pytest.param("0.06", {"price": "10600.00", "ratio": "0.1"}, "1060.00", id="E1"),
        pytest.param(
            "0.06", {"price": "11300.00", "ratio": "0.12", "tax": "0.13"}, "1272.00", id="E1b"
        ),
        pytest.param("0.01", {"price": "10600.00", "ratio": "0.1"}, "1010.00", id="E1c 1%"),
        pytest.param("0.03", {"price": "10600.00", "ratio": "0.1"}, "1030.00", id="E1c 3%"),
        pytest.param(
            "0.06", {"price": "10600.00", "ratio": "0.2", "kind": JOINT}, "1060.00", id="E2"
        ),
        pytest.param(
            "0.06",
            {"price": "8888.88", "ratio": "0.15", "kind": JOINT, "tax": "0.13"},
            "625.37",
            id="E2b",
        ),
        pytest.param(
            "0.06",
            {"price": "10600.00", "ratio": "0.6", "model": FLOOR, "floor": "7420.00"},
            "1908.00",
            id="E3",
        ),
        pytest.param(
            "0.06",
            {
                "price": "11300.00",
                "ratio": "0.7",
                "model": FLOOR,
                "floor": "9040.00",
                "tax": "0.13",
            },
            "1484.00",
            id="E3b",
        ),
        pytest.param(
            "0.06",
            {
                "price": "11300.00",
                "ratio": "0.9",
                "model": SOLO,
                "floor": "9040.00",
                "tax": "0.13",
                "kind": STRICT,
            },
            "1908.00",
            id="E4",
        ),
        pytest.param(
            "0.06",
            {
                "price": "11300.00",
                "ratio": "0.6",
                "model": LEGACY,
                "floor": "9040.00",
                "tax": "0.13",
                "kind": STRICT,
            },
            "1272.00",
            id="E5",
        ),
        pytest.param(
            "0.06",
            {"price": "10600.00", "ratio": "0.08", "model": MERCHANT, "kind": JOINT},
            "848.00",
            id="E6",
        ),
    ],
)
async def test_a_sale_is_settled_as_in_the_worked_example(
    time: Clock, fee_tax_rate: str, sale: dict[str, Any], amount: str
) -> None:
    provider = await a_provider(time, fee_tax_rate=fee_tax_rate)
    order = await provider.sells(**sale)
    time.now = BILLING

    run = await provider.settles("2030-02")

    assert run.state is RunState.DONE
    [statement] = await statements_of(provider)
    assert (statement.total_amount, statement.lines) == (Decimal(amount), 1)
    assert statement.fee_tax_rate == Decimal(fee_tax_rate)
    [line] = await lines_of(statement)
    assert (line.kind, line.amount) == (SettledKind.ORIGINAL, Decimal(amount))
    assert (line.cash, line.rule_version) == (order.due_amount, run.rule_version)
    await assert_it_proves_itself(statement)


@pytest.mark.parametrize(
    ("kind", "counting", "amount"),
    [
        (SELF, CouponKind.STORED_VALUE_CARD, "1500.00"),
        (JOINT, CouponKind.STORED_VALUE_CARD, "750.00"),
        (SELF, CouponKind.CASH_COUPON, "1500.00"),
    ],
)
async def test_vouchers_and_coupons_that_do_not_count_are_left_out(
    provider: Provider, time: Clock, kind: GoodsKind, counting: CouponKind, amount: str
) -> None:
    """6.5: 5,000 of 20,000 excluded. An order takes three coupons, so those of a kind are one."""
    coupons: dict[UUID, Decimal | None] = {}
    for value, what, facts in (
        ("3500.00", CouponKind.VOUCHER, {}),
        ("1500.00", CouponKind.CASH_COUPON, {"counts_performance": False}),
        ("6000.00", counting, {}),
    ):
        made = await a_coupon(provider.customer, value, kind=what, now=time.now, **facts)
        coupons[made.id] = None
    await provider.sells("20000.00", "0.1", kind=kind, coupons=coupons)
    time.now = BILLING

    await provider.settles("2030-02")

    [statement] = await statements_of(provider)
    [line] = await lines_of(statement)
    assert (line.cash, line.amount) == (Decimal("15000.00"), Decimal(amount))
    await assert_it_proves_itself(statement)


async def test_inside_the_guarantee_sale_and_refund_stand_together(
    provider: Provider, time: Clock
) -> None:
    """E8, in the same period."""
    order = await provider.sells("8888.88", "0.15", kind=JOINT, tax="0.13", five_day_refund=True)
    time.forward(days=2)
    await provider.gives_back(order)
    time.now = BILLING

    await provider.settles("2030-02")

    [statement] = await statements_of(provider)
    sale, back = await lines_of(statement)
    assert (sale.amount, back.amount) == (Decimal("625.37"), Decimal("-625.37"))
    assert (back.original_id, back.takes_remainder) == (sale.id, True)
    assert statement.total_amount == Decimal("0.00")
    await assert_it_proves_itself(statement)


@pytest.mark.parametrize(
    ("sale", "used", "original", "reversal"),
    [
        pytest.param({"price": "3650.00", "ratio": "0.1"}, 73, "365.00", "-292.00", id="E9"),
        pytest.param({"price": "10600.00", "ratio": "0.1"}, 100, "1060.00", "-769.59", id="E9b"),
        pytest.param(
            {"price": "10600.00", "ratio": "0.1", "voucher": "1600.00"},
            73,
            "900.00",
            "-720.00",
            id="E9c",
        ),
        pytest.param(
            {"price": "7300.00", "ratio": "0.2", "kind": JOINT, "tax": "0.13"},
            146,
            "684.78",
            "-410.87",
            id="E9d",
        ),
        pytest.param(
            {"price": "10600.00", "ratio": "0.6", "model": FLOOR, "floor": "7420.00"},
            73,
            "1908.00",
            "-1526.40",
            id="E9e",
        ),
        pytest.param(
            {"price": "10600.00", "ratio": "0.08", "model": MERCHANT, "kind": JOINT},
            73,
            "848.00",
            "-678.40",
            id="E9f",
        ),
    ],
)
async def test_a_refund_by_days_after_the_sale_was_settled_comes_alone(
    provider: Provider,
    time: Clock,
    sale: dict[str, Any],
    used: int,
    original: str,
    reversal: str,
) -> None:
    voucher = sale.pop("voucher", None)
    if voucher:
        made = await a_coupon(provider.customer, voucher, now=time.now)
        sale["coupons"] = {made.id: None}
    order = await provider.sells(**sale)
    bought_at = time.now
    time.now = BILLING
    await provider.settles("2030-02")
    time.now = bought_at
    time.forward(days=used)

    await provider.gives_back(order)

    month = f"{time.now:%Y-%m}"
    time.forward(days=40)
    await provider.settles(month)
    first, second = await statements_of(provider)
    assert first.total_amount == Decimal(original)
    [back] = await lines_of(second)
    assert (back.kind, back.amount) == (SettledKind.REVERSAL, Decimal(reversal))
    assert not back.takes_remainder
    await assert_it_proves_itself(first)
    await assert_it_proves_itself(second)


async def test_a_renewal_that_is_given_back_before_it_takes_effect_comes_to_nothing(
    provider: Provider, time: Clock
) -> None:
    """E10: both lines belong to the month of the refund."""
    bought = await provider.sells("5300.00", "0.1")
    time.now = BILLING
    await provider.settles("2030-02")
    await provider.renews(bought)
    time.forward(days=3)
    subscription = await Subscription.get(order_id=bought.id)
    await requesting.request(
        viewer=provider.buyer,
        subscription_id=subscription.id,
        reason=RefundReason.NOT_NEEDED,
        renewals_only=True,
        now=time.now,
    )
    await work(time.now)
    time.now = datetime(2030, 4, 3, tzinfo=UTC)

    await provider.settles("2030-03")

    _, statement = await statements_of(provider)
    assert [(line.kind, line.amount) for line in await lines_of(statement)] == [
        (SettledKind.ORIGINAL, Decimal("530.00")),
        (SettledKind.REVERSAL, Decimal("-530.00")),
    ]
    assert statement.total_amount == Decimal("0.00")
    await assert_it_proves_itself(statement)


async def test_each_tax_rate_has_a_statement_of_its_own(provider: Provider, time: Clock) -> None:
    """E11, in February."""
    await provider.sells("10600.00", "0.1")
    await provider.sells("11300.00", "0.12", tax="0.13")
    await provider.sells("8888.88", "0.15", kind=JOINT, tax="0.13")
    time.now = BILLING

    await provider.settles("2030-02")

    found = {each.goods_tax_rate: each for each in await statements_of(provider)}
    assert {rate: each.total_amount for rate, each in found.items()} == {
        Decimal("0.0600"): Decimal("1060.00"),
        Decimal("0.1300"): Decimal("1897.37"),
    }
    for statement in found.values():
        await assert_it_proves_itself(statement)


async def test_what_is_below_zero_is_carried_to_the_next_month(
    provider: Provider, time: Clock
) -> None:
    """E12: +200.00 − 640.00 = −440.00; with +2,000.00 the month after it pays 1,560.00."""
    old = await provider.sells("8000.00", "0.1", five_day_refund=False)
    opened_at = time.now
    time.now = BILLING
    await provider.settles("2030-02")
    time.now = opened_at
    time.forward(days=73)
    await provider.gives_back(old)
    await provider.sells("2000.00", "0.1")
    time.now = datetime(2030, 5, 6, tzinfo=UTC)
    await provider.settles("2030-04")
    await provider.sells("20000.00", "0.1")
    time.now = datetime(2030, 6, 4, tzinfo=UTC)

    await provider.settles("2030-05")

    _, below, above = await statements_of(provider)
    assert sorted(line.amount for line in await lines_of(below)) == [
        Decimal("-640.00"),
        Decimal("200.00"),
    ]
    assert below.total_amount == Decimal("-440.00")
    assert (above.carried_from_id, above.carry_in) == (below.id, Decimal("-440.00"))
    assert (above.lines_amount, above.total_amount) == (Decimal("2000.00"), Decimal("1560.00"))
    for statement in (below, above):
        await assert_it_proves_itself(statement)


async def assert_it_proves_itself(statement: Statement) -> None:
    """Its export says all that it was worked out from, and gives the same bytes again."""
    lines = [line async for line in exporting.export(statement.number)]
    assert list(recomputing.check(lines)) == []
    assert [line async for line in exporting.export(statement.number)] == lines
