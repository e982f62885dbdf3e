"""What two statements say differently, and why."""

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.identity.items import Item
from domain.orders import repaying
from domain.statements import cancelling
from kit import ids
from models.incentives import Incentive, PaysBy
from models.order_states import PolicyScene
from models.settlement import StatementKind
from models.statements import Statement
from tests.conftest import Clock
from tests.customers.conftest import Ask, Refused
from tests.factories import a_partner, a_staff_viewer, an_administrator
from tests.incentives.factories import a_policy, confirmed, earned, finish
from tests.orders.factories import lend
from tests.settlement.factories import a_csp_shop, certified, run, sold, worked
from tests.settlement.sales import Provider, a_provider, entered, lines_of, statements_of

pytestmark = pytest.mark.usefixtures("database")

BILLING = datetime(2030, 3, 4, 0, 0, tzinfo=UTC)
NEXT = datetime(2030, 4, 3, 0, 0, tzinfo=UTC)

DIFF = """query($before: ID!, $after: ID!, $first: Int, $behind: String) {
  statementDiff(before: $before, after: $after) {
    before { number } after { number }
    sums { kind beforeLineCount beforeAmount { amount } afterLineCount afterAmount { amount }
      difference { amount } }
    lines(first: $first, after: $behind) {
      totalCount { value precision } pageInfo { hasNextPage endCursor }
      nodes { change kind orderNumber customerName beforeLineId afterLineId
        beforeAmount { amount } afterAmount { amount } difference { amount }
        reasons { why before after at } } } } }"""


@pytest.fixture
async def provider(time: Clock) -> Provider:
    """A general taxpayer."""
    return await a_provider(time)


def stm(statement: Statement) -> str:
    return ids.encode("stm", statement.id)


async def diff(ask: Ask, before: Statement, after: Statement, by: Any, **more: Any) -> Any:
    return await ask(DIFF, before=stm(before), after=stm(after), by=by, **more)


async def cancel(provider: Provider, statement: Statement, *, now: datetime) -> None:
    """The platform takes it back."""
    await cancelling.cancel(
        viewer=provider.staff, statement_id=statement.id, reason="Another rate.", now=now
    )


async def make_again(provider: Provider, statement: Statement, *, now: datetime) -> None:
    """The platform lets it be made anew, and the workers do."""
    await cancelling.regenerate(viewer=provider.staff, statement_id=statement.id, now=now)
    await worked(now)


def told(found: Any) -> list[tuple[str, str, str | None, str | None, list[str]]]:
    """Of each line: what became of it, what it is, both amounts, and why."""
    return [
        (
            each["change"],
            each["kind"],
            each["beforeAmount"] and each["beforeAmount"]["amount"],
            each["afterAmount"] and each["afterAmount"]["amount"],
            [reason["why"] for reason in each["reasons"]],
        )
        for each in found["lines"]["nodes"]
    ]


async def test_what_was_made_again_at_another_rate_says_so_line_by_line(
    provider: Provider, time: Clock, ask: Ask
) -> None:
    await provider.sells("10600.00")
    await provider.sells("5300.00")
    time.now = BILLING
    await provider.settles("2030-02")
    [before] = await statements_of(provider)
    await cancel(provider, before, now=time.now)
    time.forward(hours=1)
    await certified(provider.partner, rate="0.01", at=time.now)
    await make_again(provider, before, now=time.now)
    _, after = await statements_of(provider)

    found = await diff(ask, before, after, provider.staff)

    assert after.replaces_id == before.id
    assert (found["before"]["number"], found["after"]["number"]) == (before.number, after.number)
    assert told(found) == [
        ("CHANGED", "ORIGINAL", "1060.00", "1010.00", ["FEE_TAX_RATE"]),
        ("CHANGED", "ORIGINAL", "530.00", "505.00", ["FEE_TAX_RATE"]),
    ]
    [first, _] = found["lines"]["nodes"]
    assert first["reasons"][0] == {
        "why": "FEE_TAX_RATE",
        "before": "0.0600",
        "after": "0.0100",
        "at": None,
    }
    assert first["difference"]["amount"] == "-50.00"
    assert found["sums"] == [
        {
            "kind": "ORIGINAL",
            "beforeLineCount": 2,
            "beforeAmount": {"amount": "1590.00"},
            "afterLineCount": 2,
            "afterAmount": {"amount": "1515.00"},
            "difference": {"amount": "-75.00"},
        }
    ]


