"""Typed filters: each input field carries the condition that it puts on the row."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import strawberry

from kit import ids
from kit.problems import InvalidInput

CONDITION = "reads.condition"


@dataclass(frozen=True)
class Condition:
    """An SQL condition with `{value}`; `prepare` checks and converts what the client gave.

    `if_false` is the condition for the value false, when that is another text, and `if_short` the
    one for a text of two characters, which no trigram index finds.
    """

    template: str
    prepare: Callable[[Any], Any] = lambda value: value
    if_false: str | None = None
    if_short: str | None = None

    def template_for(self, value: Any) -> str:
        """The text for what the client gave."""
        if value is False and self.if_false is not None:
            return self.if_false
        if self.if_short is not None and _is_short(value):
            return self.if_short
        return self.template


@dataclass(frozen=True)
class Range:
    """A half-open range over an expression: `from` is in it, `to` is not.

    `when` is what a row has to meet, too: that the viewer is told the expression.
    """

    expression: str
    when: str | None = None


def where(
    template: str, description: str, *, prepare: Callable[[Any], Any] = lambda value: value
) -> Any:
    """A condition over `{t}` and `{value}`; a list is matched with `= any({value})`."""
    return _input(Condition(template, prepare), description)


def flag(if_true: str, if_false: str, description: str) -> Any:
    """A boolean with a condition for either value, over `{t}`, so that each finds its own index."""
    condition = Condition(
        f"({if_true} and {{value}}::boolean)", if_false=f"({if_false} and not {{value}}::boolean)"
    )
    return _input(condition, description)


def search(*columns: str, description: str, shortest: int = 2, bigrams: str | None = None) -> Any:
    """A case-blind search for a piece of text in any of the columns, over trigram indexes.

    A piece of two characters has no trigram, and reads all rows: `bigrams` is an expression of text
    with `{t}` over whose `bigrams(…)` an index stands, which finds it.
    """

    def prepare(value: str) -> str:
        found = pattern(value, shortest=shortest)
        return value.strip() if bigrams is not None and _is_short(value) else found

    template = " or ".join(f"{{t}}.{column} ilike {{value}}::text" for column in columns)
    if_short = bigrams and (
        f"(bigrams({bigrams}) @> bigrams({{value}}::text)"
        f" and strpos(lower({bigrams}), lower({{value}}::text)) > 0)"
    )
    return _input(Condition(f"({template})", prepare, if_short=if_short), description)


def pattern(value: str, *, shortest: int = 2) -> str:
    """What `ilike` finds a piece of text by. Raises InvalidInput for less than `shortest`."""
    piece = value.strip()
    if len(piece) < shortest:
        raise InvalidInput(
            reason=f"A search needs at least {shortest} characters.",
            reason_zh=f"搜索内容至少需要 {shortest} 个字符。",
        )
    return "%" + piece.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_") + "%"


def within(expression: str, description: str, *, when: str | None = None) -> Any:
    """A range input with `from` and/or `to` over a column or an expression with `{t}`.

    Nothing is found by it of rows that don't meet `when`: who isn't told it can't search by it.
    """
    place = expression if "{t}" in expression else f"{{t}}.{expression}"
    return _input(Range(place, when), description)


def of_node(place: str, prefix: str | None, description: str) -> Any:
    """A column that refers to the object with this id, or a condition with it as `{value}`.

    Without a prefix it may be the id of an object of any kind.
    """

    def prepare(value: str) -> UUID:
        return ids.split(value)[1] if prefix is None else ids.decode(prefix, value)

    template = place if "{value}" in place else f"{{t}}.{place} = {{value}}"
    return _input(Condition(template, prepare), description)


def prepared(prepare: Callable[[Any], Any], given: Any, path: tuple[str, ...]) -> Any:
    """What `prepare` makes of an argument. Raises InvalidInput for what no row can contain."""
    try:
        value = prepare(given)
    except InvalidInput as problem:
        problem.path = path
        raise
    for text in value if isinstance(value, list) else (value,):
        if isinstance(text, str) and not _is_storable(text):
            raise InvalidInput(
                reason="A text can't contain U+0000 or half of a surrogate pair.",
                reason_zh="文本不能包含 U+0000 或不完整的代理对。",
                path=path,
            )
    return value


def _is_short(value: Any) -> bool:
    return isinstance(value, str) and len(value.strip()) == 2


def _is_storable(text: str) -> bool:
    """Whether PostgreSQL takes it: UTF-8 without U+0000."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in text


def _input(condition: Any, description: str) -> Any:
    return strawberry.field(default=None, description=description, metadata={CONDITION: condition})
