"""Who sees which programmes, applications and certifications; guards.py says who may do what."""

from kit.scope import INHERITED, Scope, of_partners

# What the platform offers is open to whoever works for it or for a partner.
PROGRAMMES = Scope(STAFF="true", OPERATOR="true")
AGREEMENTS = PROGRAMMES
REQUIREMENTS = PROGRAMMES

_REVIEWERS = "{viewer.reviews_programmes}::boolean"
_OWN = "{t}.partner_id = {viewer.partner_id}"
_OWN_AND_RESELLERS = of_partners(_OWN, "{t}.partner_id = any({viewer.partner_ids})")

# A distributor sees what its resellers have joined and are certified for, not what they signed,
# which papers they handed in, or their bank.
APPLICATIONS = Scope(STAFF=_REVIEWERS, **_OWN_AND_RESELLERS)
ROLE_CERTIFICATIONS = Scope(STAFF=_REVIEWERS, **_OWN_AND_RESELLERS)
INVITATIONS = Scope(STAFF=_REVIEWERS, OPERATOR=_OWN)
SIGNATURES = Scope(STAFF=_REVIEWERS, OPERATOR=_OWN)
HELD_CERTIFICATES = Scope(STAFF=_REVIEWERS, OPERATOR=_OWN)
IMPROVEMENT_PLANS = Scope(STAFF=_REVIEWERS, OPERATOR=_OWN)
BUSINESS_INFORMATION = Scope(
    STAFF="{viewer.sees_business_information}::boolean",
    OPERATOR=f"({_OWN} and {{viewer.sees_business_information}}::boolean)",
)
EVIDENCE = INHERITED
