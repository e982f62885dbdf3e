"""What a deployment that is no sandbox refuses."""

import pytest

from domain.sandbox.clock import SandboxOnly
from kit import clock, database
from models.audit import Event
from partner_center.graphql import schema
from schema.context import Context
from tests.conftest import Clock
from tests.factories import a_partner, an_administrator

pytestmark = pytest.mark.usefixtures("database")


async def test_its_clock_is_not_moved(time: Clock) -> None:
    assert not clock.is_sandbox()
    viewer = await an_administrator(of=await a_partner())

    answer = await schema().execute(
        'mutation { sandboxAdvanceClock(input: {by: "P7D"}) { now errors { code } } }',
        context_value=Context(viewer=viewer, now=time.now, locale="en", request_id="story"),
    )

    assert answer.data == {
        "sandboxAdvanceClock": {"now": None, "errors": [{"code": SandboxOnly.code}]}
    }
    assert await database.rows("select from clock_offset") == []
    assert not await Event.exists(name="clock.advanced")
