"""The report: what was done, what was audited, what was found; as Markdown and as JSON."""

import os
import platform
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import orjson

from tests.faults.chaos.book import Book, Finding
from tests.faults.chaos.looked import Looked


@dataclass
class Report:
    """Of one run."""

    command: str
    began: datetime
    seed: int
    book: Book
    audited: dict[str, Looked] = field(default_factory=dict)
    logged: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, float] = field(default_factory=dict)
    passed: str = ""  # business time
    unavailable: tuple[int, int] = (0, 0)  # answers, and those while PostgreSQL was there

    @property
    def findings(self) -> list[Finding]:
        """Everything that should not be so."""
        found = [
            Finding(promise, what) for promise, each in self.audited.items() for what in each.wrong
        ]
        return self.book.findings + found

    def write(self, place: Path) -> None:
        """As JSON where the name says so, else as Markdown."""
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.suffix == ".json":
            place.write_bytes(orjson.dumps(self._facts(), option=orjson.OPT_INDENT_2))
        else:
            place.write_text(self.markdown())

    def markdown(self) -> str:
        """A page for people."""
        book, lost = self.book, sum(bool(asked.lost) for asked in self.book.asked)
        verdict = f"**{len(self.findings)} findings**" if self.findings else "**no finding**"
        spans = ", ".join(f"{name} {value:.0f} s" for name, value in self.seconds.items())
        return "\n".join(
            [
                f"# Chaos, {self.began:%Y-%m-%d %H:%M} UTC: {verdict}",
                "",
                f"`{self.command}` · seed {self.seed} · {os.cpu_count()} cores,"
                f" Python {platform.python_version()} · {spans} · business time went on by"
                f" {self.passed}",
                "",
                f"{len(book.asked)} mutations and {book.reads} reads; {lost} mutations lost an"
                f" answer and were asked again under their key, {self._again} more were repeated."
                f" {self.unavailable[0]} answers were `UNAVAILABLE`,"
                f" {self.unavailable[1]} of them while"
                " PostgreSQL was there and had been for 20 s.",
                "",
                *_table(("Faults", "times"), self._faults.items()),
                *_table(("Load", "done", "refused", "refused most often with"), self._load_rows()),
                *_table(
                    ("Promise", "looked at", "wrong"),
                    [
                        (promise, f"{each.count:,} {each.at}", len(each.wrong))
                        for promise, each in self.audited.items()
                    ],
                ),
                *_table(("Warnings and errors in the logs", "times"), self.logged.most_common(25)),
                "## Findings",
                "",
                *([f"- {finding}" for finding in self.findings] or ["None."]),
                "",
            ]
        )

    @property
    def _again(self) -> int:
        return sum(bool(asked.again) and not asked.lost for asked in self.book.asked)

    @property
    def _faults(self) -> dict[str, int]:
        return dict(sorted(Counter(_kind(*fault[1:]) for fault in self.book.faults).items()))

    def _load_rows(self) -> list[tuple[str, int, int, str]]:
        ended: dict[str, Counter[str]] = defaultdict(Counter)
        for (flow, how), count in self.book.flows.items():
            ended[flow][how] += count
        rows = []
        for flow, counts in sorted(ended.items()):
            refused = Counter({how: n for how, n in counts.items() if how != "done"})
            most = ", ".join(f"{how.partition(' ')[2]} {n}" for how, n in refused.most_common(2))
            rows.append((flow.replace("_", " "), counts["done"], refused.total(), most))
        return rows

    def _facts(self) -> dict[str, object]:
        return {
            "command": self.command,
            "began": self.began,
            "seed": self.seed,
            "seconds": self.seconds,
            "mutations": len(self.book.asked),
            "reads": self.book.reads,
            "lost": sum(bool(asked.lost) for asked in self.book.asked),
            "unavailable": self.unavailable,
            "faults": self._faults,
            "load": {f"{flow}: {how}": count for (flow, how), count in self.book.flows.items()},
            "audited": {
                promise: {"at": each.at, "count": each.count, "wrong": each.wrong}
                for promise, each in self.audited.items()
            },
            "logged": dict(self.logged),
            "findings": [str(finding) for finding in self.findings],
        }


def _kind(kind: str, detail: str) -> str:
    return f"{kind}: {detail.partition(':')[0]}" if "at a step" in kind else kind


def _table(head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> list[str]:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    lines += [f"| {' | '.join(map(str, row))} |" for row in rows]
    return [*lines, ""]
