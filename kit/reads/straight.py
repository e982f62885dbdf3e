"""What is compiled reads from the root on, or from a payload on, answered without the executor.

It would find out anew for each request what the document says; here that is known. What a query
asks beside reads, and all that is wrong with its variables, is left to the executor.
"""

import asyncio
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLField,
    GraphQLSchema,
    NamedTypeNode,
    NonNullTypeNode,
    OperationDefinitionNode,
    OperationType,
    get_argument_values,
    is_non_null_type,
    located_error,
)
from graphql.execution import ExecutionResult, get_variable_values
from graphql.execution.values import VariableValues

from kit.reads import payloads
from kit.reads.fields import Many
from kit.reads.payloads import Done, Verb
from kit.reads.plans import Info
from kit.reads.selection import source_of
from kit.recent import Recent

OPERATIONS = 1000

# Types whose values, as they are sent, mostly need no coercion; an Int has 32 bits.
PLAIN = {"ID": str, "String": str, "Int": int, "Boolean": bool}
MOST = 2**31 - 1


@dataclass(frozen=True)
class _Asked:
    """One root field of an operation."""

    key: str
    name: str
    field: GraphQLField
    nodes: list[FieldNode]
    is_list: bool


@dataclass(frozen=True)
class _Plan:
    operation: OperationDefinitionNode  # held, so that its id can't be given to another
    asked: list[_Asked] | None
    verb: Verb | None
    fragments: dict[str, FragmentDefinitionNode]
    plain: dict[str, type] | None
    """The variables by name, if all are such that most values are what they are coerced to."""


_plans = Recent[_Plan](OPERATIONS)


async def straight(
    schema: GraphQLSchema,
    tree: DocumentNode,
    operation: OperationDefinitionNode,
    variables: dict[str, Any] | None,
    context: Any,
) -> ExecutionResult | Done | None:
    """The result as the executor would have it.

    None for what is left to the executor, and `Done` for a mutation of which the rest is: it is
    what the executor then begins with.
    """
    key = id(schema), id(operation)
    plan = _plans.get(key) or _plans.keep(key, _read(schema, tree, operation))
    if plan.asked is None and plan.verb is None:
        return None
    values = _values(schema, plan, variables or {})
    if values is None:
        return None
    if plan.verb is not None:
        return await payloads.answer(schema, plan.verb, plan.fragments, values, context)
    assert plan.asked is not None
    if len(plan.asked) == 1:
        results = [await _one(schema, plan, plan.asked[0], values, context)]
    else:
        results = await asyncio.gather(
            *(_one(schema, plan, asked, values, context) for asked in plan.asked)
        )
    data: dict[str, Any] | None = {}
    errors = []
    for asked, result in zip(plan.asked, results, strict=True):
        if isinstance(result, GraphQLError):
            errors.append(result)
            if is_non_null_type(asked.field.type):
                data = None
            result = None
        if data is not None:
            data[asked.key] = result
    return ExecutionResult(data, errors or None)


async def _one(
    schema: GraphQLSchema, plan: _Plan, asked: _Asked, values: VariableValues, context: Any
) -> Any:
    assert schema.query_type is not None
    assert asked.field.resolve is not None
    info = Info(
        schema,
        plan.fragments,
        schema.query_type,
        asked.name,
        asked.nodes,
        values.coerced,
        context,
    )
    try:
        # A list reads its arguments itself, once for the same variables.
        arguments = (
            {} if asked.is_list else get_argument_values(asked.field, asked.nodes[0], values)
        )
        result = await asked.field.resolve(None, info, **arguments)
        if result is None and is_non_null_type(asked.field.type):
            raise TypeError(f"Cannot return null for non-nullable field Query.{asked.name}.")
    except Exception as error:  # as the executor does; who sends the result logs what is a bug
        return located_error(error, asked.nodes, [asked.key])
    return result


def _read(schema: GraphQLSchema, tree: DocumentNode, operation: OperationDefinitionNode) -> _Plan:
    fragments = {
        node.name.value: node
        for node in tree.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    kind = operation.operation
    asked = _asked(schema, operation) if kind is OperationType.QUERY else None
    verb = payloads.verb_of(schema, operation) if kind is OperationType.MUTATION else None
    return _Plan(operation, asked, verb, fragments, _plain(operation))


def _plain(operation: OperationDefinitionNode) -> dict[str, type] | None:
    found = {}
    for definition in operation.variable_definitions or ():
        type_ = definition.type
        named = type_.type if isinstance(type_, NonNullTypeNode) else type_
        kind = PLAIN.get(named.name.value) if isinstance(named, NamedTypeNode) else None
        if kind is None:
            return None
        found[definition.variable.name.value] = kind
    return found


def _values(schema: GraphQLSchema, plan: _Plan, variables: dict[str, Any]) -> VariableValues | None:
    """The coerced variables; None when they don't fit."""
    if plan.plain is not None and plan.plain.keys() == variables.keys():
        for name, kind in plan.plain.items():
            given = variables[name]
            if type(given) is not kind or (isinstance(given, int) and abs(given) > MOST):
                break
        else:
            return VariableValues({}, variables)
    definitions = plan.operation.variable_definitions or ()
    values = get_variable_values(schema, definitions, variables)
    return None if isinstance(values, list) else values


def _asked(schema: GraphQLSchema, operation: OperationDefinitionNode) -> list[_Asked] | None:
    """The root fields, if each is a plain read: no fragment, no directive, nothing asked twice."""
    assert schema.query_type is not None
    found: dict[str, _Asked] = {}
    for node in operation.selection_set.selections:
        if not isinstance(node, FieldNode) or node.directives:
            return None
        field = schema.query_type.fields.get(node.name.value)
        key = node.alias.value if node.alias else node.name.value
        source = None if field is None else source_of(field)
        if field is None or source is None or key in found:
            return None
        found[key] = _Asked(key, node.name.value, field, [node], isinstance(source, Many))
    return list(found.values())
