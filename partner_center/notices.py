"""docs/notifications.md, written from the one table of what is told."""

from domain.notifications.rule import Audience, Rule, To
from domain.notifications.rules import RULES
from domain.notifications.topics import LETTERS, TOPICS

_HEAD = """# What people are told

Written from the code by `make schema`. Each event of the list becomes one message in the inbox of
everybody whom it concerns, and a mail or a text message where its topic or its reader says so.
Who has several seats is told in the inbox of each, and written to once. Nobody is told of what they
did themselves; account managers are told of their own customers. A topic that is mandatory is
always told in the inbox and by mail, and never waits for a digest.

## Topics

| topic | what | in the inbox | by mail | by text message |
|---|---|---|---|---|
"""

_EVENTS = """
## Events

Who: people of the partner, its distributor, or the platform who hold any of the rights; the
customer's people; the person that it is about. `letter`: a mail with more in it than this sentence
is written by what happens itself, to those whom it asks to act.

| event | topic | who | sentence (English · Chinese) |
|---|---|---|---|
"""

_LETTERS = """
## Mails of their own

| template | topic |
|---|---|
"""

_WHO = {
    Audience.PARTNER: "the partner's",
    Audience.DISTRIBUTOR: "the distributor's",
    Audience.STAFF: "the platform's",
}


def page() -> str:
    """The whole page."""
    topics = [
        f"| `{topic}` | {about.en} · {about.zh}{' (distributors only)' * about.for_distributors}"
        f" | {_when(about.inbox, about.is_mandatory)} | {_when(about.mail, about.is_mandatory)}"
        f" | {_when(about.sms, False)} |"
        for topic, about in TOPICS.items()
    ]
    events = [_event(rule) for rule in RULES.values()]
    letters = [f"| `{template}` | `{topic}` |" for template, topic in LETTERS.items()]
    return (
        "\n".join([_HEAD + "\n".join(topics), _EVENTS + "\n".join(events)])
        + "\n"
        + _LETTERS
        + "\n".join(letters)
        + "\n"
    )


def _when(default: bool, is_mandatory: bool) -> str:
    return "always" if is_mandatory else "yes" if default else "if chosen"


def _event(rule: Rule) -> str:
    who = "; ".join(_of(to) for to in rule.to)
    letter = " (letter)" if rule.letter else ""
    return f"| `{rule.name}`{letter} | `{rule.topic}` | {who} | {rule.en} · {rule.zh} |"


def _of(to: To) -> str:
    if to.audience is Audience.CUSTOMER:
        return "the customer's people"
    if to.audience is Audience.PERSON:
        return "the person"
    return f"{_WHO[to.audience]} {', '.join(f'`{item}`' for item in sorted(to.items))}"
