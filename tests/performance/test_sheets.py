"""Sheets: made as a month is over in Beijing, approved, and never changed (5.13, I-01, I-02)."""

from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from tortoise.exceptions import IntegrityError

from domain.performance import adjusting, approving, closing, feedback
from domain.performance.guards import AskedAlready, OnlyPartnersAsk
from kit import database
from kit.problems import Forbidden, InvalidInput, NotFound
from kit.status import WrongStatus
from models.audit import Event
from models.feedback import FeedbackState, PerformanceFeedback
from models.performance import PerformanceLine, PerformanceSheet, PerformanceState
from tests.conftest import Clock
from tests.consumption.factories import buy
from tests.factories import a_partner, an_administrator
from tests.orders.factories import Shop
from tests.performance.factories import a_reviewer, close, lines, told, write
from tests.races import at_once
from tests.refunds.factories import asked_back, bought

pytestmark = pytest.mark.usefixtures("database")


async def test_the_months_end_in_beijing_parts_the_sheets(shop: Shop, time: Clock) -> None:
    time.now = datetime(2030, 2, 28, 15, 59, 59, 999_999, tzinfo=UTC)
    await buy(shop, now=time.now)
    time.now = datetime(2030, 2, 28, 16, 0, tzinfo=UTC)
    await buy(shop, quantity=2, now=time.now)

    [sheet] = await close(2030, 2)

    assert (sheet.partner_id, sheet.period) == (shop.partner.id, "2030-02")
    assert (sheet.lines, sheet.total_amount) == (1, Decimal("1000.00"))
    assert sheet.state is PerformanceState.DRAFT
    # Thursday's performance is shown as Friday begins in Beijing.
    assert sheet.visible_at == datetime(2030, 2, 28, 16, tzinfo=UTC)
    assert [(line.period, line.sheet_id) for line in await lines()] == [
        ("2030-02", sheet.id),
        ("2030-03", None),
    ]
    assert [event.name for event in await Event.filter(subject_id=sheet.id)] == [
        "performance_sheet.made"
    ]


async def test_making_sheets_again_makes_none_and_late_lines_are_of_the_next_month(
    shop: Shop, time: Clock
) -> None:
    time.now = datetime(2030, 2, 28, 15, 0, tzinfo=UTC)
    await buy(shop, now=time.now)
    [sheet] = await close(2030, 2)
    # Paid in February, but come to light when its sheet was there.
    await buy(shop, quantity=3, now=time.now)

    assert await close(2030, 2) == [sheet]
    await write(time.now + timedelta(hours=3))

    assert await told() == [("SALE", "2030-02", "1000.00"), ("SALE", "2030-03", "3000.00")]
    [march] = await close(2030, 3)
    assert march.total_amount == Decimal("3000.00")


async def test_a_missed_month_is_made_up_for(shop: Shop, time: Clock) -> None:
    time.now = datetime(2030, 2, 10, tzinfo=UTC)
    await buy(shop, now=time.now)
    time.now = datetime(2030, 3, 10, tzinfo=UTC)
    await buy(shop, quantity=2, now=time.now)

    at = datetime(2030, 3, 31, 16, 5, tzinfo=UTC)
    assert await closing.make_sheets(scheduled_for=at, now=at) == 2

    sheets = await PerformanceSheet.all().order_by("period")
    assert [(each.period, each.total_amount) for each in sheets] == [
        ("2030-02", Decimal("1000.00")),
        ("2030-03", Decimal("2000.00")),
    ]


