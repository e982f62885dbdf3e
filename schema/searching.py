"""Searching lists by what their rows are about."""

from typing import Any

from kit.reads import where
from kit.reads.filters import pattern

CUSTOMER = "A piece of the customer's name or account, at least 2 characters."
PARTNER = "A piece of the partner's name or account name, at least 2 characters."


def search_customer(description: str = CUSTOMER) -> Any:
    """A search for a piece of the name or account name of the row's customer."""
    return search_in("customer", "customer_id", "name", "account_name", description=description)


def search_partner(description: str = PARTNER) -> Any:
    """A search for a piece of a name or of the account name of the row's partner."""
    words = ("name", "name_en", "account_name")
    return search_in("partner", "partner_id", *words, description=description)


def search_in(table: str, column: str, *words: str, description: str) -> Any:
    """A search for a piece of any of these texts of what the row refers to by a column."""
    found = " or ".join(f"named.{word} ilike {{value}}::text" for word in words)
    # As an array, so that the trigram indexes find them once, and not row by row.
    template = f"{{t}}.{column} = any(array(select named.id from {table} named where {found}))"
    return where(template, description, prepare=pattern)
