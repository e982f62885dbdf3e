"""The programs of bench/ that measure what isn't a request: one after the other, each by itself."""

import os
import subprocess
import sys
from pathlib import Path

from bench import notes

# How much each takes when it is run whole, and when it is to be quick.
PROGRAMS = {
    "settlement": (1_000_000, 100_000),
    "money": (500, 75),
    "exports": (1_000_000, 50_000),
    "timers": (100_000, 5_000),
    "webhooks": (5_000, 500),
}


FAILED = notes.Note(what="came to no end", measured="", is_met=False)


def run(folder: Path, *, is_quick: bool) -> tuple[str, bool]:
    """The table of what all have found, and whether all came to their end."""
    found = list[tuple[str, notes.Note]]()
    for program, (whole, quick) in PROGRAMS.items():
        count = quick if is_quick else whole
        lines = _notes_of(program, count, folder / f"{program}.notes")
        found += [(f"python -m bench.{program} {count}", line) for line in lines]
    return notes.table(found), all(line is not FAILED for _, line in found)


def _notes_of(program: str, count: int, file: Path) -> list[notes.Note]:
    print(f"\n{program}\n", flush=True)
    file.touch()
    done = subprocess.run(
        [sys.executable, "-m", f"bench.{program}", str(count)],
        env=os.environ | {notes.FILE: str(file)},
        check=False,
    )
    found = notes.kept(file)
    # A program ends badly when a target was missed, too, but then it has noted which.
    if done.returncode and all(line.is_met is not False for line in found):
        found.append(FAILED)
    return found
