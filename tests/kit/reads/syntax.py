"""Pieces of GraphQL syntax."""

from typing import Any

from graphql import (
    FieldNode,
    GraphQLNonNull,
    InlineFragmentNode,
    NamedTypeNode,
    NameNode,
    SelectionNode,
    SelectionSetNode,
    StringValueNode,
    get_named_type,
    is_abstract_type,
    print_ast,
)


class Word(str):
    """A string that GraphQL writes without quotes."""

    __slots__ = ()


def literal_text(value: Any) -> str:
    """A value as GraphQL writes it."""
    if isinstance(value, dict):
        return (
            "{" + ", ".join(f"{name}: {literal_text(item)}" for name, item in value.items()) + "}"
        )
    if isinstance(value, list):
        return "[" + ", ".join(map(literal_text, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, str) and not isinstance(value, Word):
        return print_ast(StringValueNode(value=value))
    return str(value)


def as_json(value: Any) -> Any:
    """A value as the variables of a request have it."""
    if isinstance(value, dict):
        return {name: as_json(item) for name, item in value.items()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    return str(value) if isinstance(value, Word) else value


def nullable(type_: Any) -> Any:
    """The type without its exclamation mark."""
    return type_.of_type if isinstance(type_, GraphQLNonNull) else type_


def is_leaf(found: Any) -> bool:
    """Whether nothing can be selected below the field."""
    return not hasattr(get_named_type(found.type), "fields") and not is_abstract_type(
        get_named_type(found.type)
    )


def takes_arguments(type_: Any, node: FieldNode) -> bool:
    """Whether the field selected has arguments."""
    return node.name.value != "__typename" and bool(type_.fields[node.name.value].args)


def name_node(value: str) -> NameNode:
    """A name."""
    return NameNode(value=value)


def plain(name: str, alias: str | None = None) -> FieldNode:
    """A field without arguments or selection."""
    return FieldNode(
        name=name_node(name), alias=name_node(alias) if alias else None, arguments=(), directives=()
    )


def inline(condition: str | None, below: SelectionSetNode) -> InlineFragmentNode:
    """An inline fragment."""
    return InlineFragmentNode(
        type_condition=NamedTypeNode(name=name_node(condition)) if condition else None,
        directives=(),
        selection_set=below,
    )


def selecting(selections: list[SelectionNode]) -> SelectionSetNode:
    """A selection set."""
    return SelectionSetNode(selections=tuple(selections))
