"""What a database has to tell: each field of the schema, and each value of an enum, that was seen.

One walk with fixed documents: every root field that needs no argument or is given one here, and
every row by its id, with all of its fields, its parts and the first of its lists.
"""

from collections.abc import Iterable, Iterator, Mapping, Set
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_non_null_type,
    is_required_argument,
)

from kit.reads.roots import Root
from tests.kit.reads.oracle import source_of, table_of
from tests.kit.reads.syntax import is_leaf
from tests.reading.atlas import Place, targets
from tests.reading.stock import Stock

AT_ONCE = 100  # ids that `nodes` takes

# A document and its variables.
Asking = tuple[str, dict[str, Any]]


class Telling:
    """The fields that something was told of, and the values of enums that were told."""

    def __init__(
        self, schema: GraphQLSchema, places: Iterable[Place], *, expects_not: Set[str] = frozenset()
    ) -> None:
        self._expects_not = expects_not
        self._met: set[str] = set()
        self.fields: set[str] = set()
        self.values: set[str] = set()
        self._schema = schema
        self.all_fields = {f"{each.type}.{each.field}" for each in places if not each.argument}
        types = {name.partition(".")[0] for name in self.all_fields}
        self.all_values = {
            f"{named.name}.{value}"
            for name in types
            for field in self._of(name).fields.values()
            if isinstance(named := get_named_type(field.type), GraphQLEnumType)
            for value in named.values
        }

    def silent(self) -> set[str]:
        """The fields that never gave anything: no value, no row, or an amount of nothing."""
        return self.all_fields - self.fields

    def unseen(self) -> set[str]:
        """The values of enums that no field has given."""
        return self.all_values - self.values

    def _of(self, name: str) -> GraphQLObjectType:
        type_ = self._schema.type_map[name]
        assert isinstance(type_, GraphQLObjectType)
        return type_

    def _is_wanted(self) -> bool:
        """Whether something of the types that were met on the way hasn't been told."""
        return any(
            f"{name}.{field}" not in self.fields and f"{name}.{field}" not in self._expects_not
            for name in self._met
            for field in self._of(name).fields
        )

    # Documents.

    def roots(
        self, given: Mapping[str, Iterable[str]], stock: Stock, *, all_of_them: bool
    ) -> Iterator[Asking]:
        """A document for each root field: by an id, in each way of an enum, or as it is `given`."""
        query = self._of("Query")
        for name, field in query.fields.items():
            if name in given:
                choices = list(given[name])
            else:
                choices = list(self._choices(name, field, stock))
            for arguments in choices:
                self._met = set()
                below = "" if is_leaf(field) else self._below(field, depth=0)
                if all_of_them or f"Query.{name}" not in self.fields or self._is_wanted():
                    yield f"{{ {name}{f'({arguments})' if arguments else ''} {below} }}", {}

    def _choices(self, name: str, field: GraphQLField, stock: Stock) -> Iterator[str]:
        needed = {key: each for key, each in field.args.items() if is_required_argument(each)}
        kinds = {
            key: get_named_type(each.type)
            for key, each in field.args.items()
            if is_non_null_type(each.type)
        }
        if isinstance(source_of(field), Root):
            table = table_of(get_named_type(field.type))
            assert table is not None
            yield from (f'id: "{id}"' for id in stock.samples(table)[:1])
        elif name not in ("node", "nodes") and needed.keys() <= kinds.keys():
            ways = [
                f"{key}: {value}"
                for key, kind in kinds.items()
                if isinstance(kind, GraphQLEnumType)
                for value in kind.values
            ]
            yield from ways or ([] if needed else [""])

    def rows(self, stock: Stock, *, all_of_them: bool) -> Iterator[Asking]:
        """Documents that show rows by their ids, a hundred at a time."""
        for name, table in stock.named.items():
            self._met = set()
            fields = self._fields(self._of(name), depth=0)
            found = stock.samples(table) if all_of_them or self._is_wanted() else []
            text = f"query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {name} {fields} }} }}"
            for start in range(0, len(found), AT_ONCE):
                self.fields |= {"Query.node", "Query.nodes"}
                yield text, {"ids": found[start : start + AT_ONCE]}

    def _below(self, field: GraphQLField, depth: int) -> str:
        kinds = targets(self._schema, field)
        if not is_abstract_type(get_named_type(field.type)):
            return self._fields(kinds[0], depth)
        # Of an interface only the type is looked at: each row is shown by its own id.
        return "{ type_of_it: __typename }"

    def _fields(self, type_: GraphQLObjectType, depth: int) -> str:
        table = table_of(type_)
        self._met.add(type_.name)
        if depth and table is not None and table.is_node:
            return "{ type_of_it: __typename id }"
        is_list = type_.name.endswith(("Connection", "Edge"))
        found = ["type_of_it: __typename"]
        for name, field in type_.fields.items():
            if any(is_required_argument(argument) for argument in field.args.values()):
                continue
            if is_leaf(field):
                found.append(name)
            elif depth < 6:
                size = "(first: 2)" if "first" in field.args else ""
                found.append(f"{name}{size} {self._below(field, depth + (not is_list))}")
        return f"{{ {' '.join(found)} }}"

    # Answers.

    def hear(self, data: Any) -> None:
        """Take in what was answered to one of the documents."""
        if data is not None:
            self._heard("Query", data)

    def _heard(self, type_name: str, told: Mapping[str, Any]) -> None:
        type_name = told.get("type_of_it", type_name)
        for name, value in told.items():
            if name == "type_of_it":
                continue
            field = self._of(type_name).fields[name]
            for each in value if isinstance(value, list) else [value]:
                if isinstance(each, dict):
                    self._heard("", each)
                if _says(each):
                    self.fields.add(f"{type_name}.{name}")
                    named = get_named_type(field.type)
                    if isinstance(named, GraphQLEnumType):
                        self.values.add(f"{named.name}.{each}")


def _says(value: Any) -> bool:
    if not isinstance(value, dict):
        return value not in (None, "")
    if value.get("type_of_it") == "Money":
        return float(value["amount"]) != 0
    return "nodes" not in value or bool(value["nodes"])
