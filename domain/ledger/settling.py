"""Booking what a bank has paid a partner as its share or its incentives: from book to book.

What a partner is paid so never was on an account of its, so none of its balances moves. The book
SETTLEMENTS has what sharing and incentives have cost the house, PAYOUTS what has left by banks.
"""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.identity.viewer import SYSTEM, Viewer
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
    return await _post(
        amount, Book.SETTLEMENTS, Book.PAYOUTS, subject_type, subject_id, number, SYSTEM, now
    )


async def take_back(
    amount: Decimal,
    *,
    subject_type: str,
    subject_id: UUID,
    number: str,
    viewer: Viewer,
    now: datetime,
) -> LedgerTransfer:
    """Write one transfer down for what a partner has paid back of its share, by other means.

    As `book`; what has come in from OUTSIDE makes SETTLEMENTS cost less.
    """
    return await _post(
        amount, Book.OUTSIDE, Book.SETTLEMENTS, subject_type, subject_id, number, viewer, now
    )


async def _post(
    amount: Decimal,
    giving: Book,
    taking: Book,
    subject_type: str,
    subject_id: UUID,
    number: str,
    viewer: Viewer,
    now: datetime,
) -> LedgerTransfer:
    money = Money(amount, CURRENCY)
    return await posting.post(
        kind=TradeType.SETTLEMENT,
        legs=[Leg(accounts.book(giving), -money), Leg(accounts.book(taking), money)],
        subject_type=subject_type,
        subject_id=subject_id,
        note=number,
        viewer=viewer,
        now=now,
    )
