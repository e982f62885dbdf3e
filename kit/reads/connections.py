"""Relay connections: the types, and the arguments that every one of them takes."""

from enum import Enum
from typing import Generic, TypeVar

import strawberry
from strawberry import UNSET
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument

T = TypeVar("T")

PAGE = 20
PAGE_MOST = 100
COUNT_MOST = 10_000


@strawberry.enum(description="Which way a list is ordered.")
class OrderDirection(Enum):
    """ASC or DESC."""

    ASC = strawberry.enum_value("ASC", description="Smallest, oldest, or A first.")
    DESC = strawberry.enum_value("DESC", description="Greatest, newest, or Z first.")


@strawberry.enum(description="How far a count can be trusted.")
class CountPrecision(Enum):
    """Counting stops at 10,000."""

    EXACT = strawberry.enum_value("EXACT", description="The value is the number of objects.")
    AT_LEAST = strawberry.enum_value(
        "AT_LEAST", description="There are at least this many; counting stopped there."
    )


@strawberry.type(description="How many objects match, counted up to 10,000.")
class Count:
    """`totalCount` of a connection."""

    value: int = strawberry.field(description="The number of objects, at most 10,000.")
    precision: CountPrecision = strawberry.field(description="Whether the value is the whole.")


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    """Relay's PageInfo."""

    has_next_page: bool = strawberry.field(description="Whether objects follow this page.")
    has_previous_page: bool = strawberry.field(description="Whether objects precede this page.")
    start_cursor: str | None = strawberry.field(
        description="Cursor of the first object; null when the page is empty."
    )
    end_cursor: str | None = strawberry.field(
        description="Cursor of the last object: pass it as `after` for the next page."
    )


@strawberry.type(description="One object of a list, with its place in it.")
class Edge(Generic[T]):
    """Relay's edge."""

    cursor: str = strawberry.field(
        description="Its place: opaque, good for the same filter and order only."
    )
    node: T = strawberry.field(description="The object.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    """Relay's connection, with `nodes` beside `edges`."""

    edges: list[Edge[T]] = strawberry.field(description="The objects with their cursors.")
    nodes: list[T] = strawberry.field(description="The objects alone.")
    page_info: PageInfo = strawberry.field(description="Where this page stands.")
    total_count: Count = strawberry.field(
        description="How many objects match the filter; counted only when asked for."
    )


def paging_arguments(filter: type | None, order: type | None) -> list[StrawberryArgument]:
    """`first after last before`, and `filter` and `orderBy` where the list has them."""
    arguments = [
        _argument("first", int, f"How many from the start, 1 to {PAGE_MOST}; {PAGE} if unsaid."),
        _argument("after", str, "Begin behind this cursor."),
        _argument("last", int, f"How many from the end, 1 to {PAGE_MOST}; not with `first`."),
        _argument("before", str, "End ahead of this cursor."),
    ]
    if filter is not None:
        arguments.append(_argument("filter", filter, "Only objects that meet all of these."))
    if order is not None:
        arguments.append(_argument("order_by", order, "Its order; these defaults if unsaid."))
    return arguments


def _argument(name: str, type_: type, description: str) -> StrawberryArgument:
    return StrawberryArgument(
        python_name=name,
        graphql_name=None,
        type_annotation=StrawberryAnnotation(type_ | None),
        description=description,
        default=UNSET,
    )
