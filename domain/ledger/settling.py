"""Booking what a bank has paid a partner as its share or its incentives: from book to book.

What a partner is paid so never was on an account of its, so none of its balances moves. The book
SETTLEMENTS has what sharing and incentives have cost the house, PAYOUTS what has left by banks.
"""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.identity.viewer import SYSTEM
from domain.ledger import accounts, posting
from domain.ledger.posting import Leg
from kit.money import Money
from models.ledger import CURRENCY, Book, LedgerTransfer, TradeType


async def book(
    amount: Decimal, *, subject_type: str, subject_id: UUID, number: str, now: datetime
) -> LedgerTransfer:
    """Write one transfer down for a payment that a bank has made; `number` is the paid thing's.

    The caller holds the subject, and calls it once: when it becomes paid.
    """
    money = Money(amount, CURRENCY)
    return await posting.post(
        kind=TradeType.SETTLEMENT,
        legs=[
            Leg(accounts.book(Book.SETTLEMENTS), -money),
            Leg(accounts.book(Book.PAYOUTS), money),
        ],
        subject_type=subject_type,
        subject_id=subject_id,
        note=number,
        viewer=SYSTEM,
        now=now,
    )
