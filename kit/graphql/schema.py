"""Strawberry's schema with a shorter way from a text to its result, and our errors."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, aclosing, nullcontext
from dataclasses import dataclass
from inspect import isawaitable
from time import perf_counter
from typing import Any, Protocol

import strawberry
from graphql import ExecutionResult as GraphQLExecutionResult
from graphql import Executor, FieldNode, GraphQLError, OperationDefinitionNode, execute
from strawberry.execution import optimized_is_awaitable
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext, ExecutionResult
from strawberry.types.execution import PreExecutionError
from strawberry.types.graphql import OperationType

from kit import metrics, tracing
from kit.graphql import introspection
from kit.graphql.documents import Document, Documents, as_error
from kit.graphql.errors import told
from kit.graphql.limits import Limits, TooExpensive
from kit.problems import Problem


class Speaks(Protocol):
    """What a schema has to know of the context of a request: in which language to refuse."""

    @property
    def locale(self) -> str: ...


# Answers what it can answer without the executor; to the rest, what the executor begins with.
Shortcut = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a document that was found valid."""

    document: Document
    node: OperationDefinitionNode

    @property
    def kind(self) -> str:
        """`query`, `mutation` or `subscription`."""
        return self.node.operation.value

    @property
    def name(self) -> str | None:
        """As its author calls it."""
        return self.node.name.value if self.node.name else None

    @property
    def root(self) -> str:
        """Its root field; `other` when it has several, or a fragment in their place.

        What is counted by it: the schema bounds how many there are, while names are the clients'.
        """
        first, *others = self.node.selection_set.selections
        return first.name.value if not others and isinstance(first, FieldNode) else "other"

    def cost(self, variables: Mapping[str, Any] | None) -> int:
        """Its points with these variables, as they were sent."""
        return self.document.prices[self.name].of(variables)


