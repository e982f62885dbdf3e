"""Who sees what was sold: its customer, its customer's partner of then, and its merchant."""

from domain.customers.policy import OF_PARTNER
from domain.offers.policy import in_hands
from kit.scope import Scope

_MAY = "{viewer.sees_orders}::boolean"
_AT_HOME = f"{{t}}.partner_id = {{viewer.partner_id}} and {_MAY}"

# For everything with the columns customer_id, partner_id, manager_id and merchant_id.
BY_ROW = {
    "STAFF": OF_PARTNER["STAFF"],
    "OPERATOR": f"({_AT_HOME})",
    "OPERATOR__DISTRIBUTOR": f"({{t}}.partner_id = any({{viewer.partner_ids}}) and {_MAY})",
    "OPERATOR__MANAGER": f"({in_hands('= {viewer.seat_id}')} and {_AT_HOME})",
    "OPERATOR__SUPERVISOR": f"({in_hands('= any({viewer.manager_ids})')} and {_AT_HOME})",
    "OPERATOR__MERCHANT": f"({{t}}.merchant_id = {{viewer.partner_id}} and {_MAY})",
    "CUSTOMER": "{t}.customer_id = {viewer.customer_id}",
}

SUBSCRIPTIONS = Scope(**BY_ROW)
SUPERVISIONS = Scope(**BY_ROW)
