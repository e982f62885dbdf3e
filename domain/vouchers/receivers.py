"""For which customers what is issued from a quota is, where the platform has said so (V-09).

A quota may be designated to certain customers (指定客户), or be for those who are associated for
the first time (首次关联). What is passed on to resellers is for the latter, too; a designated one
isn't passed on.
"""

from collections.abc import Sequence
from uuid import UUID

from domain.vouchers.quota_guards import QuotaIsDesignated
from kit import batches, database
from kit.problems import NotFound, Problem
from models.quotas import VoucherQuota


class OnlyFirstAssociated(Problem):
    """It is to win customers who never belonged to a partner before."""

    code = "CBC.99000022"
    en = "This quota is only for customers who are associated for the first time."
    zh = "该额度仅可发放给首次关联的子客户。"


async def designated(customer_ids: Sequence[UUID] | None) -> list[str]:
    """As the table has them; empty for all. Raises NotFound, and InvalidInput for too many."""
    if not customer_ids:
        return []
    path = ("input", "customerIds")
    wanted = batches.checked(customer_ids, path=path)
    found = await database.rows("select id from customer where id = any($1)", wanted)
    if len(found) < len(wanted):
        raise NotFound(thing="customer", path=path)
    return sorted(str(id) for id in wanted)


async def refused(customer_ids: Sequence[UUID], quota: VoucherQuota) -> dict[UUID, Problem]:
    """Who gets nothing from this quota, and why. The customers are held.

    Associated for the first time is who has left no association but to belong to the same partner
    in another way.
    """
    chosen = {UUID(id) for id in quota.customers}
    problems: dict[UUID, Problem] = {
        id: QuotaIsDesignated() for id in customer_ids if chosen and id not in chosen
    }
    if quota.first_associations_only:
        found = await database.rows(_BEFORE, list(customer_ids))
        problems = {row["customer_id"]: OnlyFirstAssociated() for row in found} | problems
    return problems


_BEFORE = """
select distinct customer_id from association
where customer_id = any($1) and state = 'ENDED' and end_reason is distinct from 'SWITCHED'
"""