class Schema(strawberry.Schema):
    """Reads a text once, and then asks the executor without a detour.

    Strawberry's own way from text to executor costs more than the executor: a dozen context
    managers a request. Its extensions take part in subscriptions only; pass none. `shortcut` is
    asked before the executor.
    """

    def __init__(
        self,
        query: type,
        mutation: type | None = None,
        subscription: type | None = None,
        *,
        types: Iterable[type] = (),
        config: StrawberryConfig | None = None,
        execution_context_class: type[Executor[Any]] | None = None,
        limits: Limits | None = None,
        shortcut: Shortcut | None = None,
    ) -> None:
        super().__init__(
            query,
            mutation,
            subscription,
            types=types,
            extensions=[lambda: _Known(self)],
            config=config,
            execution_context_class=execution_context_class,
        )
        self.limits = limits or Limits()
        self.documents = Documents(self._schema, self.limits)
        self._shortcut = shortcut
        self._told_of_itself = introspection.Answers()

    def read(self, text: str, operation_name: str | None) -> Operation | list[GraphQLError]:
        """The operation to execute, or why there is none. The errors are not yet `told`."""
        document = self.documents.read(text)
        if document.errors:
            return list(document.errors)
        try:
            return Operation(document, document.operation(operation_name))
        except Problem as problem:
            return [as_error(problem)]

    def affordable(
        self, operation: Operation, variables: Mapping[str, Any] | None
    ) -> TooExpensive | None:
        """Why an operation costs too much to be executed, if it does."""
        cost, most = operation.cost(variables), self.limits.cost
        return TooExpensive(cost=cost, most=most) if cost > most else None

    async def run(
        self, operation: Operation, variables: dict[str, Any] | None, context: Speaks
    ) -> ExecutionResult:
        """Execute a query or mutation. PreExecutionError when its variables don't fit."""
        root, kind = operation.root, operation.kind
        began = perf_counter()
        with _span(operation) if tracing.is_recorded() else _UNRECORDED:
            if root in introspection.ROOTS and not variables:
                result = await self._introspect(operation, context)
            else:
                result = await self._run(operation, variables, context)
        measures = metrics.of_operation(root, kind)
        measures.seconds.observe(perf_counter() - began)
        if not isinstance(result, PreExecutionError):
            (measures.errors if result.errors else measures.ok).inc()
        return result

    async def _introspect(self, operation: Operation, context: Speaks) -> ExecutionResult:
        tree = operation.document.tree
        assert tree is not None
        assert tree.loc is not None
        text = tree.loc.source.body
        known = self._told_of_itself.get(text, operation.name)
        if known is not None:
            return ExecutionResult(known, None)
        result = await self._run(operation, None, context)
        if not result.errors and result.data is not None:
            self._told_of_itself.put(text, operation.name, result.data)
        return result

    async def _run(
        self, operation: Operation, variables: dict[str, Any] | None, context: Speaks
    ) -> ExecutionResult:
        assert operation.document.tree is not None
        result: Any = None  # or the root value
        if self._shortcut is not None:
            result = await self._shortcut(
                self._schema, operation.document.tree, operation.node, variables, context
            )
        if not isinstance(result, GraphQLExecutionResult):
            result = execute(
                self._schema,
                operation.document.tree,
                root_value=result,
                variable_values=variables,
                context_value=context,
                operation_name=operation.name,
                is_awaitable=optimized_is_awaitable,  # type: ignore[arg-type]
                executor_class=self.execution_context_class,
                operation_extensions=None,
            )
            if isawaitable(result):
                result = await result
        if not result.errors:
            return ExecutionResult(result.data, None)
        if result.data is None and not any(error.path for error in result.errors):
            return self.refused(result.errors, context)
        return ExecutionResult(result.data, told(result.errors, locale=context.locale))

    def refused(self, errors: Iterable[GraphQLError], context: Speaks) -> PreExecutionError:
        """The result of a request that was not executed."""
        metrics.OPERATIONS.labels("other", "unknown", "refused").inc()
        return PreExecutionError(None, told(errors, locale=context.locale))

    async def execute(
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Any | None = None,
        root_value: Any | None = None,
        operation_name: str | None = None,
        allowed_operation_types: Iterable[OperationType] | None = None,
        operation_extensions: dict[str, Any] | None = None,
    ) -> ExecutionResult:
        """`read` and `run`, under Strawberry's name for both."""
        assert context_value is not None
        operation = self.read(query or "", operation_name)
        if isinstance(operation, list):
            return self.refused(operation, context_value)
        return await self.run(operation, variable_values, context_value)

    async def stream(
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Any | None = None,
        root_value: Any | None = None,
        operation_name: str | None = None,
        operation_extensions: dict[str, Any] | None = None,
        allowed_operation_types: Iterable[OperationType] | None = None,
    ) -> AsyncGenerator[Any, None]:
        """The results of a subscription as they come; of anything else, the one it has."""
        assert context_value is not None
        operation = self.read(query or "", operation_name)
        if isinstance(operation, list):
            return alone(self.refused(operation, context_value))
        if operation.kind != "subscription":
            return alone(await self.run(operation, variable_values, context_value))
        results = await super().stream(
            query,
            variable_values=variable_values,
            context_value=context_value,
            operation_name=operation.name,
        )
        return self._told(results, context_value)

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Nothing: `told` logs what is a bug, and only that."""

    async def _told(
        self, results: AsyncGenerator[Any, None], context: Speaks
    ) -> AsyncGenerator[Any, None]:
        metrics.SUBSCRIPTIONS.inc()
        try:
            async with aclosing(results):
                async for result in results:
                    if result.errors:
                        result.errors = told(result.errors, locale=context.locale)
                    yield result
        finally:
            metrics.SUBSCRIPTIONS.dec()


class _Known(SchemaExtension):
    """Gives Strawberry's subscriptions the document that was read before they began."""

    def __init__(self, schema: Schema) -> None:
        super().__init__()
        self._schema = schema

    def on_parse(self) -> Iterator[None]:
        document = self._schema.documents.read(self.execution_context.query or "")
        self.execution_context.graphql_document = document.tree
        self.execution_context.pre_execution_errors = []
        yield


_UNRECORDED = nullcontext()


def _span(operation: Operation) -> AbstractContextManager[None]:
    facts = {"graphql.operation.type": operation.kind}
    if operation.name:
        facts["graphql.operation.name"] = operation.name[:100]
    return tracing.span(f"{operation.kind} {operation.root}", kind="SERVER", facts=facts)


async def alone(result: ExecutionResult) -> AsyncGenerator[Any, None]:
    """A stream of one result."""
    yield result
