"""Whatever the API is asked, the compiler answers what the standard executor answers.

Everybody of the demo asks for every field, argument, filter and order that the schema has, in
random questions. `READS_SEED=random` asks other ones, `READS_QUESTIONS=20000` so many.
"""

import os
from secrets import randbelow

import pytest

from kit import clock
from tests.conftest import Clock
from tests.reading.asking import Reading

SEED = os.environ.get("READS_SEED", "1")
QUESTIONS = int(os.environ.get("READS_QUESTIONS", "2000"))
AGAIN = 5
"""Of so many questions one is asked anew, with other variables and by somebody else."""


@pytest.mark.usefixtures("loaded")
async def test_the_whole_schema_is_read_as_the_standard_executor_would(
    time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A link to a file says until when it is good, to the second.
    moment = clock.wall()
    monkeypatch.setattr(clock, "wall", lambda: moment)
    seed = str(randbelow(10**9)) if SEED == "random" else SEED
    reading = await Reading.begin(time.now)

    number = 0
    while number < QUESTIONS or reading.atlas.unasked():
        first = await reading.draw(seed, number)
        for asked in (first, *(reading.again(first) if number % AGAIN == 0 else ())):
            if await reading.differs(asked):
                least = await reading.smallest(asked)
                pytest.fail(
                    f"{await reading.differs(least)}\n"
                    f"question {number} of READS_SEED={seed}, by {least.who}:\n"
                    f"{least.question.text}\n{least.question.variables}"
                )
        number += 1

    assert reading.told["something"] > number / 3, "most questions find nothing"
