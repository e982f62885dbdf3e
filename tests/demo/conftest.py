from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from itertools import count
from random import Random
from uuid import UUID

import pytest
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext

from kit import database as sql
from kit import ids
from partner_center import demo
from tests.conftest import KEPT, Clock
from tests.exports.factories import made
from workers import ticks

# Without those that PostgreSQL works out of the others.
_COLUMNS = """
    select column_name from information_schema.columns
     where table_schema = 'public' and table_name = $1 and is_generated = 'NEVER'
     order by ordinal_position
"""


@dataclass
class Kept:
    """The demo as it was loaded first, in the form in which PostgreSQL copies tables."""

    tables: dict[str, tuple[list[str], bytes]] = field(default_factory=dict)


@pytest.fixture(scope="session")
def kept() -> Kept:
    return Kept()


@pytest.fixture
async def loaded(
    database: TortoiseContext, time: Clock, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The demo; the same rows each time in a process, and the same ids in all of them."""
    if kept.tables:
        await _restore(kept)
        return
    with monkeypatch.context() as patch:
        patch.setattr(ids, "uuid7", _Ids(time).next)
        await demo.fill(has_mail_server=False, now=time.now)
    assert database.apps is not None
    await _keep(kept, [each._meta.db_table for each in database.apps.get_models_iterable()])


@pytest.fixture
async def lived_in(loaded: None, time: Clock) -> None:
    """The demo a moment later: a worker has come by, and did what there was to do."""
    await ticks.plan(now=time.now)
    claim = await ticks.TICKS.claim(lease=timedelta(minutes=5), limit=100, now=time.now)
    for row in await sql.rows("select id from tick where lease_token = $1", claim.token):
        await ticks.run(row["id"], token=claim.token, now=time.now)
    await made(time.now)


async def _keep(kept: Kept, tables: list[str]) -> None:
    async with get_connection("default").acquire_connection() as connection:
        for table in tables:
            columns = [row["column_name"] for row in await connection.fetch(_COLUMNS, table)]
            named = ", ".join(f'"{column}"' for column in columns)
            copy = BytesIO()
            query = f'select {named} from "{table}"{KEPT.get(table, "")}'
            await connection.copy_from_query(query, output=copy, format="binary")
            kept.tables[table] = columns, copy.getvalue()


async def _restore(kept: Kept) -> None:
    async with get_connection("default").acquire_connection() as connection:
        await connection.execute("set session_replication_role = replica")
        for table, (columns, rows) in kept.tables.items():
            await connection.copy_to_table(
                table, source=BytesIO(rows), columns=columns, format="binary"
            )
        await connection.execute("set session_replication_role = default")


class _Ids:
    """UUIDs of version 7, as if one were made each millisecond."""

    def __init__(self, time: Clock) -> None:
        self._moments = count(int(time.now.timestamp() * 1000))
        self._dice = Random(7)

    def next(self) -> UUID:
        """The next one."""
        rest = 7 << 76 | self._dice.getrandbits(12) << 64 | 2 << 62 | self._dice.getrandbits(62)
        return UUID(int=next(self._moments) << 80 | rest)
