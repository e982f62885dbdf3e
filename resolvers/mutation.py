"""How every mutation runs: one workflow, its refusals as data, its answer kept for replays."""

import inspect
import logging
from collections.abc import Awaitable, Callable
from dataclasses import MISSING, fields
from functools import partial
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry.utils.str_converters import to_camel_case

from domain.identity.viewer import Unauthenticated, ViewerKind
from kit import ids
from kit.batches import ItemOutcome
from kit.graphql.inputs import Make, maker
from kit.idempotency import Answer, digest, once
from kit.problems import Forbidden, InvalidInput, NotFound, Problem
from kit.reads import RESUMES, Done
from schema import inputs
from schema.context import Context
from schema.errors import tell
from schema.payloads import PAYLOAD, ItemError, ItemResult, Payload

KEY_LONGEST = 128
_NEVER_BLAMED = (
    *("reason", "text", "expected_version", "idempotency_key"),
    *("partner_id", "reseller_id", "on_behalf_of"),
)
RUN = "__run__"

log = logging.getLogger(__name__)

Resolver = Callable[..., Awaitable["Outcome"]]


class Outcome:
    """What a mutation answers with: ids for the payload's objects, values for the rest.

    `refused` is a refusal that has left something behind, so that the workflow could not raise it.
    """

    def __init__(self, *, refused: Problem | None = None, **answers: Any) -> None:
        self.refused = refused
        self.answers = answers


def mutation(
    description: str, payload_type: type, *, requires: str = "", public: bool = False
) -> Callable[[Resolver], Any]:
    """Declare a mutation: `async def verb(self, viewer, input, now) -> Outcome`, one call inside.

    In the API its input has a type of its own, `VerbInput`, with the fields of what it takes here.
    `requires` goes into the description. Unless it is `public`, someone must be signed in.
    A Problem that the payload declares becomes its error; Forbidden and Unauthenticated are
    errors of the request.
    """
    spec: Payload = getattr(payload_type, PAYLOAD)

    def decorate(verb: Resolver) -> Any:
        takes = inspect.signature(verb).parameters
        input_type = takes.get("input")

        async def run(self: Any, info: Any, input: Any = None) -> Any:
            context: Context = info.context
            if not public and context.viewer.kind is ViewerKind.ANONYMOUS:
                raise Unauthenticated()
            given: dict[str, Any] = {"viewer": context.viewer, "now": context.now}
            if input_type is not None:
                given["input"] = input
            if "context" in takes:
                given["context"] = context
            call = partial(verb, self, **given)
            answer = await _answer(call, spec, verb.__name__, input, context)
            if answer.problem is not None and not answer.problem.path:
                answer.problem.path = _blamed(answer.problem, input)
            return _payload(payload_type, spec, answer, context)

        parameters = [
            inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD),
            inspect.Parameter(
                "info", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=strawberry.Info
            ),
        ]
        annotations: dict[str, Any] = {"info": strawberry.Info, "return": payload_type}
        if input_type is not None:
            about_input = strawberry.argument(description="What exactly, and to what.")
            own_type = inputs.own(input_type.annotation, verb.__name__)
            annotations["input"] = Annotated[own_type, about_input]
            parameters.append(input_type.replace(annotation=annotations["input"]))
        run.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            parameters, return_annotation=payload_type
        )
        run.__annotations__ = annotations
        run.__name__ = verb.__name__
        run.__module__ = verb.__module__
        about = f"{description} {requires}".strip()
        return strawberry.mutation(run, description=about, metadata={RUN: run})

    return decorate


def install(schema: strawberry.Schema) -> None:
    """Let the executor call the mutations themselves, with inputs made by `kit.graphql.inputs`."""
    assert schema._schema.mutation_type is not None
    named = schema.config.name_converter.from_field
    for field in schema._schema.mutation_type.fields.values():
        definition = field.extensions["strawberry-definition"]
        make = maker(definition.arguments[0].type, named) if definition.arguments else None
        field.resolve = _resolver(definition.metadata[RUN], make)
        field.extensions[RESUMES] = True


def _resolver(run: Any, make: Make | None) -> Any:
    async def resolve(root: Any, info: Any, input: Any = None) -> Any:
        if isinstance(root, Done):
            return root.payload
        return await run(root, info, input if make is None else make(input))

    return resolve


