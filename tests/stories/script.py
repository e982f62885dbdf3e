"""What a page asks its reader to do: its fenced blocks, in order, each with the words before it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

# What may stand in a block's place of business; anything else in a page is a mistake of spelling.
ASKS = ("graphql", "sh", "python")
ANSWERS = ("json", "text")
ONLY_SHOWN = ("", "ini", "sql")


@dataclass
class Step:
    """Something to paste, and what comes back; either may be missing."""

    said: str  # the prose before it, from the last step on
    line: int
    language: str = ""
    ask: str = ""
    answer: str = ""
    answer_language: str = ""
    where: str = field(default="")

    def __str__(self) -> str:
        return f"{self.where}:{self.line}"


def steps(page: Path, *, between: tuple[str, str] | None = None) -> list[Step]:
    """The steps of a page, or of its part between two headings."""
    text = page.read_text()
    offset = 0
    if between:
        offset = text.index(between[0])
        text = text[offset : text.index(between[1])]
        offset = page.read_text()[:offset].count("\n")
    found: list[Step] = []
    for said, language, block, line in _blocks(text):
        if language in ONLY_SHOWN:
            continue
        assert language in (*ASKS, *ANSWERS), f"{page.name}:{line + offset}: ```{language}"
        is_answer = language in ANSWERS
        follows = bool(found) and not found[-1].answer and bool(found[-1].ask)
        if is_answer and follows and not _asks_anew(said):
            found[-1].answer, found[-1].answer_language = block, language
        elif is_answer:
            found.append(Step(said, line + offset, answer=block, answer_language=language))
        else:
            found.append(Step(said, line + offset, language=language, ask=block))
        found[-1].where = page.name
    return found


def _asks_anew(said: str) -> bool:
    return "/outbox" in said


def _blocks(text: str) -> Iterator[tuple[str, str, str, int]]:
    end = 0
    for match in _FENCE.finditer(text):
        line = text[: match.start()].count("\n") + 1
        yield text[end : match.start()], match[1], match[2], line
        end = match.end()
