"""Request texts, parsed and judged once: most requests carry a text that was seen before."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    parse,
    specified_rules,
    validate,
)
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from kit.graphql.limits import Limits, TooDeep, TooManyTokens
from kit.graphql.prices import Price, price
from kit.problems import Problem

PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"

# A parsed text takes up to 300 bytes a character; this bounds the cache to about 100 MB.
MOST_DOCUMENTS = 512
MOST_CHARACTERS = 400_000
LONGEST_KEPT = 20_000

# Mistakes for which we guess what was meant: each guess compares a name with hundreds of others.
GUESSED = 5

_RULES = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)


class OperationUnknown(Problem):
    """GetOperation() of the GraphQL specification found none, or more than one."""

    en = "`operationName` must name one operation of the document."
    zh = "operationName 必须指明文档中的一个操作。"


@dataclass(frozen=True, slots=True)
class Document:
    """A text with its operations by name; with `errors` it can't be executed."""

    tree: DocumentNode | None
    operations: Mapping[str | None, OperationDefinitionNode]
    errors: tuple[GraphQLError, ...] = ()
    prices: Mapping[str | None, Price] = field(default_factory=dict)

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation of that name, or the only one. Raises OperationUnknown."""
        if name is None and len(self.operations) == 1:
            return next(iter(self.operations.values()))
        found = self.operations.get(name) if name is not None else None
        if found is None:
            raise OperationUnknown()
        return found


class Documents:
    """The documents seen last, by their text."""

    def __init__(self, schema: GraphQLSchema, limits: Limits) -> None:
        self._schema = schema
        self._limits = limits
        self._kept: OrderedDict[str, Document] = OrderedDict()
        self._characters = 0

    def read(self, text: str) -> Document:
        """Parse, measure and validate, unless that is known."""
        known = self._kept.get(text)
        if known is not None:
            self._kept.move_to_end(text)
            return known
        document = self._judge(text)
        self._keep(text, document)
        return document

    def _judge(self, text: str) -> Document:
        try:
            tree = parse(text, max_lexical_tokens=self._limits.tokens, max_comments=1_000)
        except GraphQLError as error:
            return Document(None, {}, (self._parse_error(error),))
        operations = {
            node.name.value if node.name else None: node
            for node in tree.definitions
            if isinstance(node, OperationDefinitionNode)
        }
        if refusal := self._limits.refusal(tree):
            return Document(tree, operations, (as_error(refusal),))
        errors = tuple(_coded(error, VALIDATION_FAILED) for error in self._mistakes(tree))
        if errors:
            return Document(tree, operations, errors)
        prices = {name: price(self._schema, tree, node) for name, node in operations.items()}
        return Document(tree, operations, prices=prices)

    def _mistakes(self, tree: DocumentNode) -> list[GraphQLError]:
        found = validate(self._schema, tree, _RULES, hide_suggestions=True)
        # Nor do we guess types: there are thousands, and a misspelt one takes as long as a page.
        if 0 < len(found) <= GUESSED and not any(_is_of_a_type(error) for error in found):
            return validate(self._schema, tree, _RULES)
        return found

    def _parse_error(self, error: GraphQLError) -> GraphQLError:
        # The parser has only words for why it stopped; a test holds us to them.
        if error.message.endswith(f"more than {self._limits.tokens} tokens. Parsing aborted."):
            return as_error(TooManyTokens(most=self._limits.tokens))
        if error.message.endswith("nested too deeply. Parsing aborted."):
            return as_error(TooDeep(most=self._limits.depth))
        # As a plain error: Strawberry closes a socket that all operations share on a syntax error.
        return GraphQLError(
            error.message,
            source=error.source,
            positions=error.positions,
            extensions={"code": PARSE_FAILED},
        )

    def _keep(self, text: str, document: Document) -> None:
        if len(text) > LONGEST_KEPT:
            return
        self._kept[text] = document
        self._characters += len(text)
        while len(self._kept) > MOST_DOCUMENTS or self._characters > MOST_CHARACTERS:
            dropped, _ = self._kept.popitem(last=False)
            self._characters -= len(dropped)


def as_error(problem: Problem) -> GraphQLError:
    """A refusal as the executor would report it, for `told`."""
    return GraphQLError(str(problem), original_error=problem)


def _is_of_a_type(error: GraphQLError) -> bool:
    return error.message.startswith("Unknown type ")  # a test holds us to these words


def _coded(error: GraphQLError, code: str) -> GraphQLError:
    error.extensions = {"code": code, **(error.extensions or {})}
    return error
