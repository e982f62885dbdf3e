"""The expected "no": a rule refused. Anything else that is raised is a bug."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, dataclass_transform


def spoken(locale: str, *, en: str, zh: str) -> str:
    """What a person reads: the Chinese of both for any `zh` locale, else the English."""
    return zh if locale.startswith("zh") else en


@dataclass_transform(kw_only_default=True, eq_default=False)
@dataclass(kw_only=True, eq=False)
class Problem(Exception):
    """Subclass it beside the rule it belongs to: a text in each language, and the facts in it.

    `code` is stable and part of the API; by default it is the class's name in capitals
    (`AlreadyMember` -> `ALREADY_MEMBER`). `path` names the input field that is to blame.
    `blames` is the field that every refusal of the class is about, where the input has it.
    """

    code: ClassVar[str]
    en: ClassVar[str]
    zh: ClassVar[str]
    retryable: ClassVar[bool] = False
    about: ClassVar[dict[str, str]] = {}  # facts: what they are, for the API's documentation
    untold: ClassVar[tuple[str, ...]] = ()  # facts that only fill in the message
    blames: ClassVar[str] = ""
    path: tuple[str, ...] = ()

    def __init_subclass__(cls) -> None:
        if "code" not in cls.__dict__:
            cls.code = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).upper()
        dataclass(kw_only=True, eq=False)(cls)

    def in_words(self, locale: str = "en") -> str:
        """The sentence for a person, in Chinese for any `zh` locale, else in English."""
        return spoken(locale, en=self.en, zh=self.zh).format_map(vars(self))

    def __str__(self) -> str:
        return f"{self.code}: {self.in_words()}"


class SeveralReasons(Problem):
    """A refusal for all that stands in the way at once; `{texts}` are its sentences, in order."""

    reasons: ClassVar[str] = "checks"  # the fact that lists them: whatever has words of its own

    def in_words(self, locale: str = "en") -> str:
        """All of them in one sentence."""
        told = (each.in_words(locale) for each in getattr(self, self.reasons))
        return spoken(locale, en=self.en, zh=self.zh).format(texts=" ".join(told))


class Reason:
    """One of several: subclass it as a frozen dataclass with slots, whose `code` says which.

    `texts` has an English and a Chinese sentence for each code, with the facts in it by name; one
    that lists several stands there with commas. `about` is as of problems, `message` included.
    """

    __slots__ = ()
    texts: ClassVar[Mapping[Any, tuple[str, ...]]]  # the two sentences are the last
    about: ClassVar[dict[str, str]]
    code: str

    def in_words(self, locale: str = "en") -> str:
        """The sentence for a person, in Chinese for any `zh` locale, else in English."""
        *_, en, zh = self.texts[self.code]
        facts = {fact.name: getattr(self, fact.name) for fact in fields(self)}  # type: ignore[arg-type]
        return spoken(locale, en=en, zh=zh).format_map(
            {
                name: ", ".join(map(str, fact)) if isinstance(fact, list) else fact
                for name, fact in facts.items()
            }
        )


@dataclass(frozen=True, slots=True)
class FailedCheck(Reason):
    """One of the checks that something fails: a subclass says which there are, as type of `code`.

    A `rule` that is behind all of them is the field's default.
    """

    about = {
        "code": "Which check.",
        "rule": "The rule behind it.",
        "message": "A sentence for a person, in the language of `Accept-Language`.",
    }
    code: str
    rule: str


class NotFound(Problem):
    """Also for what the viewer may not see, so that ids can't be probed."""

    en = "There is no such {thing}."
    zh = "找不到该对象({thing})。"
    about = {"thing": "What was looked for."}
    thing: str


class Forbidden(Problem):
    """The viewer sees the thing but lacks the right; any one of the items in `needs` suffices."""

    en = "Your roles don't allow this; one of these is needed: {needs}."
    zh = "您的角色没有此操作的权限,需要以下任一权限项:{needs}。"
    needs: str


class InvalidInput(Problem):
    """A value that no rule can accept, whatever the state of things."""

    en = "{reason}"
    zh = "{reason_zh}"
    untold = ("reason", "reason_zh")
    reason: str
    reason_zh: str


class VersionConflict(Problem):
    """Somebody else has changed it since the client read it: read again, decide again."""

    en = "It was changed meanwhile; its version is now {current}."
    zh = "该对象已被他人修改,当前版本为 {current}。"
    about = {"current": "The version now."}
    blames = "expected_version"
    current: int


class IdempotencyKeyReused(Problem):
    """The key stands for another request already; a new request needs a new key."""

    en = "This idempotency key was used with another input."
    zh = "该幂等键已用于其他请求。"
    blames = "idempotency_key"
