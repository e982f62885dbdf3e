"""The simulation of an order's price: what is asked, and what is told."""

from collections.abc import Iterable
from uuid import UUID

import strawberry

from domain.pricing import simulation
from domain.pricing.arithmetic import Amounts
from domain.pricing.lines import Line, Verdict, Wanted
from domain.pricing.verdicts import Finding
from kit import ids
from kit.money import Money as Amount
from models.offers import ExclusiveOffer
from models.private_offers import PrivateOffer
from schema.money import Money
from schema.scalars import DateTime, Decimal


@strawberry.input(description="So many of a SKU, with one offer or none.")
class PriceLineInput:
    """A line of `priceSimulate`."""

    sku_id: strawberry.ID = strawberry.field(description="The SKU.")
    quantity: int = strawberry.field(
        default=1,
        description="How many, 1 to 1000000. What is sold by the period is priced for one period;"
        " for more, give the number of pieces times the periods.",
    )
    exclusive_offer_id: strawberry.ID | None = strawberry.field(
        default=None, description="The exclusive offer that the line would use."
    )
    private_offer_id: strawberry.ID | None = strawberry.field(
        default=None, description="The merchant's private offer that the line would use instead."
    )


@strawberry.input(description="An order that nobody places.")
class PriceSimulateInput:
    """For `priceSimulate`."""

    customer_id: strawberry.ID = strawberry.field(description="Who would buy.")
    lines: list[PriceLineInput] = strawberry.field(description="What, 1 to 50 lines.")
    at: DateTime | None = strawberry.field(
        default=None, description="When it would be paid, now or later; now if unsaid."
    )


@strawberry.type(description="Something that stands in the way.")
class PriceFinding:
    code: str = strawberry.field(description="Stable name of it: `NOT_EFFECTIVE_YET`.")
    rule: str = strawberry.field(description="The rule behind it: `X-11`.")
    message: str = strawberry.field(
        description="A sentence for a person, in the language of `Accept-Language`."
    )


@strawberry.type(description="An offer for the goods of a line, and whether the line could use it.")
class PriceOffer:
    id: strawberry.ID = strawberry.field(description="The offer.")
    number: str = strawberry.field(description="Its number.")
    name: str = strawberry.field(description="How it is called.")
    usable: bool = strawberry.field(description="Whether nothing stands in the way.")
    findings: list[PriceFinding] = strawberry.field(description="All that stands in the way.")


@strawberry.type(description="Whether the system would make its own offer of 100 % (X-09).")
class AutomaticOffer:
    would_be_made: bool = strawberry.field(description="Whether nothing stands in the way.")
    findings: list[PriceFinding] = strawberry.field(description="All that stands in the way.")


@strawberry.type(description="What something costs, tax included: `deal` is what would be paid.")
class PriceAmounts:
    list: Money = strawberry.field(description="What it costs at list price.")
    discount: Money = strawberry.field(description="How much less than the list price it is.")
    deal: Money = strawberry.field(
        description="What would be paid: rounded to the cent once a line, half a cent up, on the"
        " whole of the line and not on one piece."
    )


@strawberry.type(description="A line as it would be sold.")
class PriceLine:
    sku_id: strawberry.ID = strawberry.field(description="The SKU.")
    code: str = strawberry.field(description="The SKU's code.")
    goods_id: strawberry.ID = strawberry.field(description="Its goods.")
    goods_name: str = strawberry.field(description="How the goods are called.")
    quantity: int = strawberry.field(description="How many.")
    unit_list_price: Money | None = strawberry.field(
        description="What one costs without a discount; null when it has no price."
    )
    discount_ratio: Decimal | None = strawberry.field(
        description="The share of the list price that the exclusive offer lets pay; null when none"
        " is used."
    )
    amounts: PriceAmounts | None = strawberry.field(
        description="What the line costs; null when it has no price."
    )
    authorized_floor: Money | None = strawberry.field(
        description="The least that a partner may ask for the line without a special application;"
        " null for customers."
    )
    floor_price: Money | None = strawberry.field(
        description="What the line is settled with (底价); for the platform alone."
    )
    findings: list[PriceFinding] = strawberry.field(
        description="What keeps the line from being sold at all."
    )
    used_offer_id: strawberry.ID | None = strawberry.field(
        description="The offer that makes the price: the one that was asked for, if it is usable;"
        " else the line is priced at list."
    )
    exclusive_offers: list[PriceOffer] = strawberry.field(
        description="The customer's exclusive offers for these goods that you may see, and the one"
        " that was asked for; at most the latest 100."
    )
    private_offers: list[PriceOffer] = strawberry.field(
        description="Merchants' private offers for these goods, as with `exclusiveOffers`."
    )
    automatic_offer: AutomaticOffer = strawberry.field(
        description="Whether the payment would make an offer of 100 % for these goods."
    )


