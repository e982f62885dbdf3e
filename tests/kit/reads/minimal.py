"""A failing question cut down to what makes it fail."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from graphql import (
    DefinitionNode,
    DocumentNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    Node,
    OperationDefinitionNode,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    print_ast,
    validate,
    visit,
)

from tests.kit.reads.dressing import Question


async def smallest(
    question: Question, schema: GraphQLSchema, fails: Callable[[Question], Awaitable[object]]
) -> Question:
    """The same failure with every selection, argument and directive gone that can go."""
    is_smaller = True
    while is_smaller:
        is_smaller, number = False, 0
        while (text := _without(number, question.document)) is not None:
            shorter = replace(question, text=text)
            if not validate(schema, shorter.document) and await fails(shorter):
                question, is_smaller = shorter, True
            else:
                number += 1
    return question


def _without(number: int, document: DocumentNode) -> str | None:
    """The document without one of its things, and without what only that thing used."""
    cut = _Cut(number)
    left = visit(document, cut)
    return print_ast(_without_unused(left)) if cut.count > number else None


class _Cut(Visitor):
    """Counts the things that could go, up to the one that it takes out."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.count = 0
        self._number = number

    def enter(self, node: Node, *_: Any) -> Node | None:
        for attribute in ("selections", "arguments", "directives", "fields"):
            listed = getattr(node, attribute, None)
            if not listed or (attribute == "selections" and len(listed) == 1):
                continue
            place = self._number - self.count
            self.count += len(listed)
            if 0 <= place < len(listed):
                left = (*listed[:place], *listed[place + 1 :])
                changed: Any = {attribute: left}
                return replace(node, **changed)
        return None


def _without_unused(document: DocumentNode) -> DocumentNode:
    used: set[str] = set()

    class Use(Visitor):
        def enter_variable(self, node: VariableNode, _: Any, parent: Any, *__: Any) -> None:
            if not isinstance(parent, VariableDefinitionNode):
                used.add("$" + node.name.value)

        def enter_fragment_spread(self, node: FragmentSpreadNode, *_: Any) -> None:
            used.add(node.name.value)

    before = -1
    while before != len(used):
        before = len(used)
        used.clear()
        visit(document, Use())
        kept = [
            node
            for node in document.definitions
            if not isinstance(node, FragmentDefinitionNode) or node.name.value in used
        ]
        document = replace(document, definitions=tuple(kept))
    return replace(
        document, definitions=tuple(_declaring(node, used) for node in document.definitions)
    )


def _declaring(node: DefinitionNode, used: set[str]) -> DefinitionNode:
    if not isinstance(node, OperationDefinitionNode):
        return node
    kept = [
        variable
        for variable in node.variable_definitions or ()
        if "$" + variable.variable.name.value in used
    ]
    return replace(node, variable_definitions=tuple(kept))
