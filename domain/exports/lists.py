"""The lists that can be exported: declared beside their types, told here by the composition root.

So a list and its file have one rule: the list's own filter, order, scope and guard.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any, Protocol
from uuid import UUID

from tortoise.models import Model

from domain.identity.viewer import Viewer
from kit.columns import Cell, Rows, Written
from kit.problems import InvalidInput
from kit.scope import Scope, Sees
from models.exports import ExportLanguage


class Parent(Protocol):
    """What a list hangs on, if it is no root: a table of the API."""

    @property
    def name(self) -> str: ...
    @property
    def model(self) -> type[Model]: ...
    @property
    def scope(self) -> Scope: ...


class Listing(Protocol):
    """A list of the API, as `kit.reads.listing` knows it."""

    @property
    def parent(self) -> Parent | None: ...

    def read(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Its arguments, from JSON."""

    def check(self, arguments: Mapping[str, Any], *, now: datetime) -> None:
        """Refuse what the list would refuse."""

    def rows(
        self,
        cells: Sequence[Cell],
        *,
        arguments: Mapping[str, Any],
        parent_id: UUID | None,
        viewers: Sequence[Sees],
        now: datetime,
    ) -> Rows:
        """The statement for all its rows that every one of the viewers sees."""


@dataclass(frozen=True)
class Column:
    """A column that a file may have: its name, its heading by language, what is in it."""

    name: str
    headings: Mapping[ExportLanguage, str]
    cell: Cell
    words: Mapping[ExportLanguage, Mapping[str, str]]

    def written(self, language: ExportLanguage) -> Written:
        """As a file in this language has it."""
        return Written(
            self.name, self.headings[language], self.cell.kind, self.words.get(language, {})
        )


@dataclass(frozen=True)
class Exported:
    """A list with its columns, and who may ask for it."""

    name: str
    titles: Mapping[ExportLanguage, str]
    listing: Listing
    columns: Mapping[str, Column]
    guard: Callable[[Viewer], None]

    def chosen(self, names: Sequence[str] | None, *, path: tuple[str, ...]) -> list[str]:
        """The names of the columns that are meant: all if none are named. Raises InvalidInput."""
        if names is None:
            return list(self.columns)
        unknown = [name for name in names if name not in self.columns]
        if unknown or not names or len(set(names)) < len(names):
            known = ", ".join(self.columns)
            raise InvalidInput(
                reason=f"Name columns of {self.name}, each once: {known}.",
                reason_zh=f"请从以下列中选择,且每列仅选一次:{known}。",
                path=path,
            )
        return list(names)


class Lists(Mapping[str, Exported]):
    """By name, all there are. Whoever was connected is asked at the first look."""

    def __init__(self) -> None:
        self._tell: Callable[[], Mapping[str, Exported]] = dict
        self._known: Mapping[str, Exported] | None = None
        self._loading = Lock()

    def connect(self, tell: Callable[[], Mapping[str, Exported]]) -> None:
        """Say who knows them; harmless to call again.

        To know them takes the schema of the whole API, which is most of what a process can hold,
        and a worker that makes no file, or a command, never needs it.
        """
        self._tell, self._known = tell, None

    def load(self) -> Mapping[str, Exported]:
        """All of them. The first time it takes a second or two, in any thread."""
        with self._loading:
            if self._known is None:
                self._known = self._tell()
            return self._known

    def __getitem__(self, name: str) -> Exported:
        return self.load()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.load())

    def __len__(self) -> int:
        return len(self.load())


LISTS = Lists()
