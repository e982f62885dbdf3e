"""Who sees timed work of all tenants: those who operate the platform."""

from datetime import timedelta

from kit.scope import Scope

ALL = Scope(STAFF="{viewer.operates}::boolean")

# Later than that has a cause that stays: a worker looks for due work each second, and a claim that
# is lost ends after a minute. As of `/healthz/jobs`.
LATE = timedelta(minutes=2)
