"""How a leaf's SQL value becomes JSON text: one canonical format per scalar."""

from typing import Any

from graphql import GraphQLEnumType, GraphQLList, GraphQLNonNull
from tortoise import fields as orm

# SQL, and what stands around it. Six digits always, so that equal instants are equal texts.
# Sessions are in UTC.
_DATE_TIME = 'to_char({}, \'YYYY-MM-DD"T"HH24:MI:SS.US"Z"\')', '"'
_QUOTED = "{}::text", '"'
_BARE = "{}::text", ""
_JSON = "to_json({})::text", ""
_TEXT = "to_json({}::text)::text", ""  # the cast, since a mere 'literal' has no type yet

_BY_SCALAR = {
    "Int": _BARE,
    "Boolean": _BARE,
    "Float": _JSON,
    "DateTime": _DATE_TIME,
    "Date": _QUOTED,
    "Decimal": _QUOTED,
}


def leaf(text: "Text", expression: str, type_: Any, column: Any = None) -> None:
    """Append the JSON of a leaf; `column` is the ORM's field where there is one.

    Null becomes the text `null`, whatever the type says: a value that is missing against the
    rules must be seen, not swallow its row.
    """
    inner = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
    if isinstance(column, orm.JSONField):
        form, mark = _BARE
    elif isinstance(inner, GraphQLList):
        form, mark = _JSON
    elif isinstance(inner, GraphQLEnumType):
        form, mark = _QUOTED  # stored as the GraphQL name, so there is nothing to escape
    else:
        form, mark = _BY_SCALAR.get(inner.name, _TEXT)
    value = form.format(expression)
    is_told = column is not None and not column.null and isinstance(type_, GraphQLNonNull)
    if is_told and form != _DATE_TIME[0]:  # to_char is silent about infinity
        text.say(mark).add(value).say(mark)
    elif mark:
        text.add(f"coalesce('{mark}' || {value} || '{mark}', 'null')")
    else:
        text.add(f"coalesce({value}, 'null')")


def hex_of(expression: str) -> str:
    """SQL text for the 32 digits of a UUID."""
    return f"encode(uuid_send({expression}), 'hex')"


class Text:
    """JSON text under construction: literal pieces and SQL pieces, joined with `||`."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._literal = ""

    def say(self, literal: str) -> "Text":
        """Append JSON text that is known now."""
        self._literal += literal
        return self

    def add(self, expression: str) -> "Text":
        """Append what an SQL expression of type text will say."""
        self._flush()
        self._pieces.append(expression)
        return self

    def sql(self) -> str:
        """The whole as one SQL expression of type text."""
        self._flush()
        return " || ".join(self._pieces)

    def _flush(self) -> None:
        if self._literal:
            self._pieces.append("'" + self._literal.replace("'", "''") + "'")
            self._literal = ""
