"""How a payment to a partner stands in the ledger, for whoever sees what was paid."""

from typing import Any

from kit.reads import column, items, money, one, sql, table
from kit.scope import INHERITED
from models import ledger as models
from models.ledger import Book
from schema.enums import described
from schema.money import Money
from schema.scalars import DateTime

described(
    Book,
    "An account of the house, the other side of what comes in or goes out.",
    name="LedgerBook",
    OUTSIDE="What has come in.",
    SALES="What was sold.",
    ADJUSTMENTS="What was put right.",
    PAYOUTS="What has left by banks.",
    REWARDS="What was given as rewards.",
    SETTLEMENTS="What shares and incentives have cost, as they are paid.",
)


@table(
    models.LedgerEntry,
    prefix="bke",
    scope=INHERITED,
    description="One side of a booking: what it added to a book of the house.",
)
class BookingEntry:
    """Without balances: books have none."""

    book: Book = sql(
        "(select account.book from ledger_account account where account.id = {t}.account_id)",
        "Which book.",
    )
    amount: Money = money("amount", "currency", "What was added; below zero: taken.")


@table(
    models.LedgerTransfer,
    prefix="bkg",
    scope=INHERITED,
    description="How a payment to a partner was booked, in double entry: its sides add up to"
    " nothing.",
)
class Booking:
    """From SETTLEMENTS to PAYOUTS."""

    number: str = column("The number of the transfer, for people.")
    amount: Money = money("amount", "currency", "How much was paid.")
    created_at: DateTime = column("When it was booked.")
    entries: list[BookingEntry] = items("transfer_id", "Its sides.", order="amount, id", limit=20)


def booking() -> Any:
    """The field of whatever a bank pays to a partner."""
    return one(
        "id",
        "How its payment stands in the ledger; null until it is paid. No account of the partner's"
        " has a part in it.",
        match="subject_id",
        where="{t}.kind = 'SETTLEMENT'",
        newest="created_at",
    )
