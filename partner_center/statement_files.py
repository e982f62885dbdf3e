"""Statements as files: written out of the database, and checked without one."""

import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from domain.settlement import exporting, recomputing
from kit.problems import NotFound
from partner_center import startup
from partner_center.settings import Settings


async def export(settings: Settings, number: str, output: Path | None) -> None:
    """Write the statement with this number to the file, or to standard output.

    Ends the process with a word for a number that there isn't.
    """
    await startup.open_database(settings)
    try:
        with ExitStack() as stack:
            out = stack.enter_context(output.open("wb")) if output else sys.stdout.buffer
            async for line in exporting.export(number):
                out.write(line)
            out.flush()
    except NotFound as problem:
        raise SystemExit(problem.in_words()) from None
    finally:
        await startup.close()


def check(file: Path, *, say: Callable[[str], object]) -> bool:
    """Say what doesn't agree in an export, line by line, or that all does; whether all does."""
    found = 0
    try:
        with file.open("rb") as lines:
            for wrong in recomputing.check(lines):
                say(str(wrong))
                found += 1
    except (OSError, recomputing.NotAnExport) as error:
        say(f"{file}: {error}")
        return False
    say(f"{file}: {found} that differ" if found else f"{file}: all agrees, to the cent")
    return not found
