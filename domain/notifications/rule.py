"""What a rule of the table says: which event is told, about what, to whom, in which words."""

from dataclasses import dataclass
from enum import StrEnum

from domain.identity.items import Item
from models.inbox import Topic


class Audience(StrEnum):
    """Whose people are told."""

    PARTNER = "PARTNER"
    DISTRIBUTOR = "DISTRIBUTOR"
    CUSTOMER = "CUSTOMER"
    PERSON = "PERSON"
    STAFF = "STAFF"


@dataclass(frozen=True)
class To:
    """Those of an audience who hold any of the items; customers and persons hold none."""

    audience: Audience
    items: frozenset[Item] = frozenset()


@dataclass(frozen=True)
class Rule:
    """One event that is told. It has a mail of its own if a workflow writes one (`letter`)."""

    name: str
    topic: Topic
    en: str
    zh: str
    to: tuple[To, ...]
    letter: bool = False


def partner(*items: Item) -> To:
    """Whoever at the partner of the log holds any of the items, as far as they see the customer."""
    return To(Audience.PARTNER, frozenset(items))


def staff(*items: Item) -> To:
    """Whoever of the platform holds any of them."""
    return To(Audience.STAFF, frozenset(items))


def distributor(*items: Item) -> To:
    """Whoever holds any of them at the distributor of the log's partner, and sees it all."""
    return To(Audience.DISTRIBUTOR, frozenset(items))
