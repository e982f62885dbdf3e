"""What a refusal looks like: the type of each Problem is made from its class, so they can't differ.

Every mutation has its own error interface (`MemberInviteError`), which the errors that it can
answer with implement, and which implements `UserError`. So `errors { code message }` is enough for
a simple client, and a careful one finds all possible types under the interface.
"""

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal as Number
from typing import Any, TypeVar, get_args, get_origin, get_type_hints
from uuid import UUID

import strawberry

from kit.problems import IdempotencyKeyReused, InvalidInput, NotFound, Problem
from schema.scalars import Date, DateTime, Decimal

C = TypeVar("C", bound=type)

ALWAYS: tuple[type[Problem], ...] = (NotFound, InvalidInput, IdempotencyKeyReused)


@strawberry.interface(
    description="Why a mutation was refused. Nothing was changed, unless the error itself says so."
)
class UserError:
    """What all refusals tell."""

    code: str = strawberry.field(description="Stable name of the refusal; it never changes.")
    message: str = strawberry.field(
        description="A sentence for a person, in the language of `Accept-Language`."
    )
    path: list[str] = strawberry.field(
        description='The input field that is to blame: `["input", "id"]` when the object that it'
        ' names stands in the way, `["input"]` when it is no field in particular.'
    )
    retryable: bool = strawberry.field(
        description="Whether the same request may succeed later without any change."
    )


_interfaces: dict[type[Problem], list[type]] = {}
_types: dict[type[Problem], type] = {}
_facts: dict[type, type] = {}


def tells(fact: type) -> Callable[[C], C]:
    """Make the class the type by which refusals tell this fact, as others tell it already.

    It is made of the fact's fields and, where the fact has words, of its `message`.
    """

    def decorate(cls: C) -> C:
        _facts[fact] = cls
        return cls

    return decorate


def error_interface(name: str, problems: tuple[type[Problem], ...]) -> type:
    """The interface of one mutation's errors."""
    made: type = strawberry.interface(
        type(name, (UserError,), {"__doc__": name}),
        description=f"Why `{name[0].lower()}{name.removesuffix('Error')[1:]}` can be refused.",
    )
    for problem in problems:
        _interfaces.setdefault(problem, []).append(made)
    return made


def error_types() -> list[type]:
    """The types of all problems that mutations declare; call it when all are declared."""
    for problem, interfaces in _interfaces.items():
        if problem not in _types:
            _types[problem] = _type_of(problem, tuple(interfaces))
    return list(_types.values())


def tell(problem: Problem, *, locale: str) -> Any:
    """The GraphQL object for a refusal."""
    facts = {name: _value(getattr(problem, name), locale) for name in _told_facts(type(problem))}
    return _types[type(problem)](
        code=problem.code,
        message=problem.in_words(locale),
        path=list(problem.path),
        retryable=problem.retryable,
        **facts,
    )


def _type_of(problem: type[Problem], interfaces: tuple[type, ...]) -> type:
    hints = get_type_hints(problem)
    told = {name: hints[name] for name in _told_facts(problem)}
    return _object(problem.__name__, interfaces, told, problem.about, problem)


def _told_facts(problem: type[Problem]) -> list[str]:
    hidden = ("path", *problem.untold)
    return [fact.name for fact in fields(problem) if fact.name not in hidden]


def _object(
    name: str, bases: tuple[type, ...], hints: dict[str, Any], about: dict[str, str], of: type
) -> type:
    body: dict[str, Any] = {"__annotations__": {n: _hint(hint) for n, hint in hints.items()}}
    for field_name in hints:
        body[field_name] = strawberry.field(description=about[field_name])
    summary = (of.__doc__ or name).strip().split("\n\n")[0].replace("\n    ", " ")
    return strawberry.type(type(name, bases, body), description=summary)


def _hint(hint: Any) -> Any:
    if hint is datetime:
        return DateTime
    if hint is date:
        return Date
    if hint is UUID:
        return strawberry.ID
    if hint is Number:
        return Decimal
    if get_origin(hint) in (tuple, list):
        return list[_hint(get_args(hint)[0])]  # type: ignore[misc]
    if isinstance(hint, type) and is_dataclass(hint):
        return _fact_type(hint)
    return hint


def _fact_type(kind: type) -> type:
    if kind not in _facts:
        hints = get_type_hints(kind)
        wanted = {fact.name: hints[fact.name] for fact in fields(kind)}
        if hasattr(kind, "in_words"):
            wanted["message"] = str
        _facts[kind] = _object(kind.__name__, (), wanted, getattr(kind, "about", {}), kind)
    return _facts[kind]


def _value(value: Any, locale: str) -> Any:
    if isinstance(value, tuple | list):
        return [_value(item, locale) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        made = {fact.name: _value(getattr(value, fact.name), locale) for fact in fields(value)}
        if hasattr(value, "in_words"):
            made["message"] = value.in_words(locale)
        return _facts[type(value)](**made)
    if isinstance(value, UUID):
        return value.hex
    return value
