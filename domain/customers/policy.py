"""Who sees which customers, and what is about them."""

from kit.scope import Scope

# An operator's row scope (O-03…O-06): all of the partner's, or those of certain managers.
_MANAGED = "({viewer.sees_all_customers} or {t}.manager_id = any({viewer.manager_ids}))"
_OF_PARTNER = "{t}.partner_id = any({viewer.partner_ids}) and " + _MANAGED

CUSTOMERS = Scope(STAFF="true", OPERATOR=_OF_PARTNER, CUSTOMER="{t}.id = {viewer.customer_id}")

# For everything with the columns partner_id, customer_id and manager_id.
ABOUT_CUSTOMERS = Scope(
    STAFF="true", OPERATOR=_OF_PARTNER, CUSTOMER="{t}.customer_id = {viewer.customer_id}"
)
