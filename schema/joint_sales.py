"""What requirements and private offers have in common in lists."""

from typing import Any

import strawberry

from kit.reads import search, where
from kit.reads.filters import CONDITION, Condition


def search_customer(description: str) -> Any:
    """A search for a piece of the name or the account of the customer in `customer_id`."""
    prepare = search(description=description).metadata[CONDITION].prepare
    condition = Condition(
        "{t}.customer_id in (select buyer.id from customer buyer where"
        " buyer.name ilike {value}::text or buyer.account_name ilike {value}::text)",
        prepare,
    )
    return strawberry.field(default=None, description=description, metadata={CONDITION: condition})


def called(column: str, description: str) -> Any:
    """The partner or merchant in a column has exactly this name: whose id may not be known."""
    return where(
        f"{{t}}.{column} in (select id from partner other where other.name = {{value}}::text)",
        description,
    )


def name_of(table: str, column: str) -> str:
    """SQL for the name of the partner or customer that a column refers to.

    Both sides of a joint sale know each other by name, though neither sees the other's record.
    """
    return f"(select other.name from {table} other where other.id = {{t}}.{column})"
