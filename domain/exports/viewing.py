"""Whose sight a file has: the creator's as of when it was asked for, and not more than now."""

from collections.abc import Iterable
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
    found = await _found(then.kind, then.person_id, then.seat_id, then.api_key_id, wall=wall)
    return None if found is None else replace(found, items=found.items & then.items)


def holder(viewer: Viewer) -> str:
    """Who it is, in letters that an address may have."""
    ids = (viewer.person_id, viewer.seat_id, viewer.api_key_id)
    return "-".join((viewer.kind.value, *(id.hex if id else "" for id in ids)))


async def held_by(holder: str, *, wall: datetime) -> Viewer | None:
    """Whom these letters name, as of now; None when there is none any more."""
    kind, *ids = holder.split("-")
    return await _found(ViewerKind(kind), *(UUID(id) if id else None for id in ids), wall=wall)


async def _found(
    kind: ViewerKind,
    person_id: UUID | None,
    seat_id: UUID | None,
    api_key_id: UUID | None,
    *,
    wall: datetime,
) -> Viewer | None:
    found = None
    if api_key_id is not None:
        found = await recognition.by_api_key_id(api_key_id, wall=wall)
    elif person_id is not None and seat_id is not None:
        found = await recognition.by_person(person_id, seat=Seat(kind, seat_id), until=wall)
    return found.viewer if found else None


def made_for(viewer: Viewer, asked: Iterable[str]) -> dict[str, Any]:
    """What a file has been made by: the viewer, and of its rights those that were asked for."""
    rights = sorted(name for name in asked if getattr(viewer, name) is True)
    return {"viewer": frozen(viewer), "rights": rights}


def covers(viewer: Viewer, made: Any) -> bool:
    """Whether the viewer sees at least as much as whom the file was made for saw then.

    What has become of single rows since is no question: a file is of one moment.
    """
    if made is None:
        return True
    then = as_of_then(made["viewer"])
    return (
        (viewer.kind, viewer.is_merchant) == (then.kind, then.is_merchant)
        and set(then.partner_ids) <= set(viewer.partner_ids)
        and (viewer.sees_all_customers or _manages(viewer, then))
        and all(getattr(viewer, name, False) for name in made["rights"])
    )


def _manages(viewer: Viewer, then: Viewer) -> bool:
    return not then.sees_all_customers and set(then.manager_ids) <= set(viewer.manager_ids)


def sights(then: Viewer, today: Viewer) -> list[Viewer]:
    """By whom rows have to be seen: once, when nothing has changed between the two."""
    told = ("display_name", "email", "locale", "session_id", "on_behalf_of")
    nothing: dict[str, Any] = {name: "" if name == "display_name" else None for name in told}
    return [today] if replace(today, **nothing) == replace(then, **nothing) else [today, then]
