"""Who sees which private offers, and which versions of their terms."""

from domain.customers.policy import OF_PARTNER
from kit.scope import Scope

_MAY = "{viewer.sees_customers}::boolean"
_PUBLISHED = "{t}.published_at is not null"
_AT_HOME = f"{{t}}.partner_id = {{viewer.partner_id}} and {_PUBLISHED} and {_MAY}"
_IN_HANDS = "exists (select from customer held where held.id = {t}.customer_id and held.manager_id"

# The merchant sees all that it makes, the partner who brings it what has ever been published, and
# the customer what it can use or has used.
PRIVATE_OFFERS = Scope(
    STAFF="true",
    OPERATOR=f"({_AT_HOME})",
    OPERATOR__DISTRIBUTOR=f"({OF_PARTNER['OPERATOR__DISTRIBUTOR']} and {_PUBLISHED})",
    OPERATOR__MANAGER=f"({_IN_HANDS} = {{viewer.seat_id}}) and {_AT_HOME})",
    OPERATOR__SUPERVISOR=f"({_IN_HANDS} = any({{viewer.manager_ids}})) and {_AT_HOME})",
    OPERATOR__MERCHANT="({t}.merchant_id = {viewer.partner_id}"
    " and {viewer.makes_private_offers}::boolean)",
    CUSTOMER="({t}.customer_id = {viewer.customer_id} and ({t}.status = 'USED'"
    " or ({t}.status in ('PUBLISHED', 'EFFECTIVE') and {t}.expires_at > {now})))",
)

# Of an offer that is seen: drafts are the merchant's own, and customers have to do with what holds.
VERSIONS = Scope(
    STAFF="true",
    OPERATOR="{t}.status <> 'DRAFT'",
    OPERATOR__MERCHANT="true",
    CUSTOMER="{t}.status = 'PUBLISHED'",
)
