"""Requests that aren't GraphQL over HTTP, each refusal with the status that says so."""

from datetime import datetime
from typing import ClassVar

from kit.problems import Problem


class Refusal(Problem):
    """With the status of its answer."""

    status: ClassVar[int]

    def facts(self) -> dict[str, object]:
        """What its `extensions` tell beside the code."""
        return {}


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


class Throttled(Refusal):
    """Nothing was done; it may be asked again when enough points have come back."""

    status = 429
    retryable = True
    en = "Too many points are spent; {cost} are there again in {seconds} seconds."
    zh = "点数已用完,{seconds} 秒后可再次请求(需 {cost} 点)。"
    cost: int
    seconds: int
    available_at: datetime
    capacity: int
    restore_per_second: int
    available: int

    def told_of_points(self) -> dict[str, int]:
        """What `extensions.cost` tells, as it does of what was done."""
        return {
            "requested": self.cost,
            "capacity": self.capacity,
            "restorePerSecond": self.restore_per_second,
            "available": self.available,
        }

    def facts(self) -> dict[str, object]:
        """When to ask again, by the real time."""
        moment = self.available_at.isoformat(timespec="seconds").replace("+00:00", "Z")
        return {"availableAt": moment, "retryAfterSeconds": self.seconds}


class Unavailable(Refusal):
    """The data is out of reach for the moment; whether a mutation was done isn't known."""

    status = 503
    retryable = True
    en = "Our data is out of reach for the moment; ask again, a mutation with its `idempotencyKey`."
    zh = "暂时无法访问数据,请稍后重试;重试变更操作时请使用相同的 idempotencyKey。"


class DocumentNotFound(Refusal):
    """An id that no registered document has."""

    status = 400
    en = "No document is registered as {document_id}."
    zh = "未登记的文档:{document_id}。"
    document_id: str


class DocumentNotTrusted(Refusal):
    """The deployment, or the client's key, is bound to registered documents."""

    status = 403
    en = "Only registered documents are executed here, or for this API key; send a `documentId`."
    zh = "仅执行已登记的文档(本系统或该 API 密钥的限制),请提供 documentId。"
