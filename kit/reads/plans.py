"""Statements are compiled once: per document, flags, kind of viewer and shape of the pages."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

import asyncpg
import orjson
from graphql import GraphQLObjectType, get_argument_values, get_named_type
from graphql.execution.values import VariableValues

from kit.pool import readers
from kit.reads.cursors import CursorInvalid
from kit.reads.fields import Many
from kit.reads.paging import paging
from kit.reads.selection import Reader, Selection, flag_names
from kit.reads.statement import Compiler, Request, Statement, node_type_name
from kit.reads.tables import TABLE, Table

DOCUMENTS = 1000

Write = Callable[[Compiler, Selection], Statement]


def table_of_type(type_: Any) -> Table:
    """The table behind a GraphQL type. Raises TypeError for a type that has none."""
    definition = type_.extensions["strawberry-definition"]
    table = getattr(definition.origin, TABLE, None)
    if table is None:
        raise TypeError(f"{type_.name} is not read from a table")
    return table  # type: ignore[no-any-return]


class _Document:
    """What is kept for one field of one document."""

    def __init__(self, nodes: list[Any], flags: tuple[str, ...]) -> None:
        self.nodes = nodes  # held, so that the id in the key can't be given to another
        self.flags = flags
        self.selections: dict[Hashable, Selection] = {}
        self.statements: dict[Hashable, Statement] = {}


_documents: OrderedDict[Hashable, _Document] = OrderedDict()


async def fetch(
    info: Any, source: Any, write: Write, *, value: Any = None, kinds: tuple[str, ...] = ()
) -> orjson.Fragment | None:
    """The field's value as finished JSON, by one statement; None when there is no row.

    `value` is what the root's `{value}` stands for; `kinds` are the concrete types in question
    when the field's type is abstract. Raises InvalidInput or CursorInvalid.
    """
    context = info.context
    document = _document(info)
    flags = tuple(bool(info.variable_values.get(name)) for name in document.flags)
    selection = document.selections.get((flags, kinds))
    if selection is None:
        reader = Reader(info.schema, info.fragments, info.variable_values)
        field_def = info.parent_type.fields[info.field_name]
        selection = reader.selection(field_def, info.field_nodes, source, kinds)
        document.selections[flags, kinds] = selection

    request = Request(context.viewer, context.now, context.locale, value=value)
    request.calls = _calls(info, selection)
    shapes = tuple(call.shape if hasattr(call, "shape") else None for call in request.calls)
    key = (flags, kinds, context.viewer.kind, shapes)
    statement = document.statements.get(key)
    if statement is None:
        compiler = Compiler(_tables(info.schema), context.viewer.kind, request.calls)
        statement = document.statements[key] = write(compiler, selection)
    return await _run(statement, request)


async def _run(statement: Statement, request: Request) -> orjson.Fragment | None:
    try:
        text = await readers().fetchval(statement.sql, *statement.binds.values(request))
    except asyncpg.DataError as error:
        if any(getattr(call, "place", None) is not None for call in request.calls):
            # The key inside a cursor that was tampered with is no value of the column.
            raise CursorInvalid(path=("after",)) from error
        raise
    if text is None:
        return None
    if statement.finish is None:
        return orjson.Fragment(text)
    whole = orjson.loads(text)
    statement.finish.apply(whole, request)
    return orjson.Fragment(orjson.dumps(whole))


def _document(info: Any) -> _Document:
    key = (id(info.schema), *(id(node) for node in info.field_nodes))
    document = _documents.get(key)
    if document is None:
        flags: dict[str, None] = {}
        for node in info.field_nodes:
            flags |= dict.fromkeys(flag_names(node, info.fragments))
        document = _documents[key] = _Document(info.field_nodes, tuple(flags))
        if len(_documents) > DOCUMENTS:
            _documents.popitem(last=False)
    else:
        _documents.move_to_end(key)
    return document


def _calls(info: Any, selection: Selection) -> list[Any]:
    variables = VariableValues({}, info.variable_values)
    calls: list[Any] = []
    for pick in selection.slots:
        arguments = get_argument_values(pick.field, pick.node, variables)
        if isinstance(pick.source, Many):
            table = table_of_type(info.schema.get_type(node_type_name(pick.type)))
            calls.append(paging(pick.source, table, arguments))
        else:
            calls.append(arguments)
    return calls


_by_schema: dict[int, Callable[[str], Table]] = {}


def _tables(schema: Any) -> Callable[[str], Table]:
    if id(schema) not in _by_schema:

        def table_of(name: str) -> Table:
            found = get_named_type(schema.get_type(name))
            assert isinstance(found, GraphQLObjectType)
            return table_of_type(found)

        _by_schema[id(schema)] = table_of
    return _by_schema[id(schema)]
