"""Who sees which reports: the reporting partner's people as far as their row scope goes."""

from domain.customers.policy import OF_PARTNER
from kit.scope import Scope

# Not the reported: who courts them is the partners' business.
REPORTS = Scope(**OF_PARTNER)
