"""What every resolver is told of the request in hand."""

from dataclasses import dataclass
from datetime import datetime

from domain.identity.viewer import Viewer


@dataclass(slots=True, kw_only=True)
class Context:
    """`info.context`. `now` is business time, read once a request; a subscription reads it anew
    for each event. `address` is the client's, empty when unknown; `client` what it calls itself.
    """

    viewer: Viewer
    now: datetime
    locale: str
    request_id: str
    address: str = ""
    client: str | None = None
