"""Where reading begins: root fields, `node`, `nodes`, and the objects of a mutation's payload."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument

from kit import ids
from kit.problems import InvalidInput
from kit.reads import pages, plans
from kit.reads.fields import SOURCE, Arguments, Judge, Many, connection
from kit.reads.filters import prepared
from kit.reads.selection import Selection
from kit.reads.statement import Compiler, Statement
from kit.reads.tables import Node

NODES_MOST = 100

Guard = Callable[[Any], None]


@dataclass(frozen=True)
class Root:
    """One row by a condition over `{value}`, which `prepare` makes of the argument."""

    where: str = "{t}.id = {value}"
    prepare: Callable[[Any], Any] = lambda value: value
    guard: Guard | None = None


@dataclass(frozen=True)
class Made:
    """The object of a payload, by the id that the workflow answered; with `many`, objects."""

    many: bool = False


@dataclass(frozen=True)
class NodeRoot:
    """`node(id)` or, with `many`, `nodes(ids)`."""

    many: bool = False


def root_connection(
    description: str,
    *,
    filter: type | None = None,
    order: type | None = None,
    where: str = "true",
    default_order: str = "created_at",
    guard: Guard | None = None,
    arguments: Arguments | None = None,
    judge: Judge | None = None,
) -> Any:
    """A list of everything that the viewer may see."""
    return connection(
        None,
        description,
        filter=filter,
        order=order,
        where=where,
        default_order=default_order,
        guard=guard,
        arguments=arguments,
        judge=judge,
    )


def root_one(
    description: str,
    *,
    prefix: str | None = None,
    argument: str = "id",
    argument_description: str = "Its id.",
    where: str = "{t}.id = {value}",
    prepare: Callable[[Any], Any] | None = None,
    guard: Guard | None = None,
) -> Any:
    """One object, or null when it doesn't exist for the viewer.

    By its id (give the `prefix`), or by another argument with `where` and `prepare`.
    """
    if prepare is None:
        assert prefix is not None, "give a prefix, or say how to prepare the argument"
        wanted = prefix

        def prepare(value: str) -> UUID:
            return ids.decode(wanted, value)

    kind: Any = strawberry.ID if prefix is not None else str
    return _root(Root(where, prepare, guard), description, argument, kind, argument_description)


def made(description: str, *, many: bool = False) -> Any:
    """The object that a mutation made or changed, as it stands now; null when it was refused.

    With `many`, the objects that the viewer may (still) see, in the order of their ids.
    """
    source = Made(many)
    return strawberry.field(default=None, description=description, metadata={SOURCE: source})


def node_field() -> Any:
    """`node(id)`."""
    return _root(
        NodeRoot(),
        "Any object by its id; null when it doesn't exist for you.",
        "id",
        strawberry.ID,
        "Its id.",
    )


def nodes_field() -> Any:
    """`nodes(ids)`."""
    return _root(
        NodeRoot(many=True),
        f"Objects by their ids, at most {NODES_MOST}, in the order asked; null for what doesn't"
        " exist for you.",
        "ids",
        list[strawberry.ID],
        "Their ids.",
    )


async def fetch_one(info: Any, type_name: str, id: UUID) -> orjson.Fragment | None:
    """The row of a type with this id, as the selection of the field in hand wants it."""
    return await plans.fetch(info, Made(), _writer(type_name, "{t}.id = {value}"), value=id)


async def fetch_several(info: Any, type_name: str, ids: list[UUID]) -> orjson.Fragment | None:
    """The rows of a type with these ids, in this order, but for those that are out of sight."""

    def write(compiler: Compiler, selection: Selection) -> Statement:
        row, wanted = compiler.alias(), compiler.binds.add("ids", lambda request: request.value)
        whole, finish = compiler.row(selection.root.picks, type_name, row, f"{row}.id = wanted.id")
        sql = (
            "select '[' || coalesce(string_agg(j, ',' order by n), '') || ']' from"
            f" (select n, ({whole}) as j from unnest({wanted}::uuid[]) with ordinality"
            " as wanted (id, n)) found"
        )
        return Statement(sql, compiler.binds, finish)

    return await plans.fetch(info, Made(many=True), write, value=ids)


async def fetch_root(info: Any, source: Root, type_name: str, arguments: dict[str, Any]) -> Any:
    """Resolve a `root_one` field."""
    ((name, given),) = arguments.items()
    value = prepared(source.prepare, given, (name,))
    return await plans.fetch(info, source, _writer(type_name, source.where), value=value)


async def fetch_connection(info: Any, source: Many, type_name: str) -> Any:
    """Resolve a `root_connection` field."""

    def write(compiler: Compiler, selection: Selection) -> Statement:
        text, finish = pages.page(compiler, selection.root, source, type_name)
        return Statement(f"select {text}", compiler.binds, finish)

    return await plans.fetch(info, source, write)


async def fetch_node(info: Any, by_prefix: dict[str, str], text: str) -> Any:
    """Resolve `node(id)`."""
    prefix, id = ids.split(text, path=("id",))
    type_name = by_prefix.get(prefix)
    if type_name is None:
        return None

    def write(compiler: Compiler, selection: Selection) -> Statement:
        selection.root.picks = selection.root.kinds[type_name]
        return _writer(type_name, "{t}.id = {value}")(compiler, selection)

    return await plans.fetch(info, NodeRoot(), write, value=id, kinds=(type_name,))


async def fetch_nodes(info: Any, by_prefix: dict[str, str], texts: list[str]) -> Any:
    """Resolve `nodes(ids)`: one statement, whatever the mix of types."""
    if len(texts) > NODES_MOST:
        raise InvalidInput(
            reason=f"{len(texts)} ids; at most {NODES_MOST} at once.",
            reason_zh=f"一次最多查询 {NODES_MOST} 个 ID。",
            path=("ids",),
        )
    wanted = [ids.split(text, path=("ids",)) for text in texts]
    kinds = tuple(sorted({by_prefix[prefix] for prefix, _ in wanted if prefix in by_prefix}))
    if not kinds:
        return [None] * len(texts)
    value = [prefix for prefix, _ in wanted], [id for _, id in wanted]
    return await plans.fetch(info, NodeRoot(), _write_nodes, value=value, kinds=kinds)


def _write_nodes(compiler: Compiler, selection: Selection) -> Statement:
    prefixes = compiler.binds.add("prefixes", lambda request: request.value[0])
    wanted = compiler.binds.add("ids", lambda request: request.value[1])
    cases, finishes = [], {}
    for type_name, picks in selection.root.kinds.items():
        table, row = compiler.table_of(type_name), compiler.alias()
        whole, finish = compiler.row(picks, type_name, row, f"{row}.id = wanted.id")
        cases.append(f"when '{table.prefix}' then ({whole})")
        if finish is not None:
            finishes[table.prefix] = finish
    sql = (
        "select '[' || string_agg(coalesce(j, 'null'), ',' order by n) || ']' from"
        f" (select n, case wanted.kind {' '.join(cases)} end as j"
        f" from unnest({prefixes}::text[], {wanted}::uuid[]) with ordinality"
        " as wanted (kind, id, n)) found"
    )
    return Statement(sql, compiler.binds, _FinishByPrefix(finishes) if finishes else None)


class _FinishByPrefix:
    """Finishes each item of `nodes` as its type wants it."""

    def __init__(self, finishes: dict[str, Any]) -> None:
        self._finishes = finishes

    def apply(self, value: Any, request: Any) -> None:
        """Put the made values in place."""
        for item, prefix in zip(value, request.value[0], strict=True):
            finish = self._finishes.get(prefix)
            if item is not None and finish is not None:
                finish.apply(item, request)


def _writer(type_name: str, where: str) -> plans.Write:
    def write(compiler: Compiler, selection: Selection) -> Statement:
        row = compiler.alias()
        value = compiler.binds.add("value", lambda request: request.value)
        condition = f"({compiler.filled(where, row, value)})"
        sql, finish = compiler.row(selection.root.picks, type_name, row, condition)
        return Statement(sql, compiler.binds, finish)

    return write


def _root(source: Any, description: str, name: str, kind: Any, about: str) -> Any:
    field = strawberry.field(description=description, metadata={SOURCE: source})
    field.arguments = [
        StrawberryArgument(
            python_name=name,
            graphql_name=None,
            type_annotation=StrawberryAnnotation(kind),
            description=about,
        )
    ]
    return field


__all__ = [
    "Made",
    "Node",
    "NodeRoot",
    "Root",
    "fetch_connection",
    "fetch_node",
    "fetch_nodes",
    "fetch_one",
    "fetch_root",
    "made",
    "node_field",
    "nodes_field",
    "root_connection",
    "root_one",
]
