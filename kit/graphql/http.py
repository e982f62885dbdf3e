"""GraphQL over HTTP: what is asked, and in which form to answer."""

import asyncio
import re
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs

import orjson

from kit.graphql.refusals import BadRequest, BodyTooLarge, BodyTooSlow, NotAcceptable

GRAPHQL_JSON = "application/graphql-response+json"
JSON = "application/json"
EVENT_STREAM = "text/event-stream"

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

# Bytes beyond what is allowed that we still listen to, and seconds in which all must have come.
PATIENCE = 1_048_576
BODY_WITHIN = 30

# U+0000 as JSON and GraphQL spell it.
_NUL = re.compile(rb"\\u0000|\\u\{0+\}")


class Disconnected(Exception):
    """The client went away before its request was complete."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The forms of answer that the client takes: one for a single answer, and event streams."""

    answer: str | None
    stream: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """A well-formed request: a text, or the id of one that is registered."""

    query: str | None
    document_id: str | None
    operation_name: str | None
    variables: dict[str, Any] | None


@lru_cache(maxsize=256)
def accepted(accept: bytes) -> Accepted:
    """Read an Accept header. Raises NotAcceptable when we can't please it.

    Without a wish, or with `*/*`, the answer is `application/json`: so do older clients expect it.
    """
    ranges = preferences(accept.decode("latin-1"))
    best: tuple[float, int] | None = None
    answer = None
    for place, (kind, quality) in enumerate(ranges):
        media = {GRAPHQL_JSON: GRAPHQL_JSON, JSON: JSON, "application/*": JSON, "*/*": JSON}.get(
            kind
        )
        if media and quality > 0 and (best is None or (quality, -place) > best):
            best, answer = (quality, -place), media
    stream = any(kind == EVENT_STREAM and quality > 0 for kind, quality in ranges)
    if answer is None and not stream:
        raise NotAcceptable(
            reason=f"The answer comes as {GRAPHQL_JSON}, {JSON} or {EVENT_STREAM}.",
            reason_zh=f"仅支持以 {GRAPHQL_JSON}、{JSON} 或 {EVENT_STREAM} 形式返回结果。",
        )
    return Accepted(answer, stream)


@lru_cache(maxsize=256)
def is_plain_json(content_type: bytes, content_encoding: bytes) -> bool:
    """Whether these headers tell of JSON in UTF-8 that nobody has compressed."""
    kind, *parameters = (part.strip() for part in content_type.lower().split(b";"))
    charset = [part[8:].strip(b'"') for part in parameters if part.startswith(b"charset=")]
    return (
        kind == b"application/json"
        and charset in ([], [b"utf-8"], [b"utf8"])
        and content_encoding.strip().lower() in (b"", b"identity")
    )


async def read_body(receive: Receive, *, declared: int | None, most: int) -> bytes:
    """The body, never more than `most` bytes of it.

    Raises BodyTooLarge, BodyTooSlow, Disconnected. What is too large by little is received to its
    end, though not kept: who is still sending when the connection closes may never see the answer.
    """
    if declared is not None and declared > most + PATIENCE:
        raise BodyTooLarge(most=most)
    body, is_whole = await _piece(receive)
    if not is_whole:
        # Only here, for setting a timeout costs as much as all the rest of a small request.
        try:
            async with asyncio.timeout(BODY_WITHIN):
                body = await _rest(body, receive, most)
        except TimeoutError:
            raise BodyTooSlow(seconds=BODY_WITHIN) from None
    if len(body) > most:
        raise BodyTooLarge(most=most)
    return body


async def _rest(body: bytes, receive: Receive, most: int) -> bytes:
    """The body to its end, or what is too much of it."""
    size, is_whole = len(body), False
    while not is_whole and size <= most + PATIENCE:
        piece, is_whole = await _piece(receive)
        size += len(piece)
        if len(body) <= most:
            body += piece
    return body


async def _piece(receive: Receive) -> tuple[bytes, bool]:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise Disconnected
    return message.get("body", b""), not message.get("more_body", False)


def from_json(body: bytes) -> Asked:
    """The request in the body of a POST. Raises BadRequest."""
    _refuse_nul(body)
    fields = _json(body, "The request body", "请求体")
    if not isinstance(fields, dict):
        raise BadRequest(
            reason="The request body must be a JSON object; batches are not supported.",
            reason_zh="请求体必须是 JSON 对象,不支持批量请求。",
        )
    return _asked(fields)


def from_query_string(query_string: bytes) -> Asked:
    """The request in the URL of a GET. Raises BadRequest."""
    try:
        given = parse_qs(query_string.decode("ascii"), errors="strict", max_num_fields=50)
    except ValueError:
        raise BadRequest(
            reason="The query string is not UTF-8.", reason_zh="查询字符串不是有效的 UTF-8。"
        ) from None
    fields: dict[str, Any] = {name: values[-1] for name, values in given.items()}
    for value in fields.values():
        _refuse_nul(value.encode())
    for name in ("variables", "extensions"):
        if name in fields:
            fields[name] = _json(fields[name], f"`{name}`", f" {name} ")
    return _asked(fields)


def _asked(fields: dict[str, Any]) -> Asked:
    query, document_id = fields.get("query"), fields.get("documentId")
    name, variables = fields.get("operationName"), fields.get("variables")
    for field, value, kind in (
        ("query", query, str),
        ("documentId", document_id, str),
        ("operationName", name, str),
        ("variables", variables, dict),
        ("extensions", fields.get("extensions"), dict),
    ):
        if value is not None and not isinstance(value, kind):
            wanted, wanted_zh = ("a string", "字符串") if kind is str else ("an object", "对象")
            raise BadRequest(
                reason=f"`{field}` must be {wanted}.", reason_zh=f"{field} 必须是{wanted_zh}。"
            )
    if query is None and document_id is None:
        raise BadRequest(reason="The request has no `query`.", reason_zh="请求缺少 query。")
    if query is not None and document_id is not None:
        raise BadRequest(
            reason="Send `query` or `documentId`, not both.",
            reason_zh="query 与 documentId 只能提供其一。",
        )
    return Asked(query, document_id, name or None, variables)


def has_nul(text: bytes) -> bool:
    """Whether a text holds U+0000, which PostgreSQL has not: here is where all texts pass."""
    return b"\0" in text or _NUL.search(text) is not None


def _refuse_nul(text: bytes) -> None:
    if has_nul(text):
        raise BadRequest(
            reason="The character U+0000 is not allowed.", reason_zh="不允许使用字符 U+0000。"
        )


def _json(text: bytes | str, en: str, zh: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise BadRequest(
            reason=f"{en} is not valid JSON.", reason_zh=f"{zh}不是有效的 JSON。"
        ) from None


def preferences(header: str) -> list[tuple[str, float]]:
    """What an Accept or Accept-Language header lists, with qualities; nothing means anything."""
    listed = []
    for part in header.lower().split(","):
        wish, *parameters = (piece.strip() for piece in part.split(";"))
        if wish:
            listed.append((wish, _quality(parameters)))
    return listed or [("*/*", 1.0)]


@lru_cache(maxsize=256)
def locale_of(accept_language: bytes) -> str:
    """`zh` or `en`, whichever an Accept-Language header prefers; `en` when it names neither."""
    wishes = preferences(accept_language.decode("latin-1"))
    wishes.sort(key=lambda wish: -wish[1])
    for language, quality in wishes:
        if language[:2] in ("zh", "en") and quality > 0:
            return language[:2]
    return "en"


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return float(parameter[2:])
            except ValueError:
                return 0.0
    return 1.0
