"""The limit of the list of orders: one statement, written by hand."""

import base64
from typing import Any

from kit import clock

_TIME = """to_char({}, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
_HEX = "encode(uuid_send({}), 'hex')"
_MONEY = """'{{"amount":"' || {} || '","currency":"' || {} || '"}}'"""

_LINES = f"""
select string_agg('{{"id":"orl_' || {_HEX.format("l.id")} || '","quantity":' || l.quantity
    || ',"dueAmount":' || {_MONEY.format("l.due_amount", "'CNY'")}
    || ',"goods":{{"id":"gds_' || {_HEX.format("g.id")} || '","name":' || to_json(g.name) || '}}}}',
  ',' order by l.position) as lines
from order_line l join goods g on g.id = l.goods_id where l.order_id = o.id
"""

ORDERS = f"""
select '{{"id":"ord_' || {_HEX.format("o.id")} || '","number":' || to_json(o.number)
    || ',"status":"' || case when late then 'CANCELLED' else o.status end
    || '","paymentState":"' || case when late then 'CANCELLED' else o.payment_state end
    || '","createdAt":"' || {_TIME.format("o.created_at")}
    || '","dueAmount":' || {_MONEY.format("o.due_amount", "o.currency")}
    || ',"customer":{{"id":"cus_' || {_HEX.format("c.id")} || '","name":' || to_json(c.name)
    || '}},"lines":[' || coalesce(lines, '') || ']}}',
  o.created_at, o.id
from (select *, status = 'PENDING_PAYMENT' and pay_by <= $2 as late from sales_order
  where partner_id = any($1) order by created_at desc, id desc limit 51) o
join customer c on c.id = o.customer_id
cross join lateral ({_LINES}) of_order
order by o.created_at desc, o.id desc
limit $3
"""


async def page(pool: Any, viewer: dict[str, Any], size: int) -> str:
    """The answer to `orders(first: size)`."""
    rows = await pool.fetch(ORDERS, viewer["partner_ids"], clock.wall(), size + 1)
    shown = rows[:size]
    cursor = "null"
    if shown:
        _, created_at, id = shown[-1]
        cursor = base64.urlsafe_b64encode(f"{id.hex}:{created_at}".encode()).decode()
    more = "true" if len(rows) > size else "false"
    return (
        f'{{"data":{{"orders":{{"nodes":[{",".join([row[0] for row in shown])}],'
        f'"pageInfo":{{"hasNextPage":{more},"endCursor":"{cursor}"}}}}}}}}'
    )
