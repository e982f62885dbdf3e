"""Asking the house, without a server: a document, variables, a viewer."""

from functools import cache, lru_cache
from typing import Any

import orjson
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    execute,
    parse,
    validate,
)
from strawberry.execution import optimized_is_awaitable

from kit.problems import Problem
from kit.reads import ReadsExecutor, straight
from tests.kit.reads import house
from tests.kit.reads.world import NOW, World


async def run(
    schema: GraphQLSchema,
    document: DocumentNode,
    variables: dict[str, Any],
    context: house.Context,
    *,
    by_executor: bool = False,
) -> Any:
    """The result as the server makes it: the executor is asked only for what it is needed for."""
    found: Any = None
    if not by_executor:
        found = await straight(schema, document, first(document), variables, context)
        if isinstance(found, ExecutionResult):
            return found
    result: Any = execute(
        schema,
        document,
        root_value=found,
        variable_values=variables,
        context_value=context,
        executor_class=ReadsExecutor,
        is_awaitable=optimized_is_awaitable,  # type: ignore[arg-type]
    )
    return await result if hasattr(result, "__await__") else result


def code(error: GraphQLError) -> str:
    """The problem's code; of what is no problem, and so a bug or a coercion, the message."""
    cause = error.original_error
    return cause.code if isinstance(cause, Problem) else f"{type(cause).__name__}: {error.message}"


@lru_cache(maxsize=500)
def read(text: str) -> DocumentNode:
    """The document, always the same one for the same text, as the server keeps it too."""
    return parse(text)


@cache
def _schema() -> GraphQLSchema:
    return house.compiled()._schema


class Ask:
    """`await ask("{ partners { … } }", by="staff", variable=1)` gives the data."""

    def __init__(self, world: World) -> None:
        self.schema = _schema()
        self._world = world

    async def __call__(self, text: str, *, by: str = "staff", **variables: Any) -> Any:
        result = await self._result(text, by, variables)
        assert not result.errors, result.errors
        return orjson.loads(orjson.dumps(result.data))

    async def refusal(self, text: str, *, by: str = "staff", **variables: Any) -> GraphQLError:
        """The one error of a request that must fail."""
        result = await self._result(text, by, variables)
        assert len(result.errors) == 1
        error: GraphQLError = result.errors[0]
        return error

    async def _result(self, text: str, by: str, variables: dict[str, Any]) -> Any:
        document = read(text)
        assert not (errors := validate(self.schema, document)), errors
        context = house.Context(viewer=self._world.viewers[by], now=NOW)
        return await run(self.schema, document, variables, context)


def first(document: DocumentNode) -> OperationDefinitionNode:
    """The operation of a document that has no other."""
    return next(node for node in document.definitions if isinstance(node, OperationDefinitionNode))


def told(result: Any) -> tuple[bytes, list[Any]]:
    """What a client is sent: data and errors."""
    return orjson.dumps(result.data), [error.formatted for error in result.errors or ()]
