"""How results and refusals leave `/graphql`: as bytes, with a status and headers."""

import orjson
from starlette.types import Send
from strawberry.types import ExecutionResult
from strawberry.types.execution import PreExecutionError

from domain.identity.viewer import Unauthenticated
from kit.graphql import refusals
from kit.graphql.errors import problem_error
from kit.graphql.http import GRAPHQL_JSON
from kit.problems import Problem

# Every answer depends on who asks, and in which language.
_HEADERS = (
    (b"cache-control", b"no-store"),
    (b"vary", b"accept, accept-language, authorization"),
    (b"x-content-type-options", b"nosniff"),
)


def payload(result: ExecutionResult) -> dict[str, object]:
    """The result as the GraphQL specification writes it: no `data` where nothing was executed."""
    if not result.errors:
        whole: dict[str, object] = {"data": result.data}
    else:
        whole = {"errors": [error.formatted for error in result.errors]}
        if not isinstance(result, PreExecutionError):
            whole["data"] = result.data
    if result.extensions:
        whole["extensions"] = result.extensions
    return whole


def status_of(result: ExecutionResult, form: str) -> int:
    """401 when all there was to tell is that one must sign in first, 503 that we can't tell now.

    The edition of September 2026 also knows 422 and 294, which few clients and proxies do yet.
    """
    if not result.errors:
        return 200
    codes = {(error.extensions or {}).get("code") for error in result.errors}
    if all(value is None for value in (result.data or {}).values()):
        if Unauthenticated.code in codes:
            return 401
        if refusals.Unavailable.code in codes:
            return refusals.Unavailable.status
    return 400 if isinstance(result, PreExecutionError) and form == GRAPHQL_JSON else 200


async def refuse(send: Send, problem: Problem, form: str, locale: str) -> None:
    """Answer with a single error."""
    headers = []
    if isinstance(problem, refusals.Refusal):
        status = problem.status
    else:
        status = 401 if isinstance(problem, Unauthenticated) else 500
    if isinstance(problem, refusals.MethodNotAllowed):
        headers.append((b"allow", problem.allow.encode()))
    if isinstance(problem, refusals.BodyTooLarge | refusals.BodyTooSlow):
        headers.append((b"connection", b"close"))  # what is left of the body is nobody's
    whole: dict[str, object] = {"errors": [problem_error(problem, locale=locale).formatted]}
    if isinstance(problem, refusals.Throttled):
        headers.append((b"retry-after", b"%d" % problem.seconds))
        whole["extensions"] = {"cost": problem.told_of_points()}
    body = orjson.dumps(whole)
    await send_json(send, status, form, body, *headers)


async def send_json(
    send: Send, status: int, form: str, body: bytes, *headers: tuple[bytes, bytes]
) -> None:
    """Answer with JSON of the form that the client accepts."""
    if status == 401:
        headers = (*headers, (b"www-authenticate", b"Bearer"))
    if status == refusals.Unavailable.status:
        headers = (*headers, (b"retry-after", b"1"))
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [
                (b"content-type", form.encode() + b"; charset=utf-8"),
                (b"content-length", b"%d" % len(body)),
                *_HEADERS,
                *headers,
            ],
        }
    )
    await send({"type": "http.response.body", "body": body})
