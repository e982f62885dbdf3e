"""Who sees which quota and which coupons."""

from domain.customers.policy import OF_PARTNER
from kit.scope import Scope, of_partners

_MAY = "{viewer.sees_quotas}::boolean"
_OF_QUOTA = of_partners(
    f"({{t}}.partner_id = {{viewer.partner_id}} and {_MAY})",
    f"({{t}}.partner_id = any({{viewer.partner_ids}}) and {_MAY})",
)

# A distributor sees its resellers' too, since it has given them.
QUOTAS = Scope(STAFF="true", **_OF_QUOTA)

# What the platform's people write for a partner is theirs until it is handed in.
APPLICATIONS = Scope(
    STAFF="true",
    **{
        kind: f"({predicate} and {{t}}.status in ('SUBMITTED', 'APPROVED', 'REJECTED'))"
        for kind, predicate in _OF_QUOTA.items()
    },
)

_IN_HANDS = (
    "exists (select from customer held where held.id = {{t}}.customer_id"
    " and held.partner_id = {{t}}.partner_id and held.manager_id {which})"
)
_AT_HOME = OF_PARTNER["OPERATOR"]

# The partner sees what it has issued, whoever the customer belongs to by now; its managers what
# their own customers have.
_OF_COUPONS = OF_PARTNER | {
    "OPERATOR__MANAGER": f"({_IN_HANDS.format(which='= {viewer.seat_id}')} and {_AT_HOME})",
    "OPERATOR__SUPERVISOR": (
        f"({_IN_HANDS.format(which='= any({viewer.manager_ids})')} and {_AT_HOME})"
    ),
}
COUPONS = Scope(**_OF_COUPONS, CUSTOMER="{t}.customer_id = {viewer.customer_id}")

# What a customer didn't get, or keeps, it isn't told of.
COUPON_RECORDS = Scope(
    **_OF_COUPONS, CUSTOMER="({t}.customer_id = {viewer.customer_id} and {t}.failure is null)"
)
