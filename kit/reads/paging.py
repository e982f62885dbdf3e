"""The arguments of a connection: checked, and split into a shape (text) and values (binds)."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kit.problems import InvalidInput
from kit.reads import cursors
from kit.reads.connections import PAGE, PAGE_MOST
from kit.reads.fields import Arguments, Judge, Many
from kit.reads.filters import CONDITION, Condition, Range, prepared
from kit.reads.tables import Table


@dataclass
class Paging:
    """One page as asked for. Two pagings of equal `shape` share a statement."""

    size: int
    backward: bool
    key: str
    veiled: Mapping[str, str]
    cast: str
    descending: bool
    conditions: tuple[tuple[str, str], ...]
    place: cursors.Place | None
    fingerprint: str
    values: dict[str, Any] = field(default_factory=dict)
    arguments: Mapping[str, Any] = field(default_factory=dict)
    judge: Judge | None = None

    @property
    def shape(self) -> Hashable:
        """What of it becomes text of the statement."""
        return (
            self.backward,
            self.key,
            self.descending,
            self.conditions,
            self.place is not None,
        )

    def key_for(self, kind: str) -> str:
        """What orders a row, with `{t}`, for this kind of viewer."""
        return self.veiled.get(kind, self.key)


@dataclass(frozen=True)
class Given:
    """The arguments of a field that is no list: values alone, whatever they are."""

    arguments: Mapping[str, Any]
    shape: None = None
    place: None = None


def given(arguments: Arguments, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a field's own arguments, None for what is left out. Raises InvalidInput."""
    return {
        name: None
        if values.get(_camel(name)) is None
        else prepared(argument.prepare, values[_camel(name)], (_camel(name),))
        for name, argument in arguments.items()
    }


def paging(source: Many, table: Table, arguments: Mapping[str, Any]) -> Paging:
    """Read the arguments. Raises InvalidInput or CursorInvalid."""
    size, backward = _size(arguments)
    column, descending = _order(source, arguments.get("orderBy"))
    key = table.order_key(column, source.where)
    assert key is not None, f"{table.name} can't be ordered by {column}"
    conditions, values = read_filter(source.filter, arguments.get("filter") or {})
    own = given(source.arguments, arguments)
    fingerprint = cursors.fingerprint(
        table.name,
        source.on,
        source.where,
        column,
        descending,
        values | {f"arg.{k}": v for k, v in own.items()},
    )
    end, other = ("before", "after") if backward else ("after", "before")
    if arguments.get(other) is not None:
        raise _bad("`after` goes with `first`, `before` with `last`.", "游标与方向不匹配。", other)
    cursor = arguments.get(end)
    place = cursors.parse(cursor, fingerprint, argument=end) if cursor is not None else None
    return Paging(
        size,
        backward,
        key,
        table.veils.get(column, {}),
        table.cast(column),
        descending,
        conditions,
        place,
        fingerprint,
        values,
        own,
        source.judge,
    )


def _size(arguments: Mapping[str, Any]) -> tuple[int, bool]:
    first, last = arguments.get("first"), arguments.get("last")
    if first is not None and last is not None:
        raise _bad("Ask for `first` or `last`, not both.", "first 与 last 只能选其一。", "first")
    size = last if last is not None else PAGE if first is None else first
    if not 1 <= size <= PAGE_MOST:
        name = "first" if last is None else "last"
        raise _bad(
            f"`{name}` is {size}; it must be between 1 and {PAGE_MOST}.",
            f"{name} 必须在 1 到 {PAGE_MOST} 之间。",
            name,
        )
    return size, last is not None


def _order(source: Many, order: Mapping[str, Any] | None) -> tuple[str, bool]:
    if not order:
        return source.default_order, source.newest_first
    direction = order.get("direction")
    return order["field"].value, direction is None or direction.value == "DESC"


def read_filter(
    filter_type: type | None, given: Mapping[str, Any]
) -> tuple[tuple[tuple[str, str], ...], dict[str, Any]]:
    """The conditions of a filter by the names of their values, and those values.

    `given` is the input by its GraphQL names. Raises InvalidInput.
    """
    if filter_type is None or not given:
        return (), {}
    found: list[tuple[str, str]] = []
    values: dict[str, Any] = {}
    for name, condition in conditions_of(filter_type).items():
        value = given.get(name)
        if value is None:
            continue
        if isinstance(condition, Range):
            for end, comparison in (("from", ">="), ("to", "<")):
                if value.get(end) is not None:
                    key = f"{name}.{end}"
                    template = f"{condition.expression} {comparison} {{value}}"
                    if condition.when is not None:
                        template += f" and {condition.when}"
                    found.append((key, template))
                    values[key] = value[end]
        else:
            found.append((name, condition.template_for(value)))
            values[name] = prepared(condition.prepare, value, ("filter", name))
    return tuple(found), values


_known: dict[type, dict[str, Condition | Range]] = {}


def conditions_of(filter_type: type) -> dict[str, Condition | Range]:
    """The conditions of a filter input, by the GraphQL names of its fields."""
    if filter_type not in _known:
        definition: Any = getattr(filter_type, "__strawberry_definition__")  # noqa: B009
        _known[filter_type] = {
            _camel(item.python_name): item.metadata[CONDITION] for item in definition.fields
        }
    return _known[filter_type]


def _camel(name: str) -> str:
    head, *tail = name.rstrip("_").split("_")
    return head + "".join(part.capitalize() for part in tail)


def _bad(reason: str, reason_zh: str, name: str) -> InvalidInput:
    return InvalidInput(reason=reason, reason_zh=reason_zh, path=(name,))