@strawberry.type(description="What an order would cost.")
class PriceSimulation:
    at: DateTime = strawberry.field(description="The moment that it is worked out for.")
    partner_id: strawberry.ID | None = strawberry.field(
        description="The partner that the order would be bound to: whose offer the first line that"
        " asks for one names, else yours, else the customer's."
    )
    lines: list[PriceLine] = strawberry.field(description="The lines, as they were asked.")
    total: PriceAmounts | None = strawberry.field(
        description="The sum of the lines; null when one has no price."
    )
    authorized_floor: Money | None = strawberry.field(
        description="The sum of the lines' floors; null when one has none."
    )

    @staticmethod
    def of(found: simulation.Simulation, locale: str) -> "PriceSimulation":
        """As the API tells it."""
        return PriceSimulation(
            at=DateTime(found.at),
            partner_id=_id("ptn", found.partner_id) if found.partner_id else None,
            lines=[_line(line, locale) for line in found.lines],
            total=_amounts(found.total),
            authorized_floor=_money(found.authorized_floor),
        )


def wanted(line: PriceLineInput, place: int) -> Wanted:
    """What a line asks for. Raises InvalidInput for what is no id of the kind."""
    path = ("input", "lines", str(place))
    exclusive, private = line.exclusive_offer_id, line.private_offer_id
    return Wanted(
        sku_id=ids.decode("sku", line.sku_id, path=(*path, "skuId")),
        quantity=line.quantity,
        exclusive_offer_id=ids.optional("eof", exclusive, path=(*path, "exclusiveOfferId")),
        private_offer_id=ids.optional("pvo", private, path=(*path, "privateOfferId")),
    )


def _line(line: Line, locale: str) -> PriceLine:
    used = line.used
    return PriceLine(
        sku_id=_id("sku", line.sku.id),
        code=line.sku.code,
        goods_id=_id("gds", line.goods.id),
        goods_name=line.goods.name,
        quantity=line.quantity,
        unit_list_price=_money(line.unit_price),
        discount_ratio=Decimal(used.discount) if isinstance(used, ExclusiveOffer) else None,
        amounts=_amounts(line.amounts),
        authorized_floor=_money(line.authorized_floor),
        floor_price=_money(line.floor_price),
        findings=_findings(line.findings, locale),
        used_offer_id=_offer_id(used) if used is not None else None,
        exclusive_offers=[_offer(verdict, locale) for verdict in line.exclusive],
        private_offers=[_offer(verdict, locale) for verdict in line.private],
        automatic_offer=AutomaticOffer(
            would_be_made=not line.automatic, findings=_findings(line.automatic, locale)
        ),
    )


def _offer(verdict: Verdict, locale: str) -> PriceOffer:
    return PriceOffer(
        id=_offer_id(verdict.offer),
        number=verdict.offer.number,
        name=verdict.offer.name,
        usable=not verdict.findings,
        findings=_findings(verdict.findings, locale),
    )


def _offer_id(offer: ExclusiveOffer | PrivateOffer) -> strawberry.ID:
    return _id("eof" if isinstance(offer, ExclusiveOffer) else "pvo", offer.id)


def _findings(found: Iterable[Finding], locale: str) -> list[PriceFinding]:
    return [
        PriceFinding(code=each.code, rule=each.rule, message=each.in_words(locale))
        for each in found
    ]


def _amounts(amounts: Amounts | None) -> PriceAmounts | None:
    if amounts is None:
        return None
    return PriceAmounts(
        list=Money.of(amounts.list),
        discount=Money.of(amounts.discount),
        deal=Money.of(amounts.deal),
    )


def _money(amount: Amount | None) -> Money | None:
    return None if amount is None else Money.of(amount)


def _id(prefix: str, id: UUID) -> strawberry.ID:
    return strawberry.ID(ids.encode(prefix, id))
