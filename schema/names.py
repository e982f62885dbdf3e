"""Names of partners and customers, told and searched for where the record itself isn't seen."""

from typing import Any

from kit.reads import where


def name_of(table: str, column: str, name: str = "name") -> str:
    """SQL for how the partner or customer is called that a column refers to.

    Who deals with somebody knows the name, though not always the record.
    """
    return f"(select other.{name} from {table} other where other.id = {{t}}.{column})"


def called(column: str, description: str) -> Any:
    """The partner or merchant in a column has exactly this name: whose id may not be known."""
    return where(
        f"{{t}}.{column} in (select id from partner other where other.name = {{value}}::text)",
        description,
    )
