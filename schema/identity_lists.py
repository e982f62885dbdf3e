"""Filters and orders of the lists of operators, roles and API keys."""

from enum import Enum

import strawberry
from strawberry import enum_value

from kit.reads import of_node, ordering, search, where, within
from schema.identity import KEY_IS_LIVE
from schema.personal import search_personal
from schema.ranges import DateTimeRange


@strawberry.input(description="Which operators.")
class OperatorFilter:
    partner_id: strawberry.ID | None = of_node("partner_id", "ptn", "Of this partner.")
    name: str | None = where(
        "exists (select from person p where p.id = {t}.person_id"
        " and position(lower({value}::text) in lower(p.name)) > 0)",
        "With this in their name.",
    )
    role_id: strawberry.ID | None = of_node(
        "exists (select from operator_role held where held.operator_id = {t}.id"
        " and held.role_id = {value})",
        "rol",
        "With this role.",
    )
    email: str | None = search_personal(
        "exists (select from person named where named.id = {t}.person_id"
        " and named.email ilike {value}::text)",
        "A piece of the mail address, at least 2 characters. Finds nothing for those who see"
        " addresses only masked.",
    )
    created: DateTimeRange | None = within("created_at", "There since a moment in this span.")


@strawberry.enum(description="What operators can be ordered by.")
class OperatorOrderField(Enum):
    """Names of columns."""

    CREATED_AT = strawberry.enum_value("created_at", description="By since when they are there.")


OperatorOrder = ordering("How operators are ordered.", OperatorOrderField.CREATED_AT)


@strawberry.enum(description="What roles are ordered by.")
class RoleOrderField(Enum):
    CREATED_AT = enum_value("created_at", description="When they were made.")
    NAME = enum_value("name", description="How they are called.")


RoleOrder = ordering("How roles are ordered.", RoleOrderField.CREATED_AT)


@strawberry.input(description="Which API keys.")
class ApiKeyFilter:
    is_live: bool | None = where(f"{KEY_IS_LIVE} = {{value}}", "Whether they open anything.")
    search: str | None = search(
        "name", description="A piece of what it is for, at least 2 characters."
    )
    created: DateTimeRange | None = within("created_at", "Made in this span.")
    expires: DateTimeRange | None = within("expires_at", "Ending in this span.")


@strawberry.enum(description="What API keys can be ordered by.")
class ApiKeyOrderField(Enum):
    """Names of columns."""

    CREATED_AT = strawberry.enum_value("created_at", description="By when they were made.")
    EXPIRES_AT = strawberry.enum_value("expires_at", description="By when they end.")
    NAME = strawberry.enum_value(
        "name", description="By what they are for, by the code of its characters."
    )


ApiKeyOrder = ordering("How API keys are ordered.", ApiKeyOrderField.CREATED_AT)
