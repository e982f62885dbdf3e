"""Who sees what settlement is made of: the seller, with its statements; and who sees runs."""

from kit.scope import Scope

# As with statements: not a distributor its resellers', nor whoever looks after certain customers.
_NOBODY = {
    "OPERATOR__MANAGER": "false",
    "OPERATOR__SUPERVISOR": "false",
    "OPERATOR__MERCHANT": "false",
}
_MAY = "{viewer.sees_statements}::boolean"

LINES = Scope(
    STAFF="true",
    OPERATOR="({t}.partner_id = {viewer.partner_id} and " + _MAY + " and exists ("
    "select from statement whole where whole.id = {t}.statement_id and whole.sent_at is not null))",
    **_NOBODY,
)

# What it has sold, whoever's customer has bought it.
SALES = Scope(
    STAFF="true", OPERATOR=f"({{t}}.seller_id = {{viewer.partner_id}} and {_MAY})", **_NOBODY
)

RUNS = Scope(STAFF="true")
