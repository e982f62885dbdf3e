"""Making statements: a share at a time, for as long as it takes and PostgreSQL is at it.

The share's transaction is the claim on it. A worker that dies loses it within seconds, one that is
halted within a minute; a worker whose transaction is gone lets go and begins anew.
"""

import asyncio
from datetime import datetime
from typing import Any

from domain.settlement import sharing
from kit import database
from kit.transaction import transactional

LOOK = 15.0  # seconds between two looks whether PostgreSQL still has the transaction
MOMENT = 2.0  # seconds that a worker may go on after its transaction
LONGEST = "4h"  # of one statement: who takes longer is stuck, which is then told on the share

# A statement that were cut after seconds, as those of workflows are, would be begun anew and cut
# again. What PostgreSQL works out for a worker that is gone, it gives up.
_PATIENT = f"""
select set_config('statement_timeout', '{LONGEST}', true),
  set_config('client_connection_check_interval', '10s', true),
  set_config('application_name', 'partner-center settlement', true)
"""

_MINE = "select pid, xact_start from pg_stat_activity where pid = pg_backend_pid()"
_GOES_ON = "select 1 from pg_stat_activity where pid = $1 and xact_start = $2"


class Forsaken(ConnectionError):
    """PostgreSQL has ended the transaction of a share that this worker is at."""


async def settle_next(*, now: datetime) -> bool:
    """Make the statements of one partner that waits for its turn; whether there was one.

    Raises Forsaken when its transaction is gone; another worker may have the share by then.
    """
    own: dict[str, Any] = {}
    work = asyncio.create_task(_settle(own, now))
    try:
        while not (await asyncio.wait({work}, timeout=LOOK))[0]:
            looked_at = dict(own)
            if own and not await database.row(_GOES_ON, own["pid"], own["xact_start"]):
                # It may have committed just now, or be run again.
                is_done = bool((await asyncio.wait({work}, timeout=MOMENT))[0])
                if not is_done and own == looked_at:
                    raise Forsaken("the transaction of a share is gone")
    finally:
        if not work.done():
            work.cancel()
            await asyncio.wait({work})
    return await work


@transactional
async def _settle(own: dict[str, Any], now: datetime) -> bool:
    own.clear()  # run again, it is another transaction
    await database.rows(_PATIENT)
    own |= await database.row(_MINE) or {}
    return await sharing.settle_next(now=now)
