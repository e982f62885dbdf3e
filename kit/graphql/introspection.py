"""What is asked of the schema itself: how much that is, and answers that are kept.

The executor works all of it out in Python, thousands of values at a time, while everybody else
waits; so it costs what it takes, and what tools ask again and again is answered once.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionNode,
    is_abstract_type,
)

from kit.recent import Recent

# All of the schema, as tools ask for it, is then about three thousand points: once an operation.
VALUES_A_POINT = 50

# Of types that stand in fields and arguments, about as many are wrapped (in "not null", in a list).
WRAPPED = 0.5

ROOTS = ("__schema", "__type")

KEPT = 4
LONGEST_KEPT = 8_000_000  # bytes

Fragments = Mapping[str, FragmentDefinitionNode]


@dataclass(frozen=True)
class _Sizes:
    """How long the lists of one type are: of any type whatever, and of one that has such a list."""

    types: float
    mean: Mapping[str, float]
    usual: Mapping[str, float]
    largest: Mapping[str, int]


def points(schema: GraphQLSchema, nodes: Iterable[FieldNode], fragments: Fragments) -> int:
    """What `__schema` or `__type` cost with what is selected below; nothing for `__typename`."""
    sizes = _sizes(schema)
    values = 0.0
    for node in nodes:
        if node.selection_set is None:
            continue
        below = node.selection_set.selections
        if node.name.value == "__type":
            values += _values(below, fragments, [sizes.largest, sizes.usual])
        else:
            values += _values(below, fragments, [{"types": sizes.types, **sizes.mean}])
    return math.ceil(values / VALUES_A_POINT)


def _values(
    selections: Iterable[SelectionNode],
    fragments: Fragments,
    lengths: list[Mapping[str, float]],
) -> float:
    """How many values an object has with all that is below; the last of `lengths` is for ever."""
    values = 0.0
    for node in selections:
        if isinstance(node, FieldNode):
            values += 1
            if node.selection_set is not None:
                name, later = node.name.value, lengths[1:] or lengths
                length = WRAPPED if name == "ofType" else lengths[0].get(name, 1)
                deeper = later if name in lengths[0] else lengths
                values += length * _values(node.selection_set.selections, fragments, deeper)
        elif isinstance(node, FragmentSpreadNode):
            inner = fragments[node.name.value].selection_set.selections
            values += _values(inner, fragments, lengths)
        elif isinstance(node, InlineFragmentNode):
            values += _values(node.selection_set.selections, fragments, lengths)
    return values


@lru_cache(maxsize=4)
def _sizes(schema: GraphQLSchema) -> _Sizes:
    types: list[Any] = list(schema.type_map.values())
    fields = [field for type_ in types for field in _of(type_, "fields")]
    lists: dict[str, list[int]] = {
        "fields": [len(_of(type_, "fields")) for type_ in types],
        "inputFields": [len(_of(type_, "inputFields")) for type_ in types],
        "interfaces": [len(getattr(type_, "interfaces", ())) for type_ in types],
        "enumValues": [len(getattr(type_, "values", ())) for type_ in types],
        "possibleTypes": [
            len(schema.get_possible_types(type_)) if is_abstract_type(type_) else 0
            for type_ in types
        ],
        "args": [len(field.args) for field in fields],
    }
    return _Sizes(
        types=float(len(types)),
        mean={name: sum(found) / len(found) for name, found in lists.items()},
        usual={
            name: sum(found) / (len(found) - found.count(0) or 1) for name, found in lists.items()
        },
        largest={name: max(found) for name, found in lists.items()},
    )


def _of(type_: Any, kind: str) -> list[Any]:
    found = list(getattr(type_, "fields", {}).values())
    takes_arguments = bool(found) and hasattr(found[0], "args")
    return found if takes_arguments == (kind == "fields") else []


class Answers:
    """What was answered to the texts asked last; no answer changes while the process lives."""

    def __init__(self) -> None:
        self._kept: Recent[dict[str, orjson.Fragment]] = Recent(KEPT)

    def get(self, text: str, name: str | None) -> dict[str, orjson.Fragment] | None:
        """The data of that operation of the text, its values as finished JSON; None: unknown."""
        return self._kept.get((text, name))

    def put(self, text: str, name: str | None, data: Mapping[str, Any]) -> None:
        """Keep it, unless it is very long, or another request that asked at once was faster."""
        written = {key: orjson.dumps(value) for key, value in data.items()}
        is_long = sum(map(len, written.values())) > LONGEST_KEPT
        if not is_long and self.get(text, name) is None:
            self._kept.keep(
                (text, name), {key: orjson.Fragment(json) for key, json in written.items()}
            )
