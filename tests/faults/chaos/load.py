"""The load: visitors who use every workflow, and time that goes on by leaps."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from random import Random

from tests.faults.chaos import (
    budget_flows,
    customer_flows,
    edge_flows,
    house_flows,
    incentive_flows,
    money_flows,
    people_flows,
    programme_flows,
    sales_flows,
    service_flows,
    shelf_flows,
    statement_flows,
    usage_flows,
)
from tests.faults.chaos.client import GaveUp, Refused
from tests.faults.chaos.visitor import Flow, Visit, Visitor
from tests.receiver import Received

# How often each is chosen.
FLOWS: dict[Flow, int] = {
    people_flows.member_invitation: 4,
    people_flows.customer_report: 5,
    people_flows.association_change: 2,
    money_flows.recharge: 3,
    money_flows.allocation: 2,
    money_flows.withdrawal: 2,
    money_flows.voucher_tiers: 2,
    money_flows.vouchers: 3,
    sales_flows.order: 8,
    sales_flows.race_for_an_order: 2,
    sales_flows.refund: 5,
    sales_flows.requirement: 4,
    sales_flows.exclusive_offer: 3,
    service_flows.service: 2,
    service_flows.subscription: 2,
    service_flows.refunds: 1,
    service_flows.adjusted_order: 1,
    shelf_flows.shelf: 1,
    shelf_flows.offer_terms: 2,
    shelf_flows.special_application: 2,
    shelf_flows.vague_report: 1,
    budget_flows.test_vouchers: 2,
    budget_flows.held_quota: 1,
    budget_flows.coupons_of_the_platform: 2,
    budget_flows.accounts: 2,
    budget_flows.money_downwards: 2,
    customer_flows.standing: 1,
    customer_flows.care: 1,
    customer_flows.on_behalf: 2,
    customer_flows.cart: 1,
    house_flows.api_key: 1,
    house_flows.seats: 1,
    house_flows.specialist: 1,
    house_flows.another_endpoint: 1,
    house_flows.pause: 1,
    programme_flows.programme_application: 3,
    programme_flows.improvement_plan: 1,
    programme_flows.certification: 2,
    statement_flows.statement: 8,
    statement_flows.adjustment: 1,
    incentive_flows.performance: 2,
    incentive_flows.incentive: 1,
    incentive_flows.payment_application: 4,
    usage_flows.usage: 6,
    usage_flows.usage_ends: 1,
    edge_flows.export: 3,
    edge_flows.webhooks: 1,
    edge_flows.settlement: 1,
    edge_flows.upstream: 1,
    edge_flows.digest: 1,
}

LONG_LIVES = (statement_flows.statement, incentive_flows.payment_application, usage_flows.usage)

# Hours, in a short storm; in a long one less.
_LEAPS = (0.02, 0.3, 2, 9, 24, 48)
_EACH = (1.5, 4)  # seconds between two
_MOST = 26 * 24.0  # hours in all, since keys are kept for thirty days


async def visiting(
    visit: Visit, *, seed: int, visitors: int, seconds: float, stop: asyncio.Event
) -> None:
    """So many visitors, one flow after the other, until told to stop; what is begun is ended."""
    expected = seconds / (sum(_EACH) / 2) * sum(_LEAPS) / len(_LEAPS)
    pace = min(1.0, _MOST / expected)
    async with asyncio.TaskGroup() as group:
        group.create_task(_time_goes_on(visit, Random(seed), pace, stop))
        # Each is dealt once before any comes again, so that a short storm meets all of them; the
        # longest lives come first, for they take the longest.
        every = [*Random(seed).sample(list(FLOWS), len(FLOWS)), *LONG_LIVES]
        for number in range(visitors):
            dice, first = Random(seed * 1000 + number), every[number::visitors]
            group.create_task(_visit(visit, dice, first, stop))


async def _visit(visit: Visit, dice: Random, deck: list[Flow], stop: asyncio.Event) -> None:
    visitor = Visitor(visit, dice)
    try:
        while not stop.is_set():
            if not deck:
                deck = [flow for flow, often in FLOWS.items() for _ in range(often)]
                dice.shuffle(deck)
            await play(visitor, deck.pop())
    finally:
        await visitor.close()


async def play(visitor: Visitor, flow: Flow) -> str:
    """One flow to its end, which goes into the book; how it ended."""
    visitor.flow = flow.__name__
    try:
        await flow(visitor)
        ended = "done"
    except Refused as refused:
        ended = f"refused {refused}"
    except GaveUp:
        ended = "gave up"
    visitor.book.flows[flow.__name__, ended] += 1
    return ended


async def advance(visitor: Visitor, *, hours: float) -> None:
    """Business time leaps forward, once, however often it has to be asked for."""
    visitor.flow = "time"
    by = timedelta(seconds=int(hours * 3600))
    staff = visitor.world.staff
    await visitor.does(staff, "sandboxAdvanceClock", "now", by=f"PT{int(by.total_seconds())}S")
    visitor.visit.ahead += by


async def open_endpoints(visit: Visit) -> None:
    """Each firm's own system wants to be told of everything."""
    visitor = Visitor(visit, Random(0))
    visitor.flow = "webhooks"
    try:
        for number, firm in enumerate([*visit.world.firms, visit.world.merchant]):
            client = visitor.by(firm.email)
            visit.secrets.append(
                await client.does(
                    "webhookEndpointCreate",
                    "secret",
                    url=f"{visit.receiver_url}/{number}",
                    types=[],
                    description="ours",
                )
            )
    finally:
        await visitor.close()


def moody(dice: Random) -> Callable[[Received], tuple[int, dict[str, str], str]]:
    """How the receiver answers: mostly well."""

    def answer(_: Received) -> tuple[int, dict[str, str], str]:
        status = dice.choices((200, 500, 429, 302), (90, 6, 2, 2))[0]
        return status, {"retry-after": "2"} if status == 429 else {}, "said"

    return answer


async def _time_goes_on(visit: Visit, dice: Random, pace: float, stop: asyncio.Event) -> None:
    visitor = Visitor(visit, dice)
    try:
        while not stop.is_set():
            try:
                await asyncio.wait_for(stop.wait(), dice.uniform(*_EACH))
            except TimeoutError:
                with suppress(GaveUp):
                    await advance(visitor, hours=pace * dice.choice(_LEAPS))
    finally:
        await visitor.close()