async def test_a_sheet_is_approved_once_and_many_have_an_outcome_each(
    shop: Shop, time: Clock
) -> None:
    await buy(shop, now=time.now)
    [sheet] = await close(2030, 2)
    reviewer = await a_reviewer()
    unknown = shop.partner.id

    first = await approving.approve(
        viewer=reviewer, sheet_ids=[sheet.id, unknown, sheet.id], now=time.now
    )
    again = await approving.approve(viewer=reviewer, sheet_ids=[sheet.id], now=time.now)

    assert [(each.id, type(each.problem)) for each in first] == [
        (sheet.id, type(None)),
        (unknown, NotFound),
    ]
    assert isinstance(again[0].problem, WrongStatus)
    fresh = await PerformanceSheet.get(id=sheet.id)
    assert (fresh.state, fresh.approved_at) == (PerformanceState.FINAL, time.now)
    assert fresh.approved_by == reviewer.actor_id
    assert await Event.filter(name="performance_sheet.approved").count() == 1


async def test_partners_dont_approve(shop: Shop, time: Clock) -> None:
    await buy(shop, now=time.now)
    [sheet] = await close(2030, 2)

    with pytest.raises(Forbidden):
        await approving.approve(viewer=shop.by, sheet_ids=[sheet.id], now=time.now)
    assert (await PerformanceSheet.get(id=sheet.id)).state is PerformanceState.DRAFT


async def test_the_database_keeps_what_is_on_a_sheet(shop: Shop, time: Clock) -> None:
    await buy(shop, now=time.now)
    [sheet] = await close(2030, 2)
    [line] = await lines()

    for statement in (
        "update performance_line set amount = amount + 1",
        "update performance_line set sheet_id = null",
        "delete from performance_line",
        "update performance_sheet set total_amount = total_amount + 1",
        "delete from performance_sheet",
    ):
        with pytest.raises(IntegrityError, match="is final"):
            await database.execute(statement)
    await approving.approve(viewer=await a_reviewer(), sheet_ids=[sheet.id], now=time.now)
    with pytest.raises(IntegrityError, match="is final"):
        await database.execute("update performance_sheet set state = 'DRAFT', approved_at = null")

    assert (await PerformanceLine.get(id=line.id)).amount == Decimal("1000.00")


@pytest.mark.parametrize("refund_first", [True, False])
async def test_a_late_refund_and_an_approval_dont_touch_each_other(
    shop: Shop, time: Clock, *, refund_first: bool
) -> None:
    time.now = datetime(2030, 2, 27, tzinfo=UTC)
    _, subscription = await bought(shop, now=time.now)
    [sheet] = await close(2030, 2)
    time.now = datetime(2030, 2, 28, 17, tzinfo=UTC)
    reviewer = await a_reviewer()
    calls = [
        asked_back(shop, subscription, now=time.now),
        approving.approve(viewer=reviewer, sheet_ids=[sheet.id], now=time.now),
    ]
    for call in calls if refund_first else reversed(calls):
        await call
    await write(time.now)

    fresh = await PerformanceSheet.get(id=sheet.id)
    assert (fresh.state, fresh.total_amount) == (PerformanceState.FINAL, Decimal("1000.00"))
    assert await told() == [("SALE", "2030-02", "1000.00"), ("REFUND", "2030-03", "-1000.00")]


async def test_two_who_approve_at_once_do_it_once(shop: Shop, time: Clock) -> None:
    await buy(shop, now=time.now)
    [sheet] = await close(2030, 2)
    reviewer = await a_reviewer()

    def approve() -> Coroutine[Any, Any, object]:
        return approving.approve(viewer=reviewer, sheet_ids=[sheet.id], now=time.now)

    both = await at_once(approve(), approve(), while_locked=sheet)

    assert sorted(type(outcome[0].problem).__name__ for outcome in both) == [
        "NoneType",
        "WrongStatus",
    ]
    assert (await PerformanceSheet.get(id=sheet.id)).version == 2


