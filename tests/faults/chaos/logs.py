"""What the processes have logged: counted by kind, and whether any of it was an error of ours."""

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from redis.exceptions import RedisError

from kit.database import PASSING
from tests.faults.chaos.looked import Looked

_TOLD = re.compile(r"\[(\w+) *\] (.*?)(?:\s+\[([\w.]+)\])?(?: request_id=.*)?$")
# The last line of a traceback, and an error that is told within a line.
_RAISED = re.compile(r"^(?:[a-z_]\w*\.)*([A-Z]\w+)(?:: .*)?$")
_NAMED = re.compile(r"\b([A-Z]\w*(?:Error|Exception|Timeout))\(")


def counted(logs: Iterable[Path]) -> Counter[str]:
    """Warnings and errors, as `error workers.pulse: relay failed until the next beat`."""
    return Counter(
        _gist(*found.groups())
        for line in _lines(logs)
        if (found := _TOLD.search(line)) and found[1] in ("warning", "error", "critical")
    )


def judged(logs: Iterable[Path]) -> Looked:
    """Errors that were raised: those of the way to the data or of the moment are no bugs."""
    names = Counter(name for line in _lines(logs) for name in _names(line))
    passing = _names_of(*PASSING, RedisError)
    wrong = [f"{count} × {name}" for name, count in names.items() if name not in passing]
    return Looked("errors in the logs", names.total(), wrong)


def _lines(logs: Iterable[Path]) -> Iterable[str]:
    for log in logs:
        yield from log.read_text(errors="replace").splitlines()


def _names(line: str) -> list[str]:
    raised = _RAISED.match(line)
    if raised and re.search(r"Error|Exception|Timeout|Shutdown|Exit|Canceled|Not\w+", raised[1]):
        return [raised[1]]
    return _NAMED.findall(line) if _TOLD.search(line) else []


def _names_of(*classes: type[BaseException]) -> set[str]:
    names = {each.__name__ for each in classes}
    for each in classes:
        names |= _names_of(*each.__subclasses__())
    return names


def _gist(level: str, text: str, room: str | None) -> str:
    plain = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d+", "…", text)
    return f"{level} {room}: {re.split('[:(]', plain)[0].strip()}"
