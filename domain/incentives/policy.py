"""Who sees incentives, and what is paid of them: the partner's own people and the platform.

Not account managers, who see only some customers.
"""

from kit.scope import Scope

_MAY = "{viewer.sees_incentives}::boolean"
_NOBODY = {"OPERATOR__MANAGER": "false", "OPERATOR__SUPERVISOR": "false"}

INCENTIVES = Scope(
    STAFF="true",
    OPERATOR=f"({{t}}.partner_id = {{viewer.partner_id}} and {_MAY})",
    OPERATOR__MERCHANT="false",
    **_NOBODY,
)

# What a policy pays is no secret to those whom it pays.
POLICIES = Scope(STAFF="true", OPERATOR=_MAY, OPERATOR__MERCHANT="false", **_NOBODY)
