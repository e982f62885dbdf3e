"""Private offers and the versions of their terms as the API shows them."""

from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from domain.private_offers import guards
from domain.private_offers.deadlines import END, START
from domain.private_offers.policy import PRIVATE_OFFERS, VERSIONS
from kit.reads import (
    Connection,
    Node,
    column,
    connection,
    items,
    money,
    of_node,
    one,
    ordering,
    search,
    sql,
    table,
    where,
    within,
)
from kit.scope import INHERITED
from models import private_offers as models
from models.private_offers import PrivateOfferStatus, TermsStatus
from schema.actions import AvailableAction, available
from schema.customers import Customer
from schema.deadlines import Deadline, deadline_of
from schema.enums import described
from schema.events import Event, happened
from schema.goods import Goods, Sku
from schema.money import Money
from schema.names import called, name_of
from schema.partners import PartnerRef
from schema.ranges import DateTimeRange
from schema.scalars import DateTime, Decimal
from schema.searching import search_customer

if TYPE_CHECKING:
    from schema.requirements import CustomerRequirement

described(
    PrivateOfferStatus,
    "Where a private offer stands.",
    DRAFT="草稿: the merchant is writing it; nobody else knows of it.",
    PUBLISHED="已发布: its time is still to come.",
    EFFECTIVE="待客户使用: the customer can order by it.",
    USED="已使用: an order has used it up.",
    EXPIRED="已失效: its time went by without an order.",
    WITHDRAWN="已撤回: the merchant has taken it back.",
)
described(
    TermsStatus,
    "Where a version of the terms stands.",
    name="PrivateOfferVersionStatus",
    DRAFT="The merchant is writing it.",
    PUBLISHED="It is the one that holds.",
    SUPERSEDED="A later one is published.",
)

RequirementRef = Annotated["CustomerRequirement", strawberry.lazy("schema.requirements")]

# In force from its moment on and over at its end, whether or not a worker has come by.
_IS_LIVE = "{t}.status in ('PUBLISHED', 'EFFECTIVE')"
STATUS_NOW = (
    f"case when {_IS_LIVE} and {{t}}.expires_at <= {{now}} then 'EXPIRED'"
    " when {t}.status = 'PUBLISHED' and {t}.effective_at <= {now} then 'EFFECTIVE'"
    " else {t}.status end"
)
# What the partner earns is not the customer's business.
_RATIO = "case when {viewer.customer_id}::uuid is null then {t}.ratio end"


@strawberry.input(description="Which private offers a list is about; all conditions together.")
class PrivateOfferFilter:
    """Conditions over indexed columns."""

    status: list[PrivateOfferStatus] | None = where(
        f"{STATUS_NOW} = any({{value}})", "In any of these statuses as of now."
    )
    number: str | None = where("{t}.number = {value}", "The one with this number.")
    search: str | None = search(
        "name",
        description="A piece of its name, at least 2 characters.",
        bigrams="{t}.name",
    )
    customer: str | None = search_customer(
        "A piece of the customer's name or account, at least 2 characters."
    )
    merchant_id: strawberry.ID | None = of_node("merchant_id", "ptn", "Made by this merchant.")
    partner_id: strawberry.ID | None = of_node("partner_id", "ptn", "Brought by this partner.")
    merchant_name: str | None = called("merchant_id", "Made by the merchant of exactly this name.")
    partner_name: str | None = called("partner_id", "Brought by the partner of exactly this name.")
    customer_id: strawberry.ID | None = of_node("customer_id", "cus", "To this customer.")
    requirement_id: strawberry.ID | None = of_node(
        "requirement_id", "crq", "Made of this requirement."
    )
    created: DateTimeRange | None = within("created_at", "Begun in this span.")
    effective: DateTimeRange | None = within("effective_at", "Coming into force in this span.")
    expires: DateTimeRange | None = within("expires_at", "Ending in this span.")


@strawberry.enum(description="What private offers can be ordered by.")
class PrivateOfferOrderField(Enum):
    """Names of columns."""

    CREATED_AT = strawberry.enum_value("created_at", description="By when they were begun.")


PrivateOfferOrder = ordering("How private offers are ordered.", PrivateOfferOrderField.CREATED_AT)


@table(
    models.PrivateOfferLine,
    prefix="pvl",
    scope=INHERITED,
    description="A SKU at the merchant's price.",
)
class PrivateOfferLine:
    """Part of a version of the terms."""

    goods: Goods | None = one("goods_id", "Of which goods.")
    sku: Sku | None = one("sku_id", "Which way of buying them.")
    quantity: int = column("How many.")
    unit_price: Money = money("unit_price", "currency", "What each costs, tax included.")


