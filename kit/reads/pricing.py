"""What reading costs: the cost directives of a schema, from where its fields come from."""

from typing import Any

import strawberry
from graphql import GraphQLObjectType, get_named_type

from kit.graphql import costs
from kit.graphql.costs import ListSize
from kit.reads.connections import PAGE
from kit.reads.fields import Embedded, Items, Many
from kit.reads.roots import NODES_MOST, Made, NodeRoot, Root
from kit.reads.selection import source_of

MUTATION = 10
OWN_RESOLVER = 10
COUNT = 10

# A bounded list is mostly a few rows, whatever the bound.
ITEMS = 5

_OF_A_PAGE = ("Count", "PageInfo")


def install(schema: strawberry.Schema) -> None:
    """Say of every field and type what differs from an object's one point and a value's none.

    A part of a row costs nothing beside the row, a count as much as some rows. A mutation, and a
    query that is worked out and not read, costs ten.
    """
    graphql = schema._schema
    costs.declare(graphql)
    for type_ in list(graphql.type_map.values()):
        if not isinstance(type_, GraphQLObjectType) or type_.name.startswith("__"):
            continue
        if type_.name in _OF_A_PAGE or _is_edge(type_):
            costs.weigh(type_, 0)
        for name, field in type_.fields.items():
            _price(name, field)
    for field in _fields(graphql.mutation_type):
        costs.weigh(field, MUTATION)
    for field in _fields(graphql.query_type):
        if not isinstance(source_of(field), Many | Root | NodeRoot):
            costs.weigh(field, OWN_RESOLVER)


def _price(name: str, field: Any) -> None:
    source, type_ = source_of(field), get_named_type(field.type)
    if isinstance(source, Many):
        sliced = ("first", "last")
        costs.size(field, ListSize(PAGE, sliced, sized_fields=("edges", "nodes")))
    elif isinstance(source, Items):
        costs.size(field, ListSize(min(source.limit, ITEMS)))
    elif isinstance(source, Made) and source.many:
        costs.size(field, ListSize(PAGE))
    elif isinstance(source, NodeRoot) and source.many:
        costs.size(field, ListSize(NODES_MOST, ("ids",)))
    elif isinstance(source, Embedded) and isinstance(type_, GraphQLObjectType):
        costs.weigh(type_, 0)
    elif name == "totalCount" and type_.name == "Count":
        costs.weigh(field, COUNT)


def _is_edge(type_: GraphQLObjectType) -> bool:
    return type_.name.endswith("Edge") and {"cursor", "node"} <= type_.fields.keys()


def _fields(type_: GraphQLObjectType | None) -> list[Any]:
    return [] if type_ is None else list(type_.fields.values())
