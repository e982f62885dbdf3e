"""The code of the last release runs on the tables of this one, but for what it does without.

`models/released.txt` is what the tables of the last release promise; a release replaces it.
"""

import re
from pathlib import Path

import asyncpg
import pytest

from kit import promises
from tests.conftest import Servers

MODELS = Path(__file__).parents[1] / "models"
RELEASED, EXCEPTIONS = MODELS / "released.txt", MODELS / "exceptions.txt"

_LISTED = re.compile(r"(\d+\.\d+\.\d+)  (\S.*)")


def release(text: str) -> str | None:
    """Whose promises a file holds: its first line that isn't a remark, if there is any."""
    named = [line for line in text.splitlines() if line and not line.startswith("#")][:1]
    return named[0] if named else None


def promised(text: str) -> list[promises.Promise]:
    """Those promises."""
    first = release(text)
    return [] if first is None else promises.read(text.replace(first, "", 1))


def exceptions(text: str) -> dict[str, str]:
    """What may be broken, and the release whose code was the first to do without."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    matches = [_LISTED.fullmatch(line) for line in lines]
    assert all(matches), "a line is a release, two blanks and the change"
    return {match[2]: match[1] for match in matches if match}


def number(release: str) -> tuple[int, ...]:
    return tuple(int(part) for part in release.split("."))


def unkept(released: str, excepted: str, found: list[str]) -> list[str]:
    """What is wrong with what a migrated database breaks, in a line each."""
    known, of = exceptions(excepted), release(released)
    wrong = [line for line in found if line not in known]
    wrong += [f"listed, but not so: {line}" for line in known if line not in found]
    wrong += [
        f"the code of {of} may still need it: {line}"
        for line, without in known.items()
        if of is None or number(without) > number(of)
    ]
    return wrong


@pytest.mark.usefixtures("migrated")
async def test_the_tables_keep_what_the_last_release_was_promised(servers: Servers) -> None:
    connection = await asyncpg.connect(servers.database_url.replace("asyncpg://", "postgresql://"))
    now = await promises.of_database(connection)
    await connection.close()

    released = RELEASED.read_text()

    assert unkept(released, EXCEPTIONS.read_text(), promises.broken(promised(released), now)) == []
    # And what a release will write down is all of it.
    assert len({each.table for each in now if each.kind == "column"}) > 100
    assert promised("1.0.0\n" + promises.written(now)) == now


FILE = """# why
1.2.0
["column", "house", "id", "integer", true, false, ["id"]]
["column", "house", "note", "text", false, false, ["note"]]
"""
ID = promises.Promise("column", "house", "id", "integer", True, False, ("id",))
NOTE = promises.Promise("column", "house", "note", "text", columns=("note",))


def test_a_file_of_promises_says_whose_they_are() -> None:
    assert release(FILE) == "1.2.0"
    assert promised(FILE) == [ID, NOTE]
    assert (release("# no release yet\n"), promised("# no release yet\n")) == (None, [])


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        ("", ["column house.note is gone"]),
        ("1.2.0  column house.note is gone", []),
        ("1.1.0  column house.note is gone", []),
        (
            "1.3.0  column house.note is gone",
            ["the code of 1.2.0 may still need it: column house.note is gone"],
        ),
        (
            "1.2.0  column house.note is gone\n1.2.0  table room is gone",
            ["listed, but not so: table room is gone"],
        ),
    ],
)
def test_what_goes_was_done_without_a_release_before(listed: str, expected: list[str]) -> None:
    found = promises.broken(promised(FILE), [ID])

    assert unkept(FILE, listed, found) == expected


def test_the_list_of_exceptions_is_read_strictly() -> None:
    with pytest.raises(AssertionError):
        exceptions("column house.note is gone")