@table(
    models.PrivateOfferVersion,
    prefix="pvv",
    scope=VERSIONS,
    description="The terms of a private offer as they were at some time. A published version never"
    " changes; the next one takes its place.",
)
class PrivateOfferVersion:
    """Customers see the one that holds, partners all that were ever published."""

    sequence: int = column("1 for the first, and so on.")
    status: TermsStatus = column("Where it stands.")
    ratio: Decimal | None = sql(_RATIO, "The partner's share, of one; null for the customer.")
    effective_at: DateTime = column("From when on it is good.")
    expires_at: DateTime = column("The first instant at which it is good no longer.")
    note: str | None = column("What the merchant has added.")
    lines: list[PrivateOfferLine] = items(
        "terms_id", "The prices, in order.", order="position", limit=100
    )
    created_at: DateTime = column("When it was begun.")
    published_at: DateTime | None = column("When it was published; null for a draft.")
    version: int = column("Rises with every change of a draft.")


@table(
    models.PrivateOffer,
    prefix="pvo",
    scope=PRIVATE_OFFERS,
    description="A merchant's price for one customer (商家优惠), which a partner brings for a share"
    " of the sale. One order uses it up.",
)
class PrivateOffer(Node):
    """R-03, R-05. The merchant sees all of it, the partner what was published, the customer what
    it can use or has used."""

    number: str = column("The number to call it by.")
    name: str = column("What the merchant calls it.")
    merchant: PartnerRef | None = one(
        "merchant_id", "Who made it; null for who doesn't see that one."
    )
    merchant_name: str = sql(name_of("partner", "merchant_id"), "How the merchant is called.")
    partner: PartnerRef | None = one(
        "partner_id", "Who brings it; null for who doesn't see that one."
    )
    partner_name: str = sql(name_of("partner", "partner_id"), "How the partner is called.")
    customer: Customer | None = one(
        "customer_id", "Whom it is for; null for who doesn't see that one."
    )
    customer_name: str = sql(name_of("customer", "customer_id"), "How the customer is called.")
    customer_account_name: str = sql(
        name_of("customer", "customer_id", "account_name"),
        "The customer's cloud account.",
    )
    requirement: RequirementRef | None = one(
        "requirement_id",
        "The requirement that it answers; null when it was made alone, and for the customer.",
    )
    cloned_from: Annotated["PrivateOffer", strawberry.lazy("schema.private_offers")] | None = one(
        "cloned_from", "The offer whose terms it began with."
    )
    status: PrivateOfferStatus = sql(
        STATUS_NOW, "Where it stands now, to the microsecond, whether or not a worker came by."
    )
    ratio: Decimal | None = sql(
        _RATIO,
        "The partner's share of what is paid, of one; null for the customer. Of the published"
        " terms, as are the dates.",
    )
    effective_at: DateTime = column("From when on the customer can use it.")
    expires_at: DateTime = column("The first instant at which it can't be used any more.")
    terms: PrivateOfferVersion | None = one(
        "current_version_id", "The published terms; null while there are none."
    )
    draft: PrivateOfferVersion | None = one(
        "id",
        "The terms that are being written, for the merchant.",
        match="offer_id",
        where="{t}.status = 'DRAFT'",
    )
    versions: Connection[PrivateOfferVersion] = connection(
        "offer_id", "All versions of the terms, the latest first.", default_order="sequence"
    )
    created_at: DateTime = column("When it was begun.")
    published_at: DateTime | None = column("When it was published first.")
    ended_at: DateTime | None = sql(
        f"case when {_IS_LIVE} and {{t}}.expires_at <= {{now}} then {{t}}.expires_at"
        " else {t}.ended_at end",
        "When it was used, withdrawn, or over.",
    )
    end_reason: str | None = column("Why the merchant has withdrawn it.")
    version: int = column("Rises with every change.")
    start: Deadline | None = deadline_of(
        START, "Its coming into force; null when it did so as it was published."
    )
    deadline: Deadline | None = deadline_of(END, "Its end.")
    available_actions: list[AvailableAction] = available(guards.ACTIONS, guards.COLUMNS)
    history: Connection[Event] = happened(
        "What happened to it. Merchant and partner have it in their logs; you see your own.",
        where="({t}.tenant_id = any({viewer.partner_ids}) or {t}.tenant_id ="
        " (select made.merchant_id from private_offer made where made.id = {t}.subject_id))",
    )
