"""Filters and orders of lists of exclusive offers and applications, and the enums in them."""

from enum import Enum
from typing import Any

import strawberry

from domain.offers.policy import IN_FORCE, in_hands
from kit.reads import of_node, ordering, search, where, within
from models.offers import ApplicationStatus, OfferOrigin, OfferStatus, QuotationKind
from schema.enums import described
from schema.ranges import DateTimeRange
from schema.searching import search_in

described(
    OfferOrigin,
    "Who made an offer.",
    MANUAL="A person of the partner.",
    AUTOMATIC="The system, when an order at list price was paid; good for that order alone.",
)
described(
    QuotationKind,
    "What is quoted.",
    GOODS="商品报价: goods, whatever the SKU.",
    CONFIGURATION="配置单报价: a list of SKUs with quantities.",
)
described(
    OfferStatus,
    "Where an exclusive offer stands.",
    DRAFT="Not submitted yet.",
    SYSTEM_REVIEW="系统审核: the system checks it, which it does at once.",
    MANUAL_REVIEW="转人工处理: the discount is beyond what is authorized; people decide.",
    SCHEDULED="待生效: approved; it comes into force by itself.",
    EFFECTIVE="生效中: the customer can use it.",
    EXPIRED="已失效: its time is over.",
    REJECTED="People have decided against it.",
    WITHDRAWN="The partner has taken it back.",
)
described(
    ApplicationStatus,
    "Where a special commercial application stands.",
    name="SpecialApplicationStatus",
    SUBMITTED="It was sent to those who bring it into the CRM.",
    IN_CRM="It is being worked on in the CRM.",
    GRANTED="The discount was granted.",
    REJECTED="The discount was refused.",
    CANCELLED="Its offer was withdrawn, or ended before anybody had decided.",
)

# By the time, whether or not a worker has come by.
STATUS_NOW = (
    "case when {t}.status in ('MANUAL_REVIEW', 'SCHEDULED', 'EFFECTIVE')"
    " and {t}.expires_at <= {now} then 'EXPIRED'"
    " when {t}.status = 'SCHEDULED' and {t}.effective_at <= {now} then 'EFFECTIVE'"
    " else {t}.status end"
)
APPLICATION_STATUS_NOW = (
    "case when {t}.status in ('SUBMITTED', 'IN_CRM') and {t}.expires_at <= {now} then 'CANCELLED'"
    " else {t}.status end"
)

# Each of the goods of an offer once, though a configuration may have several SKUs of it.
OFFERED = (
    "exists (select from exclusive_offer offered where offered.id = {t}.offer_id"
    f" and offered.origin = 'MANUAL' and {IN_FORCE.replace('{t}', 'offered')})"
    " and not exists (select from exclusive_offer_line earlier"
    " where earlier.offer_id = {t}.offer_id and earlier.goods_id = {t}.goods_id"
    " and earlier.position < {t}.position)"
)


def _of_offer(column: str, prefix: str, description: str) -> Any:
    return of_node(
        "exists (select from exclusive_offer wanted where wanted.id = {t}.offer_id"
        f" and wanted.{column} = {{value}})",
        prefix,
        description,
    )


@strawberry.input(description="Which exclusive offers a list is about; all conditions together.")
class ExclusiveOfferFilter:
    """Conditions over indexed columns."""

    status: list[OfferStatus] | None = where(
        f"{STATUS_NOW} = any({{value}})", "In any of these statuses as of now."
    )
    origin: list[OfferOrigin] | None = where(
        "{t}.origin = any({value})", "Made in any of these ways."
    )
    quotation: list[QuotationKind] | None = where(
        "{t}.quotation = any({value})", "Quoting in any of these ways."
    )
    search: str | None = search(
        "name",
        "number",
        "account_name",
        description="A piece of its name, its number or the customer's account, at least 2"
        " characters.",
    )
    partner_id: strawberry.ID | None = of_node("partner_id", "ptn", "Of this partner.")
    customer_id: strawberry.ID | None = of_node("customer_id", "cus", "For this customer.")
    manager_id: strawberry.ID | None = of_node(
        in_hands("= {value}"),
        "opr",
        "In the hands of this account manager (an operator's id): the manager of the customer, or"
        " who made it for a customer that isn't the partner's.",
    )
    goods_id: strawberry.ID | None = of_node(
        "exists (select from exclusive_offer_line line where line.offer_id = {t}.id"
        " and line.goods_id = {value})",
        "gds",
        "On these goods.",
    )
    created: DateTimeRange | None = within("created_at", "Drafted in this span.")
    effective: DateTimeRange | None = within("effective_at", "Beginning in this span.")
    expires: DateTimeRange | None = within("expires_at", "Ending in this span.")


@strawberry.enum(description="What exclusive offers and applications can be ordered by.")
class OfferOrderField(Enum):
    """Names of columns."""

    CREATED_AT = strawberry.enum_value("created_at", description="By when they were made.")


OfferOrder = ordering(
    "How exclusive offers, or applications, are ordered.", OfferOrderField.CREATED_AT
)


@strawberry.input(description="Which special commercial applications; all conditions together.")
class SpecialApplicationFilter:
    """Conditions over indexed columns."""

    status: list[ApplicationStatus] | None = where(
        f"{APPLICATION_STATUS_NOW} = any({{value}})", "In any of these statuses as of now."
    )
    partner_id: strawberry.ID | None = of_node("partner_id", "ptn", "Of this partner.")
    created: DateTimeRange | None = within("created_at", "Submitted in this span.")
    expires: DateTimeRange | None = within("expires_at", "To be decided in this span.")


@strawberry.input(description="Which offered goods; all conditions together.")
class OfferGoodsFilter:
    """Conditions over the goods and over their offer."""

    search: str | None = search_in(
        "goods",
        "goods_id",
        "name",
        "number",
        description="A piece of the name or number of the goods, at least 2 characters.",
    )
    goods_id: strawberry.ID | None = of_node("goods_id", "gds", "These goods.")
    customer_id: strawberry.ID | None = _of_offer("customer_id", "cus", "For this customer.")
    partner_id: strawberry.ID | None = _of_offer("partner_id", "ptn", "Of this partner.")


@strawberry.enum(description="What offered goods can be ordered by.")
class OfferGoodsOrderField(Enum):
    """Names of columns."""

    CREATED_AT = strawberry.enum_value("created_at", description="By when they were offered.")


OfferGoodsOrder = ordering("How offered goods are ordered.", OfferGoodsOrderField.CREATED_AT)
