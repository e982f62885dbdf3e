"""Who sees which customers, and what is about them."""

from kit.scope import Scope

# An operator's row scope (O-03…O-06): all of the partner's, or those of certain managers. For
# everything with the columns partner_id and manager_id. One id is compared by `=`, since only then
# an index gives a page of the list in its order, whoever asks.
_MAY = "{viewer.sees_customers}::boolean"
_AT_HOME = f"{{t}}.partner_id = {{viewer.partner_id}} and {_MAY}"
OF_PARTNER = {
    "STAFF": "true",
    "OPERATOR": f"({_AT_HOME})",
    "OPERATOR__DISTRIBUTOR": f"({{t}}.partner_id = any({{viewer.partner_ids}}) and {_MAY})",
    "OPERATOR__MANAGER": f"({{t}}.manager_id = {{viewer.seat_id}} and {_AT_HOME})",
    "OPERATOR__SUPERVISOR": f"({{t}}.manager_id = any({{viewer.manager_ids}}) and {_AT_HOME})",
}

CUSTOMERS = Scope(**OF_PARTNER, CUSTOMER="{t}.id = {viewer.customer_id}")

# With the column customer_id, too.
ABOUT_CUSTOMERS = Scope(**OF_PARTNER, CUSTOMER="{t}.customer_id = {viewer.customer_id}")

# What a partner's people keep about a customer; a partner that comes after finds nothing of it.
_KEPT = "{t}.partner_id = any({viewer.partner_ids})"
TAGS = Scope(STAFF="true", OPERATOR=_KEPT)
ASSIGNMENTS = Scope(STAFF="true", OPERATOR=_KEPT)
