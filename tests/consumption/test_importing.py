"""Usage: each line once, whole months rounded once, and cash before debt."""

from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest

from domain.consumption import importing
from domain.consumption.importing import NotAUsageFile
from domain.consumption.usage_lines import UsageLineCode
from domain.files import uploads
from domain.identity.items import Item
from kit.problems import Forbidden, NotFound
from models.catalogue import Sku, SkuPrice
from models.consumption import ConsumptionRecord
from models.subscriptions import Subscription, SubscriptionStatus
from models.usage import UsageImport, UsageRecord
from tests.catalogue.factories import a_merchant
from tests.conftest import Clock
from tests.consumption.factories import handed_in, metered, spent, uploaded, used
from tests.customers.factories import a_customer
from tests.factories import a_staff_viewer, an_administrator
from tests.files.samples import PDF
from tests.orders.factories import Shop, assert_books_add_up, balance, fund, place
from tests.races import at_once
from tests.upstream.working import work

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
async def sku(shop: Shop, time: Clock) -> Sku:
    """0.33 a unit, ordered in January; it is the tenth of February."""
    sku = await metered(shop, now=time.now)
    time.now = datetime(2030, 2, 10, 4, tzinfo=UTC)
    return sku


def counts(made: UsageImport) -> tuple[int, int, int, int]:
    return made.lines, made.added, made.repeated, made.failed


def codes(made: UsageImport) -> list[tuple[int, str]]:
    return [(error["line"], error["code"]) for error in made.errors]


async def test_only_the_total_of_a_month_is_rounded(shop: Shop, sku: Sku, time: Clock) -> None:
    await fund(shop.customer, "10.00", now=time.now)
    at = time.now - timedelta(days=2)

    # 0.33 times 0.01 is 0.0033, which would be nothing three times.
    made = await handed_in(
        shop.seller, *(used(shop, sku, f"r{n}", "0.01000000", at) for n in range(3)), now=time.now
    )

    assert counts(made) == (3, 3, 0, 0)
    assert (made.charged_amount, made.debt_amount) == (Decimal("0.01"), Decimal(0))
    assert {record.amount for record in await UsageRecord.all()} == {Decimal("0.0033")}
    assert await spent() == [{"type": "USAGE", "official": "0.01", "cash": "0.01"}]
    assert await balance(shop.customer) == Decimal("9.99")
    [record] = await ConsumptionRecord.all()
    assert (record.period, record.partner_id, record.occurred_at) == (
        "2030-02",
        shop.partner.id,
        at,
    )
    await assert_books_add_up()


async def test_several_imports_of_a_month_come_to_what_one_comes_to(
    shop: Shop, sku: Sku, time: Clock
) -> None:
    await fund(shop.customer, "10.00", now=time.now)
    at = time.now - timedelta(days=2)

    charged = [
        (
            await handed_in(shop.seller, used(shop, sku, f"r{n}", "0.01", at), now=time.now)
        ).charged_amount
        for n in range(5)
    ]

    # 0.0033, 0.0066, 0.0099, 0.0132, 0.0165
    assert charged == [0, Decimal("0.01"), 0, 0, Decimal("0.01")]
    assert await balance(shop.customer) == Decimal("9.98")


async def test_what_cash_does_not_cover_is_debt(shop: Shop, sku: Sku, time: Clock) -> None:
    await fund(shop.customer, "1.00", now=time.now)

    made = await handed_in(shop.seller, used(shop, sku, "r1", "10", time.now), now=time.now)

    assert (made.charged_amount, made.debt_amount) == (Decimal("3.30"), Decimal("2.30"))
    assert await spent() == [{"type": "USAGE", "official": "3.30", "cash": "1.00", "debt": "2.30"}]
    assert await balance(shop.customer) == 0
    await assert_books_add_up()


async def test_the_same_lines_again_add_nothing(shop: Shop, sku: Sku, time: Clock) -> None:
    await fund(shop.customer, "10.00", now=time.now)
    lines = [used(shop, sku, f"r{n}", "1.5", time.now) for n in range(2)]
    await handed_in(shop.seller, *lines, now=time.now)

    # The last is in the file twice.
    again = await handed_in(
        shop.seller,
        *lines,
        used(shop, sku, "r2", "1", time.now),
        used(shop, sku, "r2", "1.0", time.now),
        now=time.now,
    )

    assert counts(again) == (4, 1, 3, 0)
    assert again.charged_amount == Decimal("0.33")
    assert await UsageRecord.all().count() == 3
    assert await balance(shop.customer) == Decimal("8.68")


