"""What is asked for, normalised: fragments, directives and repeated fields folded into one tree."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as default
from functools import cached_property
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_abstract_type,
)

from kit.reads.fields import SOURCE, Many, One, Polymorphic
from kit.recent import Recent

Calls = tuple[list[Any], Hashable]
CALLS = 16  # sets of variables whose reading is remembered, a selection


@dataclass
class Pick:
    """One selected field: under which key, where its value comes from, what is selected below.

    `slot` is its place among the fields whose arguments matter; `kinds` holds the selection per
    concrete type where the field's type is abstract.
    """

    key: str
    field: GraphQLField
    name: str
    source: Any
    node: FieldNode
    type: Any
    picks: list["Pick"] = default(default_factory=list)
    kinds: dict[str, list["Pick"]] = default(default_factory=dict)
    slot: int | None = None


@dataclass
class Selection:
    """The tree below a root field and its argument-bearing fields, in slot order.

    `calls` remembers, by variables, the pages that were asked for.
    """

    root: Pick
    slots: list[Pick]
    calls: Recent[Calls] = default(default_factory=lambda: Recent(CALLS))

    @cached_property
    def is_asked(self) -> bool:
        """Whether any of the arguments concern what is read below the root."""
        return any(takes_arguments(pick.source) for pick in self.slots)


def flag_names(node: Any, fragments: Mapping[str, FragmentDefinitionNode]) -> tuple[str, ...]:
    """The variables that `@skip` and `@include` ask below a node: they decide the tree."""
    found: dict[str, None] = {}
    seen: set[str] = set()

    def look(selection_set: SelectionSetNode | None) -> None:
        for child in selection_set.selections if selection_set else ():
            for directive in child.directives or ():
                if directive.name.value in ("skip", "include"):
                    for argument in directive.arguments or ():
                        if isinstance(argument.value, VariableNode):
                            found[argument.value.name.value] = None
            if isinstance(child, FragmentSpreadNode):
                name = child.name.value
                if name not in seen:
                    seen.add(name)
                    look(fragments[name].selection_set)
            elif isinstance(child, FieldNode | InlineFragmentNode):
                look(child.selection_set)

    look(node.selection_set)
    return tuple(found)


class Reader:
    """Reads selections of one document with one set of flags."""

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: Mapping[str, Any],
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._variables = variables
        self._slots: list[Pick] = []

    def selection(
        self, field_def: GraphQLField, nodes: list[FieldNode], source: Any, kinds: Iterable[str]
    ) -> Selection:
        """The tree below a root field; `kinds` are the concrete types when it is abstract."""
        root = self._pick(nodes[0].name.value, field_def, nodes, source, tuple(kinds))
        return Selection(root, self._slots)

    def _pick(
        self,
        key: str,
        field_def: GraphQLField,
        nodes: list[FieldNode],
        source: Any,
        kinds: tuple[str, ...] = (),
    ) -> Pick:
        named = get_named_type(field_def.type)
        pick = Pick(key, field_def, nodes[0].name.value, source, nodes[0], named)
        if field_def.args:
            pick.slot = len(self._slots)
            self._slots.append(pick)
        if isinstance(source, Polymorphic):
            kinds = tuple(source.types.values())
        if is_abstract_type(named):
            for kind in kinds:
                concrete = self._schema.get_type(kind)
                assert isinstance(concrete, GraphQLObjectType)
                pick.kinds[kind] = self._below(concrete, nodes)
        elif isinstance(named, GraphQLObjectType):
            pick.picks = self._below(named, nodes)
        return pick

    def _below(self, type_: GraphQLObjectType, nodes: list[FieldNode]) -> list[Pick]:
        groups: dict[str, list[FieldNode]] = {}
        visited: set[str] = set()
        for node in nodes:
            self._collect(type_, node.selection_set, groups, visited)
        picks = []
        for key, group in groups.items():
            name = group[0].name.value
            if name == "__typename":
                picks.append(Pick(key, None, name, None, group[0], None))  # type: ignore[arg-type]
                continue
            field_def = type_.fields[name]
            picks.append(self._pick(key, field_def, group, source_of(field_def)))
        return picks

    def _collect(
        self,
        type_: GraphQLObjectType,
        selection_set: SelectionSetNode | None,
        groups: dict[str, list[FieldNode]],
        visited: set[str],
    ) -> None:
        for child in selection_set.selections if selection_set else ():
            if not self._included(child):
                continue
            if isinstance(child, FieldNode):
                key = child.alias.value if child.alias else child.name.value
                groups.setdefault(key, []).append(child)
            elif isinstance(child, InlineFragmentNode):
                condition = child.type_condition
                if condition is None or self._applies(condition.name.value, type_):
                    self._collect(type_, child.selection_set, groups, visited)
            elif isinstance(child, FragmentSpreadNode) and child.name.value not in visited:
                visited.add(child.name.value)
                fragment = self._fragments[child.name.value]
                if self._applies(fragment.type_condition.name.value, type_):
                    self._collect(type_, fragment.selection_set, groups, visited)

    def _applies(self, condition: str, type_: GraphQLObjectType) -> bool:
        if condition == type_.name:
            return True
        wanted = self._schema.get_type(condition)
        return is_abstract_type(wanted) and self._schema.is_sub_type(wanted, type_)

    def _included(self, node: Any) -> bool:
        for directive in node.directives or ():
            name = directive.name.value
            if name not in ("skip", "include"):
                continue
            value = directive.arguments[0].value
            if isinstance(value, VariableNode):
                holds = bool(self._variables.get(value.name.value))
            else:
                holds = bool(value.value)
            if holds is (name == "skip"):
                return False
        return True


def takes_arguments(source: Any) -> bool:
    """Whether what a field reads depends on its arguments; those of roots are read elsewhere."""
    return isinstance(source, Many) or (isinstance(source, One) and bool(source.arguments))


def source_of(field_def: GraphQLField) -> Any:
    """Where a field comes from, as its author declared it; None when it is no read field."""
    definition = field_def.extensions.get("strawberry-definition")
    return definition.metadata.get(SOURCE) if definition is not None else None
