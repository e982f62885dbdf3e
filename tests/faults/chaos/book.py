"""What was asked, what came of it, and what was done to the house: for the audit and the report."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from kit import clock


@dataclass
class Asked:
    """One mutation with its idempotency key. `ids` are those of the objects that it answered."""

    flow: str
    mutation: str
    key: str
    tries: int = 0
    lost: int = 0
    answered: bool = False
    refused: str | None = None
    retryable: bool = False
    ids: list[str] = field(default_factory=list)
    again: int = 0  # times that it was asked once more after its answer


@dataclass
class Finding:
    """A promise that was not kept."""

    check: str
    what: str

    def __str__(self) -> str:
        return f"{self.check}: {self.what}"


@dataclass
class Book:
    """All of it, in order."""

    asked: list[Asked] = field(default_factory=list)
    flows: Counter[tuple[str, str]] = field(default_factory=Counter)  # by flow and how it ended
    faults: list[tuple[datetime, str, str]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    unavailable: list[datetime] = field(default_factory=list)
    reads: int = 0
    used: dict[str, Decimal] = field(default_factory=dict)  # usage that was taken in, by record id

    def fault(self, kind: str, detail: str = "") -> None:
        """Something was done to the house, now."""
        self.faults.append((clock.wall(), kind, detail))

    def wrong(self, check: str, what: Any) -> None:
        """Something should not be so."""
        self.findings.append(Finding(check, str(what)[:600]))
