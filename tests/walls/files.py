"""What would stand in the files that somebody exports: the statement of each list, run."""

import re
from uuid import UUID

import asyncpg

from domain.exports.lists import LISTS
from domain.identity.viewer import Viewer
from kit.pool import readers
from kit.problems import Problem
from tests.walls.neighbourhood import NOW
from tests.walls.snapshot import Rows

_PARENTS = 2  # of somebody else's, to ask for what hangs on them
_TICKET = re.compile(r"(/[0-9a-f]{32})\.\d+\.[\w-]{43}")


async def told(viewer: Viewer, hidden: Rows) -> dict[str, str]:
    """By list, its rows as this viewer's file has them; a refusal by its code."""
    connection = await readers().apart()
    try:
        return await _told(connection, viewer, hidden)
    finally:
        await connection.close()


async def _told(connection: asyncpg.Connection, viewer: Viewer, hidden: Rows) -> dict[str, str]:
    found = {}
    for name, listed in sorted(LISTS.items()):
        parents: list[UUID | None] = [None]
        if listed.listing.parent is not None:
            of_kind = hidden[listed.listing.parent.name]
            parents = [UUID(id) for id in sorted(of_kind)[:_PARENTS]]
        for number, parent in enumerate(parents):
            try:
                listed.guard(viewer)
            except Problem as problem:
                found[f"{name} {number}"] = problem.code
                continue
            rows = listed.listing.rows(
                [column.cell for column in listed.columns.values()],
                arguments={},
                parent_id=parent,
                viewers=(viewer,),
                now=NOW,
            )
            lines = await connection.fetch(rows.sql, *rows.values)
            text = "\n".join(str(tuple(line.values())) for line in lines)
            found[f"{name} {number}"] = _TICKET.sub(r"\1", text)
    return found
