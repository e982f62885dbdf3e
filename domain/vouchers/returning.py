"""What comes back to quotas from coupons: they take it as long as they live."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from kit import database
from kit.transaction import assert_open


async def return_to_quotas(amounts: Mapping[UUID, Decimal], *, now: datetime) -> set[UUID]:
    """Put amounts of coupons back to the quotas that they are from; which quotas took them.

    Holds them in id order; the caller holds the coupons. A quota that is frozen lives, one that is
    over takes nothing: what it doesn't take is the caller's to write off.
    """
    assert_open()
    wanted = sorted(amounts)
    live = await database.rows(_HOLD, wanted, now)
    takers = [row["id"] for row in live]
    await database.execute(_RETURN, takers, [amounts[id] for id in takers])
    return set(takers)


_HOLD = """
select id from (
  select id, status, expires_at from voucher_quota where id = any($1)
  order by id for no key update
) held
where status in ('NORMAL', 'ADJUSTING', 'FROZEN') and expires_at > $2
"""

_RETURN = """
update voucher_quota set balance = balance + given.amount, to_coupons = to_coupons - given.amount,
  version = version + 1
from unnest($1::uuid[], $2::numeric[]) as given (id, amount) where voucher_quota.id = given.id
"""
