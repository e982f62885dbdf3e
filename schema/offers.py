"""Exclusive offers, their goods, links and special applications, as the API shows them."""

from typing import Annotated, Any

import strawberry

from domain.offers import guards
from domain.offers.deadlines import END, START
from domain.offers.links import url_of
from domain.offers.policy import APPLICATIONS, EXCLUSIVE_OFFERS, IN_FORCE, LINES, LINKS
from kit.reads import Connection, Node, column, computed, items, one, sql, table
from models import offers as models
from models.offers import ApplicationStatus, OfferOrigin, OfferStatus, QuotationKind
from schema.actions import AvailableAction, available
from schema.deadlines import Deadline, deadline_of
from schema.events import Event, happened
from schema.goods import GoodsRef, SkuRef
from schema.identity import Person
from schema.names import name_of
from schema.offer_lists import APPLICATION_STATUS_NOW, STATUS_NOW
from schema.partners import PartnerRef
from schema.references import CustomerRef
from schema.scalars import DateTime, Decimal

OfferRef = Annotated["ExclusiveOffer", strawberry.lazy("schema.offers")]

# What a partner writes and hears of its offers is between it and the platform.
_INTERNAL = "case when {{viewer.kind}}::text <> 'CUSTOMER' then {{t}}.{column} end"


def _internal(column: str, description: str) -> Any:
    return sql(_INTERNAL.format(column=column), f"{description} Not for the customer.")


def _url(row: Any, request: Any) -> str:
    return url_of(row.id)


@table(
    models.PrivateLink,
    prefix="plk",
    scope=LINKS,
    description="The way to an offer in force for its one customer (私有链接): whoever opens it has"
    " to sign in as a user of that customer. It is dead as soon as the offer is over.",
)
class PrivateLink:
    """X-12, X-13."""

    url: str = computed(
        _url, ("id",), "The address to share; `privateLinkQrCode` draws a code of it."
    )
    opened_count: int = column("How often the customer has opened it.", "opened")
    last_opened_at: DateTime | None = column(
        "When the customer has opened it last; null if it hasn't."
    )


@table(
    models.ExclusiveOfferLine,
    prefix="eol",
    scope=LINES,
    description="Goods that an exclusive offer is good for (优惠商品); of a configuration, which"
    " SKU and how many.",
)
class ExclusiveOfferLine(Node):
    """X-12, X-14."""

    offer: OfferRef | None = one("offer_id", "Of which offer.")
    position: int = column("Its place in the offer, from 1 on.")
    goods: GoodsRef | None = one("goods_id", "Which goods.")
    sku: SkuRef | None = one("sku_id", "Which SKU of it; null for whatever SKU.")
    quantity: int | None = column("How many of the SKU; null for whatever SKU.")
    authorized_floor_ratio: Decimal | None = _internal(
        "authorized_floor",
        "What the goods' policy authorized when the offer was submitted; null before.",
    )


@table(
    models.SpecialApplication,
    prefix="spa",
    scope=APPLICATIONS,
    description="The wish to go below the authorized discount (特殊商务申请), which the platform's"
    " account managers decide on in their CRM.",
)
class SpecialApplication(Node):
    """X-04…X-06."""

    offer: OfferRef | None = one("offer_id", "For which offer.")
    partner: PartnerRef | None = one("partner_id", "Who asks.")
    status: ApplicationStatus = sql(
        APPLICATION_STATUS_NOW, "Where it stands now: CANCELLED from the end of its offer on."
    )
    reason: str = column("Why the discount has to be that low.")
    sent_to: str = column("The mailbox that was told.")
    crm_number: str | None = column("Its number in the CRM.")
    granted_floor_ratio: Decimal | None = column(
        "The least share of the list price that was granted.", "granted_floor"
    )
    refusal: str | None = column("Why it was refused.")
    decided_at: DateTime | None = sql(
        "case when {t}.status in ('SUBMITTED', 'IN_CRM') and {t}.expires_at <= {now}"
        " then {t}.expires_at else {t}.decided_at end",
        "When it was granted, refused or cancelled.",
    )
    created_at: DateTime = column("When it was submitted.")
    expires_at: DateTime = column("The end of its offer: nobody decides from then on.")
    version: int = column("Rises with every change.")
    deadline: Deadline | None = deadline_of(
        END, "When its offer ends, and it with it.", on="offer_id"
    )
    available_actions: list[AvailableAction] = available(
        guards.APPLICATION_ACTIONS, guards.APPLICATION_COLUMNS
    )
    history: Connection[Event] = happened()


@table(
    models.ExclusiveOffer,
    prefix="eof",
    scope=EXCLUSIVE_OFFERS,
    description="A discount that a partner grants one customer on some goods (专属优惠), from a"
    " moment up to another. A customer sees those that it can use now (伙伴授予折扣).",
)
class ExclusiveOffer(Node):
    """X-01…X-14, domain.md 5.7."""

    number: str = column("Its number, for people.")
    name: str = column("How it is called.")
    note: str | None = _internal("note", "What the partner has noted.")
    partner: PartnerRef | None = one("partner_id", "Who grants it; null when you may not see it.")
    partner_name: str = sql(
        name_of("partner", "partner_id"),
        "The name of who grants it.",
    )
    customer: CustomerRef | None = one(
        "customer_id", "For whom it is; null while it is none that you may see."
    )
    account_name: str = column("The cloud account for which it is.")
    creator: Person | None = one("created_by", "Who made it; null for a system.")
    origin: OfferOrigin = column("Whether a person made it, or the system.")
    quotation: QuotationKind = column("What is quoted.")
    discount_ratio: Decimal = column(
        "The share of the list price that is paid: 0.85 is 85 %, 1 no reduction.", "discount"
    )
    floor_ratio: Decimal | None = _internal(
        "floor",
        "The least share that is authorized for its goods, or was granted; null for a draft.",
    )
    effective_at: DateTime = column("The first instant at which it is in force.")
    expires_at: DateTime = column("The first instant at which it no longer is.")
    status: OfferStatus = sql(
        STATUS_NOW, "Where it stands now, to the microsecond of its two moments."
    )
    refusal: str | None = column("Why the platform has refused it.")
    created_at: DateTime = column("When it was drafted.")
    submitted_at: DateTime | None = column("When it was submitted.")
    decided_at: DateTime | None = column("When it was approved or refused.")
    ended_at: DateTime | None = sql(
        "case when {t}.status in ('MANUAL_REVIEW', 'SCHEDULED', 'EFFECTIVE')"
        " and {t}.expires_at <= {now} then {t}.expires_at else {t}.ended_at end",
        "When it came to its end, whichever.",
    )
    version: int = column("Rises with every change.")
    lines: list[ExclusiveOfferLine] = items(
        "offer_id", "What it is good for.", order="position", limit=50
    )
    special_application: SpecialApplication | None = one(
        "id", "How people decide on it; null when it needed none.", match="offer_id"
    )
    private_link: PrivateLink | None = one(
        "id",
        "The way for its customer, for the partner's own people; null unless it is in force.",
        match="offer_id",
        when=IN_FORCE,
    )
    start: Deadline | None = deadline_of(START, "When it comes into force.")
    deadline: Deadline | None = deadline_of(END, "When it ends, in force or still under review.")
    available_actions: list[AvailableAction] = available(guards.ACTIONS, guards.COLUMNS)
    history: Connection[Event] = happened()
