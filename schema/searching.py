"""Searching lists by what their rows are about."""

from typing import Any

import strawberry

from kit.reads import search
from kit.reads.filters import CONDITION, Condition


def search_customer(description: str) -> Any:
    """A search for a piece of the name or account name of the row's customer."""
    prepare = search(description=description).metadata[CONDITION].prepare
    # As an array, so that the trigram indexes find the customers once, and not row by row.
    template = (
        "{t}.customer_id = any(array(select named.id from customer named"
        " where named.name ilike {value}::text or named.account_name ilike {value}::text))"
    )
    condition = Condition(template, prepare)
    return strawberry.field(default=None, description=description, metadata={CONDITION: condition})
