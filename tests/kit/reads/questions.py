"""Random documents of the house made worth asking: real ids and cursors, and some mistakes.

hypothesis-graphql draws the selection; what it draws for arguments is mostly replaced, because
random text finds nothing but "that is no id".
"""

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLNonNull,
    GraphQLObjectType,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    get_argument_values,
    get_named_type,
    is_abstract_type,
)
from graphql.execution.values import VariableValues

from kit.problems import Problem
from kit.reads.fields import Many
from models.audit import Event
from models.members import MemberInvitation
from models.partners import Partner
from tests.kit.reads.dressing import Dressing, Question
from tests.kit.reads.keys import Keys, nodes_table
from tests.kit.reads.listed import Page
from tests.kit.reads.oracle import Oracle, source_of
from tests.kit.reads.syntax import (
    Word,
    inline,
    is_leaf,
    name_node,
    plain,
    selecting,
    takes_arguments,
)
from tests.kit.reads.world import INSTANTS, TEXTS, World

WORDS = (
    "same",
    "SAME",
    "0%",
    "_o",
    "\\",
    "经销",
    "😀",
    "a:b",
    "ß",
    "<script>",
    "zzz",
    "xx",
    "\n",
    "' ",
)


class Asker(Dressing):
    """Rewrites one drawn document."""

    def __init__(self, oracle: Oracle, world: World, keys: Keys, dice: Random, wild: str) -> None:
        super().__init__(oracle.schema, dice)
        self._oracle, self._world = oracle, world
        self._keys = keys
        self._room = dice.choice((5, 15, 30, 60))
        self._wild = wild

    def question(self, drawn: DocumentNode) -> Question:
        """The document that is really asked."""
        operation = drawn.definitions[0]
        assert isinstance(operation, OperationDefinitionNode)
        root = self._schema.get_root_type(operation.operation)
        assert root is not None
        roots = [self._grown_below(root, node, 0) for node in operation.selection_set.selections]
        selections = self._selections(root, selecting(roots), top=True)
        return self._asking(operation.operation.value, selections)

    # Selections.

    def _grown(self, type_: Any, drawn: SelectionSetNode | None, depth: int) -> SelectionSetNode:
        """More than what was drawn, which is mostly little and seldom deep."""
        found = list(drawn.selections) if drawn else []
        if is_abstract_type(type_):
            narrowed = {
                fragment.type_condition.name.value
                for fragment in found
                if isinstance(fragment, InlineFragmentNode) and fragment.type_condition
            }
            for possible in self._schema.get_possible_types(type_):
                if possible.name not in narrowed and self._room > 0 and self._chance(0.3):
                    found.append(inline(possible.name, selecting([])))
        else:
            present = {node.name.value for node in found if isinstance(node, FieldNode)}
            for name, field in type_.fields.items():
                is_page = name in ("edges", "node", "nodes", "pageInfo", "totalCount")
                share = 0.2 if is_leaf(field) else 0.6 if is_page else 0.5 / (depth + 1)
                if name not in present and self._room > 0 and self._chance(share):
                    self._room -= 1
                    found.append(plain(name))
        return selecting(
            [self._grown_below(type_, node, depth) for node in found or [plain("__typename")]]
        )

    def _grown_below(self, type_: Any, node: SelectionNode, depth: int) -> SelectionNode:
        if isinstance(node, InlineFragmentNode):
            assert node.type_condition is not None
            narrower = self._schema.type_map[node.type_condition.name.value]
            below = self._grown(narrower, node.selection_set, depth)
            return replace(node, selection_set=below)
        assert isinstance(node, FieldNode)
        field = self._schema.get_field(type_, node.name.value)
        if field is None or is_leaf(field):
            return node
        below = self._grown(get_named_type(field.type), node.selection_set, depth + 1)
        return replace(node, selection_set=below)

    def _selections(
        self, type_: Any, drawn: SelectionSetNode, *, top: bool = False
    ) -> SelectionSetNode:
        found: list[SelectionNode] = []
        for selection in drawn.selections:
            if isinstance(selection, InlineFragmentNode):
                assert selection.type_condition is not None
                narrower = self._schema.type_map[selection.type_condition.name.value]
                below = self._selections(narrower, selection.selection_set)
                found.append(self._inline(below, narrower.name))
                continue
            assert isinstance(selection, FieldNode)
            found.append(self._field(type_, selection, top=top))
            if not top and takes_arguments(type_, selection) and self._chance(0.3):
                found.append(self._field(type_, selection, again=True))
        if is_abstract_type(type_) and self._chance(0.7):
            found += self._by_interface(type_)
        if self._chance(0.3) and not top:
            found.insert(self._dice.randrange(len(found) + 1), self._typename())
        if top and self._chance(0.8):
            return selecting(found)
        return selecting(self._regrouped(type_, found))

    def _field(
        self, type_: Any, drawn: FieldNode, *, top: bool = False, again: bool = False
    ) -> FieldNode:
        name = drawn.name.value
        if name == "__typename":
            return drawn
        alias = drawn.alias.value if drawn.alias else None
        if again or (alias is None and self._chance(0.1)):
            alias = self._alias()
        definition = self._schema.get_field(type_, name)
        assert definition is not None
        arguments = self._arguments(definition, name)
        directives = self._directives()
        below = None
        if drawn.selection_set:
            below = self._selections(get_named_type(definition.type), drawn.selection_set)
        return FieldNode(
            name=name_node(name),
            alias=name_node(alias) if alias else None,
            arguments=tuple(arguments),
            directives=tuple(directives),
            selection_set=below,
        )

    def _by_interface(self, type_: Any) -> list[SelectionNode]:
        """Fragments on an interface, a union and one of the types, that all overlap."""
        concrete: GraphQLObjectType = self._dice.choice(self._schema.get_possible_types(type_))
        leaf = self._dice.choice(
            [name for name, found in concrete.fields.items() if not found.args and is_leaf(found)]
        )
        return [
            self._inline(selecting([plain("id"), self._typename()]), "Node"),
            self._inline(selecting([plain("id"), plain(leaf, f"only_{leaf}")]), concrete.name),
        ]

    # Arguments.

    def _arguments(self, definition: Any, field_name: str) -> list[ArgumentNode]:
        source = source_of(definition)
        if isinstance(source, Many):
            return self._paging(definition, source, field_name)
        found = []
        for name, argument in definition.args.items():
            if self._chance(0.05):
                found.append(self._argument(name, argument.type, self._wild))
                continue
            if name == "ids":
                value: Any = [self._an_id() for _ in range(self._dice.randrange(7))]
                value = value[0] if len(value) == 1 else value
            elif name == "accountName":
                number = self._dice.randrange(15)
                value = self._dice.choice((f"account-{number}", f" ACCOUNT-{number}\n", ""))
            else:
                of = {"Partner": Partner, "MemberInvitation": MemberInvitation, "Event": Event}
                wanted = get_named_type(definition.type).name
                model = {"partner": Partner, "event": Event}.get(name, of.get(wanted))
                value = self._an_id(model)
            found.append(self._argument(name, argument.type, value))
        return found

    def _an_id(self, model: Any = None) -> str:
        known = self._world.ids(*([model] if model else self._world.nodes))
        if self._chance(0.05):
            return self._dice.choice(("", "ptn_", "per_" + "0" * 32, "PTN_" + "0" * 32, "\x00"))
        if self._chance(0.05):
            return f"{known[0][:3]}_{self._dice.getrandbits(128):032x}"
        return self._dice.choice(known)

    def _paging(self, definition: Any, source: Many, field_name: str) -> list[ArgumentNode]:
        chosen: dict[str, Any] = {}
        backward = self._chance(0.3)
        if backward or self._chance(0.8):
            size = self._dice.choice((1, 1, 2, 2, 3, 5, 100))
            if self._chance(0.02):
                size = self._dice.choice((0, -1, 101, 2**31 - 1))
            chosen["last" if backward else "first"] = size
        if self._chance(0.02) and chosen:
            chosen |= {"first": 2, "last": 2}
        if "filter" in definition.args and self._chance(0.5):
            chosen["filter"] = self._filter(definition.args["filter"].type)
        if "orderBy" in definition.args and self._chance(0.6):
            chosen["orderBy"] = self._order(definition.args["orderBy"].type)
        found = [
            self._argument(name, definition.args[name].type, value)
            for name, value in chosen.items()
        ]
        if self._chance(0.4):
            node = FieldNode(name=name_node(field_name), arguments=tuple(found))
            name = "before" if backward else "after"
            chosen[name] = cursor = self._cursor(definition, source, node)
            found.append(self._argument(name, definition.args[name].type, cursor))
        for name, argument in definition.args.items():
            if name not in chosen and self._chance(0.05):
                found.append(self._argument(name, argument.type, None))
        self._dice.shuffle(found)
        return found

    def _cursor(self, definition: Any, source: Many, node: FieldNode) -> str | None:
        """Of a row that stands somewhere in this very list, or one that belongs elsewhere."""
        if self._chance(0.03):
            return self._dice.choice(("", "x", "MTIz", "引", "\x00", self._keys.elsewhere))
        table = nodes_table(definition)
        try:
            values = VariableValues({}, self._coerced)
            page = Page(source, table, get_argument_values(definition, node, values))
        except (Problem, GraphQLError):
            return None
        return self._keys.cursor(page, self._dice.choice(self._world.rows[table.model]))

    def _filter(self, type_: GraphQLInputObjectType) -> Any:
        if self._chance(0.05):
            return None
        named = get_named_type(type_)
        assert isinstance(named, GraphQLInputObjectType)
        return {
            name: self._condition(name, found.type)
            for name, found in named.fields.items()
            if self._chance(0.35)
        }

    def _condition(self, name: str, type_: Any) -> Any:
        dice, named = self._dice, get_named_type(type_)
        if self._chance(0.05):
            return None
        if name in ("search", "email"):
            if self._chance(0.05):
                return dice.choice(("", " ", "x", " y "))
            word = dice.choice((*WORDS, dice.choice(TEXTS)[:9], "same@x"))
            return word
        if named.name == "ID":
            return self._an_id(Partner)
        if named.name in ("DateTimeRange", "DateRange"):
            moment = dice.choice(INSTANTS[:8]) + timedelta(days=dice.choice((-400, 0, 0, 1)))
            length = {"DateTimeRange": 27, "DateRange": 10}[named.name]
            text = moment.isoformat(timespec="microseconds").replace("+00:00", "Z")[:length]
            later = "9999-12-31T23:59:59+08:00"[: 99 if length > 10 else 10]
            ends = {"from": text, "to": dice.choice((text, later, None))}
            return {end: ends[end] for end in ends if self._chance(0.7)}
        if named.name == "Boolean":
            return self._chance(0.5)
        if named.name == "Int":
            return dice.choice((1, 2, 3, -1, 2**31 - 1))
        if named.name == "String":
            return dice.choice((["thing.made"], ['thing."odd"', "thing.lost"], [], "thing.made"))
        several = dice.sample(list(named.values), dice.randint(0, len(named.values)))
        return [Word(value) for value in several] if len(several) != 1 else Word(several[0])

    def _order(self, type_: Any) -> Any:
        if self._chance(0.05):
            return None
        found = {}
        for name, part in get_named_type(type_).fields.items():
            if self._chance(0.8) or (name == "field" and isinstance(part.type, GraphQLNonNull)):
                found[name] = Word(self._dice.choice(list(get_named_type(part.type).values)))
        return found or None
