"""Input fields that many mutations have."""

from typing import Any

import strawberry


def idempotency_key() -> Any:
    """The key under which an answer is kept."""
    return strawberry.field(
        default=None,
        description="Any text of up to 128 characters: a repetition with the same key and input is"
        " answered as the first time and does nothing.",
    )


def expected_version() -> Any:
    """The version that the client has read."""
    return strawberry.field(
        description="The `version` that you have read; refused when it has changed since."
    )
