"""All that keeps lines from being ordered or paid, told at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from domain.pricing.verdicts import Finding, Obstacle
from kit.problems import SeveralReasons
from models.order_states import OrderType


@dataclass(frozen=True, slots=True)
class FailedOrderCheck:
    """One thing that keeps a line from being ordered."""

    about: ClassVar[dict[str, str]] = {
        "line": "Which line, from 0 on.",
        "code": "Stable name of it: `GOODS_NOT_ON_SALE`.",
        "rule": "The rule behind it.",
        "message": "A sentence for a person, in the language of `Accept-Language`.",
    }
    line: int
    code: str
    rule: str

    def in_words(self, locale: str = "en") -> str:
        """The sentence for a person, in Chinese for any `zh` locale, else in English."""
        return Finding(self.code).in_words(locale)


class NotOrderable(SeveralReasons):
    """Something of it isn't for sale like this; all that stands in the way is told at once."""

    en = "It can't be ordered like this: {texts}"
    zh = "无法下单:{texts}"
    about = {"checks": "All that stands in the way, line by line."}
    checks: list[FailedOrderCheck]


def refuse(findings: Sequence[Sequence[Finding]], *, type: OrderType) -> None:
    """Raise NotOrderable with what was found of each line; what is renewed may be off sale."""
    passed = _OFF_SALE if type is OrderType.RENEW else frozenset()
    failed = [
        FailedOrderCheck(place, finding.code, finding.rule)
        for place, found in enumerate(findings)
        for finding in found
        if finding.code not in passed
    ]
    if failed:
        raise NotOrderable(checks=failed)


_OFF_SALE = frozenset({Obstacle.GOODS_NOT_ON_SALE, Obstacle.SKU_NOT_ON_SALE})
