"""Everybody of the demo, who asks the same of the compiler and of the oracle."""

from collections import Counter
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from graphql import GraphQLSchema, validate

from domain.identity import recognition
from domain.identity.viewer import ANONYMOUS, SYSTEM, Viewer
from kit import clock
from kit.pool import ReadTooSlow
from kit.problems import Problem
from kit.reads.fields import Many
from models.identity import ApiKey, Person
from partner_center import demo, graphql
from schema.context import Context
from tests.kit.reads import minimal
from tests.kit.reads.comparing import answer, difference
from tests.kit.reads.dressing import Question
from tests.kit.reads.keys import Keys
from tests.kit.reads.oracle import Oracle, source_of
from tests.reading.atlas import Atlas, Place
from tests.reading.drawing import Drawing
from tests.reading.stock import Stock
from tests.reading.telling import Telling

TRIES = 3


@dataclass(frozen=True)
class Asked:
    """A question, and who asks it in which language."""

    question: Question
    who: str
    locale: str


class Reading:
    """Both ways to read one database, which must not change meanwhile."""

    def __init__(self, now: datetime) -> None:
        self.plain: GraphQLSchema = graphql.declared()._schema
        self.told: Counter[str] = Counter()
        self.atlas = Atlas(self.plain)
        self._compiled = graphql.schema()._schema
        self._now = now
        self._oracle = Oracle(self.plain, guard=Viewer.require_sign_in)
        self._stock = Stock(now)
        self._keys = Keys()
        self._viewers: dict[str, Viewer] = {"nobody": ANONYMOUS, "system": SYSTEM}

    @classmethod
    async def begin(cls, now: datetime) -> "Reading":
        """With the rows of the demo, and the seats of all whom one can sign in as."""
        reading = cls(now)
        await reading._stock.learn(reading._oracle)
        reading.atlas.watch(reading.plain)
        await reading._keys.learn(reading._oracle, reading._stock.rows)
        until = clock.wall() + timedelta(days=1)
        for account in demo.accounts():
            person = await Person.get(email=account.email)
            found = await recognition.by_person(person.id, until=until)
            assert found is not None
            reading._viewers[account.label] = found.viewer
        for key in await ApiKey.filter(revoked_at=None):
            system = await recognition.by_api_key_id(key.id, wall=clock.wall())
            if system is not None:
                reading._viewers["a partner's system"] = system.viewer
        return reading

    async def draw(self, seed: str, number: int) -> Asked:
        """The question of this number."""
        dice = Random(f"{seed}/{number}")
        who = "system" if dice.random() < 0.4 else dice.choice(sorted(self._viewers))
        locale = dice.choice(("en", "zh"))
        await self._stock.look(self._oracle, who, self._context(who, locale))
        is_bold = dice.random() < 0.1
        viewer = self._viewers[who]
        drawing = Drawing(
            self.plain,
            self.atlas,
            self._stock,
            self._keys,
            dice,
            may=lambda source: is_bold or _is_let_in(viewer, source),
        )
        return Asked(drawing.question(), who, locale)

    def again(self, asked: Asked) -> list[Asked]:
        """The same document with other variables, and by somebody else: it is compiled already."""
        people = sorted(self._viewers)
        other = people[(people.index(asked.who) + 5) % len(people)]
        return [replace(asked, question=asked.question.again()), replace(asked, who=other)]

    def _context(self, who: str, locale: str) -> Context:
        return Context(viewer=self._viewers[who], now=self._now, locale=locale, request_id="asked")

    async def differs(self, asked: Asked) -> str | None:
        """What the compiler did wrong, if anything."""
        if errors := validate(self.plain, asked.question.document):
            return f"no valid question: {errors}"
        context = self._context(asked.who, asked.locale)
        for _ in range(TRIES):
            compiled = await answer(self._compiled, asked.question, context)
            plain = await answer(self.plain, asked.question, context, by_executor=True)
            # On a busy machine even a short read can take too long; that is no answer.
            if ReadTooSlow.code not in (*compiled[1].values(), *plain[1].values()):
                break
        self.told["something" if _says(compiled[0]) else "nothing"] += 1
        return difference(asked.question, self.plain, compiled, plain, now=self._now)

    async def tell(
        self, given: Mapping[str, Iterable[str]], *, expects_not: Set[str] = frozenset()
    ) -> Telling:
        """What everybody together can be told; some root fields are `given` arguments.

        The system first, and the others what it wasn't told, unless nobody expects that.
        """
        telling = Telling(self.plain, self.atlas.places, expects_not=expects_not)
        for who in ("system", *(who for who in self._viewers if who != "system")):
            context = self._context(who, "en")
            await self._stock.look(self._oracle, who, context)
            first = who == "system"
            for documents in (
                telling.roots(given, self._stock, all_of_them=first),
                telling.rows(self._stock, all_of_them=first),
            ):
                for text, variables in documents:
                    question = Question(text, variables, {})
                    data, _ = await answer(self._compiled, question, context)
                    telling.hear(data)
        return telling

    def own_arguments(self) -> list[Place]:
        """The arguments of fields read from tables, but for those that every list has."""
        return [place for place in self.atlas.places if place.argument in self._takes(place)]

    def _takes(self, place: Place) -> Mapping[str, Any]:
        type_: Any = self.plain.type_map[place.type]
        return getattr(source_of(type_.fields[place.field]), "arguments", None) or {}

    async def told_with(self, place: Place, value: str) -> Any:
        """What the system is told of all rows by a field with this value of its argument."""
        context = self._context("system", "en")
        await self._stock.look(self._oracle, "system", context)
        type_: Any = self.plain.type_map[place.type]
        is_list = isinstance(source_of(type_.fields[place.field]), Many)
        below = "nodes { id }" if is_list else "id"
        asked = f"{place.field}({place.argument}: {value}) {{ {below} }}"
        if place.type == "Query":
            return await answer(self._compiled, Question(f"{{ {asked} }}", {}, {}), context)
        text = f"query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {place.type} {{ {asked} }} }} }}"
        ids = self._stock.samples(self._stock.named[place.type])[:100]
        return await answer(self._compiled, Question(text, {"ids": ids}, {}), context)

    async def smallest(self, asked: Asked) -> Asked:
        """The same failure in as few words as possible."""

        async def fails(question: Question) -> Any:
            return await self.differs(replace(asked, question=question))

        return replace(asked, question=await minimal.smallest(asked.question, self.plain, fails))


def _says(value: Any) -> bool:
    """Whether anything is told of any row."""
    if isinstance(value, dict):
        return any(_says(part) for part in value.values())
    if isinstance(value, list):
        return any(_says(part) for part in value)
    return value not in (None, False, True, 0)


def _is_let_in(viewer: Viewer, source: Any) -> bool:
    """Whether a root field with this source refuses the viewer at once."""
    try:
        (getattr(source, "guard", None) or Viewer.require_sign_in)(viewer)
    except Problem:
        return False
    return True
