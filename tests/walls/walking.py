"""The same questions asked twice: with somebody else's things in the database, and without them.

The second time no id of theirs means anything, so ids that never were stand for them: what is
answered must be what was answered the first time, to the byte.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import orjson

from kit.ids import new_id
from tests.walls import files, snapshot
from tests.walls.documents import Question, at_most
from tests.walls.neighbourhood import Neighbourhood
from tests.walls.snapshot import Rows

# The text of each answer, by who asked and by the question's name.
Answers = dict[str, dict[str, str]]
Credentials = Mapping[str, str | None]

_WORD = re.compile(r'"(?:[^"\\]|\\.)*"|\([^)]*\)')  # in JSON, or in a line of a file
_HEX = re.compile(r"[0-9a-f]{32}")
_ID = re.compile(r"[a-z]+_[0-9a-f]{32}")


class Twins:
    """For ids that somebody else has, others that nobody has."""

    def __init__(self, foreign: Collection[str]) -> None:
        self._foreign = frozenset(foreign)
        self._unknown: dict[tuple[str, int], str] = {}

    def of(self, text: str) -> dict[str, str]:
        """By each foreign id in the text, one of its kind that nobody has, the same every time."""
        found: dict[str, str] = {}
        counts: Counter[str] = Counter()
        for id in dict.fromkeys(_ID.findall(text)):
            if id in self._foreign:
                prefix = id.partition("_")[0]
                which = (prefix, counts[prefix])
                found[id] = self._unknown.setdefault(which, f"{prefix}_{new_id().hex}")
                counts[prefix] += 1
        return found


def replaced(text: str, by: Mapping[str, str]) -> str:
    """With other ids in the place of some."""
    return _ID.sub(lambda match: by.get(match[0], match[0]), text) if by else text


@dataclass
class Walk:
    """What everybody was answered, and what stood in the database around it."""

    neighbourhood: Neighbourhood
    credentials: Credentials
    hidden: Rows
    twins: Twins
    readings: list[Question]
    writings: list[Question] = field(default_factory=list)
    variations: list[Question] = field(default_factory=list)  # lists by other conditions, orders
    varying: Collection[str] = ()  # who asks those, too; of a kind, one is enough
    modest: Collection[str] = ()  # who asks for one thing of a kind: they may nothing of a kind
    beside: Answers = field(default_factory=dict)
    alone: Answers = field(default_factory=dict)
    files_beside: Answers = field(default_factory=dict)
    files_alone: Answers = field(default_factory=dict)
    before: Rows = field(default_factory=dict)
    after: Rows = field(default_factory=dict)

    def question(self, name: str) -> Question:
        """By its name."""
        every = (*self.readings, *self.writings, *self.variations)
        return next(each for each in every if each.name == name)

    def asked_of(self, who: str) -> list[Question]:
        """All that this one asks."""
        more = self.variations if who in self.varying else []
        if who in self.modest:
            return [*self._few, *more]
        return [*self.readings, *self.writings, *more]

    @cached_property
    def _few(self) -> list[Question]:
        return at_most(1, [*self.readings, *self.writings])

    async def ask_beside(self) -> None:
        """The first time."""
        self.before = await snapshot.taken()
        self.beside = await self._asked(None)
        self.files_beside = await self._files()
        self.after = await snapshot.taken()

    async def ask_alone(self) -> None:
        """The second, once the hidden rows are gone."""
        self.alone = await self._asked(self.twins)
        self.files_alone = await self._files()

    async def _asked(self, twins: Twins | None) -> Answers:
        every = [*self.readings, *self.writings, *self.variations]
        return await answers(self.neighbourhood, self.credentials, every, self.asked_of, twins)

    async def _files(self) -> Answers:
        found = {}
        for who in self.varying:
            viewer = await self.neighbourhood.viewer(self.credentials[who])
            found[who] = await files.told(viewer, self.hidden)
        return found

    def differing(self, who: str) -> dict[str, tuple[str, str]]:
        """What was answered otherwise the second time, by question."""
        found = {}
        for question in self.asked_of(who):
            name = question.name
            known = self.twins.of(_text(question.variables))
            pair = (replaced(self.beside[who][name], known), self.alone[who][name])
            if pair[0] != pair[1]:
                found[name] = pair
        return found


async def answers(
    neighbourhood: Neighbourhood,
    credentials: Credentials,
    questions: list[Question],
    asked_of: Callable[[str], list[Question]] | None = None,
    twins: Twins | None = None,
) -> Answers:
    """Question by question, since a text that was just read needn't be read again.

    `asked_of` says which of them somebody asks. With `twins`, of questions that differ in foreign
    ids alone one is asked for all of them.
    """
    found: Answers = {who: {} for who in credentials}
    wanted = {who: {each.name for each in asked_of(who)} for who in credentials if asked_of}
    heard: dict[tuple[str, str, str], str] = {}
    for question in questions:
        name, document, text = question.name, question.document, ""
        if twins is not None:
            text = _text(question.variables)
            text = replaced(text, twins.of(text))
            question = Question(name, document, orjson.loads(text))
        for who, credential in credentials.items():
            if asked_of and name not in wanted[who]:
                continue
            answer = heard.get((who, document, text)) if twins else None
            if answer is None:
                response = await neighbourhood.ask(credential, question)
                assert response.status_code in (200, 400, 401), response.text
                answer = _without_tokens(f"{response.status_code} {response.text}")
            found[who][name] = heard[who, document, text] = answer
    return found


def told(walk: Walk, who: str, secrets: Collection[str]) -> dict[str, set[str]]:
    """Which of the secrets the answers tell without having been asked with them, by question."""
    every = {name: answer.lower() for name, answer in walk.beside[who].items()}
    every |= {f"file {name}": text.lower() for name, text in walk.files_beside.get(who, {}).items()}
    # Most is told many times: of thousands of secrets, look for those that stand in it at all.
    words: set[str] = set()
    for answer in every.values():
        words.update(_WORD.findall(answer))
    ids = {id for word in words for id in _HEX.findall(word.replace("-", ""))}
    whole = "\n".join(words)
    heard = set()
    for each in secrets:
        is_id = _HEX.fullmatch(each.replace("-", ""))
        if each.replace("-", "") in ids if is_id else each in whole:
            heard.add(each)
    asked = {each.name: str(each.variables).lower() for each in walk.asked_of(who)}
    found = {
        name: {each for each in heard if each in answer and each not in asked.get(name, "")}
        for name, answer in every.items()
    }
    return {name: each for name, each in found.items() if each}


def _text(variables: dict[str, Any]) -> str:
    return orjson.dumps(variables).decode()


def _without_tokens(text: str) -> str:
    text = re.sub(r'"(accessToken|refreshToken|expiresAt)":"[^"]*"', "", text)
    # A link to a file has a ticket behind its id, which is good for some minutes of real time.
    return re.sub(r"(/[0-9a-f]{32})\.\d+\.[\w-]{43}", r"\1", text)
