"""The calendar examples of domain.md 6.11, days off and make-up days included."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

import pytest

from domain.statements import countersigning, invoicing, notifying, sending, verifying
from kit.workdays import SHANGHAI
from models.statement_steps import SignerRole
from tests.conftest import Clock
from tests.statements import factories as make
from tests.statements.factories import ADDRESS, House, due_days, fresh, steps_of

pytestmark = pytest.mark.usefixtures("database")


@dataclass(frozen=True)
class Month:
    """What becomes of a period when each step is done on its last day."""

    period: str
    generated: str
    review: str
    countersign: str
    notice: str
    invoice: str
    received: str
    verify: str
    pay: str


OCTOBER = Month(
    period="2025-10",
    generated="2025-11-03",
    review="2025-11-05",
    countersign="2025-11-17",
    notice="2025-11-18",
    invoice="2025-12-18",
    received="2025-11-25",
    verify="2025-11-27",
    pay="2025-12-05",
)
# The third lies in a holiday that ends on the eighth; Saturday the eleventh is a make-up day.
SEPTEMBER = Month(
    period="2025-09",
    generated="2025-10-09",
    review="2025-10-11",
    countersign="2025-10-22",
    notice="2025-10-23",
    invoice="2025-11-23",
    received="2025-10-30",
    verify="2025-11-03",
    pay="2025-11-11",
)
# New year's holiday, and Sunday the fourth of January made up for it.
NOVEMBER = Month(
    period="2025-11",
    generated="2025-12-03",
    review="2025-12-05",
    countersign="2025-12-17",
    notice="2025-12-18",
    invoice="2026-01-18",
    received="2025-12-25",
    verify="2025-12-29",
    pay="2026-01-07",
)


def on(day: str, hour: int = 10) -> datetime:
    """That day in Shanghai."""
    return datetime.combine(date.fromisoformat(day), time(hour), SHANGHAI).astimezone(UTC)


@pytest.mark.parametrize("month", [OCTOBER, SEPTEMBER, NOVEMBER], ids=lambda month: month.period)
async def test_each_step_is_due_as_the_calendar_says(
    house: House, time: Clock, month: Month
) -> None:
    statement = await make.a_statement(house, period=month.period, now=on(month.generated, 3))
    await sending.send(viewer=house.reviewer, statement_id=statement.id, now=on(month.review))
    await countersigning.start(
        viewer=house.reviewer, statement_id=statement.id, now=on(month.review, 12)
    )
    for viewer, role in (
        (house.business, SignerRole.BUSINESS),
        (house.finance, SignerRole.FINANCE),
    ):
        await countersigning.sign(
            viewer=viewer, statement_id=statement.id, role=role, now=on(month.countersign)
        )
    await make.say(statement, reference="PS-1", now=on(month.countersign, 11))
    await notifying.notify(
        viewer=house.reviewer, statement_id=statement.id, address=ADDRESS, now=on(month.notice)
    )
    await make.submit(
        house,
        await fresh(statement),
        [make.an_invoice(statement, now=on(month.notice))],
        now=on(month.notice, 11),
    )
    await invoicing.receive(
        viewer=house.reviewer, statement_id=statement.id, now=on(month.received)
    )
    await verifying.verify(viewer=house.reviewer, statement_id=statement.id, now=on(month.verify))
    await make.say(statement, reference="BANK-1", now=on(month.pay))

    assert (await due_days(statement)) | {"GENERATE": month.generated} == {
        "GENERATE": month.generated,
        "REVIEW": month.review,
        "COUNTERSIGN": month.countersign,
        "NOTIFY": month.notice,
        "INVOICE": month.invoice,
        "VERIFY": month.verify,
        "PAY": month.pay,
    }
    steps = await steps_of(statement)
    assert [kind for kind, step in steps.items() if step.breached_at is not None] == []
    assert [kind for kind, step in steps.items() if step.provisional] == []
    due_at = steps["REVIEW"].due_at
    assert due_at is not None
    assert due_at.astimezone(SHANGHAI).time() == datetime.min.time(), "24:00 of the day in Shanghai"


async def test_generating_has_a_working_day_from_the_billing_day(house: House, time: Clock) -> None:
    in_time = await make.a_statement(
        house, period="2025-09", billing_day=date(2025, 10, 9), now=on("2025-10-10", 23)
    )
    late = await make.a_statement(
        house, period="2025-10", billing_day=date(2025, 11, 3), now=on("2025-11-05", 0)
    )

    assert (await due_days(in_time))["GENERATE"] == "2025-10-10"
    assert (await steps_of(in_time))["GENERATE"].breached_at is None
    assert (await due_days(late))["GENERATE"] == "2025-11-04"
    assert (await steps_of(late))["GENERATE"].breached_at == on("2025-11-05", 0)


async def test_days_of_a_year_that_is_not_announced_are_provisional(
    house: House, time: Clock
) -> None:
    statement = await make.a_statement(house, period="2029-12", now=time.now)

    assert (await steps_of(statement))["REVIEW"].provisional
