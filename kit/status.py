"""State machines: the statuses of a thing, and the arrows between them, in one class."""

from collections.abc import Mapping, Set
from enum import StrEnum
from typing import Self

from kit.problems import Problem


class WrongStatus(Problem):
    """The thing has moved on (or not far enough) for what is asked."""

    en = "It is {status} now, and from there this can't be done."
    zh = "当前状态为 {status},不能执行此操作。"
    about = {
        "status": "Where it stands now.",
        "wanted": "The status that it can't go to from there.",
    }
    status: str
    wanted: str


class Status(StrEnum):
    """Subclass with members whose value is their own name, and declare the arrows."""

    @classmethod
    def arrows(cls) -> Mapping[str, Set[str]]:
        """Where one may go from each status; a status without arrows is final."""
        raise NotImplementedError

    @property
    def is_final(self) -> bool:
        """Whether no arrow leads out."""
        return not self.arrows().get(self)

    def to(self, wanted: Self) -> Self:
        """Follow an arrow, or raise WrongStatus."""
        if wanted not in self.arrows().get(self, frozenset()):
            raise WrongStatus(status=self.value, wanted=wanted.value)
        return wanted
