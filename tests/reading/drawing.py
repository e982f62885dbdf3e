"""Random questions to the whole schema: each leads to places that were asked least before."""

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

from graphql import (
    ArgumentNode,
    FieldNode,
    GraphQLError,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    SelectionNode,
    SelectionSetNode,
    get_argument_values,
    get_named_type,
    is_abstract_type,
    is_required_argument,
)
from graphql.execution.values import VariableValues

from kit.problems import Problem
from kit.reads.fields import Column, Items, Many, One
from kit.reads.paging import conditions_of
from kit.reads.roots import NodeRoot, Root
from kit.reads.statement import snake
from tests.kit.reads.dressing import Dressing, Question
from tests.kit.reads.keys import Keys, nodes_table
from tests.kit.reads.listed import Page
from tests.kit.reads.oracle import source_of, table_of
from tests.kit.reads.syntax import Word, is_leaf, name_node, plain, selecting
from tests.reading.atlas import Atlas, Place, targets
from tests.reading.stock import Stock

DEEPEST = 6
ROWS_MOST = 40  # of which something is asked, all lists multiplied
PAGES = ("nodes", "edges", "node", "pageInfo", "totalCount")


class Drawing(Dressing):
    """Draws one question."""

    def __init__(
        self,
        schema: GraphQLSchema,
        atlas: Atlas,
        stock: Stock,
        keys: Keys,
        dice: Random,
        *,
        may: Callable[[Any], bool],
    ) -> None:
        super().__init__(schema, dice)
        self._atlas, self._stock, self._keys = atlas, stock, keys
        self._room = dice.choice((3, 6, 12, 24))
        self._may = may

    def question(self) -> Question:
        """One that nobody has asked before, most likely."""
        query = self._schema.query_type
        assert query is not None
        found: list[SelectionNode] = []
        for _ in range(self._dice.choice((1, 1, 1, 2, 3))):
            way = self._way()
            alias = self._alias() if found or self._chance(0.1) else None
            found.append(self._field(query, way, rows=1, depth=0, alias=alias))
        if self._chance(0.2):
            found = self._regrouped(query, found)
        return self._asking("query", selecting(found))

    def _way(self) -> list[Place]:
        """To a place that was asked little; mostly one that whoever asks may ask for."""
        assert self._schema.query_type is not None
        for _ in range(5):
            place = self._atlas.next(self._dice)
            way = self._atlas.way(place, self._dice)
            if self._may(source_of(self._schema.query_type.fields[way[0].field])):
                return way
            self._atlas.put_back(place)
        return way

    # Selections.

    def _below(self, field: GraphQLField, way: list[Place], rows: int, depth: int) -> Any:
        named: Any = get_named_type(field.type)
        if is_abstract_type(named):
            return self._kinds(named, targets(self._schema, field), way, rows, depth)
        return self._fields(named, way, rows, depth)

    def _kinds(
        self, named: Any, kinds: list[GraphQLObjectType], way: list[Place], rows: int, depth: int
    ) -> SelectionSetNode:
        """Fragments on some of the types, on what they have in common, and overlapping ones."""
        found: list[SelectionNode] = [self._typename()]
        wanted = [kind for kind in kinds if way and kind.name == way[0].type]
        for kind in [
            *wanted,
            *self._dice.sample(kinds, min(len(kinds), self._dice.choice((0, 1, 2)))),
        ]:
            ahead = way if kind in wanted else []
            below = self._fields(kind, ahead, rows, depth, is_whole=False)
            # Under a name of its own, since another type's field of that name may be otherwise.
            found.append(self._inline(self._renamed(below), kind.name))
        if named.name == "Node" and self._chance(0.6):
            found.append(self._inline(selecting([plain("id"), self._typename()]), "Node"))
        self._dice.shuffle(found)
        return selecting(found)

    def _renamed(self, below: SelectionSetNode) -> SelectionSetNode:
        found: list[SelectionNode] = []
        for node in below.selections:
            if isinstance(node, FieldNode) and node.name.value not in ("id", "__typename"):
                found.append(replace(node, alias=name_node(self._alias())))
            elif isinstance(node, FieldNode):
                found.append(node)
        return selecting(found or [plain("__typename")])

    def _fields(
        self,
        type_: GraphQLObjectType,
        way: list[Place],
        rows: int,
        depth: int,
        *,
        is_whole: bool = True,
    ) -> SelectionSetNode:
        """A selection; one that `is_whole` is left as it is, so that fragments may hold parts."""
        found: list[SelectionNode] = []
        ahead = way[0].field if way and way[0].type == type_.name else None
        for name, field in type_.fields.items():
            here = Place(type_.name, name)
            if name == ahead:
                found.append(self._field(type_, way, rows=rows, depth=depth))
            elif self._is_wanted(here, field, rows, depth):
                self._room -= 1
                found.append(self._field(type_, [here], rows=rows, depth=depth))
            else:
                continue
            # Few fields other than lists have arguments.
            if field.args and self._chance(0.15 if isinstance(source_of(field), Many) else 0.6):
                again = self._alias()
                found.append(self._field(type_, [here], rows=rows, depth=depth, alias=again))
        if self._chance(0.15) or not found:
            found.append(self._typename())
        if self._chance(0.3):
            self._dice.shuffle(found)
        if is_whole and self._chance(0.4):
            found = self._regrouped(type_, found)
        return selecting(self._torn(found))

    def _torn(self, found: list[SelectionNode]) -> list[SelectionNode]:
        """Sometimes one field is asked for in two places, for a part each."""
        whole = [node for node in found if isinstance(node, FieldNode) and node.selection_set]
        if not whole or not self._chance(0.1):
            return found
        node = self._dice.choice(whole)
        assert node.selection_set is not None
        parts = list(node.selection_set.selections)
        if len(parts) < 2:
            return found
        cut = self._dice.randint(1, len(parts) - 1)
        halves = (selecting(parts[:cut]), selecting(parts[cut:]))
        torn = [replace(node, selection_set=half) for half in halves]
        place = found.index(node)
        return [*found[:place], torn[0], *found[place + 1 :], torn[1]]

    def _is_wanted(self, here: Place, field: GraphQLField, rows: int, depth: int) -> bool:
        if self._room <= 0:
            return False
        is_fresh = not self._atlas.asked[here]
        if is_leaf(field):
            return self._chance(0.6 if is_fresh else 0.12)
        if here.field in PAGES:
            return self._chance(0.25)
        if depth >= DEEPEST or rows > ROWS_MOST:
            return False
        if field.args and isinstance(source_of(field), One):
            return self._chance(0.5)
        return self._chance((0.3 if is_fresh else 0.12) / (1 + depth / 2))

    def _field(
        self,
        type_: GraphQLObjectType,
        way: list[Place],
        *,
        rows: int,
        depth: int,
        alias: str | None = None,
    ) -> FieldNode:
        here, ahead = way[0], way[1:]
        definition = type_.fields[here.field]
        source = source_of(definition)
        self._atlas.note(here._replace(argument=""))
        size = 1
        if isinstance(source, Many):
            size, arguments = self._paging(here, definition, source, rows)
        else:
            arguments = self._own(here, definition, source, ahead)
        if isinstance(source, Items):
            size = 4
        below = None
        if not is_leaf(definition):
            below = self._below(definition, ahead, rows * size, depth + 1)
        if alias is None and self._chance(0.05):
            alias = self._alias()
        return FieldNode(
            name=name_node(here.field),
            alias=name_node(alias) if alias else None,
            arguments=tuple(arguments),
            directives=tuple(self._directives()),
            selection_set=below,
        )

    # Arguments.

    def _own(
        self, here: Place, definition: GraphQLField, source: Any, ahead: list[Place]
    ) -> list[ArgumentNode]:
        """Of a field that is no list."""
        found = []
        for name, argument in definition.args.items():
            is_asked = here.argument.partition(".")[0] == name
            if not (is_required_argument(argument) or is_asked or self._chance(0.6)):
                continue
            self._note(here, name)
            if isinstance(source, NodeRoot):
                value: Any = self._node_ids(source, ahead)
            elif isinstance(source, Root) and source.where == "{t}.id = {value}":
                value = self._stock.id_for(source.prepare, self._dice, self._column(ahead))
            elif isinstance(source, Root):
                table = table_of(get_named_type(definition.type))
                assert table is not None
                value = self._stock.of_where(source.where, table, self._dice)
            else:
                value = self._stock.any_of(argument.type, name, self._dice)
            found.append(self._argument(name, argument.type, value))
        return found

    def _node_ids(self, source: NodeRoot, ahead: list[Place]) -> Any:
        wanted = table_of(self._schema.type_map[ahead[0].type]) if ahead else None
        prefix = wanted.prefix if wanted else None
        first = self._stock.an_id(self._dice, prefix, having=self._column(ahead))
        if not source.many:
            return first
        more = [self._stock.an_id(self._dice) for _ in range(self._dice.randrange(4))]
        return self._dice.sample([first, *more], len(more) + 1)

    def _column(self, ahead: list[Place]) -> str | None:
        """The column of the row in question that is to be told of, or that leads on."""
        if not ahead:
            return None
        type_ = self._schema.type_map[ahead[0].type]
        assert isinstance(type_, GraphQLObjectType)
        source = source_of(type_.fields[ahead[0].field])
        if isinstance(source, One):
            return source.on
        return source.name or snake(ahead[0].field) if isinstance(source, Column) else None

    def _paging(
        self, here: Place, definition: GraphQLField, source: Many, rows: int
    ) -> tuple[int, list[ArgumentNode]]:
        chosen: dict[str, Any] = {}
        backward = here.argument in ("last", "before")
        if here.argument not in ("first", "after", "last", "before"):
            backward = self._chance(0.3)
        sizes = [each for each in (1, 2, 3, 5, 20, 100) if each * rows <= ROWS_MOST] or [1]
        size = self._dice.choice(sizes)
        may_be_unsaid = not backward and here.argument != "first" and rows * 20 <= ROWS_MOST
        if may_be_unsaid and self._chance(0.2):
            size = 20
        else:
            chosen["last" if backward else "first"] = size
        if self._chance(0.01):
            chosen |= {"first": self._dice.choice((0, -1, 101)), "last": None}
        if "filter" in definition.args:
            chosen |= self._filter(here, definition, source)
        if "orderBy" in definition.args:
            chosen |= self._order(here, definition)
        for name in source.arguments:
            if here.argument == name or self._chance(0.5):
                chosen[name] = self._stock.any_of(definition.args[name].type, name, self._dice)
        found = [
            self._argument(name, definition.args[name].type, value)
            for name, value in chosen.items()
        ]
        end = "before" if backward else "after"
        if here.argument == end or self._chance(0.35):
            node = FieldNode(name=name_node(here.field), arguments=tuple(found))
            chosen[end] = self._cursor(definition, source, node)
            found.append(self._argument(end, definition.args[end].type, chosen[end]))
        for name in chosen:
            self._note(here, name)
        self._dice.shuffle(found)
        return size, found

    def _filter(self, here: Place, definition: GraphQLField, source: Many) -> dict[str, Any]:
        type_: Any = get_named_type(definition.args["filter"].type)
        assert source.filter is not None
        conditions = conditions_of(source.filter)
        wanted = [name for name in conditions if here.argument == f"filter.{name}"]
        if here.argument == "filter" or self._chance(0.4):
            least = self._dice.sample(list(conditions), len(conditions))
            least.sort(key=lambda name: self._atlas.asked[here._replace(argument=f"filter.{name}")])
            wanted += least[: self._dice.choice((1, 1, 2))]
        if not wanted:
            return {}
        found = {}
        for name in dict.fromkeys(wanted):
            table, part = nodes_table(definition), type_.fields[name].type
            found[name] = self._stock.condition(conditions[name], table, part, self._dice)
            self._note(here, f"filter.{name}")
        return {"filter": found}

    def _order(self, here: Place, definition: GraphQLField) -> dict[str, Any]:
        type_: Any = get_named_type(definition.args["orderBy"].type)
        names = list(get_named_type(type_.fields["field"].type).values)
        wanted = [name for name in names if here.argument == f"orderBy.{name}"]
        if not wanted and here.argument != "orderBy" and not self._chance(0.4):
            return {}
        name = wanted[0] if wanted else self._dice.choice(names)
        self._note(here, f"orderBy.{name}")
        found = {"field": Word(name)}
        if self._chance(0.8):
            found["direction"] = Word(self._dice.choice(("ASC", "DESC")))
        return {"orderBy": found}

    def _cursor(self, definition: GraphQLField, source: Many, node: FieldNode) -> str | None:
        """Of a row that stands somewhere in this very list, or would; or of another list."""
        table = nodes_table(definition)
        row = self._stock.row(table, self._dice)
        if row is None or self._chance(0.02):
            return self._keys.elsewhere
        try:
            values = VariableValues({}, self._coerced)
            page = Page(source, table, get_argument_values(definition, node, values))
        except (Problem, GraphQLError):
            return None
        # Such a row is in no list of those that have it.
        needs_it = f"{{t}}.{page.column} is not null" in source.where
        is_nowhere = needs_it and getattr(row, page.column) is None
        return self._keys.elsewhere if is_nowhere else self._keys.cursor(page, row)

    def _note(self, here: Place, argument: str) -> None:
        self._atlas.note(here._replace(argument=argument))
