"""How much a document may ask for; measured on its syntax, before validation and any work."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
)

from kit.problems import Problem


class TooManyTokens(Problem):
    """The text is refused where the count is exceeded; the rest of it is not even read."""

    en = "The document has more than {most} tokens."
    zh = "查询文档超过 {most} 个词法单元。"
    most: int


class TooDeep(Problem):
    """Fields within fields; introspection is not counted."""

    en = "The document nests fields more than {most} levels deep."
    zh = "查询嵌套超过 {most} 层。"
    most: int


class TooManyFields(Problem):
    """What a fragment selects counts as often as it is spread: twenty may stand for a million."""

    en = "The operation selects more than {most} fields, those of fragments at each spread."
    zh = "单个操作选择的字段超过 {most} 个(片段中的字段按展开次数计)。"
    most: int


class TooManyAliases(Problem):
    """Aliases and repeated fields, counted as often as their fragment is spread."""

    en = "The operation has more than {most} aliases and repeated fields."
    zh = "单个操作中的别名与重复字段超过 {most} 个。"
    most: int


class TooManyMutations(Problem):
    """Each mutation is a transaction of its own."""

    en = "An operation may call at most {most} mutations."
    zh = "单个操作最多可调用 {most} 个变更。"
    most: int


class TooManyOperations(Problem):
    """On one WebSocket; it stays open."""

    en = "A WebSocket carries at most {most} operations at once."
    zh = "单个 WebSocket 连接最多同时执行 {most} 个操作。"
    most: int


class TooExpensive(Problem):
    """By the cost directives of the schema, and the variables."""

    en = "The operation costs {cost} points; at most {most} are allowed. Ask for smaller pages."
    zh = "该操作需 {cost} 点,最多允许 {most} 点,请减小分页。"
    cost: int
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The most that one document may contain, and that one operation may cost."""

    tokens: int = 3_000
    depth: int = 12
    fields: int = 3_000
    aliases: int = 30
    mutations: int = 10
    cost: int = 5_000

    def refusal(self, document: DocumentNode) -> Problem | None:
        """What is wrong with the worst operation of the document, if anything."""
        definitions = document.definitions
        sizes = _Sizes(
            {
                node.name.value: node
                for node in definitions
                if isinstance(node, FragmentDefinitionNode)
            }
        )
        try:
            for operation in definitions:
                if isinstance(operation, OperationDefinitionNode) and (
                    refusal := self._refusal(operation, sizes)
                ):
                    return refusal
        except RecursionError:  # hundreds of fragments, each spread in the one before
            return TooDeep(most=self.depth)
        return None

    def _refusal(self, operation: OperationDefinitionNode, sizes: "_Sizes") -> Problem | None:
        size = sizes.of(operation.selection_set)
        if size.depth > self.depth:
            return TooDeep(most=self.depth)
        if size.whole > self.fields:
            return TooManyFields(most=self.fields)
        if size.aliases > self.aliases:
            return TooManyAliases(most=self.aliases)
        if operation.operation is OperationType.MUTATION and size.fields > self.mutations:
            return TooManyMutations(most=self.mutations)
        return None


@dataclass(slots=True)
class _Size:
    """`fields` are those of the selection itself, `whole` also counts all that is below them."""

    depth: int = 0
    aliases: int = 0
    fields: int = 0
    whole: int = 0


class _Sizes:
    """Sizes of selections; each fragment is measured once, however often it is spread."""

    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self._fragments = fragments
        self._known: dict[str, _Size] = {}

    def of(self, selections: SelectionSetNode) -> _Size:
        size = _Size()
        self._add(selections.selections, size, set())
        return size

    def _add(self, selections: Iterable[SelectionNode], size: _Size, seen: set[str]) -> None:
        for selection in selections:
            if isinstance(selection, FieldNode):
                name = selection.name.value
                # Comparing repeated fields is what makes validation slow.
                size.aliases += selection.alias is not None or name in seen
                size.fields += 1
                size.whole += 1
                seen.add(name)
                if selection.selection_set:
                    inner = self.of(selection.selection_set)
                    size.whole += inner.whole
                    size.aliases += inner.aliases
                    if not name.startswith("__"):
                        size.depth = max(size.depth, 1 + inner.depth)
            elif isinstance(selection, FragmentSpreadNode):
                inner = self._of_fragment(selection.name.value)
                size.depth = max(size.depth, inner.depth)
                size.aliases += inner.aliases
                size.fields += inner.fields
                size.whole += inner.whole
            elif isinstance(selection, InlineFragmentNode):
                self._add(selection.selection_set.selections, size, seen)

    def _of_fragment(self, name: str) -> _Size:
        if name not in self._known:
            self._known[name] = _Size()  # stands while a fragment is found within itself
            if fragment := self._fragments.get(name):
                self._known[name] = self.of(fragment.selection_set)
        return self._known[name]
