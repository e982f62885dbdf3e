"""Seats: the capacities in which one person may act, one at a time."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from domain.identity.viewer import ViewerKind
from kit import database, ids
from kit.problems import InvalidInput

PREFIXES = {
    ViewerKind.STAFF: "stf",
    ViewerKind.OPERATOR: "opr",
    ViewerKind.CUSTOMER: "csu",
    ViewerKind.PERSON: "psn",
}
_KINDS = {prefix: kind for kind, prefix in PREFIXES.items()}

# The living seats of person $1. `rank` is which one is taken when none is asked for; among
# several of a kind it is the oldest. A person without any other seat sits in their own name.
SEATS = """
    select 1 as rank, 'STAFF' as kind, id, null::uuid as partner_id, null::uuid as customer_id,
           items, 'Platform' as label
      from staff_member where person_id = $1 and removed_at is null
    union all
    select 2, 'OPERATOR', o.id, o.partner_id, null, null, p.name
      from operator o join partner p on p.id = o.partner_id
     where o.person_id = $1 and o.removed_at is null
    union all
    select 3, 'CUSTOMER', u.id, null, u.customer_id, null, c.name
      from customer_user u join customer c on c.id = u.customer_id
     where u.person_id = $1 and u.removed_at is null
    union all
    select 4, 'PERSON', id, null, null, null, name from person where id = $1
"""


@dataclass(frozen=True, slots=True)
class Seat:
    """One capacity: what kind, which row, and how it is called."""

    kind: ViewerKind
    id: UUID
    label: str = ""

    @property
    def global_id(self) -> str:
        """The id with its prefix, as clients and access tokens name the seat."""
        return ids.encode(PREFIXES[self.kind], self.id)


def named(global_id: str, *, path: tuple[str, ...] = ()) -> Seat:
    """The seat that an id names, whether it exists or not. Raises InvalidInput for other ids."""
    prefix, id = ids.split(global_id, path=path)
    if prefix not in _KINDS:
        raise InvalidInput(
            reason=f"{global_id!r} is the id of something else than a seat.",
            reason_zh="该 ID 不是席位 ID。",
            path=path,
        )
    return Seat(_KINDS[prefix], id)


async def of_person(person_id: UUID) -> list[Seat]:
    """All seats, the one that is taken by default first."""
    found = await database.rows(f"select * from ({SEATS}) s order by rank, id", person_id)
    return [_seat(row) for row in found]


async def choose(person_id: UUID, wanted: Seat | None) -> Seat | None:
    """The wanted seat if the person has it, the default one if none is wanted."""
    seats = await of_person(person_id)
    if wanted is None:
        return seats[0]
    return next((s for s in seats if (s.kind, s.id) == (wanted.kind, wanted.id)), None)


def _seat(row: dict[str, Any]) -> Seat:
    return Seat(ViewerKind(row["kind"]), row["id"], row["label"])
