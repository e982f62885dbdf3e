"""What an order would cost a customer, with which offers, and why not with others. Only reads."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.catalogue import terms
from domain.catalogue.amounts import CURRENCY
from domain.catalogue.quantities import check_lines, check_quantity
from domain.customers.policy import CUSTOMERS
from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.offers import automatic
from domain.pricing import arithmetic, lines, reading
from domain.pricing.arithmetic import Amounts
from domain.pricing.lines import Line, Wanted
from domain.pricing.reading import Offers
from domain.pricing.verdicts import Finding, Obstacle, Setting
from kit.money import Money
from kit.problems import InvalidInput, NotFound
from models.customers import Customer


@dataclass(frozen=True, slots=True)
class Simulation:
    """An order that nobody has placed. The total is None when a line has no price."""

    at: datetime
    partner_id: UUID | None
    lines: list[Line]
    total: Amounts | None
    authorized_floor: Money | None


async def simulate(
    *,
    viewer: Viewer,
    customer_id: UUID,
    wanted: Sequence[Wanted],
    at: datetime | None = None,
    now: datetime,
) -> Simulation:
    """What the lines would cost the customer at a moment, by what is known now. Writes nothing.

    A line with an offer that it can't use is priced at list. The offers of one order are of one
    partner, the first line's (A-22). Prices to come count for the platform alone. Raises NotFound,
    InvalidInput.
    """
    permissions.require(viewer, "priceSimulate")
    at = _checked(wanted, at, now)
    await CUSTOMERS.require(Customer, customer_id, viewer=viewer, now=now, thing="customer")
    skus = await reading.skus_in_sight({w.sku_id for w in wanted}, viewer=viewer, now=now)
    for place, each in enumerate(wanted):
        if each.sku_id not in skus:
            raise NotFound(thing="SKU", path=("input", "lines", str(place), "skuId"))
    offers = await reading.offers_in_sight(
        viewer=viewer,
        customer_id=customer_id,
        goods_ids={goods.id for _, goods in skus.values()},
        asked={id for each in wanted for id in each.asked},
        now=now,
    )
    partner_id = _partner(wanted, offers)
    prices = await terms.prices(list(skus), at=at if lines.knows_ahead(viewer) else min(at, now))
    policies = await terms.policies({goods.id for _, goods in skus.values()}, at=at)
    quantities = Counter[tuple[UUID, UUID]]()
    for each in wanted:
        quantities.update({(id, each.sku_id): each.quantity for id in each.asked})
    bound = partner_id or viewer.partner_id or await _partner_of(customer_id)
    obstacles = await _automatic(customer_id, bound, {goods.id for _, goods in skus.values()}, at)

    made = []
    for place, each in enumerate(wanted):
        sku, goods = skus[each.sku_id]
        policy = policies.get(goods.id)
        setting = Setting(customer_id, partner_id, goods, sku, each.quantity, policy, at)
        with _blaming("input", "lines", str(place), "quantity"):
            made.append(
                lines.line(
                    each,
                    setting,
                    price=prices.get(sku.id),
                    offers=offers,
                    quantities=quantities,
                    automatic=obstacles[goods.id],
                    viewer=viewer,
                )
            )
    return _summed(at, bound, made)


@contextmanager
def _blaming(*path: str) -> Iterator[None]:
    """Say which input makes an amount too large."""
    try:
        yield
    except InvalidInput as problem:
        problem.path = path
        raise


def _checked(wanted: Sequence[Wanted], at: datetime | None, now: datetime) -> datetime:
    check_lines(len(wanted))
    for place, line in enumerate(wanted):
        path = ("input", "lines", str(place))
        check_quantity(line.quantity, path=(*path, "quantity"))
        if len(line.asked) > 1:
            raise InvalidInput(
                reason="A line is sold with one offer: an exclusive or a private one.",
                reason_zh="每行只能选择一个专属优惠或商家优惠。",
                path=(*path, "privateOfferId"),
            )
    if at is not None and at < now:
        raise InvalidInput(
            reason="What is over can't be simulated: choose now, or a moment ahead.",
            reason_zh="只能模拟当前或将来的时间。",
            path=("input", "at"),
        )
    return at or now


def _partner(wanted: Sequence[Wanted], offers: Offers) -> UUID | None:
    """Whose offer the first line that names one uses. Raises NotFound for what isn't in sight."""
    exclusive = {offer.id: offer.partner_id for offer in offers.exclusive}
    private = {offer.id: offer.partner_id for offer in offers.private}
    first = None
    for place, line in enumerate(wanted):
        for field, id, owners, thing in (
            ("exclusiveOfferId", line.exclusive_offer_id, exclusive, "exclusive offer"),
            ("privateOfferId", line.private_offer_id, private, "private offer"),
        ):
            if id is not None and id not in owners:
                raise NotFound(thing=thing, path=("input", "lines", str(place), field))
            first = first or (owners[id] if id is not None else None)
    return first


async def _partner_of(customer_id: UUID) -> UUID | None:
    return (await Customer.get(id=customer_id)).partner_id


async def _automatic(
    customer_id: UUID, partner_id: UUID | None, goods_ids: Collection[UUID], at: datetime
) -> dict[UUID, list[Finding]]:
    """What keeps the system from making its 100 % offer while the order is paid (X-09)."""
    if partner_id is None:
        return {id: [Finding(Obstacle.NO_PARTNER)] for id in goods_ids}
    found = await automatic.obstacles(
        customer_id=customer_id, partner_id=partner_id, goods_ids=list(goods_ids), now=at
    )
    return {id: [Finding(code) for code in codes] for id, codes in found.items()}


def _summed(at: datetime, partner_id: UUID | None, made: list[Line]) -> Simulation:
    amounts = [line.amounts for line in made if line.amounts is not None]
    floors = [line.authorized_floor for line in made if line.authorized_floor is not None]
    is_priced, is_floored = len(amounts) == len(made), len(floors) == len(made)
    return Simulation(
        at=at,
        partner_id=partner_id,
        lines=made,
        total=arithmetic.total(amounts, CURRENCY) if is_priced else None,
        authorized_floor=sum(floors, lines.money(Decimal(0))) if is_floored else None,
    )
