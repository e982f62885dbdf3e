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
        label, partner = facts.get("label", "—"), facts.get("partner", "—")
        sentence = rule.zh
    else:
        label = facts.get("label_en") or facts.get("label", "—")
        partner = facts.get("partner_en") or facts.get("partner", "—")
        sentence = rule.en
    return sentence.format(label=label, partner=partner)
