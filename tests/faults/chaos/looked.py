"""What a check of the audit tells."""

from dataclasses import dataclass, field


@dataclass
class Looked:
    """What a check looked at, how much of it, and what is wrong, each in words."""

    at: str
    count: int
    wrong: list[str] = field(default_factory=list)
