"""What a question's arguments are made of: ids, texts, moments and amounts that are in the rows."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLObjectType,
    get_named_type,
    get_nullable_type,
    is_list_type,
    is_required_input_field,
)
from tortoise.models import Model

from kit import ids
from kit.problems import Problem
from kit.reads.filters import Condition, Range
from kit.reads.tables import Table
from models.timers import Tick
from tests.kit.reads.oracle import Oracle, table_of
from tests.kit.reads.syntax import Word

WORDS = ("zzz", "云", "数智", "example", "0%", "_o", "\\", "' ", "😀", "100")
SAMPLES = 25
MONTHS = ("2029-10", "2029-11", "2029-12", "2030-01", "2030-02", "1999-01")

# What an id is of, where its name doesn't say the type.
_MEANT = {
    "line": "OrderLine",
    "offer": "PrivateOffer",
    "before": "Statement",
    "after": "Statement",
    "report": "CustomerReport",
    "subscription": "CustomerSubscription",
}
_COLUMN = re.compile(r"\{t\}\.([a-z_0-9]+)")


class Stock:
    """All rows, and what can be taken from them."""

    def __init__(self, now: datetime) -> None:
        self.rows: dict[type[Model], list[Any]] = {}
        self.nodes: dict[str, Table] = {}
        self.named: dict[str, Table] = {}
        self._now = now
        self._seen: dict[type[Model], list[Any]] = {}
        self._seen_by: dict[str, dict[type[Model], list[Any]]] = {}
        self._tables: list[Table] = []
        self._prefix_of: dict[str, str] = {}
        self._accepted: dict[int, str | None] = {}

    async def learn(self, oracle: Oracle) -> None:
        """Read all tables of the schema."""
        for type_ in oracle.schema.type_map.values():
            table = table_of(type_) if isinstance(type_, GraphQLObjectType) else None
            if table is not None:
                self._tables.append(table)
                self.rows[table.model] = sorted(
                    await oracle.told.rows(table), key=lambda row: (_begun(row), row.id)
                )
                if table.is_node:
                    self.nodes[table.prefix] = table
                    self._prefix_of[type_.name.lower()] = table.prefix
                    self.named[type_.name] = table

    async def look(self, oracle: Oracle, who: str, context: Any) -> None:
        """From here on, give mostly what this viewer sees."""
        if who not in self._seen_by:
            found: dict[type[Model], list[Any]] = {}
            for table in self._tables:
                predicate = table.scope.predicate(context.viewer.sight)
                sees = await oracle.told.values(context, table.model, predicate)
                found[table.model] = [row for row in self.rows[table.model] if sees[row.id] is True]
            self._seen_by[who] = found
        self._seen = self._seen_by[who]

    def samples(self, table: Table) -> list[str]:
        """Ids of rows that the viewer sees: some of them with whatever stands in a column."""
        seen = self._seen.get(table.model, [])
        found = {row.id for row in seen[:SAMPLES]}
        for column in table.model._meta.db_fields:
            first: dict[str, UUID] = {}
            for row in seen:
                first.setdefault(str(getattr(row, column, None)), row.id)
                if len(first) == SAMPLES:
                    break
            found |= set(first.values())
        return [ids.encode(table.prefix, id) for id in sorted(found)]

    def row(self, table: Table, dice: Random, having: str | None = None) -> Any:
        """Any row of a table, mostly one with something in the column; None of an empty one."""
        seen, rows = self._seen.get(table.model, []), self.rows[table.model]
        if seen and dice.random() < 0.85:
            full = [row for row in seen if getattr(row, having) is not None] if having else []
            return dice.choice(full or seen)
        return dice.choice(rows) if rows else None

    def an_id(self, dice: Random, prefix: str | None = None, *, having: str | None = None) -> str:
        """Mostly of a row, of this kind or of any; sometimes of none, or no id at all."""
        if prefix is None or dice.random() < 0.03:
            prefix, having = dice.choice(sorted(self.nodes)), None
        if dice.random() < 0.03:
            return dice.choice(("", "ptn_", f"{prefix}_{'0' * 32}", prefix.upper(), "引"))
        row = self.row(self.nodes[prefix], dice, having)
        return f"{prefix}_{UUID(int=dice.getrandbits(128)).hex if row is None else row.id.hex}"

    def id_for(self, prepare: Callable[[Any], Any], dice: Random, having: str | None) -> str:
        """An id that an argument takes."""
        return self.an_id(dice, self._taken(prepare), having=having)

    def _taken(self, prepare: Callable[[Any], Any]) -> str | None:
        """The prefix of the ids that an argument takes; None when it takes all or none."""
        if id(prepare) not in self._accepted:
            taken = [prefix for prefix in sorted(self.nodes) if _takes(prepare, prefix)]
            self._accepted[id(prepare)] = taken[0] if len(taken) == 1 else None
        return self._accepted[id(prepare)]

    def condition(
        self, condition: Condition | Range, table: Table, type_: Any, dice: Random
    ) -> Any:
        """What a filter's field may be given: mostly such that some row meets it."""
        if isinstance(condition, Range):
            return self._range(condition, table, get_named_type(type_), dice)
        if is_list_type(get_nullable_type(type_)):
            many = dice.choice((0, 1, 1, 2, 3))
            found = [self._meeting(condition, table, type_, dice) for _ in range(many)]
            return found[0] if many == 1 and dice.random() < 0.3 else found
        return self._meeting(condition, table, type_, dice)

    def _meeting(self, condition: Condition, table: Table, type_: Any, dice: Random) -> Any:
        named = get_named_type(type_)
        if isinstance(named, GraphQLEnumType):
            return Word(dice.choice(list(named.values)))
        if named.name == "Boolean":
            return dice.random() < 0.5
        told = self._of_column(condition.template, table, dice)
        if named.name == "ID":
            prefix = self._taken(condition.prepare)
            if isinstance(told, UUID) and prefix is not None and dice.random() < 0.8:
                return ids.encode(prefix, told)
            return self.an_id(dice, prefix)
        if named.name == "String" and isinstance(told, str) and told and dice.random() < 0.85:
            if " ilike " not in condition.template:
                return told
            begin, length = dice.randrange(len(told)), dice.choice((2, 2, 3, 5, 40))
            return told[begin : begin + length].swapcase()
        if isinstance(told, int | Decimal) and dice.random() < 0.8:
            return _written(told)
        return self.any_of(named, "", dice)

    def _range(self, condition: Range, table: Table, named: Any, dice: Random) -> dict[str, Any]:
        kind = get_named_type(named.fields["from"].type)
        found = {}
        for end in ("from", "to"):
            told = self._of_column(condition.expression, table, dice)
            fits = {"DateTime": datetime, "Decimal": Decimal, "Date": date}[kind.name]
            if type(told) is not fits:
                found[end] = self.any_of(kind, "", dice)
            else:
                if isinstance(told, datetime) and dice.random() < 0.3:
                    told += timedelta(microseconds=dice.choice((1, -1)))
                found[end] = _written(told)
            if dice.random() < 0.3:
                found[end] = None
        return {end: value for end, value in found.items() if dice.random() < 0.9}

    def _of_column(self, template: str, table: Table, dice: Random) -> Any:
        columns = [
            each for each in _COLUMN.findall(template) if each in table.model._meta.fields_map
        ]
        row = self.row(table, dice)
        return getattr(row, dice.choice(columns)) if columns and row is not None else None

    def of_where(self, template: str, table: Table, dice: Random) -> str:
        """What a root that looks for one row by another argument than its id may be given."""
        told = self._of_column(template, table, dice)
        return dice.choice((told, told, told.lower(), "?")) if isinstance(told, str) else "?"

    def any_of(self, type_: Any, name: str, dice: Random) -> Any:
        """A value of an input type, for an argument of this name."""
        if is_list_type(get_nullable_type(type_)):
            inner = get_nullable_type(type_).of_type
            return [self.any_of(inner, name, dice) for _ in range(dice.randint(1, 2))]
        named = get_named_type(type_)
        if isinstance(named, GraphQLEnumType):
            return Word(dice.choice(list(named.values)))
        if isinstance(named, GraphQLInputObjectType):
            fields = [
                key
                for key, each in named.fields.items()
                if is_required_input_field(each) or dice.random() < 0.4
            ]
            if named.is_one_of or not fields:
                fields = [dice.choice(list(named.fields))]
            return {key: self.any_of(named.fields[key].type, key, dice) for key in fields}
        moment = self._now + timedelta(hours=dice.choice((-2000, -300, -24, 0, 0, 1, 24, 800)))
        ways: dict[str, Callable[[], Any]] = {
            "ID": lambda: self.an_id(dice, self._meant(name)),
            "DateTime": lambda: _written(moment),
            "Date": lambda: _written(moment.date()),
            "YearMonth": lambda: dice.choice(MONTHS),
            "Duration": lambda: dice.choice(("P7D", "PT36H", "P1DT30M", "PT0S")),
            "Decimal": lambda: dice.choice(("0", "0.00", "1.00", "100.00", "12345.67", "-1")),
            "Int": lambda: dice.choice((0, 1, 2, 3, 100, -1, 2**31 - 1)),
            "Boolean": lambda: dice.random() < 0.5,
            "String": lambda: dice.choice(MONTHS if name == "period" else WORDS),
        }
        return ways[named.name]()

    def _meant(self, name: str) -> str | None:
        thing = re.sub(r"Ids?$", "", name)
        return self._prefix_of.get(_MEANT.get(thing, thing).lower())


def _begun(row: Any) -> datetime:
    """Since when there is a row; of periodic work, for which moment."""
    moment: datetime = row.scheduled_for if isinstance(row, Tick) else row.created_at
    return moment


def _takes(prepare: Callable[[Any], Any], prefix: str) -> bool:
    try:
        prepare(f"{prefix}_{'0' * 32}")
    except Problem:
        return False
    return True


def _written(value: Any) -> Any:
    """As a client writes it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return str(value) if isinstance(value, Decimal | date) else value
