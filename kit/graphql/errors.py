"""What a client is told of an error: problems and its own mistakes in full, bugs not at all."""

import logging
from collections.abc import Iterable

from graphql import GraphQLError
from strawberry.exceptions import StrawberryInputCoercionError

from kit import database, metrics
from kit.graphql.refusals import Refusal, Unavailable
from kit.problems import Problem
from kit.request import request_id

BAD_USER_INPUT = "BAD_USER_INPUT"

log = logging.getLogger(__name__)


class Internal(Problem):
    """Stands in for a bug: the log has the rest, under the request's id."""

    en = "Something went wrong on our side. Quote {request_id} when you report it."
    zh = "服务内部出错,反馈时请提供请求编号 {request_id}。"
    request_id: str


def told(errors: Iterable[GraphQLError], *, locale: str) -> list[GraphQLError]:
    """The errors as the client sees them: each with a code, none with an inside of ours.

    What is nobody's fault but ours is logged, once, with its traceback.
    """
    return [_told(error, locale) for error in errors]


def problem_error(problem: Problem, *, locale: str) -> GraphQLError:
    """A refusal that no field of a document is to blame for."""
    return GraphQLError(problem.in_words(locale), extensions=_facts(problem))


def instead_of(error: Exception, *, at: str) -> Internal | Unavailable:
    """What is told of what isn't the client's fault; the log has the rest."""
    if isinstance(error, database.PASSING):
        log.error("%s was out of reach: %r", at, error)
        return Unavailable()
    log.error("a resolver failed at %s", at, exc_info=error)
    metrics.INTERNAL_ERRORS.inc()
    return Internal(request_id=request_id() or "")


def _told(error: GraphQLError, locale: str) -> GraphQLError:
    cause = _cause(error)
    if isinstance(cause, Problem):
        return _located(error, cause.in_words(locale), _facts(cause))
    if "code" in (error.extensions or {}):
        return error
    if _is_the_clients(error, cause):
        return _located(error, error.message, {"code": BAD_USER_INPUT})
    ours = instead_of(cause or error, at=_dotted(error.path))
    return _located(error, ours.in_words(locale), _facts(ours))


def _cause(error: GraphQLError) -> Exception | None:
    """What was raised in the beginning: an error is wrapped once for each place it passes."""
    cause = error.original_error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    return cause


def _is_the_clients(error: GraphQLError, cause: Exception | None) -> bool:
    """Whether coercion of variables or arguments raised it.

    Variables are coerced before there is a path. Errors of arguments point into the document from
    the start; a value of ours that doesn't fit its type raises one that points nowhere.
    """
    if isinstance(cause, StrawberryInputCoercionError):
        return True
    at_fault = cause if cause is not None else error
    return isinstance(at_fault, GraphQLError) and (error.path is None or at_fault.nodes is not None)


def _facts(problem: Problem) -> dict[str, object]:
    facts: dict[str, object] = {"code": problem.code}
    if isinstance(problem, Internal):
        facts["requestId"] = problem.request_id
    if isinstance(problem, Refusal):
        facts |= problem.facts()
    if problem.path:
        facts["path"] = list(problem.path)
    if problem.retryable:
        facts["retryable"] = True
    return facts


def _located(error: GraphQLError, message: str, extensions: dict[str, object]) -> GraphQLError:
    return GraphQLError(
        message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions=extensions,
    )


def _dotted(path: list[str | int] | None) -> str:
    return ".".join(map(str, path or ())) or "the root"
