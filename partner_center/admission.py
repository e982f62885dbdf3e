"""What a request passes before anything is done for it: is it registered, can it be paid for."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from strawberry.types import ExecutionResult

from kit import metrics
from kit.graphql.refusals import Throttled
from kit.graphql.registry import PREFIX, Registry
from kit.graphql.schema import Operation, Schema
from kit.reads import ReadTooSlow
from partner_center.throttle import Throttle
from schema.context import Context

# What is spent for a document that can't be executed, and on top for a read that was stopped.
NOT_EXECUTED = 10
STOPPED = 1_000


class Admission:
    """One for the process, the same for HTTP and for WebSockets."""

    def __init__(
        self, schema: Schema, registry: Registry | None = None, throttle: Throttle | None = None
    ) -> None:
        self._schema = schema
        self._registry = registry or Registry()
        self._throttle = throttle

    def text(self, query: str | None, document_id: str | None, context: Context) -> str:
        """The document. Raises BadRequest, DocumentNotFound, DocumentNotTrusted."""
        only = context.viewer.trusted_only
        return self._registry.text(query, document_id, trusted_only=only)

    def text_of(self, said: str, context: Context) -> str:
        """The document, where its text and its id come in the same place; raises as `text`."""
        query, id = (None, said) if said.startswith(PREFIX) else (said, None)
        return self.text(query, id, context)

    async def spend(
        self, operation: Operation, variables: Mapping[str, Any] | None, context: Context
    ) -> dict[str, Any]:
        """Pay for an operation; what its answer tells of that. Raises TooExpensive, Throttled."""
        problem = self._schema.affordable(operation, variables)
        if problem is not None:
            await self.spend_for_nothing(context)
            raise problem
        cost = operation.cost(variables)
        told = {"requested": cost, "limit": self._schema.limits.cost}
        if self._throttle is not None:
            left = await self._throttle.take(context.viewer, context.address, cost)
            context.allowance = left
            if left is not None:
                told["capacity"] = left.capacity
                told["restorePerSecond"] = left.restore_per_second
                told["available"] = left.available
        metrics.of_operation(operation.root, operation.kind).points.observe(cost)
        return told

    async def spend_for_nothing(self, context: Context) -> None:
        """Pay for a document that can't be executed. Raises Throttled."""
        if self._throttle is not None:
            await self._throttle.take(context.viewer, context.address, NOT_EXECUTED)

    async def run(
        self,
        operation: Operation,
        variables: dict[str, Any] | None,
        context: Context,
        cost: dict[str, Any],
    ) -> ExecutionResult:
        """Execute a query or mutation that was paid for; its result tells what it has cost."""
        result = await self._schema.run(operation, variables, context)
        if result.errors:
            await self._settle(result.errors, context)
        result.extensions = {"cost": cost}
        return result

    async def _settle(self, errors: list[Any], context: Context) -> None:
        """Take more where a read had to be stopped, as long as there is something to take."""
        if self._throttle is None:
            return
        if any((error.extensions or {}).get("code") == ReadTooSlow.code for error in errors):
            with suppress(Throttled):
                await self._throttle.take(context.viewer, context.address, STOPPED)
