"""The sentence of a message, in the language of whoever reads it, made of what was kept of it."""

from collections.abc import Mapping
from typing import Any

from domain.notifications.rules import RULES
from models.inbox import Topic


def told(name: str, topic: Topic, facts: Mapping[str, Any], *, locale: str) -> str:
    """Plain text, never markup. An event that is told no longer is called by its name."""
    rule = RULES.get((name, topic))
    if rule is None:
        return name
    if locale.startswith("zh"):
        return rule.zh.format(label=facts.get("label", "—"), partner=facts.get("partner", "—"))
    return rule.en.format(
        label=facts.get("label_en") or facts.get("label", "—"),
        partner=facts.get("partner_en") or facts.get("partner", "—"),
    )