async def test_what_is_the_same_in_both_is_not_listed(
    provider: Provider, time: Clock, ask: Ask
) -> None:
    await provider.sells("10600.00")
    time.now = BILLING
    await provider.settles("2030-02")
    [before] = await statements_of(provider)
    await cancel(provider, before, now=time.now)
    await make_again(provider, before, now=time.now)
    _, after = await statements_of(provider)

    found = await diff(ask, before, after, provider.staff)

    assert found["lines"]["nodes"] == []
    assert found["lines"]["totalCount"] == {"value": 0, "precision": "EXACT"}


async def test_two_months_say_what_came_and_what_it_had_waited_for(
    provider: Provider, time: Clock, ask: Ask
) -> None:
    old = await provider.sells("8000.00")
    await lend(provider.customer, "5000.00", now=time.now)
    lent = await provider.sells("3000.00", credit="3000.00")
    time.now = BILLING
    await provider.settles("2030-02")
    time.forward(days=1)
    await repaying.record(
        viewer=provider.staff, order_id=lent.id, reason="By transfer.", now=time.now
    )
    await provider.gives_back(old)
    await provider.sells("1000.00")
    time.now = NEXT
    await provider.settles("2030-03")
    before, after = await statements_of(provider)

    found = await diff(ask, before, after, provider.staff)

    assert sorted(told(found)) == sorted(
        [
            ("REMOVED", "ORIGINAL", "800.00", None, ["STAYS"]),
            ("ADDED", "ORIGINAL", None, "300.00", ["REPAID"]),
            ("ADDED", "REVERSAL", None, "-727.67", ["REFUNDED"]),
            ("ADDED", "ORIGINAL", None, "100.00", ["SOLD_SINCE"]),
        ]
    )


async def test_what_a_cancelled_statement_had_waits_or_is_elsewhere(
    provider: Provider, time: Clock, ask: Ask
) -> None:
    await provider.sells("10600.00")
    await provider.sells("5300.00", tax="0.13")
    time.now = BILLING
    await provider.settles("2030-02")
    six, thirteen = await statements_of(provider)
    await cancel(provider, six, now=time.now)

    waiting = await diff(ask, six, thirteen, provider.staff)

    assert ("REMOVED", "ORIGINAL", "1060.00", None, ["WAITS_AGAIN"]) in told(waiting)
    time.now = NEXT
    await provider.settles("2030-03")
    *_, later = await statements_of(provider)
    settled = await diff(ask, six, thirteen, provider.staff)
    [removed] = [each for each in settled["lines"]["nodes"] if each["change"] == "REMOVED"]
    assert removed["reasons"] == [
        {"why": "SETTLED_ELSEWHERE", "before": None, "after": later.number, "at": None}
    ]


async def test_an_adjustment_of_a_cancelled_statement_waits_or_is_elsewhere_as_well(
    provider: Provider, time: Clock, ask: Ask
) -> None:
    await provider.sells("5300.00", tax="0.13")
    for amount in ("12.34", "12.34"):
        await entered(provider, amount, now=time.now)
    time.now = BILLING
    await provider.settles("2030-02")
    six, thirteen = await statements_of(provider)
    await cancel(provider, six, now=time.now)

    def of_adjustments(found: Any) -> Any:
        return [
            [each["reasons"] for each in found["lines"]["nodes"] if each["kind"] == "ADJUSTMENT"],
            {each["change"] for each in found["lines"]["nodes"] if each["kind"] == "ADJUSTMENT"},
        ]

    waits = {"why": "WAITS_AGAIN", "before": None, "after": None, "at": None}
    waiting = await diff(ask, six, thirteen, provider.staff)
    assert of_adjustments(waiting) == [[[waits], [waits]], {"REMOVED"}]
    await make_again(provider, six, now=time.now)
    *_, again = await statements_of(provider)
    elsewhere = {"why": "SETTLED_ELSEWHERE", "before": None, "after": again.number, "at": None}
    settled = await diff(ask, six, thirteen, provider.staff)
    assert of_adjustments(settled) == [[[elsewhere], [elsewhere]], {"REMOVED"}]


