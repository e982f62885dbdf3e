"""Who sees which partners."""

from kit.scope import Scope, of_partners

_WAS_INVITED = (
    "exists (select from member_invitation invited where invited.partner_id = {t}.id"
    " and invited.person_id = {viewer.person_id})"
)
_IS_OR_WAS_ITS_CUSTOMER = (
    "exists (select from association belongs where belongs.partner_id = {t}.id"
    " and belongs.customer_id = {viewer.customer_id})"
)
_IS_COURTED = (
    "exists (select from customer_invitation courted where courted.partner_id = {t}.id"
    " and courted.customer_id = {viewer.customer_id} and courted.channel = 'EMAIL')"
)

# A distributor sees its resellers; whoever was ever invited by a partner sees that partner, and a
# customer those that it ever belonged to.
PARTNERS = Scope(
    STAFF="true",
    **of_partners("{t}.id = {viewer.partner_id}", "{t}.id = any({viewer.partner_ids})"),
    PERSON=_WAS_INVITED,
    CUSTOMER=f"({_WAS_INVITED} or {_IS_OR_WAS_ITS_CUSTOMER} or {_IS_COURTED})",
)
