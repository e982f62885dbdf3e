"""Payloads: what a mutation answers, with its errors, declared in one place."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import strawberry

from kit.problems import Problem, VersionConflict
from kit.reads import made
from kit.reads.fields import SOURCE
from kit.reads.roots import Made
from schema.errors import ALWAYS, error_interface

C = TypeVar("C", bound=type)
PAYLOAD = "__payload__"
PER_ITEM = "per_item"


@dataclass(frozen=True)
class Payload:
    """What the mutation decorator has to know of a payload type."""

    problems: dict[str, type[Problem]]
    objects: frozenset[str]
    items: dict[str, str]  # fields with outcomes of a batch, and the prefix of their ids


@strawberry.type(description="Why one of many was refused while others were done.")
class ItemError:
    code: str = strawberry.field(description="Stable name of the refusal, as of a single one.")
    message: str = strawberry.field(
        description="A sentence for a person, in the language of `Accept-Language`."
    )


@strawberry.type(description="What became of one of many.")
class ItemResult:
    id: strawberry.ID = strawberry.field(description="Which one.")
    done: bool = strawberry.field(description="Whether it is now as was asked.")
    error: ItemError | None = strawberry.field(description="Why not; null when it was done.")


def per_item(description: str, *, prefix: str) -> Any:
    """The outcomes of a batch (`list[ItemResult]`), made of `kit.batches.ItemOutcome`s."""
    return strawberry.field(
        default_factory=list, description=description, metadata={PER_ITEM: prefix}
    )


def told(description: str) -> Any:
    """A plain value, said once: it is not stored, and null when an answer is replayed."""
    return strawberry.field(default=None, description=description)


def payload(*, errors: tuple[type[Problem], ...] = (), versioned: bool = False) -> Callable[[C], C]:
    """Make the class (`MemberInvitePayload`) a payload with `errors`, `replayed`, `requestId`.

    `errors` are the problems that the workflow may refuse with, beside NotFound, InvalidInput and
    IdempotencyKeyReused; `versioned` adds VersionConflict, for inputs with `expectedVersion`.
    """
    problems = tuple(dict.fromkeys((*errors, *ALWAYS, *([VersionConflict] if versioned else []))))

    def decorate(cls: C) -> C:
        verb = cls.__name__.removesuffix("Payload")
        interface = error_interface(f"{verb}Error", problems)
        cls.__annotations__ |= {
            "errors": list[interface],  # type: ignore[valid-type]
            "replayed": bool,
            "request_id": str,
        }
        cls.errors = strawberry.field(  # type: ignore[attr-defined]
            default_factory=list, description="Why it was refused; empty when it was done."
        )
        cls.replayed = strawberry.field(  # type: ignore[attr-defined]
            default=False,
            description="Whether this repeats the stored answer to an earlier request with the"
            " same `idempotencyKey`: objects as they stand now, and null for what is told once.",
        )
        cls.request_id = strawberry.field(  # type: ignore[attr-defined]
            default="", description="Quote it when you report a problem."
        )
        finished: Any = strawberry.type(cls, description=f"The answer to `{_camel(verb)}`.")
        objects = frozenset(
            field.python_name
            for field in finished.__strawberry_definition__.fields
            if isinstance(field.metadata.get(SOURCE), Made)
        )
        items = {
            field.python_name: field.metadata[PER_ITEM]
            for field in finished.__strawberry_definition__.fields
            if PER_ITEM in field.metadata
        }
        named = {problem.__name__: problem for problem in problems}
        setattr(finished, PAYLOAD, Payload(named, objects, items))
        return finished  # type: ignore[no-any-return]

    return decorate


def _camel(name: str) -> str:
    return name[0].lower() + name[1:]


__all__ = ["PAYLOAD", "ItemResult", "Payload", "made", "payload", "per_item", "told"]
