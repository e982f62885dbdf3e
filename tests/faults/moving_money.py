"""A process that pays, gives back, takes usage in or signs, once: `python -m` with what is to do.

The first argument names it; the others are the moment, the subject and, for a payment, a coupon,
or for a signature, who signs.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.consumption import importing
from domain.identity.items import Item
from domain.identity.viewer import SYSTEM, Viewer, ViewerKind
from domain.orders import paying
from domain.refunds import requesting
from domain.statements import countersigning
from models.refunds import RefundReason
from models.statement_steps import SignerRole
from partner_center import startup
from partner_center.settings import Settings


async def pay(now: datetime, order_id: UUID, coupon_id: UUID) -> None:
    """By a coupon, by credit, and the rest by cash."""
    await paying.pay(
        viewer=SYSTEM,
        order_id=order_id,
        coupons={coupon_id: Decimal("300.00")},
        credit_amount=Decimal("100.00"),
        now=now,
    )


async def give_back(now: datetime, subscription_id: UUID) -> None:
    """All of a subscription within its five days, which a rule decides."""
    await requesting.request(
        viewer=SYSTEM, subscription_id=subscription_id, reason=RefundReason.NOT_NEEDED, now=now
    )


async def take_in(now: datetime, file_id: UUID) -> None:
    """A file of usage."""
    await importing.import_file(viewer=SYSTEM, file_id=file_id, now=now)


async def sign(now: datetime, statement_id: UUID, person_id: UUID) -> None:
    """A statement, in the name of finance."""
    viewer = Viewer(
        kind=ViewerKind.STAFF,
        person_id=person_id,
        items=frozenset({Item.SETTLEMENT_REVIEW, Item.STATEMENT_SIGN_FINANCE}),
    )
    await countersigning.sign(
        viewer=viewer, statement_id=statement_id, role=SignerRole.FINANCE, now=now
    )


_WHAT: dict[str, Callable[..., Awaitable[None]]] = {
    "pay": pay,
    "give_back": give_back,
    "take_in": take_in,
    "sign": sign,
}


async def _main(what: str, moment: str, *ids: str) -> None:
    await startup.open_database(Settings())
    try:
        await _WHAT[what](datetime.fromisoformat(moment), *(UUID(id) for id in ids))
    finally:
        await startup.close()


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
