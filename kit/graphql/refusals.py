"""Requests that aren't GraphQL over HTTP, each refusal with the status that says so."""

from typing import ClassVar

from kit.problems import Problem


class Refusal(Problem):
    """With the status of its answer."""

    status: ClassVar[int]


class BadRequest(Refusal):
    """What was sent can't be understood."""

    status = 400
    en = "{reason}"
    zh = "{reason_zh}"
    reason: str
    reason_zh: str


class Unsupported(Refusal):
    """The form of what was sent, or the method it was sent with."""

    en = "{reason}"
    zh = "{reason_zh}"
    reason: str
    reason_zh: str


class MethodNotAllowed(Unsupported):
    """`allow` names the methods that would do."""

    status = 405
    allow: str


class NotAcceptable(Unsupported):
    """We have no form that the client accepts."""

    status = 406


class UnsupportedMediaType(Unsupported):
    """Only JSON is read, which no page of another origin can send without being asked first."""

    status = 415


class BodyTooLarge(Refusal):
    """Refused before it is read to its end."""

    status = 413
    en = "The request body is longer than {most} bytes."
    zh = "请求体超过 {most} 字节。"
    most: int


class BodyTooSlow(Refusal):
    """Whoever sends byte by byte doesn't keep us waiting for ever."""

    status = 408
    en = "The request body did not arrive within {seconds} seconds."
    zh = "请求体未在 {seconds} 秒内传输完毕。"
    seconds: int
