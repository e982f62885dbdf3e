"""Who sees which partners."""

from kit.scope import Scope, of_partners

_WAS_INVITED = (
    "exists (select from member_invitation invited where invited.partner_id = {t}.id"
    " and invited.person_id = {viewer.person_id})"
)

# A distributor sees its resellers; whoever was ever invited by a partner sees that partner.
PARTNERS = Scope(
    STAFF="true",
    **of_partners("{t}.id = {viewer.partner_id}", "{t}.id = any({viewer.partner_ids})"),
    PERSON=_WAS_INVITED,
    CUSTOMER=_WAS_INVITED,
)
