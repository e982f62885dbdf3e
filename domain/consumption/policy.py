"""Who sees what was spent: as with orders, but for merchants; and who sees bills and usage."""

from domain.fulfilment.policy import BY_ROW
from kit.scope import Scope

# By which instruments a customer pays is no business of the merchant.
CONSUMPTION = Scope(**BY_ROW | {"OPERATOR__MERCHANT": "false"})

# A bill is about all customers of a partner, so it isn't for those who see only some.
_MAY = "{viewer.sees_funds}::boolean"
BILLS = Scope(
    STAFF="true",
    OPERATOR=f"({{t}}.partner_id = {{viewer.partner_id}} and {_MAY})",
    OPERATOR__DISTRIBUTOR=f"({{t}}.partner_id = any({{viewer.partner_ids}}) and {_MAY})",
    OPERATOR__MANAGER="false",
    OPERATOR__SUPERVISOR="false",
    OPERATOR__MERCHANT="false",
)

# A merchant's own files.
IMPORTS = Scope(
    STAFF="true", OPERATOR="false", OPERATOR__MERCHANT="{t}.partner_id = {viewer.partner_id}"
)
