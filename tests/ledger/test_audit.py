"""The nightly recount, and its alarm when somebody went past the constraints."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from tortoise.transactions import in_transaction

from domain.ledger import accounts, audit
from kit import database
from kit.workdays import SHANGHAI
from models.audit import Event
from models.ledger import Book, LedgerAudit
from tests.conftest import Clock
from tests.factories import a_partner
from tests.ledger.factories import an_account, move
from workers.ticks import TIMETABLE

pytestmark = pytest.mark.usefixtures("database")


async def past_all_constraints(*statements: str) -> None:
    """As somebody with all rights over the database could."""
    async with in_transaction():
        await database.execute("set local session_replication_role = replica")
        for statement in statements:
            await database.execute(statement)


async def recount(now: Any) -> LedgerAudit:
    return await audit.audit(scheduled_for=now, now=now)


async def test_a_sound_ledger_raises_no_alarm(time: Clock) -> None:
    account = await an_account(await a_partner(), 100, now=time.now)
    await move((account.id, -30), (accounts.book(Book.SALES), 30), now=time.now)

    done = await recount(time.now)

    assert (done.is_sound, done.differences, done.entries) == (True, [], 4)
    assert done.accounts == len(Book) + 1
    assert not await Event.filter(name=audit.ALARM).exists()


@pytest.mark.parametrize(
    ("statement", "checks"),
    [
        ("update ledger_account set balance = 90 where book is null", ["BALANCE"]),
        ("update ledger_account set held = 1 where book is null", ["HELD"]),
        (
            "update ledger_entry set amount = amount + 1, balance_after = balance_after + 1"
            " where sequence = 1",
            ["ALL_ENTRIES", "TRANSFER", "BALANCE"],
        ),
        (
            "delete from ledger_entry where sequence = 2",
            ["ALL_ENTRIES", "TRANSFER", "BALANCE"],
        ),
    ],
)
async def test_what_does_not_add_up_is_told_with_its_facts(
    time: Clock, caplog: pytest.LogCaptureFixture, statement: str, checks: list[str]
) -> None:
    account = await an_account(await a_partner(), 100, now=time.now)
    await move((account.id, -30), (accounts.book(Book.SALES), 30), now=time.now)
    await past_all_constraints(statement)

    done = await recount(time.now)

    assert not done.is_sound
    assert [each["check"] for each in done.differences] == checks
    event = await Event.get(name=audit.ALARM)
    assert event.after["differences"] == done.differences
    assert "does not add up" in caplog.text
    if checks == ["BALANCE"]:
        [told] = done.differences
        assert (told["id"], Decimal(told["counted"]), Decimal(told["told"])) == (
            str(account.id),
            Decimal(70),
            Decimal(90),
        )


def test_it_is_done_each_night_at_two_in_shanghai() -> None:
    [entry] = [each for each in TIMETABLE if each.name == "ledger"]

    moments = entry.moments(datetime(2030, 1, 31, tzinfo=UTC), datetime(2030, 2, 2, tzinfo=UTC))

    assert [f"{moment.astimezone(SHANGHAI):%d %H:%M}" for moment in moments] == [
        "01 02:00",
        "02 02:00",
    ]
    assert entry.run is audit.audit
