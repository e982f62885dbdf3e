"""Following a log tells who has one customer no more than the list of events does."""

import asyncio
from contextlib import aclosing
from typing import Any

import orjson
import pytest

from partner_center import graphql
from schema.context import Context
from tests.walls.neighbourhood import NOW, Neighbourhood

LISTED = """query ($after: String, $partner: ID) {
  events(first: 100, after: $after, filter: {partnerId: $partner},
    orderBy: {field: POSITION, direction: ASC}) {
    nodes { position subjectType } pageInfo { endCursor hasNextPage } } }"""


async def listed(neighbourhood: Neighbourhood, by: str | None, partner: str) -> list[Any]:
    """All events of a partner that somebody sees, in order."""
    found: list[Any] = []
    after = None
    while True:
        page = (await neighbourhood.data(by, LISTED, after=after, partner=partner))["events"]
        found += page["nodes"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return found


@pytest.mark.parametrize("who", ["manager", "supervisor"])
async def test_following_the_log_tells_no_more_than_the_list(
    neighbourhood: Neighbourhood, who: str
) -> None:
    by, birch = neighbourhood.insiders[who], neighbourhood.houses["Birch"].partner
    expected = await listed(neighbourhood, by, f"ptn_{birch.id.hex}")
    following = await graphql.schema().stream(
        "subscription { events(after: 0) { position subjectType } }",
        {},
        Context(viewer=await neighbourhood.viewer(by), now=NOW, locale="en", request_id="walls"),
    )

    async with aclosing(following):
        came = [(await asyncio.wait_for(anext(following), 60)).data for _ in expected]

    assert [orjson.loads(orjson.dumps(data))["events"] for data in came] == expected
    everything = [
        row for row in neighbourhood.own["event"].values() if row["tenant_id"] == str(birch.id)
    ]
    payer = next(
        id for id, row in neighbourhood.own["customer"].items() if row["name"] == "Birch payer"
    )
    unseen = [row for row in everything if row["customer_id"] == payer]
    assert unseen
    seen = {each["position"] for each in expected}
    assert seen
    assert seen.isdisjoint(row["position"] for row in unseen)
