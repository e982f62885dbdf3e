"""`partner-center documents build`: from `.graphql` files to a manifest for DOCUMENTS."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    Node,
    OperationDefinitionNode,
    Source,
    Visitor,
    parse,
    print_ast,
    visit,
)

from kit.graphql.registry import id_of
from kit.problems import Problem
from partner_center import graphql


@dataclass(frozen=True)
class _Found:
    """An operation, where it stands, and the text by which it is known."""

    place: str
    name: str
    text: str


def build(folder: Path, output: Path, *, say: Callable[[str], None]) -> bool:
    """Write the manifest, an object of ids and texts; say what is wrong with which line.

    Nothing is written unless everything is valid: whether it was.
    """
    wrong: list[str] = []
    found = list(_operations(folder, wrong))
    names = [each.name for each in found]
    for each in found:
        if names.count(each.name) > 1:
            wrong.append(f"{each.place}: there is another operation named {each.name}")
        wrong += [f"{each.place}: {said}" for said in _complaints(each)]
    if not found and not wrong:
        wrong.append(f"{folder}: there is no operation in any .graphql file")
    for line in wrong:
        say(line)
    if wrong:
        return False
    manifest = {id_of(each.text): each.text for each in sorted(found, key=lambda each: each.name)}
    output.write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    for each in found:
        say(f"{id_of(each.text)}  {each.name}  {_points(each)}")
    return True


def _operations(folder: Path, wrong: list[str]) -> Iterator[_Found]:
    fragments: dict[str, FragmentDefinitionNode] = {}
    operations: list[tuple[str, OperationDefinitionNode]] = []
    for file in sorted(folder.rglob("*.graphql")):
        try:
            tree = parse(Source(file.read_text(encoding="utf-8"), str(file)))
        except (GraphQLError, UnicodeDecodeError) as error:
            wrong.append(f"{file}: {str(error).splitlines()[0]}")
            continue
        for node in tree.definitions:
            place = f"{file}:{node.loc.start_token.line}" if node.loc else str(file)
            if isinstance(node, FragmentDefinitionNode):
                if node.name.value in fragments:
                    wrong.append(f"{place}: there is another fragment named {node.name.value}")
                fragments[node.name.value] = node
            elif not isinstance(node, OperationDefinitionNode):
                wrong.append(f"{place}: neither an operation nor a fragment")
            elif node.name is None:
                wrong.append(f"{place}: an operation needs a name")
            else:
                operations.append((place, node))
    for place, node in operations:
        assert node.name is not None
        needed = _needed(node, fragments)
        text = print_ast(DocumentNode(definitions=(node, *needed)))
        yield _Found(place, node.name.value, text)


def _needed(
    node: Node, fragments: dict[str, FragmentDefinitionNode]
) -> list[FragmentDefinitionNode]:
    """The fragments that it spreads, and those that these spread; unknown ones are told later."""
    names: dict[str, None] = {}
    waiting = [node]
    while waiting:
        for name in _spread(waiting.pop()):
            if name in fragments and name not in names:
                names[name] = None
                waiting.append(fragments[name])
    return [fragments[name] for name in sorted(names)]


def _spread(node: Node) -> list[str]:
    names: list[str] = []

    class _Spreads(Visitor):
        def enter_fragment_spread(self, spread: FragmentSpreadNode, *_: object) -> None:
            names.append(spread.name.value)

    visit(node, _Spreads())
    return names


def _complaints(found: _Found) -> list[str]:
    document = graphql.schema().documents.read(found.text)
    return [
        cause.in_words() if isinstance(cause := error.original_error, Problem) else error.message
        for error in document.errors
    ]


def _points(found: _Found) -> str:
    document = graphql.schema().documents.read(found.text)
    return f"{document.prices[found.name].of(None)} points"
