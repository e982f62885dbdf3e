"""Cursors for any list, known ahead, so that drawing a question asks no database."""

from collections.abc import Mapping
from typing import Any

from graphql import get_named_type
from tortoise.models import Model

from kit.reads.fields import Many
from tests.kit.reads.listed import Page
from tests.kit.reads.oracle import Oracle, source_of, table_of


class Keys:
    """The keys of all rows in all orders."""

    elsewhere = "MDAwMDAwMDA6MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA6YQ"

    def __init__(self) -> None:
        self._keys: dict[tuple[Any, Any, str], str] = {}

    def cursor(self, page: Page, row: Any) -> str:
        """The place of a row in a list, whether or not the row is in it."""
        return page.cursor(row.id, self._keys[type(row), row.id, page.column])

    async def learn(self, oracle: Oracle, rows: Mapping[type[Model], list[Any]]) -> None:
        """Every column that some list is ordered by, of every row."""
        for type_ in oracle.schema.type_map.values():
            for field in getattr(type_, "fields", {}).values():
                source = source_of(field)
                if isinstance(source, Many):
                    model = nodes_table(field).model
                    for row in rows[model]:
                        for column in order_columns(source):
                            self._keys[model, row.id, column] = await oracle.key(row, column)


def order_columns(source: Many) -> list[str]:
    """What a list can be ordered by."""
    columns = [source.default_order]
    if source.order is not None:
        definition: Any = source.order.__strawberry_definition__  # type: ignore[attr-defined]
        kind = next(part.type for part in definition.fields if part.python_name == "field")
        columns += [value.value for value in kind.wrapped_cls]
    return columns


def nodes_table(field: Any) -> Any:
    """The table whose rows a connection shows."""
    return table_of(get_named_type(get_named_type(field.type).fields["nodes"].type))
