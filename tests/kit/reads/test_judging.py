"""Lists that judge what they are asked for by the present moment."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
import strawberry
from graphql import GraphQLSchema
from strawberry.schema.config import StrawberryConfig

from kit.problems import InvalidInput
from kit.reads import Connection, install, root_connection
from schema.scalars import SCALARS
from tests.kit.reads import house
from tests.kit.reads.asking import code, read, run
from tests.kit.reads.conftest import Sent
from tests.kit.reads.inputs import PartnerFilter
from tests.kit.reads.world import NOW, World

LIST = "query($f: PartnerFilter) { partners(filter: $f) { nodes { account } } }"

_judged: list[tuple[Mapping[str, Any], datetime]] = []


def not_of_the_last_day(values: Mapping[str, Any], now: datetime) -> None:
    """Refuses who wants those that joined within a day."""
    _judged.append((values, now))
    if "joined.from" in values and values["joined.from"] > now - timedelta(days=1):
        raise InvalidInput(reason="Too new.", reason_zh="?", path=("filter", "joined", "from"))


@strawberry.type
class Query:
    partners: Connection[house.Partner] = root_connection(
        "All.", filter=PartnerFilter, judge=not_of_the_last_day
    )


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    schema = house.Schema(
        Query,
        types=[house.Role, house.Person, house.Counter],
        config=StrawberryConfig(scalar_map=SCALARS),
    )
    install(schema, guard=house.everybody)
    return schema._schema


@pytest.fixture
def judged() -> list[tuple[Mapping[str, Any], datetime]]:
    """What the list has judged since."""
    _judged.clear()
    return _judged


@pytest.fixture(params=[False, True], ids=["straight", "by the executor"])
def asked(request: pytest.FixtureRequest, schema: GraphQLSchema, world: World) -> Any:
    """Ask for the list with this filter at this moment."""

    async def ask(given: dict[str, Any] | None, *, now: datetime = NOW) -> Any:
        context = house.Context(viewer=world.viewers["staff"], now=now)
        return await run(schema, read(LIST), {"f": given}, context, by_executor=bool(request.param))

    return ask


async def test_a_list_is_told_its_filter_and_the_moment(asked: Any, judged: list[Any]) -> None:
    since = NOW - timedelta(days=20)
    given = {"tier": 2, "search": "x_y", "joined": {"from": since.isoformat(), "to": None}}

    assert not (await asked(given)).errors
    assert not (await asked(None)).errors

    # The values as the statement gets them.
    assert judged == [({"tier": 2, "search": "%x\\_y%", "joined.from": since}, NOW), ({}, NOW)]


async def test_what_it_refuses_is_not_read(asked: Any, sent: Sent) -> None:
    result = await asked({"joined": {"from": NOW.isoformat()}})

    [error] = result.errors
    assert code(error) == "INVALID_INPUT"
    assert error.original_error.path == ("filter", "joined", "from")
    assert sent.statements == []


async def test_the_same_question_is_judged_anew_each_time(asked: Any, sent: Sent) -> None:
    given = {"joined": {"from": NOW.isoformat()}}

    results = [await asked(given, now=NOW + timedelta(hours=hours)) for hours in (23, 24, 23)]

    assert [bool(result.errors) for result in results] == [True, False, True]
    assert len(sent.statements) == 1
