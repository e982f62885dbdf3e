"""Who sees which exclusive offers: the partner's people by row scope, a customer what it may use.

What is over, or not yet in force, or still being reviewed, is the partner's business alone (X-08).
"""

from domain.customers.policy import OF_PARTNER
from kit.scope import Scope

# By the time, whether or not a worker has come by.
IN_FORCE = (
    "({t}.status in ('SCHEDULED', 'EFFECTIVE')"
    " and {t}.effective_at <= {now} and {t}.expires_at > {now})"
)

_GRANTED_TO_ME = f"({{t}}.customer_id = {{viewer.customer_id}} and {IN_FORCE})"


# In whose hands it is (O-03): the manager's of the partner's own customer as it is now, of any
# other's the seat's that made it.
def in_hands(which: str) -> str:
    """A condition on an offer: the seat whose it is `which` (`= …`)."""
    return (
        "exists (select from customer held where held.id = {t}.customer_id and case"
        " when held.partner_id = {t}.partner_id then held.manager_id else {t}.manager_id end"
        f" {which})"
    )


_AT_HOME = OF_PARTNER["OPERATOR"]
_BY_ROW = OF_PARTNER | {
    "OPERATOR__MANAGER": f"({in_hands('= {viewer.seat_id}')} and {_AT_HOME})",
    "OPERATOR__SUPERVISOR": f"({in_hands('= any({viewer.manager_ids})')} and {_AT_HOME})",
}

EXCLUSIVE_OFFERS = Scope(**_BY_ROW, CUSTOMER=_GRANTED_TO_ME)


def _of_an_offer(predicate: str) -> str:
    whole = predicate.replace("{t}", "whole")
    return f"exists (select from exclusive_offer whole where whole.id = {{t}}.offer_id and {whole})"


_BY_OFFER = {
    kind: predicate if kind == "STAFF" else _of_an_offer(predicate)
    for kind, predicate in _BY_ROW.items()
}

LINES = Scope(**_BY_OFFER, CUSTOMER=_of_an_offer(_GRANTED_TO_ME))

# What the platform is asked is between it and the partner.
APPLICATIONS = Scope(**_BY_OFFER)

# A link is for the partner's own people to give away, and no business of its distributor.
LINKS = Scope(**_BY_OFFER | {"OPERATOR__DISTRIBUTOR": _BY_OFFER["OPERATOR"]})