async def test_a_correction_is_a_line_of_the_month_that_runs(shop: Shop, time: Clock) -> None:
    order = await buy(shop, now=time.now)
    await close(2030, 2)
    [line] = await lines()
    reviewer = await a_reviewer()
    time.now = datetime(2030, 3, 5, tzinfo=UTC)

    made = await adjusting.enter(
        viewer=reviewer,
        line_id=line.id,
        amount=Decimal("-250.50"),
        reason="The voucher counted by mistake.",
        now=time.now,
    )
    again = await adjusting.enter(
        viewer=reviewer, line_id=made.id, amount=Decimal("50"), reason="Less.", now=time.now
    )

    assert (made.period, made.amount, made.sheet_id) == ("2030-03", Decimal("-250.50"), None)
    assert (made.corrects_id, again.corrects_id) == (line.id, line.id)
    assert (made.order_id, made.partner_id) == (order.id, shop.partner.id)
    [march] = await close(2030, 3)
    assert (march.lines, march.total_amount) == (2, Decimal("-200.50"))


async def test_a_correction_of_nothing_or_by_a_partner_is_refused(shop: Shop, time: Clock) -> None:
    await buy(shop, now=time.now)
    await write(time.now)
    [line] = await lines()
    facts: dict[str, Any] = {"line_id": line.id, "reason": "Why not.", "now": time.now}

    with pytest.raises(InvalidInput):
        await adjusting.enter(viewer=await a_reviewer(), amount=Decimal(0), **facts)
    with pytest.raises(Forbidden):
        await adjusting.enter(viewer=shop.by, amount=Decimal(1), **facts)

    assert len(await lines()) == 1


async def test_a_question_is_asked_answered_and_put_away(shop: Shop, time: Clock) -> None:
    await buy(shop, now=time.now)
    [sheet] = await close(2030, 2)
    [line] = await lines()
    time.now = datetime(2030, 3, 4, tzinfo=UTC)
    reviewer = await a_reviewer()

    asked = await feedback.ask_about_sheet(
        viewer=shop.by, sheet_id=sheet.id, text="Is it all?", now=time.now
    )
    with pytest.raises(AskedAlready):
        await feedback.ask_about_sheet(
            viewer=shop.by, sheet_id=sheet.id, text="Really?", now=time.now
        )
    about_line = await feedback.ask_about_line(
        viewer=shop.by, line_id=line.id, text="And this?", now=time.now
    )
    with pytest.raises(OnlyPartnersAsk):
        await feedback.close(viewer=reviewer, feedback_id=asked.id, now=time.now)
    # It doesn't hold the approval up.
    await approving.approve(viewer=reviewer, sheet_ids=[sheet.id], now=time.now)
    await feedback.answer(viewer=reviewer, feedback_id=asked.id, text="It is.", now=time.now)
    with pytest.raises(WrongStatus):
        await feedback.answer(viewer=reviewer, feedback_id=asked.id, text="Yes.", now=time.now)
    await feedback.close(viewer=shop.by, feedback_id=asked.id, now=time.now)
    await feedback.close(viewer=shop.by, feedback_id=about_line.id, now=time.now)

    fresh = await PerformanceFeedback.get(id=asked.id)
    assert (fresh.state, fresh.answer) == (FeedbackState.CLOSED, "It is.")
    assert [event.name for event in await Event.filter(subject_id=asked.id).order_by("id")] == [
        "performance_feedback.opened",
        "performance_feedback.answered",
        "performance_feedback.closed",
    ]
    await feedback.ask_about_sheet(viewer=shop.by, sheet_id=sheet.id, text="Now?", now=time.now)


async def test_nobody_asks_about_an_estimate_or_what_is_anothers(shop: Shop, time: Clock) -> None:
    await buy(shop, now=time.now)
    await write(time.now)
    [line] = await lines()
    time.forward(days=7)

    with pytest.raises(WrongStatus):
        await feedback.ask_about_line(viewer=shop.by, line_id=line.id, text="Why?", now=time.now)
    other = await an_administrator(await a_partner("Other"))
    with pytest.raises(NotFound):
        await feedback.ask_about_line(viewer=other, line_id=line.id, text="Why?", now=time.now)

    assert await PerformanceFeedback.all().count() == 0
