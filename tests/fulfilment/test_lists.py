"""Lists of what was sold walk an index, however much there is."""

from typing import Any

import pytest

from domain.fulfilment.policy import BY_ROW
from kit import database
from kit.scope import one_off
from kit.transaction import transactional
from models.orders import OrderLine
from models.subscriptions import Subscription
from tests.conftest import Clock
from tests.fulfilment.factories import delivered
from tests.orders.factories import Shop

pytestmark = pytest.mark.usefixtures("database")

MANY = 20_000


@transactional
async def multiply(shop: Shop, time: Clock) -> None:
    """So many subscriptions like the one, a tenth of them the partner's, without their stories."""
    order = await delivered(shop, now=time.now)
    line = await OrderLine.get(order_id=order.id)
    pattern = await Subscription.get(line_id=line.id)
    for table, id in (("order_line", line.id), ("subscription", pattern.id)):
        columns = [
            row["column_name"]
            for row in await database.rows(
                "select column_name from information_schema.columns where table_name = $1", table
            )
        ]
        made = {
            "id": "('00000000-0000-0000-' || lpad(to_hex(n / 65536), 4, '0') || '-'"
            " || lpad(to_hex(n % 65536), 12, '0'))::uuid",
            "position": "n + 1",
            "number": "'SB' || n",
            "line_id": "('00000000-0000-0000-' || lpad(to_hex(n / 65536), 4, '0') || '-'"
            " || lpad(to_hex(n % 65536), 12, '0'))::uuid",
            "created_at": "created_at - n * interval '1 minute'",
            "partner_id": "case when n % 10 = 0 then partner_id end",
            "manager_id": "null",
        }
        into = ", ".join(f'"{column}"' for column in columns)
        values = ", ".join(made.get(column, f'"{column}"') for column in columns)
        await database.execute(
            f"insert into {table} ({into}) select {values} from {table},"
            f" generate_series(1, {MANY}) as n where id = $1",
            id,
        )
    await database.execute("analyze subscription")


@pytest.mark.parametrize("who", ["partner", "customer", "merchant", "staff"])
async def test_the_first_fifty_of_many_are_an_index_walk(shop: Shop, time: Clock, who: str) -> None:
    await multiply(shop, time)
    viewers: dict[str, tuple[str, Any]] = {
        "partner": ("OPERATOR", shop.by),
        "customer": ("CUSTOMER", shop.buyer),
        "merchant": ("OPERATOR__MERCHANT", shop.seller),
        "staff": ("STAFF", shop.by),
    }
    kind, viewer = viewers[who]
    sql, values = one_off(
        f"explain select t.id from subscription t where {BY_ROW[kind]}"
        " order by t.created_at desc, t.id desc limit 50",
        viewer=viewer,
        now=time.now,
    )

    plan = "\n".join(row["QUERY PLAN"] for row in await database.rows(sql, *values))

    assert "Index" in plan, plan
    assert "Sort" not in plan, plan
