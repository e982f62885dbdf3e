"""What a program of bench/ has found, told to whoever runs it, and to `bench.run --all`."""

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

# Where `bench.run --all` wants the notes of the program that it starts.
FILE = "BENCH_NOTES"


@dataclass(frozen=True, kw_only=True)
class Note:
    """A line of the table: what was measured, beside what, and what it should be.

    `ratio` is to what stands beside it; `is_met` None says that nothing was asked for.
    """

    what: str
    measured: str
    beside: str = ""
    ratio: float | None = None
    target: str = ""
    is_met: bool | None = None


def note(
    what: str,
    measured: str,
    *,
    beside: str = "",
    ratio: float | None = None,
    target: str = "",
    is_met: bool | None = None,
) -> None:
    """Keep a line for the table that comes in the end, if one is to come."""
    made = Note(
        what=what, measured=measured, beside=beside, ratio=ratio, target=target, is_met=is_met
    )
    if FILE in os.environ:
        with Path(os.environ[FILE]).open("a") as file:
            file.write(json.dumps(asdict(made)) + "\n")


def kept(file: Path) -> list[Note]:
    """What a program has noted in this file."""
    return [Note(**json.loads(line)) for line in file.read_text().splitlines()]


def table(found: Iterable[tuple[str, Note]]) -> str:
    """The notes of all programs, by their commands, as Markdown."""
    return "\n".join(_lines(found))


def _lines(found: Iterable[tuple[str, Note]]) -> Iterator[str]:
    yield "| command | what | measured | beside | **ratio** | target | |"
    yield "|---|---|---:|---:|---:|---:|---|"
    for command, line in found:
        ratio = "" if line.ratio is None else f"**{line.ratio:.2f}**"
        met = {None: "", True: "met", False: "**missed**"}[line.is_met]
        cells = (f"`{command}`", line.what, line.measured, line.beside, ratio, line.target, met)
        yield f"| {' | '.join(cells)} |"
