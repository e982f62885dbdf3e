"""All that the schema can be asked for, the ways that lead there, and how often each was taken."""

from collections import Counter, defaultdict, deque
from collections.abc import Awaitable, Callable, Iterator
from inspect import isawaitable
from random import Random
from typing import Any, NamedTuple

from graphql import (
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
)

from kit.reads.fields import Many, Polymorphic
from tests.kit.reads.later import Later
from tests.kit.reads.oracle import source_of


class Place(NamedTuple):
    """A field of a type, or an argument of it (`filter.status`, `orderBy.NAME`)."""

    type: str
    field: str
    argument: str = ""


class Atlas:
    """Every place below Query: `note` what was asked, and `next` gives what was asked least.

    Once all was asked, it gives what was asked in vain: where nothing but null was answered.
    """

    def __init__(self, schema: GraphQLSchema) -> None:
        assert schema.query_type is not None
        self.asked: Counter[Place] = Counter()
        self.told: Counter[Place] = Counter()
        self.places: list[Place] = []
        self._far = {schema.query_type.name: 0}
        self._ways: dict[str, list[Place]] = defaultdict(list)
        self._waiting: list[Place] = []
        self._round = 0
        coming = deque([schema.query_type])
        while coming:
            type_ = coming.popleft()
            for name, field in type_.fields.items():
                place = Place(type_.name, name)
                self.places += [place, *_arguments(place, field)]
                for target in targets(schema, field):
                    self._ways[target.name].append(place)
                    if target.name not in self._far:
                        self._far[target.name] = self._far[type_.name] + 1
                        coming.append(target)

    def next(self, dice: Random) -> Place:
        """One of the places that were asked least."""
        while True:
            if not self._waiting:
                self._round += 1
                self._waiting = dice.sample(self.places, len(self.places))
            place = self._waiting.pop()
            if not self.asked[place]:
                return place
            # In the first rounds, look for what has been in vain; later for anything.
            if self._round > 4 or (self._round > 1 and not self.told[place._replace(argument="")]):
                return place

    def put_back(self, place: Place) -> None:
        """It can't be asked now; it will come again at last."""
        self._waiting.insert(0, place)

    def watch(self, schema: GraphQLSchema) -> None:
        """Count from here on what isn't null in the answers of a schema's resolvers."""
        for type_ in schema.type_map.values():
            for name, field in type_.fields.items() if isinstance(type_, GraphQLObjectType) else ():
                if field.resolve is not None and source_of(field) is not None:
                    field.resolve = self._watched(Place(type_.name, name), field.resolve)

    def _watched(self, place: Place, resolve: Callable[..., Any]) -> Callable[..., Any]:
        def watched(parent: Any, info: Any, **arguments: Any) -> Any:
            value = resolve(parent, info, **arguments)
            if isawaitable(value):
                return Later(lambda: later(value))
            self.told[place] += value is not None
            return value

        async def later(coming: Awaitable[Any]) -> Any:
            value = await coming
            self.told[place] += value is not None
            return value

        return watched

    def way(self, place: Place, dice: Random) -> list[Place]:
        """The fields to go through from Query on, the place itself at last."""
        steps, detours = [place], 2
        while self._far[steps[0].type]:
            name = steps[0].type
            near = [each for each in self._ways[name] if self._far[each.type] < self._far[name]]
            if detours and dice.random() < 0.3:
                detours -= 1
                near = [each for each in self._ways[name] if each.type in self._far]
            steps.insert(0, dice.choice(near))
        return steps

    def note(self, place: Place) -> None:
        """Count that it was asked for."""
        self.asked[place] += 1

    def unasked(self) -> set[str]:
        """What nobody has asked for yet."""
        return {".".join(place).rstrip(".") for place in self.places if not self.asked[place]}


def targets(schema: GraphQLSchema, field: GraphQLField) -> list[GraphQLObjectType]:
    """The types of object that a field can give."""
    named: Any = get_named_type(field.type)
    source = source_of(field)
    if isinstance(source, Polymorphic):
        kinds: list[Any] = [schema.type_map[name] for name in source.types.values()]
        return kinds
    if is_abstract_type(named):
        return list(schema.get_possible_types(named))
    return [named] if isinstance(named, GraphQLObjectType) else []


def _arguments(place: Place, field: GraphQLField) -> Iterator[Place]:
    for name, argument in field.args.items():
        named: Any = get_named_type(argument.type)
        inside: list[str] = []
        if isinstance(source_of(field), Many):
            if name == "filter":
                inside = list(named.fields)
            elif name == "orderBy":
                inside = list(get_named_type(named.fields["field"].type).values)
        for part in inside:
            yield place._replace(argument=f"{name}.{part}")
        yield place._replace(argument=name)
