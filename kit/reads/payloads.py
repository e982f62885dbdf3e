"""Mutations of one field, answered without the executor where their payload is mostly reads.

Each runs once: what of its payload only the executor can shape (refusals, plain objects) is left to
it by a `Done`, which the field's resolver gives back as if it had just run.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    get_argument_values,
    get_named_type,
    get_nullable_type,
    is_list_type,
    is_non_null_type,
    located_error,
)
from graphql.execution import ExecutionResult
from graphql.execution.values import VariableValues

from kit.reads.plans import Info
from kit.reads.roots import Made
from kit.reads.selection import source_of

RESUMES = "resumes"
"""Says of a mutation that its resolver gives back the payload of a `Done` that is its root."""

_PLAIN = {"ID": str, "String": str, "Boolean": bool}


@dataclass(frozen=True, slots=True)
class Done:
    """The payload of a mutation that has run: the root value, instead of none, of the executor."""

    payload: Any


@dataclass(frozen=True, slots=True)
class _Part:
    """A field of a payload; one without an `attribute` is `__typename`."""

    key: str
    name: str
    attribute: str
    field: GraphQLField | None
    nodes: list[FieldNode]
    is_read: bool


@dataclass(frozen=True, slots=True)
class Verb:
    """The one field of a mutation, and what is asked of its payload."""

    key: str
    name: str
    field: GraphQLField
    nodes: list[FieldNode]
    payload: GraphQLObjectType
    parts: list[_Part]


def verb_of(schema: GraphQLSchema, operation: OperationDefinitionNode) -> Verb | None:
    """What a mutation asks, if it is one field, with no fragment or directive beside its reads."""
    assert schema.mutation_type is not None
    if len(operation.selection_set.selections) != 1:
        return None
    node = operation.selection_set.selections[0]
    if not isinstance(node, FieldNode) or node.directives:
        return None
    field = schema.mutation_type.fields.get(node.name.value)
    if field is None or not field.extensions.get(RESUMES):
        return None
    payload = get_nullable_type(field.type)
    parts = _parts(payload, node) if isinstance(payload, GraphQLObjectType) else None
    if parts is None:
        return None
    return Verb(_key(node), node.name.value, field, [node], payload, parts)


def _parts(payload: GraphQLObjectType, verb: FieldNode) -> list[_Part] | None:
    found: dict[str, _Part] = {}
    for node in verb.selection_set.selections if verb.selection_set is not None else ():
        if not isinstance(node, FieldNode) or node.directives or _key(node) in found:
            return None
        key, name = _key(node), node.name.value
        if name == "__typename":
            found[key] = _Part(key, name, "", None, [node], is_read=False)
            continue
        field = payload.fields[name]
        definition, source = field.extensions["strawberry-definition"], source_of(field)
        is_read = isinstance(source, Made)
        is_plain = source is None and definition.base_resolver is None
        if not (is_plain or (is_read and not is_non_null_type(field.type))):
            return None
        found[key] = _Part(key, name, definition.python_name, field, [node], is_read)
    return list(found.values())


async def answer(
    schema: GraphQLSchema,
    verb: Verb,
    fragments: dict[str, FragmentDefinitionNode],
    values: VariableValues,
    context: Any,
) -> ExecutionResult | Done:
    """Run the mutation; its result as the executor would have it, or what is left to shape."""
    assert schema.mutation_type is not None
    assert verb.field.resolve is not None

    def info(parent: GraphQLObjectType, of: Verb | _Part) -> Info:
        return Info(schema, fragments, parent, of.name, of.nodes, values.coerced, context)

    try:
        arguments = get_argument_values(verb.field, verb.nodes[0], values)
        payload = await verb.field.resolve(None, info(schema.mutation_type, verb), **arguments)
    except Exception as error:  # as the executor does; who sends the result logs what is a bug
        data = None if is_non_null_type(verb.field.type) else {verb.key: None}
        return ExecutionResult(data, [located_error(error, verb.nodes, [verb.key])])
    if payload is None:
        return Done(payload)
    shaped: dict[str, Any] = {}
    reads = []
    for part in verb.parts:
        if part.is_read:
            shaped[part.key] = None  # its place
            reads.append(part)
        elif part.field is None:
            shaped[part.key] = verb.payload.name
        else:
            value = getattr(payload, part.attribute)
            if not _is_finished(value, part.field):
                return Done(payload)
            shaped[part.key] = value
    try:
        shaped |= await _read(reads, payload, {p.key: info(verb.payload, p) for p in reads})
    except Exception:  # the executor reads it again, and tells what is the matter
        return Done(payload)
    return ExecutionResult({verb.key: shaped}, None)


async def _read(parts: list[_Part], payload: Any, infos: Mapping[str, Info]) -> dict[str, Any]:
    asked = [part.field.resolve(payload, infos[part.key]) for part in parts]  # type: ignore[union-attr,misc]
    found = [await asked[0]] if len(asked) == 1 else await asyncio.gather(*asked)
    return {part.key: value for part, value in zip(parts, found, strict=True)}


def _is_finished(value: Any, field: GraphQLField) -> bool:
    """Whether the executor would pass the value on as it is."""
    if value is None:
        return not is_non_null_type(field.type)
    if is_list_type(get_nullable_type(field.type)):
        return bool(value == [])
    kind = _PLAIN.get(get_named_type(field.type).name)
    return kind is not None and type(value) is kind


def _key(node: FieldNode) -> str:
    return node.alias.value if node.alias else node.name.value
