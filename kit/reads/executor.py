"""The executor: what arrives as finished JSON passes through, everything else stays as it was."""

from typing import Any

import orjson
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext


class ReadsExecutor(StrawberryGraphQLCoreExecutionContext):
    """Completes nothing that is an `orjson.Fragment`: the compiler completed it."""

    def complete_value(
        self,
        return_type: Any,
        field_details_list: Any,
        info: Any,
        path: Any,
        result: Any,
        position_context: Any,
    ) -> Any:
        """The result itself if it is finished; else what the standard executor makes of it."""
        if isinstance(result, orjson.Fragment):
            return result
        return super().complete_value(
            return_type, field_details_list, info, path, result, position_context
        )
