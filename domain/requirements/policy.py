"""Who sees which requirements: the partner that asks, and the merchant whom it has asked."""

from domain.customers.policy import OF_PARTNER
from kit.scope import Scope

# A requirement has no manager of its own: it goes with the customer, from one hand to another.
_MAY = "{viewer.sees_customers}::boolean"
_AT_HOME = f"{{t}}.partner_id = {{viewer.partner_id}} and {_MAY}"
_IN_HANDS = "exists (select from customer held where held.id = {t}.customer_id and held.manager_id"

# Not the customer: what a partner would like to earn is not its business. The merchant knows of it
# from when it is submitted.
REQUIREMENTS = Scope(
    STAFF=OF_PARTNER["STAFF"],
    OPERATOR=OF_PARTNER["OPERATOR"],
    OPERATOR__DISTRIBUTOR=OF_PARTNER["OPERATOR__DISTRIBUTOR"],
    OPERATOR__MANAGER=f"({_IN_HANDS} = {{viewer.seat_id}}) and {_AT_HOME})",
    OPERATOR__SUPERVISOR=f"({_IN_HANDS} = any({{viewer.manager_ids}})) and {_AT_HOME})",
    OPERATOR__MERCHANT="({t}.merchant_id = {viewer.partner_id} and {t}.submitted_at is not null"
    " and {viewer.makes_private_offers}::boolean)",
)
