"""What every resolver is told of the request in hand."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.identity.viewer import Viewer


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What a client may still spend once an operation of `requested` points is paid for.

    `full_in`: when it has all of its `capacity` again if it spends no more.
    """

    requested: int
    capacity: int
    available: int
    restore_per_second: int
    full_in: timedelta


@dataclass(slots=True, kw_only=True)
class Context:
    """`info.context`. `now` is business time, read once a request; a subscription reads it anew
    for each event. `address` is the client's, empty when unknown; `client` what it calls itself.
    `allowance` is None where nobody counts.
    """

    viewer: Viewer
    now: datetime
    locale: str
    request_id: str
    address: str = ""
    client: str | None = None
    allowance: Allowance | None = None
