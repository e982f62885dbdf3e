"""docs/events.md, written from the one table of what can happen."""

from domain.audit.names import HAPPENS
from domain.audit.subjects import PREFIXES

_HEAD = """# What happens

Written from the code by `make schema`. Each row is a thing that events are about; put a dot between
the thing and what happens to it, and you have the event's name: `order.paid`. The `types` of a
webhook endpoint, of the list `events` and of its subscription take such names, or `order.*` for
all that happens to orders. Later versions add names; existing ones stay.

You get the events of the logs that you may see, and of those your partner's own as webhooks.
[notifications.md](notifications.md) says in a sentence what many of them mean. Things without an id
are not in the API as objects.

| thing | ids | what happens to it |
|---|---|---|
"""


def page() -> str:
    """The whole page."""
    return _HEAD + "".join(f"{_row(thing)}\n" for thing in sorted(HAPPENS))


def _row(thing: str) -> str:
    id = f"`{PREFIXES[thing]}_…`" if thing in PREFIXES else ""
    return f"| `{thing}` | {id} | {', '.join(f'`{each}`' for each in HAPPENS[thing])} |"
