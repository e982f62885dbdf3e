"""How many customers there are of each kind, as far as the viewer sees them (O-08, I-12)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from domain.customers.policy import ABOUT_CUSTOMERS, CUSTOMERS
from domain.identity.viewer import Viewer
from kit.pool import readers
from kit.scope import Scope, one_off, sight_of

SOON = timedelta(hours=48)
MOST_MANAGERS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Which part of the rows is counted; None: not narrowed by that. All are ids."""

    partner_id: UUID | None = None
    manager_id: UUID | None = None
    supervisor_id: UUID | None = None


# Over `{t}`, for all tables with partner_id and manager_id.
_CUT = """
({partner}::uuid is null or {t}.partner_id = {partner})
and ({manager}::uuid is null or {t}.manager_id = {manager})
and ({supervisor}::uuid is null or {t}.manager_id in (
  select link.manager_id from supervisor_link link
  where link.supervisor_id = {supervisor} and link.to_at is null))
"""

GROUPS = ("association_type", "level", "freeze", "verification")


async def customers_by(
    group: str, *, viewer: Viewer, cut: Cut, now: datetime
) -> list[tuple[str | None, int]]:
    """How many customers there are for each value of one of GROUPS, in the order of the values."""
    assert group in GROUPS
    rows = await counted(
        "customer",
        CUSTOMERS,
        f"select t.{group} as value, count(*) as number",
        "group by 1 order by 1 nulls last",
        viewer=viewer,
        cut=cut,
        now=now,
    )
    return [(row["value"], row["number"]) for row in rows]


async def customers_by_manager(
    *, viewer: Viewer, cut: Cut, now: datetime
) -> list[tuple[UUID | None, str | None, int]]:
    """The seats that have most customers, their people's names, and how many; None: nobody's."""
    rows = await counted(
        "customer",
        CUSTOMERS,
        "select t.manager_id, count(*) as number,"
        " (select person.name from operator seat join person on person.id = seat.person_id"
        " where seat.id = t.manager_id) as name",
        f"group by 1 order by number desc, t.manager_id limit {MOST_MANAGERS}",
        viewer=viewer,
        cut=cut,
        now=now,
    )
    return [(row["manager_id"], row["name"], row["number"]) for row in rows]


async def invitations_due(*, viewer: Viewer, cut: Cut, now: datetime) -> int:
    """How many mailed invitations lapse within 48 hours unless their customers answer."""
    rows = await counted(
        "customer_invitation",
        ABOUT_CUSTOMERS,
        "select count(*) as number",
        "and t.status in ('SENT', 'FAILED') and least(t.expires_at, t.report_ends_at) > {now}"
        " and least(t.expires_at, t.report_ends_at) <= {now} + {soon}::interval",
        viewer=viewer,
        cut=cut,
        now=now,
        soon=SOON,
    )
    return int(rows[0]["number"])


async def counted(
    table: str,
    scope: Scope,
    select: str,
    rest: str,
    *,
    viewer: Viewer,
    cut: Cut,
    now: datetime,
    **more: Any,
) -> list[Any]:
    """Rows of a statement over the part of a table that the viewer sees; `t` is its row."""
    sql, values = one_off(
        f'{select} from "{table}" t where ({scope.predicate(sight_of(viewer))}) and {_CUT} {rest}',
        viewer=viewer,
        now=now,
        partner=cut.partner_id,
        manager=cut.manager_id,
        supervisor=cut.supervisor_id,
        **more,
    )
    return await readers().fetch(sql, *values)