async def test_the_same_record_with_another_content_is_refused(
    shop: Shop, sku: Sku, time: Clock
) -> None:
    await handed_in(shop.seller, used(shop, sku, "r1", "1", time.now), now=time.now)

    again = await handed_in(shop.seller, used(shop, sku, "r1", "2", time.now), now=time.now)

    assert (counts(again), codes(again)) == ((1, 0, 0, 1), [(1, "CHANGED")])
    assert again.errors[0]["en"] == "The record r1 was handed in before with another content."
    assert await spent() == [{"type": "USAGE", "official": "0.33", "debt": "0.33"}]


async def test_lines_that_can_not_be_are_told_and_the_others_count(
    shop: Shop, sku: Sku, time: Clock
) -> None:
    good, later = time.now - timedelta(hours=1), time.now + timedelta(seconds=1)
    before = datetime(2030, 1, 31, 23, 29, tzinfo=UTC)
    line = used(shop, sku, "r", "1", good)

    made = await handed_in(
        shop.seller,
        line | {"recordId": "good"},
        "",
        "{not json",
        "[1]",
        line | {"recordId": ""},
        line | {"recordId": "a", "quantity": "0.123456789"},
        line | {"recordId": "b", "quantity": "-1"},
        line | {"recordId": "c", "quantity": "NaN"},
        line | {"recordId": "d", "usedAt": "2030-02-01T00:00:00"},
        line | {"recordId": "e", "usedAt": later.isoformat()},
        line | {"recordId": "f", "usedAt": "2028-07-31T15:59:59Z"},
        line | {"recordId": "g", "usedAt": before.isoformat()},
        line | {"recordId": "h", "customer": "nobody"},
        line | {"recordId": "i", "sku": "nothing"},
        line | {"recordId": "j", "sku": shop.sku.code},
        now=time.now,
    )

    assert counts(made) == (15 - 1, 1, 0, 13)
    assert codes(made) == [
        (3, UsageLineCode.NOT_JSON),
        (4, UsageLineCode.NOT_JSON),
        (5, UsageLineCode.FIELD_INVALID),
        (6, UsageLineCode.QUANTITY_INVALID),
        (7, UsageLineCode.QUANTITY_INVALID),
        (8, UsageLineCode.QUANTITY_INVALID),
        (9, UsageLineCode.TIME_INVALID),
        (10, UsageLineCode.TIME_NOT_COME),
        (11, UsageLineCode.TIME_TOO_OLD),
        (12, UsageLineCode.NOT_ORDERED),
        (13, UsageLineCode.CUSTOMER_UNKNOWN),
        (14, UsageLineCode.SKU_UNKNOWN),
        (15, UsageLineCode.NOT_PAID_BY_USE),
    ]
    assert await UsageRecord.all().count() == 1


async def test_a_merchant_cant_try_which_accounts_there_are(
    shop: Shop, sku: Sku, time: Clock
) -> None:
    """Who has never ordered of it is as unknown as nobody."""
    stranger = await a_customer("Stranger")
    line = used(shop, sku, "a", "1", time.now)
    lines = (
        line | {"customer": stranger.account_name},
        line | {"recordId": "b", "customer": "nobody"},
    )

    by_merchant = await handed_in(shop.seller, *lines, now=time.now)

    unknown = UsageLineCode.CUSTOMER_UNKNOWN
    assert codes(by_merchant) == [(1, unknown), (2, unknown)]


async def test_the_price_is_that_of_the_moment_of_use(shop: Shop, sku: Sku, time: Clock) -> None:
    changed = time.now - timedelta(days=1)
    await SkuPrice.create(
        sku_id=sku.id, created_at=changed, valid_from=changed, list_price=Decimal("1.00")
    )

    made = await handed_in(
        shop.seller,
        used(shop, sku, "r1", "1", changed - timedelta(microseconds=1)),
        used(shop, sku, "r2", "1", changed),
        now=time.now,
    )

    assert made.charged_amount == Decimal("1.33")


