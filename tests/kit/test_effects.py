"""What else happens when something happens: in the order of the list, in one transaction."""

import pytest

from kit.effects import Effects
from kit.transaction import transactional

pytestmark = pytest.mark.usefixtures("database")


@transactional
async def happen(effects: Effects[int, str], fact: int) -> dict[str, str]:
    return await effects.run(fact)


async def twice(fact: int) -> str:
    return str(fact * 2)


async def squared(fact: int) -> str:
    return str(fact**2)


async def test_all_answer_in_the_order_in_which_they_were_connected() -> None:
    effects: Effects[int, str] = Effects("a number comes")
    effects.connect(later=squared, sooner=twice)

    assert list((await happen(effects, 5)).items()) == [("later", "25"), ("sooner", "10")]
    effects.connect(only=twice)
    assert await happen(effects, 5) == {"only": "10"}
    effects.connect()
    assert await happen(effects, 5) == {}


async def test_a_list_that_nobody_connected_does_not_run() -> None:
    with pytest.raises(AssertionError, match="nobody said what happens when a number comes"):
        await happen(Effects("a number comes"), 5)


async def test_nothing_happens_outside_a_transaction() -> None:
    effects: Effects[int, str] = Effects("a number comes")
    effects.connect(twice=twice)
    with pytest.raises(AssertionError):
        await effects.run(5)


async def test_what_is_added_for_a_while_comes_last_and_goes_again() -> None:
    effects: Effects[int, str] = Effects("a number comes")
    effects.connect(twice=twice)
    with effects.also(squared=squared):
        assert list(await happen(effects, 3)) == ["twice", "squared"]
    assert await happen(effects, 3) == {"twice": "6"}
