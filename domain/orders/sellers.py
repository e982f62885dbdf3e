"""The partner that a buyer names on the order page, who earns on the order (X-09(3))."""

from uuid import UUID

from kit.problems import NotFound
from models.partners import Partner, PartnerKind


async def named(*, account_name: str | None, path: tuple[str, ...]) -> UUID | None:
    """The partner with this account, if one is named. Raises NotFound; merchants don't sell so."""
    if account_name is None:
        return None
    found = await Partner.get_or_none(account_name=account_name.strip())
    if found is None or found.kind is PartnerKind.MERCHANT:
        raise NotFound(thing="partner", path=path)
    return found.id
