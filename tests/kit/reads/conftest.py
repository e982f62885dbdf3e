import pytest
from tortoise.context import TortoiseContext

from tests.kit.reads import world as worlds
from tests.kit.reads.world import World


@pytest.fixture
async def world(database: TortoiseContext) -> World:
    """The house's rows, in an emptied database."""
    return await worlds.fill()
