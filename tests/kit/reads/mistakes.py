"""Which arguments of a document are wrong, wherever they stand.

The compiler looks at all arguments below a root field before it reads anything; the standard
executor only at those that it comes to. So the former may refuse what the latter doesn't.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_argument_values,
    get_named_type,
    get_variable_values,
)
from graphql.execution.values import VariableValues

from kit.problems import Problem
from kit.reads.fields import Many, One
from tests.kit.reads.dressing import Question
from tests.kit.reads.keys import nodes_table
from tests.kit.reads.listed import Page, own_arguments
from tests.kit.reads.oracle import source_of


def mistakes(question: Question, schema: GraphQLSchema, *, now: datetime) -> dict[str, set[str]]:
    """By response key of the root field: the codes of what is wrong below it."""
    document = question.document
    fragments = {
        node.name.value: node
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    variables = get_variable_values(
        schema, operation.variable_definitions or (), question.variables
    )
    assert isinstance(variables, VariableValues)
    root = schema.get_root_type(operation.operation)

    def fields(type_: Any, below: SelectionSetNode | None) -> Iterator[tuple[Any, FieldNode]]:
        for node in below.selections if below else ():
            if isinstance(node, FieldNode):
                field = schema.get_field(type_, node.name.value)
                assert field is not None
                yield field, node
            elif isinstance(node, FragmentSpreadNode):
                fragment = fragments[node.name.value]
                narrower = schema.type_map[fragment.type_condition.name.value]
                yield from fields(narrower, fragment.selection_set)
            else:
                assert isinstance(node, InlineFragmentNode)
                condition = node.type_condition
                narrower = schema.type_map[condition.name.value] if condition else type_
                yield from fields(narrower, node.selection_set)

    def codes(field: Any, node: FieldNode) -> set[str]:
        found = _own(field, get_argument_values(field, node, variables), now)
        for below in fields(get_named_type(field.type), node.selection_set):
            found |= codes(*below)
        return found

    return {
        (node.alias or node.name).value: codes(field, node)
        for field, node in fields(root, operation.selection_set)
    }


def _own(field: Any, arguments: Mapping[str, Any], now: datetime) -> set[str]:
    """What is wrong with the arguments of the field itself."""
    source = source_of(field)
    try:
        if isinstance(source, Many):
            page = Page(source, nodes_table(field), arguments)
            if source.judge is not None:
                source.judge(page.values, now)
        elif isinstance(source, One):
            own_arguments(source.arguments, arguments)
    except Problem as problem:
        return {problem.code}
    return set()
