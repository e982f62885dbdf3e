"""Which rows of roles, operators, sessions and keys a viewer sees.

People have no scope of their own: whoever sees a seat or a membership sees whose it is.
"""

from kit.scope import Scope

# A distributor sees its resellers' business, not who works for them.
ROLES = Scope(
    STAFF="true",
    OPERATOR="({t}.partner_id is null or {t}.partner_id = {viewer.partner_id})",
)
OPERATORS = Scope(STAFF="true", OPERATOR="{t}.partner_id = {viewer.partner_id}")
SUPERVISIONS = Scope(STAFF="true", OPERATOR="{t}.partner_id = {viewer.partner_id}")

# A key knows itself; of the others knows who may manage them.
API_KEYS = Scope(
    STAFF="{viewer.manages_api_keys}::boolean",
    OPERATOR="({t}.id = {viewer.api_key_id}"
    " or {viewer.manages_api_keys}::boolean and {t}.partner_id = {viewer.partner_id})",
)

_OWN = "{t}.person_id = {viewer.person_id}"
SESSIONS = Scope(STAFF=_OWN, OPERATOR=_OWN, CUSTOMER=_OWN, PERSON=_OWN)
