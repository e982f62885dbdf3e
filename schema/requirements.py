"""Customer requirements as the API shows them: the type, its filter and order."""

from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from domain.requirements import guards
from domain.requirements.deadlines import EXPIRE
from domain.requirements.policy import REQUIREMENTS
from kit.reads import (
    Connection,
    Node,
    column,
    connection,
    items,
    of_node,
    one,
    ordering,
    sql,
    table,
    where,
    within,
)
from kit.scope import INHERITED
from models import requirements as models
from models.requirements import Rejection, RequirementStatus
from schema.actions import AvailableAction, available
from schema.customers import Customer
from schema.deadlines import Deadline, deadline_of
from schema.enums import described
from schema.events import Event, happened
from schema.goods import Goods, Sku
from schema.identity import Person
from schema.names import called, name_of
from schema.partners import PartnerRef
from schema.ranges import DateTimeRange
from schema.scalars import DateTime, Decimal
from schema.searching import search_customer

if TYPE_CHECKING:
    from schema.private_offers import PrivateOffer

described(
    RequirementStatus,
    "Where a customer requirement stands.",
    DRAFT="草稿: nobody has been asked yet.",
    PENDING_MERCHANT="待接收: the merchant has five times 24 hours to answer.",
    ACCEPTED="已接收: the merchant has said yes, and can make a private offer of it.",
    REJECTED="已拒绝: the merchant has said no, or was silent for five days.",
    CANCELLED="已取消: the partner has taken it back before there was an answer.",
    CLOSED="已关闭: an order has used its private offer, or the partner wants it no longer.",
)
described(
    Rejection,
    "How a requirement came to be rejected.",
    name="RequirementRejection",
    EXPLICIT="The merchant has said no.",
    TIMEOUT="The merchant was silent until the deadline.",
)

OfferRef = Annotated["PrivateOffer", strawberry.lazy("schema.private_offers")]

# A requirement past its deadline is rejected, whether or not a worker has come by.
_IS_OVER = "{t}.status = 'PENDING_MERCHANT' and {t}.expires_at <= {now}"
STATUS_NOW = f"case when {_IS_OVER} then {{t}}.on_timeout else {{t}}.status end"


@strawberry.input(description="Which requirements a list is about; all conditions together.")
class CustomerRequirementFilter:
    """Conditions over indexed columns."""

    status: list[RequirementStatus] | None = where(
        f"{STATUS_NOW} = any({{value}})", "In any of these statuses as of now."
    )
    number: str | None = where("{t}.number = {value}", "The one with this number.")
    search: str | None = search_customer(
        "A piece of the customer's name or account, at least 2 characters."
    )
    partner_id: strawberry.ID | None = of_node("partner_id", "ptn", "Asked by this partner.")
    merchant_id: strawberry.ID | None = of_node("merchant_id", "ptn", "Asked of this merchant.")
    partner_name: str | None = called("partner_id", "Asked by the partner of exactly this name.")
    merchant_name: str | None = called("merchant_id", "Asked of the merchant of exactly this name.")
    customer_id: strawberry.ID | None = of_node("customer_id", "cus", "Of this customer.")
    created: DateTimeRange | None = within("created_at", "Written down in this span.")
    submitted: DateTimeRange | None = within("submitted_at", "Submitted in this span.")
    expires: DateTimeRange | None = within(
        "expires_at", "With a deadline in this span, whether or not it still waits."
    )


@strawberry.enum(description="What requirements can be ordered by.")
class CustomerRequirementOrderField(Enum):
    """Names of columns."""

    CREATED_AT = strawberry.enum_value("created_at", description="By when they were written down.")


CustomerRequirementOrder = ordering(
    "How requirements are ordered.", CustomerRequirementOrderField.CREATED_AT
)


@table(
    models.RequirementLine,
    prefix="crl",
    scope=INHERITED,
    description="Goods that a customer wants, and how many.",
)
class RequirementLine:
    """Part of a requirement."""

    goods: Goods | None = one("goods_id", "Which goods.")
    sku: Sku | None = one("sku_id", "Which way of buying them; null for any.")
    quantity: int = column("How many.")


@table(
    models.CustomerRequirement,
    prefix="crq",
    scope=REQUIREMENTS,
    description="What a customer wants of one merchant (客户需求), and the share that its partner"
    " expects of it. The merchant has five times 24 hours to accept it; silence is a refusal.",
)
class CustomerRequirement(Node):
    """R-01 … R-04. For the partner and the merchant; what a merchant sees of the customer is what
    names it."""

    number: str = column("The number to call it by.")
    partner: PartnerRef | None = one("partner_id", "Who asks; null for who doesn't see that one.")
    partner_name: str = sql(
        name_of("partner", "partner_id"), "How the partner is called that asks."
    )
    merchant: PartnerRef | None = one(
        "merchant_id", "Who is asked; null for who doesn't see that one."
    )
    merchant_name: str = sql(
        name_of("partner", "merchant_id"), "How the merchant is called that is asked."
    )
    customer: Customer | None = one(
        "customer_id", "Who wants it; null for the merchant, and once it is another partner's."
    )
    customer_name: str = sql(name_of("customer", "customer_id"), "How the customer is called.")
    customer_account_name: str = sql(
        name_of("customer", "customer_id", "account_name"),
        "The customer's cloud account.",
    )
    author: Person | None = one(
        "created_by",
        "Who wrote it down; null for a system, and for the merchant.",
        when="not {viewer.is_merchant}::boolean",
    )
    lines: list[RequirementLine] = items(
        "requirement_id", "What is wanted, in order.", order="position", limit=100
    )
    expected_ratio: Decimal = column(
        "The share of the sale that the partner expects (期望分成比例), of one."
    )
    note: str | None = column("What the partner has added.")
    status: RequirementStatus = sql(
        STATUS_NOW, "Where it stands now: REJECTED from the deadline on, to the microsecond."
    )
    rejection: Rejection | None = sql(
        f"case when {_IS_OVER} then 'TIMEOUT' else {{t}}.rejection end",
        "How it was rejected; null unless it is.",
    )
    refusal: str | None = column("Why the merchant has said no.")
    on_timeout: RequirementStatus = column("What becomes of it when the merchant is silent.")
    created_at: DateTime = column("When it was written down.")
    submitted_at: DateTime | None = column("When the merchant was asked; null before.")
    expires_at: DateTime | None = column(
        "The instant from which silence is a refusal; null before it is submitted."
    )
    reminded_at: DateTime | None = column("When the merchant was reminded.")
    decided_at: DateTime | None = sql(
        f"case when {_IS_OVER} then {{t}}.expires_at else {{t}}.decided_at end",
        "When the merchant answered, or was too late to.",
    )
    ended_at: DateTime | None = sql(
        f"case when {_IS_OVER} then {{t}}.expires_at else {{t}}.ended_at end",
        "When it was rejected, cancelled or closed.",
    )
    version: int = column("Rises with every change.")
    private_offers: Connection[OfferRef] = connection(
        "requirement_id", "What the merchant has made of it, as far as you may see."
    )
    deadline: Deadline | None = deadline_of(EXPIRE, "The merchant's five days.")
    available_actions: list[AvailableAction] = available(guards.ACTIONS, guards.COLUMNS)
    history: Connection[Event] = happened(
        "What happened to it. Both sides have it in their logs; you see your own.",
        where="({t}.tenant_id = any({viewer.partner_ids}) or {t}.tenant_id = (select"
        " asked.partner_id from customer_requirement asked where asked.id = {t}.subject_id))",
    )
