"""Who sees which events."""

from kit.scope import Scope

# A partner sees what happened at it; a distributor also its resellers' business, but not who works
# for them. A person sees what is about himself.
_WHO_WORKS_THERE = "'operator', 'role', 'api_key'"

EVENTS = Scope(
    STAFF="true",
    OPERATOR="({t}.tenant_id = {viewer.partner_id} or ({t}.tenant_id = any({viewer.partner_ids})"
    f" and {{t}}.subject_type not in ({_WHO_WORKS_THERE})))",
    PERSON="{t}.person_id = {viewer.person_id}",
    CUSTOMER="{t}.person_id = {viewer.person_id}",
)