async def test_an_incentive_of_a_cancelled_statement_waits_is_elsewhere_or_has_lapsed(
    time: Clock, ask: Ask
) -> None:
    shop = await a_csp_shop()
    await a_policy("CSP", now=time.now, scene=PolicyScene.CSP, pays_by=PaysBy.STATEMENT)
    for month, quarter in ((2, "2030-Q1"), (4, "2030-Q2")):
        await sold(shop, quantity=5, now=datetime(2030, month, 10, tzinfo=UTC))
        await finish(2030, month, now=datetime(2030, month + 1, 1, tzinfo=UTC))
        mine = await earned("CSP", f"2030-0{month}")
        await confirmed(shop.by, mine, now=datetime(2030, month + 1, 1, tzinfo=UTC))
        await run(quarter, kind=StatementKind.ASSESSMENT, now=datetime(2030, 7, 3, tzinfo=UTC))
    first, second = await Statement.filter(kind=StatementKind.ASSESSMENT).order_by("period")
    staff = await a_staff_viewer(Item.SETTLEMENT_REVIEW, Item.SETTLEMENT_RUN)
    time.now = datetime(2030, 7, 4, tzinfo=UTC)
    await cancelling.cancel(
        viewer=staff, statement_id=first.id, reason="Another rate.", now=time.now
    )

    async def why() -> Any:
        found = await diff(ask, first, second, staff)
        [removed] = [each for each in found["lines"]["nodes"] if each["change"] == "REMOVED"]
        [reason] = removed["reasons"]
        return reason["why"], reason["after"]

    assert await why() == ("WAITS_AGAIN", None)
    await Incentive.filter(code="CSP", period="2030-02").update(state="LAPSED")
    assert await why() == ("GONE", None)
    await Incentive.filter(code="CSP", period="2030-02").update(state="CONFIRMED")
    await cancelling.regenerate(viewer=staff, statement_id=first.id, now=time.now)
    await worked(time.now)
    again = await Statement.get(replaces_id=first.id)
    assert await why() == ("SETTLED_ELSEWHERE", again.number)


async def test_it_comes_page_by_page(provider: Provider, time: Clock, ask: Ask) -> None:
    for _ in range(3):
        await provider.sells("1000.00")
    time.now = BILLING
    await provider.settles("2030-02")
    await provider.sells("1000.00")
    time.now = NEXT
    await provider.settles("2030-03")
    before, after = await statements_of(provider)

    seen, behind = [], None
    while True:
        page = (await diff(ask, before, after, provider.staff, first=2, behind=behind))["lines"]
        assert page["totalCount"] == {"value": 4, "precision": "EXACT"}
        seen += [each["beforeLineId"] or each["afterLineId"] for each in page["nodes"]]
        behind = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break

    lines = [*await lines_of(before), *await lines_of(after)]
    assert seen == [ids.encode("stl", line.id) for line in lines]
    with pytest.raises(Refused, match="CURSOR_INVALID"):
        await diff(ask, after, before, provider.staff, behind=behind)
    for size in (0, 101):
        with pytest.raises(Refused, match="INVALID_INPUT"):
            await diff(ask, before, after, provider.staff, first=size)


async def test_statements_of_others_can_not_be_compared(
    provider: Provider, time: Clock, ask: Ask
) -> None:
    other = await a_provider(time)
    await provider.sells("1000.00")
    await other.sells("1000.00")
    time.now = BILLING
    await provider.settles("2030-02")
    [mine], [theirs] = await statements_of(provider), await statements_of(other)

    with pytest.raises(Refused, match="NOT_COMPARABLE"):
        await diff(ask, mine, theirs, provider.staff)
    others = await an_administrator(await a_partner("Others"))
    for stranger in (others, provider.buyer, provider.by):
        # The provider's own isn't sent yet, so it isn't there for it.
        with pytest.raises(Refused, match="NOT_FOUND"):
            await diff(ask, mine, mine, stranger)
    await Statement.filter(id=mine.id).update(sent_at=time.now)
    assert (await diff(ask, mine, mine, provider.by))["lines"]["nodes"] == []
