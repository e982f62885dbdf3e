"""What a simulation reads: SKUs as they are seen, and the offers that may concern them."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from domain.catalogue.policy import SKUS
from domain.identity.viewer import Viewer
from domain.offers.policy import EXCLUSIVE_OFFERS
from domain.private_offers.policy import PRIVATE_OFFERS
from kit import database, rows
from kit.scope import Scope, one_off, sight_of
from models.base import Record
from models.catalogue import Goods, Sku
from models.offers import ExclusiveOffer, ExclusiveOfferLine
from models.private_offers import PrivateOffer, PrivateOfferLine

MOST_OFFERS = 100  # of each sort; those that were asked for first, then the latest

R = TypeVar("R", bound=Record)


@dataclass(frozen=True, slots=True)
class Offers:
    """The offers in sight, the latest first, with what each is for."""

    exclusive: Sequence[ExclusiveOffer]
    exclusive_lines: Mapping[UUID, Sequence[ExclusiveOfferLine]]
    private: Sequence[PrivateOffer]
    private_lines: Mapping[UUID, Sequence[PrivateOfferLine]]


async def skus_in_sight(
    ids: Collection[UUID], *, viewer: Viewer, now: datetime
) -> dict[UUID, tuple[Sku, Goods]]:
    """Those of the SKUs that exist for the viewer, with their goods."""
    sql, values = one_off(
        f"select {rows.columns(Sku, 't')} from sku t"
        f" where t.id = any({{ids}}) and ({SKUS.predicate(sight_of(viewer))})",
        viewer=viewer,
        now=now,
        ids=list(ids),
    )
    skus = rows.as_models(Sku, await database.rows(sql, *values))
    goods = {each.id: each for each in await Goods.filter(id__in={s.goods_id for s in skus})}
    return {sku.id: (sku, goods[sku.goods_id]) for sku in skus}


async def offers_in_sight(
    *,
    viewer: Viewer,
    customer_id: UUID,
    goods_ids: Collection[UUID],
    asked: Collection[UUID],
    now: datetime,
) -> Offers:
    """The customer's offers for any of the goods, and those that were asked for, whosever."""
    facts = {"customer": customer_id, "goods": list(goods_ids), "asked": list(asked)}
    exclusive = await _seen(
        ExclusiveOffer,
        EXCLUSIVE_OFFERS,
        "exists (select from exclusive_offer_line l where l.offer_id = t.id"
        " and l.goods_id = any({goods}))",
        facts,
        viewer=viewer,
        now=now,
    )
    private = await _seen(
        PrivateOffer,
        PRIVATE_OFFERS,
        "exists (select from private_offer_line l where l.terms_id = t.current_version_id"
        " and l.goods_id = any({goods}))",
        facts,
        viewer=viewer,
        now=now,
    )
    of_exclusive = defaultdict(list)
    for line in await ExclusiveOfferLine.filter(offer_id__in=[each.id for each in exclusive]):
        of_exclusive[line.offer_id].append(line)
    offer_of = {each.current_version_id: each.id for each in private}
    of_private = defaultdict(list)
    for terms in await PrivateOfferLine.filter(
        terms_id__in=[version_id for version_id in offer_of if version_id is not None]
    ):
        of_private[offer_of[terms.terms_id]].append(terms)
    return Offers(exclusive, of_exclusive, private, of_private)


async def _seen(
    table: type[R],
    scope: Scope,
    concerns: str,
    facts: Mapping[str, object],
    *,
    viewer: Viewer,
    now: datetime,
) -> list[R]:
    sql, values = one_off(
        f'select {rows.columns(table, "t")} from "{table._meta.db_table}" t'
        f" where ({scope.predicate(sight_of(viewer))})"
        f" and (t.id = any({{asked}}) or (t.customer_id = {{customer}} and {concerns}))"
        " order by (t.id = any({asked})) desc, t.created_at desc, t.id desc"
        f" limit {MOST_OFFERS}",
        viewer=viewer,
        now=now,
        **facts,
    )
    return rows.as_models(table, await database.rows(sql, *values))
