"""Who sees which customer invitations and associations; who may do what is said in guards.py."""

from domain.customers.policy import OF_PARTNER
from kit.scope import Scope

# An invitation by mail is the invited account's, too, as soon as it is known; a link is nobody's.
INVITATIONS = Scope(
    **OF_PARTNER, CUSTOMER="({t}.customer_id = {viewer.customer_id} and {t}.channel = 'EMAIL')"
)

# An association has no manager of its own: who has the customer now sees how long it has been here.
_MAY = "{viewer.sees_customers}::boolean"
_AT_HOME = f"{{t}}.partner_id = {{viewer.partner_id}} and {_MAY}"
_IN_HANDS = "exists (select from customer held where held.id = {t}.customer_id and held.manager_id"
ASSOCIATIONS = Scope(
    STAFF=OF_PARTNER["STAFF"],
    OPERATOR=OF_PARTNER["OPERATOR"],
    OPERATOR__DISTRIBUTOR=OF_PARTNER["OPERATOR__DISTRIBUTOR"],
    OPERATOR__MANAGER=f"({_IN_HANDS} = {{viewer.seat_id}}) and {_AT_HOME})",
    OPERATOR__SUPERVISOR=f"({_IN_HANDS} = any({{viewer.manager_ids}})) and {_AT_HOME})",
    CUSTOMER="{t}.customer_id = {viewer.customer_id}",
)
