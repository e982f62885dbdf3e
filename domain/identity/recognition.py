"""Who is behind a credential, and what they may do right now: one statement for each kind."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.identity import tokens
from domain.identity.items import Item
from domain.identity.seats import SEATS, Seat
from domain.identity.viewer import Viewer, ViewerKind
from kit import database
from models.identity import DocumentMode


@dataclass(frozen=True, slots=True)
class Recognised:
    """A viewer, and the wall time at which the credential itself ends.

    `last_used_at` is an API key's, as far as it has been written down.
    """

    viewer: Viewer
    until: datetime
    last_used_at: datetime | None = None


_RIGHTS = """
    coalesce(seat.items, roles.items, '[]') as items,
    coalesce(roles.is_administrator, false) as is_administrator,
    coalesce(roles.sees_all_customers, false) as sees_all_customers,
    managers.ids as manager_ids,
    resellers.ids as reseller_ids,
    (select p.kind = 'MERCHANT' from partner p where p.id = seat.partner_id) as is_merchant
"""

_RIGHTS_FROM = """
    left join lateral (
        select jsonb_agg(distinct item.name) as items,
               bool_or(r.partner_id is null and r.code = 'ADMINISTRATOR') as is_administrator,
               -- Any role beside these two lifts the row scope (O-12).
               bool_or(not (r.partner_id is null and r.code in ('ACCOUNT_MANAGER', 'SUPERVISOR')))
                   as sees_all_customers
          from operator_role o join role r on r.id = o.role_id
          left join lateral jsonb_array_elements_text(r.items) item(name) on true
         where seat.kind = 'OPERATOR' and o.operator_id = seat.id) roles on true
    left join lateral (
        select array_agg(link.manager_id order by link.manager_id) as ids
          from supervisor_link link
         where seat.kind = 'OPERATOR' and link.supervisor_id = seat.id and link.to_at is null
        ) managers on true
    left join lateral (
        select array_agg(p.id order by p.id) as ids
          from partner p where p.distributor_id = seat.partner_id) resellers on true
"""

_IN_SEAT = f"""
select person.name, person.email, person.locale, person.id as person_id,
       seat.kind, seat.id as seat_id, seat.partner_id, seat.customer_id,
       session.expires_at, {_RIGHTS}
  from person
  join lateral (
        select * from ({SEATS}) s
         where $2::text is null or (s.kind = $2 and s.id = $3)
         order by rank, id limit 1) seat on true
  left join session on session.id = $4 and session.person_id = person.id
       and session.revoked_at is null and session.expires_at > $5
  {_RIGHTS_FROM}
 where person.id = $1 and person.disabled_at is null
   and ($4::uuid is null or session.id is not null)
"""

_BY_KEY = """
select k.id, k.name, k.secret_hash, k.previous_hash, k.previous_until, k.expires_at,
       k.last_used_at, k.partner_id, k.items, k.documents,
       (select array_agg(p.id order by p.id) from partner p where p.distributor_id = k.partner_id)
           as reseller_ids,
       (select p.kind = 'MERCHANT' from partner p where p.id = k.partner_id) as is_merchant
  from api_key k
 where k.public = $1 and k.revoked_at is null and k.expires_at > $2
"""


async def by_access_token(access: tokens.Access, *, wall: datetime) -> Recognised | None:
    """The person of a session, in the seat that the token names.

    None when the session was revoked or is over, the person disabled, or the seat no longer theirs.
    """
    row = await database.row(
        _IN_SEAT,
        access.person_id,
        access.seat.kind.value,
        access.seat.id,
        access.session_id,
        wall,
    )
    if row is None:
        return None
    viewer = _person(row, session_id=access.session_id)
    return Recognised(viewer, until=min(access.expires_at, row["expires_at"]))


async def by_person(
    person_id: UUID, *, seat: Seat | None = None, until: datetime
) -> Recognised | None:
    """The person without a session of ours (another issuer's token), in the default seat or this.

    None when the person is disabled or the seat not theirs.
    """
    kind, id = (seat.kind.value, seat.id) if seat else (None, None)
    row = await database.row(_IN_SEAT, person_id, kind, id, None, until)
    return None if row is None else Recognised(_person(row), until=until)


async def by_api_key(public: str, secret: str, *, wall: datetime) -> Recognised | None:
    """The system of an API key: an operator of its partner with the key's items.

    None when there is no such key, it is revoked or over, or the secret is neither the present one
    nor, during the overlap after a rotation, the one before.
    """
    row = await database.row(_BY_KEY, public, wall)
    if row is None:
        return None
    until = row["expires_at"]
    if not tokens.is_secret(secret, row["secret_hash"]):
        overlap = row["previous_until"]
        if overlap is None or overlap <= wall or not tokens.is_secret(secret, row["previous_hash"]):
            return None
        until = min(until, overlap)
    return Recognised(_system(row), until=until, last_used_at=row["last_used_at"])


async def by_api_key_id(id: UUID, *, wall: datetime) -> Recognised | None:
    """The same for work that a key has left to us, without its secret; None when it is over."""
    row = await database.row(_BY_KEY.replace("k.public = $1", "k.id = $1"), id, wall)
    return None if row is None else Recognised(_system(row), until=row["expires_at"])


def _system(row: dict[str, Any]) -> Viewer:
    return Viewer(
        kind=ViewerKind.OPERATOR,
        display_name=row["name"],
        api_key_id=row["id"],
        partner_id=row["partner_id"],
        partner_ids=_tenants(row),
        sees_all_customers=True,
        items=_items(row["items"]),
        is_merchant=row["is_merchant"],
        trusted_only=row["documents"] == DocumentMode.TRUSTED_ONLY,
    )


def _person(row: dict[str, Any], session_id: UUID | None = None) -> Viewer:
    return Viewer(
        kind=ViewerKind(row["kind"]),
        display_name=row["name"],
        email=row["email"],
        locale=row["locale"],
        person_id=row["person_id"],
        seat_id=row["seat_id"],
        session_id=session_id,
        partner_id=row["partner_id"],
        partner_ids=_tenants(row),
        sees_all_customers=row["sees_all_customers"],
        manager_ids=_managers(row),
        customer_id=row["customer_id"],
        items=_items(row["items"]),
        is_administrator=row["is_administrator"],
        is_merchant=row["is_merchant"] or False,
    )


def _tenants(row: dict[str, Any]) -> tuple[UUID, ...]:
    own = row["partner_id"]
    return () if own is None else (own, *(row["reseller_ids"] or ()))


def _managers(row: dict[str, Any]) -> tuple[UUID, ...]:
    """Whose customers somebody sees who doesn't see all: his own, and those of his managers."""
    if row["kind"] != ViewerKind.OPERATOR or row["sees_all_customers"]:
        return ()
    return (row["seat_id"], *(row["manager_ids"] or ()))


def _items(stored: str) -> frozenset[Item]:
    names = set(json.loads(stored))
    # A name that is no item any more (or not yet, during a roll-out) grants nothing.
    return frozenset(item for item in Item if item in names)
