"""Many rows like one, so that a list is worth an index."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from tortoise.transactions import in_transaction

from kit import database
from kit.ids import new_id
from models.base import Record

MANY = 20_000


def beside(own: UUID, others: int) -> list[UUID]:
    """An id and so many that are nobody's."""
    return [own, *(new_id() for _ in range(others))]


async def copy(
    pattern: Record, *, at: str, dealt: Mapping[str, Sequence[UUID]], times: int = MANY
) -> None:
    """Twenty thousand of it or so many, a second after each other by the column `at`.

    Columns that are dealt have these ids in turn. What is unique is made so from the row's number;
    neither triggers nor foreign keys look at what is copied from a sound row.
    """
    table = pattern._meta.db_table
    unique = {
        "number": "'N' || lpad(n::text, 8, '0')",
        "line_id": "uuidv7()",
        "source_id": "uuidv7()",
        at: f"pattern.{at} + n * interval '1 second'",
    }
    changed = [
        f"'{column}', {value}"
        for column, value in unique.items()
        if getattr(pattern, column, None) is not None
    ]
    changed += [
        f"'{column}', (${place}::uuid[])[1 + n % {len(ids)}]"
        for place, (column, ids) in enumerate(dealt.items(), start=2)
    ]
    async with in_transaction():
        await database.execute("set local session_replication_role = replica")
        await database.execute(
            f"insert into {table} select made.* from {table} pattern,"
            f" generate_series(1, {times}) n, lateral jsonb_populate_record(pattern,"
            f" jsonb_build_object('id', uuidv7(), {', '.join(changed)})) made"
            " where pattern.id = $1",
            *(pattern.id, *(list(ids) for ids in dealt.values())),
        )
    await database.execute(f"vacuum analyze {table}")
