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


def needed_idempotency_key() -> Any:
    """As `idempotency_key`, where money or quota moves: nobody may leave it out."""
    return strawberry.field(
        description="Any text of up to 128 characters that is new for each new wish: a repetition"
        " with the same key and input is answered as the first time and moves nothing.",
    )


def expected_version() -> Any:
    """The version that the client has read."""
    return strawberry.field(
        description="The `version` that you have read; refused when it has changed since."
    )


def step_up_code() -> Any:
    """The code of a sensitive operation (O-11)."""
    return strawberry.field(
        default=None,
        description="The code that was mailed by `stepUpCodeRequest`; needed where the partner has"
        " turned that on.",
    )


def on_behalf_of() -> Any:
    """The customer for whom a partner acts, by `domain.associations.acting`."""
    return strawberry.field(
        default=None,
        description="The customer that you act for; it has to have authorised your partner. Every"
        " event names it then. Null: you act in your own name.",
    )
