"""Inputs of mutations: the fields that many have, and a type for each."""

from typing import Any

import strawberry
from strawberry.utils.str_converters import capitalize_first, to_camel_case


def own(shared: type, verb: str) -> type:
    """The mutation's own input type with the fields of `shared`; that itself, when it has the name.

    So mutations that take the same today may share a class in Python, and still each can be given
    a field that its siblings don't have: it then gets a class of its own name, made from theirs.
    """
    name = f"{capitalize_first(to_camel_case(verb))}Input"
    if shared.__name__ == name:
        return shared
    definition = shared.__strawberry_definition__  # type: ignore[attr-defined]
    made = type(name, (shared,), {"__doc__": shared.__doc__, "__module__": shared.__module__})
    return strawberry.input(made, description=definition.description)


def idempotency_key() -> Any:
    """The key under which an answer is kept."""
    return strawberry.field(
        default=None,
        description="Any text of up to 128 characters: a repetition with the same key and input is"
        " answered as the first time and does nothing.",
    )


def needed_idempotency_key() -> Any:
    """As `idempotency_key`, where money or quota moves, or is entered: nobody may leave it out."""
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
        description="The customer that you act for; it has to have authorized your partner. Every"
        " event names it then. Null: you act in your own name.",
    )
