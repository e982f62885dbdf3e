"""Who does what when something happens further down: all effects of all domains, in their order.

A domain declares a list (`Effects`) of what else happens; here stands what. Lower domains come
first, so that what comes later finds their work done (decision 0004).
"""

from domain.associations import aftermath
from domain.associations.effects import CHECKS, ENDING, MADE, SWITCHED
from domain.customers.effects import FROZEN
from domain.offers import aftermath as offers
from domain.offers.effects import HOLDS


def connect() -> None:
    """Tell every list what is on it. For the start of a process; harmless to call again."""
    CHECKS.connect()
    MADE.connect()
    SWITCHED.connect(authorizations=aftermath.end_authorizations_of_referrals)
    ENDING.connect(
        changes=aftermath.cancel_changes,
        invitations=aftermath.close_invitations,
        authorizations=aftermath.end_authorizations,
        offers=offers.withdraw_offers,
    )
    FROZEN.connect(authorizations=aftermath.end_authorizations_of_frozen)
    HOLDS.connect()
