"""Who sees which orders, their lines and what paid them, and whose cart.

A customer sees its own; a partner those of its customers, as they were when ordered, and those that
it sold; a manager those of the customers in his hands (O-05); a merchant those with goods of its
shop, and of these its own lines.
"""

from kit.scope import Scope, Under

_MAY = "{viewer.sees_orders}::boolean"


def _in_hands(which: str) -> str:
    # As an array, so that the customers are found once and their orders by index.
    return (
        "{t}.customer_id = any(array(select held.id from customer held"
        f" where held.manager_id {which}))"
    )


_AT_HOME = (
    f"(({{t}}.partner_id = {{viewer.partner_id}} or {{t}}.seller_id = {{viewer.partner_id}})"
    f" and {_MAY})"
)
_ORDERS = {
    "STAFF": "true",
    "OPERATOR": _AT_HOME,
    "OPERATOR__DISTRIBUTOR": "(({t}.partner_id = any({viewer.partner_ids})"
    f" or {{t}}.seller_id = any({{viewer.partner_ids}})) and {_MAY})",
    "OPERATOR__MANAGER": f"({_in_hands('= {viewer.seat_id}')} and {_AT_HOME})",
    "OPERATOR__SUPERVISOR": f"({_in_hands('= any({viewer.manager_ids})')} and {_AT_HOME})",
    "OPERATOR__MERCHANT": "(exists (select from order_line sold where sold.order_id = {t}.id"
    f" and sold.merchant_id = {{viewer.partner_id}}) and {_MAY})",
    "CUSTOMER": "{t}.customer_id = {viewer.customer_id}",
}

ORDERS = Scope(**_ORDERS)

LINES = Under(
    ORDERS,
    "sales_order",
    by="order_id",
    OPERATOR__MERCHANT=f"({{t}}.merchant_id = {{viewer.partner_id}} and {_MAY})",
)

# By what a customer paid is no business of the merchants, of which there may be several.
PARTS = Under(ORDERS, "sales_order", by="order_id", OPERATOR__MERCHANT="false")

# Over an order: whether the viewer sees the whole of it. A merchant doesn't see what others sold.
IS_WHOLE = (
    "(not {viewer.is_merchant}::boolean or not exists (select from order_line others"
    " where others.order_id = {t}.id and others.merchant_id is distinct from {viewer.partner_id}))"
)

# Over an order: what a merchant's list is ordered by instead of an amount of it that may be hidden.
WHOLE_AMOUNT = f"(case when {IS_WHOLE} then {{t}}.due_amount else 0 end)"

# Over a line: whether the viewer may know what the sale earns: who sold it, and whose goods it is.
SEES_SHARE = (
    "({viewer.kind}::text in ('STAFF', 'SYSTEM') or ({viewer.kind}::text = 'OPERATOR'"
    " and ({t}.merchant_id = {viewer.partner_id} or exists (select from sales_order sold"
    " where sold.id = {t}.order_id and sold.seller_id = any({viewer.partner_ids})))))"
)

# Over a line: what it is settled with is between the merchant and the platform.
SEES_FLOOR = (
    "({viewer.kind}::text in ('STAFF', 'SYSTEM') or ({viewer.kind}::text = 'OPERATOR'"
    " and {t}.merchant_id = {viewer.partner_id}))"
)


def _cart(customer_id: str) -> Scope:
    # A cart is its customer's own, and who has leave to order for it fills it, too.
    return Scope(
        STAFF="true",
        OPERATOR="exists (select from on_behalf_authorization granted"
        f" where granted.customer_id = {customer_id} and granted.partner_id = {{viewer.partner_id}}"
        " and granted.status = 'GRANTED' and granted.scopes ? 'ORDER')",
        CUSTOMER=f"{customer_id} = {{viewer.customer_id}}",
    )


CART_LINES = _cart("{t}.customer_id")
# Over a customer: whose cart the viewer sees.
CARTS = _cart("{t}.id")
