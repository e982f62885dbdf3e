"""A failing question cut down to what makes it fail."""

from collections.abc import Awaitable, Callable, Iterator
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
    parse,
    print_ast,
    validate,
    visit,
)

from tests.kit.reads.questions import Question

TRIES = 3_000


async def smallest(
    question: Question, schema: GraphQLSchema, fails: Callable[[Question], Awaitable[object]]
) -> Question:
    """The same failure with every selection, argument and directive gone that can go."""
    tries = 0
    while True:
        for text in _smaller(question.text):
            tries += 1
            shorter = replace(question, text=text)
            if not validate(schema, shorter.document) and await fails(shorter):
                question = shorter
                break
            if tries == TRIES:
                return question
        else:
            return question


def _smaller(text: str) -> Iterator[str]:
    """The document without one thing, and without what only that thing used."""
    document = parse(text)
    parts = _Cut()
    visit(document, parts)
    for number in range(parts.count):
        yield print_ast(_without_unused(visit(document, _Cut(number))))


class _Cut(Visitor):
    """Counts the things that could go; takes out the one whose number is given."""

    def __init__(self, number: int | None = None) -> None:
        super().__init__()
        self.count = 0
        self._number = number

    def enter(self, node: Node, *_: Any) -> Node | None:
        for attribute in ("selections", "arguments", "directives", "fields"):
            listed = getattr(node, attribute, None)
            if not listed or (attribute == "selections" and len(listed) == 1):
                continue
            place = None if self._number is None else self._number - self.count
            self.count += len(listed)
            if place is not None and 0 <= place < len(listed):
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
