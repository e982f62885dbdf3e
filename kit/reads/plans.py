"""Statements are compiled once: per document, flags, kind of viewer and shape of the pages."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import asyncpg
import orjson
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLObjectType,
    GraphQLSchema,
    get_argument_values,
    get_named_type,
)
from graphql.execution.values import VariableValues

from kit.pool import readers
from kit.reads.cursors import CursorInvalid
from kit.reads.fields import Many
from kit.reads.paging import Given, Paging, given, paging
from kit.reads.selection import Calls, Reader, Selection, flag_names, takes_arguments
from kit.reads.statement import Compiler, Request, Statement, node_type_name
from kit.reads.tables import TABLE, Table
from kit.recent import Recent
from kit.scope import sight_of

# What a document is sent with is up to the client; so these bound the memory, to 300 MB at worst.
DOCUMENTS = 1000
SELECTIONS_EACH = 8
CHARACTERS_EACH = 200_000
LONGEST_CALL = 1_000


@dataclass(frozen=True, slots=True)
class Info:
    """What the compiler wants to know of the field it resolves."""

    schema: GraphQLSchema
    fragments: dict[str, FragmentDefinitionNode]
    parent_type: GraphQLObjectType
    field_name: str
    field_nodes: list[FieldNode]
    variable_values: dict[str, Any]
    context: Any


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
        self.selections = Recent[Selection](SELECTIONS_EACH)
        self.statements = Recent[Statement](CHARACTERS_EACH, lambda statement: len(statement.sql))


_documents = Recent[_Document](DOCUMENTS)


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
        document.selections.keep((flags, kinds), selection)

    calls, shapes = _calls(info, selection)
    # Each time, since what was read of the arguments before is kept, and time goes on.
    for call in calls:
        if isinstance(call, Paging) and call.judge is not None:
            call.judge(call.values, context.now)
    sight = sight_of(context.viewer)
    key = (flags, kinds, sight, shapes)
    statement = document.statements.get(key)
    if statement is None:
        compiler = Compiler(_tables(info.schema), sight, calls)
        written = write(compiler, selection)
        # As bytes, since that is what goes out: no decoding here, no encoding later.
        statement = replace(written, sql=f"select convert_to(({written.sql}), 'UTF8')")
        document.statements.keep(key, statement)
    request = Request(context.viewer, context.now, context.locale, calls, value)
    return await _run(statement, request)


async def _run(statement: Statement, request: Request) -> orjson.Fragment | None:
    try:
        text = await readers().fetchval(statement.sql, *statement.binds.values(request))
    except asyncpg.DataError as error:
        for call in request.calls:
            if call is not None and call.place is not None:
                # The key inside a cursor that was tampered with is no value of the column.
                raise CursorInvalid(path=("before" if call.backward else "after",)) from error
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
        document = _documents.keep(key, _Document(info.field_nodes, tuple(flags)))
    return document


def _calls(info: Any, selection: Selection) -> Calls:
    """What is asked for, by slot, and what of it becomes text of the statement."""
    if not selection.is_asked:
        return [], ()
    try:
        asked = orjson.dumps(info.variable_values, default=str)
    except orjson.JSONEncodeError:  # half of a surrogate pair: somebody will refuse it
        return _read_calls(info, selection)
    known = selection.calls.get(asked)
    if known is None:
        known = _read_calls(info, selection)
        if len(asked) <= LONGEST_CALL:
            selection.calls.keep(asked, known)
    return known


def _read_calls(info: Any, selection: Selection) -> Calls:
    variables = VariableValues({}, info.variable_values)
    calls: list[Paging | Given | None] = []
    for pick in selection.slots:
        if not takes_arguments(pick.source):
            calls.append(None)
            continue
        arguments = get_argument_values(pick.field, pick.node, variables)
        if isinstance(pick.source, Many):
            table = table_of_type(info.schema.get_type(node_type_name(pick.type)))
            calls.append(paging(pick.source, table, arguments))
        else:
            calls.append(Given(given(pick.source.arguments, arguments)))
    return calls, tuple(call and call.shape for call in calls)


_by_schema: dict[int, Callable[[str], Table]] = {}


def _tables(schema: Any) -> Callable[[str], Table]:
    if id(schema) not in _by_schema:

        def table_of(name: str) -> Table:
            found = get_named_type(schema.get_type(name))
            assert isinstance(found, GraphQLObjectType)
            return table_of_type(found)

        _by_schema[id(schema)] = table_of
    return _by_schema[id(schema)]
