"""Whose sight a file has: the creator's as of when it was asked for, and not more than now."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.identity import recognition
from domain.identity.items import Item
from domain.identity.seats import Seat
from domain.identity.viewer import Viewer, ViewerKind

_IDS = ("person_id", "seat_id", "api_key_id", "partner_id", "customer_id")
_LISTS = ("partner_ids", "manager_ids")
_FLAGS = ("sees_all_customers", "is_administrator", "is_merchant")


def frozen(viewer: Viewer) -> dict[str, Any]:
    """What there is to know of the viewer's sight, JSON-ready."""
    return {
        "kind": viewer.kind.value,
        "display_name": viewer.display_name,
        "items": sorted(viewer.items),
        **{name: str(id) if (id := getattr(viewer, name)) else None for name in _IDS},
        **{name: [str(id) for id in getattr(viewer, name)] for name in _LISTS},
        **{name: getattr(viewer, name) for name in _FLAGS},
    }


def as_of_then(facts: dict[str, Any]) -> Viewer:
    """The viewer that was frozen; an item that is none any more grants nothing."""
    known = {item.value for item in Item}
    ids: dict[str, Any] = {name: UUID(facts[name]) if facts[name] else None for name in _IDS}
    lists: dict[str, Any] = {name: tuple(UUID(id) for id in facts[name]) for name in _LISTS}
    return Viewer(
        kind=ViewerKind(facts["kind"]),
        display_name=facts["display_name"],
        items=frozenset(Item(name) for name in facts["items"] if name in known),
        **ids,
        **lists,
        **{name: facts[name] for name in _FLAGS},
    )


async def as_of_now(facts: dict[str, Any], *, wall: datetime) -> Viewer | None:
    """The same person in the same seat, or the same key, today; None when there is none any more.

    No right that was gained since is among what it may do.
    """
    then = as_of_then(facts)
    if then.api_key_id is not None:
        found = await recognition.by_api_key_id(then.api_key_id, wall=wall)
    elif then.person_id is not None and then.seat_id is not None:
        seat = Seat(then.kind, then.seat_id)
        found = await recognition.by_person(then.person_id, seat=seat, until=wall)
    else:
        found = None
    if found is None:
        return None
    return replace(found.viewer, items=found.viewer.items & then.items)


def sights(then: Viewer, today: Viewer) -> list[Viewer]:
    """By whom rows have to be seen: once, when nothing has changed between the two."""
    told = ("display_name", "email", "locale", "session_id", "on_behalf_of")
    nothing: dict[str, Any] = {name: "" if name == "display_name" else None for name in told}
    return [today] if replace(today, **nothing) == replace(then, **nothing) else [today, then]
