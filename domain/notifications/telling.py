"""The sentence of a message, in the language of whoever reads it, made of what was kept of it."""

from collections.abc import Callable, Mapping
from typing import Any

from domain.notifications.rules import RULES
from models.inbox import Topic

_title: Callable[[str, str], str]


def connect(title: Callable[[str, str], str]) -> None:
    """Say who knows how a list that can be exported is called, in `zh` and in `en`."""
    global _title
    _title = title


def told(name: str, topic: Topic, facts: Mapping[str, Any], *, locale: str) -> str:
    """Plain text, never markup. An event that is told no longer is called by its name."""
    rule = RULES.get((name, topic))
    if rule is None:
        return name
    if locale.startswith("zh"):
        label, partner = facts.get("label", "—"), facts.get("partner", "—")
        language, sentence = "zh", rule.zh
    else:
        label = facts.get("label_en") or facts.get("label", "—")
        partner = facts.get("partner_en") or facts.get("partner", "—")
        language, sentence = "en", rule.en
    if topic is Topic.EXPORT:
        label = _file(label, language)
    return sentence.format(label=label, partner=partner)


def _file(label: str, language: str) -> str:
    """`orders.xlsx` -> `Orders.xlsx`, `订单.xlsx`."""
    listing, dot, kind = label.partition(".")
    return _title(listing, language) + dot + kind
