"""Telling every process that what somebody may do has changed, so that nothing stale is believed.

PostgreSQL delivers a notification at the commit of the transaction that gave it, to every process
that listens, and not at all when the transaction is rolled back: no change can be committed
without being told. The own process is told by a call as well, before the workflow returns, so that
a caller who signs out is out when the answer comes.
"""

from collections.abc import Callable
from uuid import UUID

from kit import database
from kit.transaction import after_commit

CHANNEL = "viewers"

# "Everybody": presets of roles are everyone's.
ALL = UUID(int=0)

Listener = Callable[[UUID], None]

_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    """Call `listener` with each id announced by this process, after the commit."""
    _listeners.append(listener)


def unlisten(listener: Listener) -> None:
    """Don't call it any longer."""
    _listeners.remove(listener)


async def announce(*ids: UUID) -> None:
    """The rights or sessions of these people, API keys or partners (or of ALL) have changed.

    To be called in the transaction of the change. A partner stands for everybody who acts for it.
    """
    for id in ids:
        await database.execute("select pg_notify($1, $2)", CHANNEL, str(id))

    async def tell_this_process() -> None:
        for listener in _listeners:
            for id in ids:
                listener(id)

    after_commit(tell_this_process)
