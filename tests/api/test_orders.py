"""Every order of every list: what it begins with unsaid, and an index that is walked for it."""

from collections.abc import Iterator
from typing import Any

import pytest
from graphql import GraphQLInputObjectType, GraphQLObjectType, get_named_type

from kit import database
from kit.reads.connections import OrderDirection
from kit.reads.fields import Many
from kit.reads.plans import table_of_type
from kit.reads.selection import source_of
from kit.reads.statement import node_type_name
from kit.reads.tables import Table
from partner_center import graphql

# Orders without an index of their own, and why they can do without.
WITHOUT_INDEX = {
    "events: position": "of one log, whose index begins with its tenant",
    "programmeReviewQueue: submitted_at": "all have the status that the queue's index begins with",
    "roles: created_at": "a partner's own, sorted",
    "roles: name": "a partner's own, sorted",
    "settlementLines: amount": "of one statement, sorted: no run pays for an index of all",
    "webhookEndpoints: created_at": "a partner's few; the index begins with it",
}

_FIRST = """
select t.relname as table, pg_get_indexdef(i.indexrelid, 1, true) as first
from pg_index i join pg_class t on t.oid = i.indrelid join pg_class x on x.oid = i.indexrelid
  join pg_am am on am.oid = x.relam
where am.amname = 'btree' and i.indpred is null and t.relnamespace = 'public'::regnamespace
"""


def _lists() -> Iterator[tuple[str, Many, Table, Any]]:
    """The root lists that can be ordered: name, source, table, the order's input."""
    schema = graphql.schema()._schema
    assert schema.query_type is not None
    for name, field in schema.query_type.fields.items():
        source: Any = source_of(field)
        if isinstance(source, Many) and source.order is not None:
            node = schema.type_map[node_type_name(get_named_type(field.type))]
            assert isinstance(node, GraphQLObjectType)
            yield name, source, table_of_type(node), field.args["orderBy"].type


def _ordered() -> Iterator[tuple[str, Many, GraphQLInputObjectType]]:
    """Every list of every type that can be ordered: where it is, its source, the order's input."""
    for type_ in graphql.schema()._schema.type_map.values():
        if isinstance(type_, GraphQLObjectType):
            for name, field in type_.fields.items():
                source: Any = source_of(field)
                if isinstance(source, Many) and source.order is not None:
                    taken = get_named_type(field.args["orderBy"].type)
                    assert isinstance(taken, GraphQLInputObjectType)
                    yield f"{type_.name}.{name}", source, taken


def _columns(source: Many) -> list[str]:
    definition: Any = source.order.__strawberry_definition__  # type: ignore[union-attr]
    kind = next(part.type for part in definition.fields if part.python_name == "field")
    return [value.value for value in kind.wrapped_cls]


def test_an_order_left_empty_is_the_order_of_the_list_unsaid() -> None:
    """Of every list, also below an object: `orderBy: {}` is as good as none."""
    odd, seen = [], 0
    for where, source, taken in _ordered():
        first, direction = (taken.fields[name].default_value for name in ("field", "direction"))
        column = getattr(first, "value", None)
        said = column, direction is OrderDirection.DESC
        seen += 1
        if column is None or said != (source.default_order, source.newest_first):
            odd.append(f"{where}: {first} {direction}")

    assert odd == []
    assert seen > 90


@pytest.mark.usefixtures("database")
async def test_every_order_of_a_list_has_an_index_that_begins_with_it() -> None:
    indexes: dict[str, list[str]] = {}
    for row in await database.rows(_FIRST):
        indexes.setdefault(row["table"], []).append(row["first"])
    without = set()
    for name, source, table, _ in _lists():
        for column in [source.default_order, *_columns(source)]:
            key = table.order_key(column, source.where)
            assert key is not None
            found = any(_same(first, key) for first in indexes[table.name])
            if not found:
                without.add(f"{name}: {column}")

    assert without == WITHOUT_INDEX.keys()


def _same(first: str, key: str) -> bool:
    """Whether an index's first key is what a page is ordered by."""
    told = first.lower().replace("timestamp with time zone", "timestamptz").strip('"')
    return told == key.replace("{t}.", "")