async def _answer(
    call: Callable[[], Awaitable[Outcome]],
    spec: Payload,
    name: str,
    input: Any,
    context: Context,
) -> Answer:
    async def run() -> Answer:
        outcome = await call()
        ids = {k: v for k, v in outcome.answers.items() if k in spec.objects and v is not None}
        items = {k: [_kept(item) for item in outcome.answers[k]] for k in spec.items}
        rest = {
            k: v for k, v in outcome.answers.items() if k not in spec.objects and k not in items
        }
        return Answer(ids=ids, items=items, told=rest, problem=outcome.refused)

    key = getattr(input, "idempotency_key", None)
    try:
        if key is None:
            return await run()
        return await once(
            run,
            caller_id=_caller(context),
            mutation=name,
            key=_checked(key),
            input_hash=digest(input),
            problems=spec.problems,
            now=context.now,
        )
    except Problem as problem:
        if isinstance(problem, Forbidden) or type(problem).__name__ not in spec.problems:
            raise
        return Answer(problem=problem)


def _blamed(problem: Problem, input: Any) -> tuple[str, ...]:
    """Where in the input a refusal points that names no field itself.

    That is the field which its kind of refusal is always about (`blames`), else what names the
    object: what has the name of a thing that isn't found, or the last word of it, or `id` or
    `token`; else the only thing that must be given; where nothing must, the only id that was
    given; else the input as a whole.
    """
    if input is None:
        return ()
    given = {field.name: getattr(input, field.name) for field in fields(input)}
    if given.get(problem.blames) is not None:
        return ("input", to_camel_case(problem.blames))
    thing = problem.thing.lower().replace(" ", "_") if isinstance(problem, NotFound) else ""
    for name in (f"{thing}_id", f"{thing.rpartition('_')[2]}_id", "id", "token"):
        if given.get(name) is not None:
            return ("input", to_camel_case(name))
    needed = [
        field.name
        for field in fields(input)
        if field.default is MISSING
        and field.default_factory is MISSING
        and field.name not in _NEVER_BLAMED
    ]
    named = [name for name in given if name.endswith("_id") and given[name] is not None]
    candidates = needed or [name for name in named if name not in _NEVER_BLAMED]
    return ("input", to_camel_case(candidates[0])) if len(candidates) == 1 else ("input",)


def _payload(payload_type: type, spec: Payload, answer: Answer, context: Context) -> Any:
    items = {
        name: [_result(item, spec.items[name], context.locale) for item in kept]
        for name, kept in answer.items.items()
    }
    made = payload_type(**answer.told, **answer.ids, **items)
    made.replayed = answer.replayed
    made.request_id = context.request_id
    if answer.problem is not None:
        made.errors = [tell(answer.problem, locale=context.locale)]
    return made


def _kept(item: ItemOutcome) -> dict[str, Any]:
    """An outcome as it is stored for replays, whose reader may speak another language."""
    if item.problem is None:
        return {"id": item.id.hex}
    words = {language: item.problem.in_words(language) for language in ("en", "zh")}
    return {"id": item.id.hex, "code": item.problem.code, "words": words}


def _result(kept: dict[str, Any], prefix: str, locale: str) -> ItemResult:
    error = None
    if "code" in kept:
        words = kept["words"]["zh" if locale.startswith("zh") else "en"]
        error = ItemError(code=kept["code"], message=words)
    id = strawberry.ID(ids.encode(prefix, UUID(kept["id"])))
    return ItemResult(id=id, done=error is None, error=error)


def _caller(context: Context) -> UUID:
    # In another seat the same input is another wish: at another partner, or in one's own name.
    caller = context.viewer.seat_id or context.viewer.actor_id
    assert caller is not None, "mutations for strangers take no idempotency key"
    return caller


def _checked(key: str) -> str:
    if not 1 <= len(key) <= KEY_LONGEST or not key.isprintable():
        raise InvalidInput(
            reason=f"An idempotency key has 1 to {KEY_LONGEST} printable characters.",
            reason_zh=f"幂等键长度为 1 至 {KEY_LONGEST} 个可见字符。",
            path=("input", "idempotencyKey"),
        )
    return key
