"""Who sees which events."""

from kit.scope import Scope

# A partner sees what happened at it; a distributor also its resellers' business, but not who works
# for them. A person sees what is about himself. Of what is about customers and leads, an account
# manager sees what is about those that are his now, their history before him included (O-03).
_WHO_WORKS_THERE = "'operator', 'role', 'api_key'"

_OF_MY_CUSTOMERS = (
    "({viewer.sees_all_customers}::boolean"
    " or ({t}.customer_id is null and {t}.manager_id is null)"
    " or exists (select from customer mine where mine.id = {t}.customer_id"
    " and mine.manager_id = any({viewer.manager_ids})))"
)

EVENTS = Scope(
    STAFF="true",
    OPERATOR="({t}.tenant_id = {viewer.partner_id} or ({t}.tenant_id = any({viewer.partner_ids})"
    f" and {{t}}.subject_type not in ({_WHO_WORKS_THERE})))"
    f" and {_OF_MY_CUSTOMERS}",
    PERSON="{t}.person_id = {viewer.person_id}",
    CUSTOMER="{t}.person_id = {viewer.person_id}",
)
