"""The arguments of a list, understood a second time."""

import base64
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from kit.problems import InvalidInput
from kit.reads.connections import OrderDirection
from kit.reads.cursors import CursorInvalid, fingerprint
from kit.reads.fields import Arguments, Many
from kit.reads.filters import CONDITION, Range
from kit.reads.tables import Table


class Page:
    """Which rows of a list, in which order."""

    def __init__(self, source: Many, table: Table, arguments: Mapping[str, Any]) -> None:
        first, last = arguments.get("first"), arguments.get("last")
        after, before = arguments.get("after"), arguments.get("before")
        self.backward = last is not None
        self.size = last if first is None and last is not None else 20 if first is None else first
        order = arguments.get("orderBy")
        self.column = order["field"].value if order else source.default_order
        direction = order.get("direction") if order else None
        self.descending = direction in (None, OrderDirection.DESC)
        if not order:
            self.descending = source.newest_first
        self.conditions: list[tuple[str, Any]] = []
        self.values: dict[str, Any] = {}
        if first is not None and last is not None:
            raise InvalidInput(reason="both", reason_zh="")
        if not 1 <= self.size <= 100:
            raise InvalidInput(reason="size", reason_zh="")
        self._read_filter(source, arguments.get("filter") or {})
        self.own = own_arguments(source.arguments, arguments)
        if (after if self.backward else before) is not None:
            raise InvalidInput(reason="wrong end", reason_zh="")
        self.fingerprint = fingerprint(
            table.name,
            source.on,
            source.where,
            self.column,
            self.descending,
            self.values | self.own,
        )
        cursor = before if self.backward else after
        self.place = self._parse(cursor) if cursor is not None else None

    def _read_filter(self, source: Many, given: Mapping[str, Any]) -> None:
        if source.filter is None:
            return
        for field in source.filter.__strawberry_definition__.fields:  # type: ignore[attr-defined]
            name = camel(field.python_name)
            value, condition = given.get(name), field.metadata[CONDITION]
            if value is None:
                continue
            if not isinstance(condition, Range):
                template = condition.template
                if value is False and condition.if_false is not None:
                    template = condition.if_false
                elif condition.if_short is not None and len(value.strip()) == 2:
                    template = condition.if_short
                self.values[name] = condition.prepare(value)
                self.conditions.append((template, self.values[name]))
                continue
            for end, sign in (("from", ">="), ("to", "<")):
                if value.get(end) is not None:
                    self.values[f"{name}.{end}"] = value[end]
                    self.conditions.append((f"{condition.expression} {sign} {{value}}", value[end]))

    def cursor(self, id: UUID, key: str) -> str:
        """A place in this list."""
        text = f"{self.fingerprint}:{id.hex}:{key}"
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    def _parse(self, cursor: str) -> tuple[UUID, str]:
        try:
            text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
            mark, id, key = text.split(":", 2)
        except ValueError:
            raise CursorInvalid from None
        if mark != self.fingerprint:
            raise CursorInvalid
        return UUID(id), key


def own_arguments(arguments: Arguments, given: Mapping[str, Any]) -> dict[str, Any]:
    """What a field's own arguments mean in its templates, by their holes."""
    values = {name: given.get(camel(name)) for name in arguments}
    return {
        f"arg.{name}": None if value is None else arguments[name].prepare(value)
        for name, value in values.items()
    }


def camel(name: str) -> str:
    """`created_at` -> `createdAt`."""
    head, *tail = name.rstrip("_").split("_")
    return head + "".join(part.capitalize() for part in tail)
