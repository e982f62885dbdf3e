"""What a document is dressed in: aliases, fragments, flags, variables with and without defaults."""

from dataclasses import dataclass, replace
from random import Random
from typing import Any

from graphql import (
    ArgumentNode,
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    InlineFragmentNode,
    ListValueNode,
    NamedTypeNode,
    ObjectFieldNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    get_named_type,
    get_variable_values,
    parse,
    parse_value,
    print_ast,
)
from graphql.execution.values import VariableValues

from tests.kit.reads.asking import read
from tests.kit.reads.syntax import (
    as_json,
    inline,
    literal_text,
    name_node,
    nullable,
    plain,
    selecting,
)


@dataclass
class Question:
    """A document with its variables, and with some of them changed."""

    text: str
    variables: dict[str, Any]
    others: dict[str, Any]

    @property
    def document(self) -> DocumentNode:
        return read(self.text)

    def again(self) -> "Question":
        """The same document with the other variables."""
        return replace(self, variables=self.others)


class Dressing:
    """Dresses one document; `_dice` decides how."""

    def __init__(self, schema: GraphQLSchema, dice: Random) -> None:
        self._schema, self._dice = schema, dice
        self._declared: list[str] = []
        self._variables: dict[str, Any] = {}
        self._others: dict[str, Any] = {}
        self._coerced: dict[str, Any] = {}
        self._fragments: list[FragmentDefinitionNode] = []
        self._aliases = 0

    def _asking(self, kind: str, selections: SelectionSetNode) -> Question:
        """The document as it stands, with its variables."""
        declared = f"({', '.join(self._declared)})" if self._declared else ""
        fragments = "\n".join(print_ast(fragment) for fragment in self._fragments)
        text = f"{kind} Q{declared} {print_ast(selections)}\n{fragments}"
        return Question(text, self._variables, self._others)

    def _alias(self) -> str:
        self._aliases += 1
        return self._dice.choice(("a", "first", "after", "id")) + f"_{self._aliases}"

    def _regrouped(self, type_: Any, found: list[SelectionNode]) -> list[SelectionNode]:
        """Some of the selections behind a fragment, or both in it and outside."""
        if not found or self._chance(0.6):
            return found
        start = self._dice.randrange(len(found))
        end = self._dice.randint(start + 1, len(found))
        moved = found[start:end]
        kept = found[:start] + (list(moved) if self._chance(0.4) else []) + found[end:]
        if self._chance(0.4):
            name = f"F{len(self._fragments)}"
            self._fragments.append(
                FragmentDefinitionNode(
                    name=name_node(name),
                    type_condition=NamedTypeNode(name=name_node(type_.name)),
                    selection_set=selecting(moved),
                )
            )
            spread: SelectionNode = FragmentSpreadNode(
                name=name_node(name), directives=tuple(self._directives())
            )
        else:
            spread = self._inline(selecting(moved), type_.name if self._chance(0.5) else None)
        kept.insert(self._dice.randrange(len(kept) + 1), spread)
        if self._chance(0.2):
            kept.append(spread)
        return kept

    def _inline(self, below: SelectionSetNode, condition: str | None) -> InlineFragmentNode:
        return replace(inline(condition, below), directives=tuple(self._directives()))

    def _typename(self) -> FieldNode:
        return plain("__typename", self._dice.choice((None, None, "kind_of_it")))

    def _directives(self) -> list[DirectiveNode]:
        names = [name for name in ("skip", "include") if self._chance(0.06)]
        found = []
        for name in names:
            holds = self._chance(0.6) is (name == "include")
            value: ValueNode = BooleanValueNode(value=holds)
            if self._chance(0.7):
                value = self._variable("Boolean!", holds, value)
            argument = ArgumentNode(name=name_node("if"), value=value)
            found.append(DirectiveNode(name=name_node(name), arguments=(argument,)))
        return found

    def _argument(self, name: str, type_: GraphQLInputType, value: Any) -> ArgumentNode:
        if value is None and isinstance(type_, GraphQLNonNull):
            value = "none"
        return ArgumentNode(name=name_node(name), value=self._value(type_, value))

    def _value(self, type_: Any, value: Any) -> ValueNode:
        """As a literal, or partly or wholly a variable."""
        literal = parse_value(literal_text(value))
        if self._chance(0.3):
            return self._variable(str(type_), value, literal)
        named = get_named_type(type_)
        if isinstance(value, dict) and isinstance(named, GraphQLInputObjectType):
            parts = [
                ObjectFieldNode(
                    name=name_node(name), value=self._value(named.fields[name].type, part)
                )
                for name, part in value.items()
            ]
            return ObjectValueNode(fields=tuple(parts))
        if isinstance(value, list) and isinstance(nullable(type_), GraphQLList):
            inner = nullable(type_).of_type
            return ListValueNode(values=tuple(self._value(inner, item) for item in value))
        return literal

    def _variable(self, type_: str, value: Any, literal: ValueNode) -> ValueNode:
        """Given, or left to its default; a nullable one may also be missing or null."""
        name = self._dice.choice(("v", "after", "filter", "if")) + str(len(self._declared))
        default = ""
        way = self._dice.random()
        if value is None and type_.endswith("!"):
            way = 1.0
        if way < 0.2:
            default = f" = {print_ast(literal)}"
        elif way < 0.25 and not type_.endswith("!"):
            value = None  # neither given nor defaulted
        else:
            if way < 0.3:
                default = f" = {print_ast(literal)}"
            self._variables[name] = self._others[name] = as_json(value)
            if isinstance(value, bool):
                self._others[name] = not value
            elif not type_.endswith("!") and self._chance(0.5):
                del self._others[name]
        self._declared.append(f"${name}: {type_}{default}")
        self._coerce(name, type_, default)
        return parse_value(f"${name}")

    def _coerce(self, name: str, type_: str, default: str) -> None:
        """Keep the value as an executor would see it, for the list that a cursor belongs to."""
        operation = parse(f"query(${name}: {type_}{default}) {{ __typename }}").definitions[0]
        assert isinstance(operation, OperationDefinitionNode)
        declared = operation.variable_definitions or ()
        found = get_variable_values(self._schema, declared, self._variables)
        if isinstance(found, VariableValues):
            self._coerced |= found.coerced

    def _chance(self, share: float) -> bool:
        return self._dice.random() < share
