"""One invoice covers one thing (S-20): a statement or an application, which are two tables."""

from collections.abc import Sequence
from uuid import UUID

from domain.invoices.checking import Given, InvoiceUsedAlready
from kit import database
from kit.transaction import assert_open


async def claim(invoices: Sequence[Given], *, by: UUID) -> None:
    """Let a statement or application, which the caller holds, have these invoices.

    What another has told of stays that one's, also when it was sent back; only what was withdrawn
    before anybody signed for it is free. Raises InvoiceUsedAlready.
    """
    assert_open()
    numbers = [given.number for given in invoices]
    await database.execute(_HOLD, numbers)
    # A statement of its own: it sees what those wrote for whom the lock has waited.
    used = await database.row(_USED, numbers, [given.code or "" for given in invoices], by)
    if used is not None:
        place = int(used["place"]) - 1
        raise InvoiceUsedAlready(
            number=numbers[place], path=("input", "invoices", str(place), "number")
        )


# In one order, so that two who tell of the same invoices don't wait for each other.
_HOLD = """
select pg_advisory_xact_lock(key) from (
  select distinct hashtextextended('invoice ' || number, 0) as key from unnest($1::text[]) number
  order by key)
"""

_USED = """
select given.place
from unnest($1::text[], $2::text[]) with ordinality as given (number, code, place)
where exists (select from invoice known
    where known.number = given.number and coalesce(known.code, '') = given.code
      and known.statement_id <> $3 and known.status <> 'WITHDRAWN')
  or exists (select from incentive_invoice known
    where known.number = given.number and known.code = given.code
      and known.application_id <> $3)
order by given.place limit 1
"""
