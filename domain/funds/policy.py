"""Who sees recharges, adjust records and withdrawals: their owner's people and the platform."""

from kit.scope import Scope

_MAY = "{viewer.sees_funds}::boolean"
_HOME = "{t}.partner_id = {viewer.partner_id}"
_HOUSE = "{t}.partner_id = any({viewer.partner_ids})"

# A customer's recharges and withdrawals are its own affair; a distributor sees its resellers'.
_OWNED = {
    "STAFF": "true",
    "OPERATOR": f"({_HOME} and {_MAY})",
    "OPERATOR__DISTRIBUTOR": f"({_HOUSE} and {_MAY})",
    "CUSTOMER": "{t}.customer_id = {viewer.customer_id}",
}

RECHARGES = Scope(**_OWNED)

_MINE = "({t}.partner_id = {viewer.partner_id} or {t}.reseller_id = {viewer.partner_id})"

# Its own side of what its distributor gave it, a reseller sees, too.
ADJUST_RECORDS = Scope(
    STAFF="true",
    OPERATOR=f"({_MINE} and {_MAY})",
    OPERATOR__DISTRIBUTOR=f"({_HOUSE} and {_MAY})",
    CUSTOMER="{t}.customer_id = {viewer.customer_id}",
)

# What was rejected and deleted is gone for who had applied.
WITHDRAWALS = Scope(
    **{
        kind: predicate if kind == "STAFF" else f"({predicate} and {{t}}.deleted_at is null)"
        for kind, predicate in _OWNED.items()
    }
)
