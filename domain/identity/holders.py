"""Who at a partner holds a right, and so is to be told of what waits for it."""

from typing import Any
from uuid import UUID

from domain.identity.items import Item
from kit import database


async def holders(
    partner_id: UUID, item: Item, *, of_all_customers: bool = False
) -> list[dict[str, Any]]:
    """`id`, `email` and `locale` of everybody with the right, in the order of their ids.

    With `of_all_customers` not those who hold it by a preset role for certain customers alone.
    """
    return await database.rows(
        """
        select id, email, locale from person
        where disabled_at is null and id in (
          select operator.person_id from operator
          join operator_role on operator_role.operator_id = operator.id
          join role on role.id = operator_role.role_id
          where operator.partner_id = $1 and operator.removed_at is null and role.items ? $2::text
            and not ($3::boolean and role.partner_id is null
              and role.code in ('ACCOUNT_MANAGER', 'SUPERVISOR'))
        )
        order by id
        """,
        *(partner_id, item.value, of_all_customers),
    )


async def staff(*items: Item) -> list[dict[str, Any]]:
    """The same of the platform's people with any of the rights."""
    return await database.rows(
        """
        select id, email, locale from person
        where disabled_at is null and id in (
          select person_id from staff_member where removed_at is null and items ?| $1::text[])
        order by id
        """,
        [item.value for item in items],
    )