async def test_another_merchant_charges_nothing_for_goods_that_are_not_its(
    shop: Shop, sku: Sku, time: Clock
) -> None:
    other = await an_administrator(await a_merchant("Other Shop"))

    made = await handed_in(other, used(shop, sku, "r1", "1", time.now), now=time.now)

    assert codes(made) == [(1, "SKU_UNKNOWN")]
    assert await spent() == []
    file = await uploaded(shop.seller, used(shop, sku, "r1", "1", time.now), now=time.now)
    with pytest.raises(NotFound):
        await importing.import_file(viewer=other, file_id=file.id, now=time.now)


async def test_who_sells_nothing_hands_nothing_in(shop: Shop, sku: Sku, time: Clock) -> None:
    file = await uploaded(shop.by, used(shop, sku, "r1", "1", time.now), now=time.now)

    for viewer in (shop.by, shop.buyer):
        with pytest.raises(Forbidden):
            await importing.import_file(viewer=viewer, file_id=file.id, now=time.now)

    assert await UsageImport.all().count() == 0


async def test_the_platform_takes_in_what_a_merchant_has_uploaded(
    shop: Shop, sku: Sku, time: Clock
) -> None:
    file = await uploaded(shop.seller, used(shop, sku, "r1", "1", time.now), now=time.now)
    platform = await a_staff_viewer(Item.ORDER_REVIEW)

    made = await importing.import_file(viewer=platform, file_id=file.id, now=time.now)

    assert (made.added, made.partner_id) == (1, shop.merchant.id)


async def test_another_kind_of_file_is_no_usage(shop: Shop, sku: Sku, time: Clock) -> None:
    file = await uploads.upload(viewer=shop.seller, name="a.pdf", file=BytesIO(PDF), now=time.now)

    with pytest.raises(NotAUsageFile):
        await importing.import_file(viewer=shop.seller, file_id=file.id, now=time.now)

    assert await UsageImport.all().count() == 0


@pytest.mark.parametrize("first", [0, 1])
async def test_two_files_with_the_same_lines_at_once_are_charged_once(
    shop: Shop, sku: Sku, time: Clock, first: int
) -> None:
    await fund(shop.customer, "10.00", now=time.now)
    lines = [used(shop, sku, f"r{n}", "1", time.now) for n in range(3)]
    files = [await uploaded(shop.seller, *lines, now=time.now) for _ in range(2)]

    def taken(number: int) -> Coroutine[Any, Any, UsageImport]:
        return importing.import_file(viewer=shop.seller, file_id=files[number].id, now=time.now)

    made = await at_once(taken(first), taken(1 - first), while_locked=shop.customer)

    assert sorted((each.added, each.repeated) for each in made) == [(0, 3), (3, 0)]
    assert await spent() == [{"type": "USAGE", "official": "0.99", "cash": "0.99"}]
    assert await balance(shop.customer) == Decimal("9.01")
    await assert_books_add_up()


async def test_what_is_used_of_a_subscription_that_is_over_is_refused(
    shop: Shop, sku: Sku, time: Clock
) -> None:
    """Until its last microsecond it counts, and so does what another one covers."""
    await work(time.now)
    first = await Subscription.get(sku_id=sku.id)
    line = used(shop, sku, "r", "1", first.opened_at)
    over, late = first.opened_at + timedelta(days=2), first.opened_at + timedelta(days=4)
    await Subscription.filter(id=first.id).update(status=SubscriptionStatus.CLOSED, ended_at=over)
    time.now = late
    await place(shop, shop.line(sku_id=sku.id), now=time.now)
    await work(time.now)

    made = await handed_in(
        shop.seller,
        *(
            line | {"recordId": f"r{number}", "usedAt": at.isoformat()}
            for number, at in enumerate(
                [
                    first.opened_at - timedelta(days=1),
                    over - timedelta(microseconds=1),
                    over,
                    late - timedelta(microseconds=1),
                    late,
                ]
            )
        ),
        now=time.now,
    )

    assert codes(made) == [(3, "SUBSCRIPTION_ENDED"), (4, "SUBSCRIPTION_ENDED")]
    assert made.errors[0]["en"] == f"The customer's subscription of {sku.code} was over by then."
    assert made.charged_amount == Decimal("0.99")
