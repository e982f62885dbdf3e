"""Who sees what is asked of other systems: the platform's people."""

from kit.scope import Scope

REQUESTS = Scope(STAFF="true")
