"""Supervised deliveries as the API shows them."""

from enum import Enum

import strawberry

from domain.fulfilment import guards
from domain.fulfilment.policy import SUPERVISIONS
from domain.fulfilment.waiting import APPEALABLE
from kit.reads import (
    Connection,
    Node,
    column,
    of_node,
    one,
    ordering,
    sql,
    table,
    where,
    within,
)
from models import supervision as models
from models.supervision import AppealState, SupervisionStep
from schema.actions import AvailableAction, available
from schema.deadlines import Deadline, deadline_of
from schema.enums import described
from schema.events import Event, happened
from schema.names import name_of
from schema.partners import PartnerRef
from schema.ranges import DateTimeRange
from schema.references import CustomerRef, OrderLineRef, OrderRef
from schema.scalars import Date, DateTime
from schema.searching import search_customer

described(
    SupervisionStep,
    "Where a supervised delivery stands.",
    SUBMIT_REQUIREMENT="待提交需求: the buyer is to say what it needs.",
    MERCHANT_CONFIRM="待商家确认: the merchant is to take that on.",
    DELIVERING="实施交付: the merchant delivers.",
    BUYER_ACCEPT="待用户确认验收: the buyer is to accept it, or to say what is wrong.",
    PLATFORM_REVIEW="平台复核: accepted, and looked at by the platform.",
    DONE="已完成: accepted; the buyer's time runs from then on.",
    CANCELLED="已取消: given back before it was accepted.",
)
described(
    AppealState,
    "Whether the merchant has turned to the platform.",
    NONE="It hasn't.",
    OPEN="The platform is to decide within three working days.",
    GRANTED="It counts as accepted.",
    REFUSED="The buyer has the last word still.",
)

_APPEAL_WAITS = "{t}.appeal = 'OPEN'"


@strawberry.input(description="Which supervised deliveries; all conditions together.")
class ServiceSupervisionFilter:
    """Conditions over indexed columns."""

    customer: str | None = search_customer(
        "A piece of the customer's name or account, at least 2 characters."
    )
    customer_id: strawberry.ID | None = of_node("customer_id", "cus", "For this customer.")
    partner_id: strawberry.ID | None = of_node(
        "partner_id", "ptn", "Bought when the customer was this partner's."
    )
    merchant_id: strawberry.ID | None = of_node("merchant_id", "ptn", "By this merchant.")
    order_id: strawberry.ID | None = of_node("order_id", "ord", "Of this order.")
    step: list[SupervisionStep] | None = where("{t}.step = any({value})", "At any of these steps.")
    appeal: list[AppealState] | None = where(
        "{t}.appeal = any({value})", "With an appeal in any of these states."
    )
    created: DateTimeRange | None = within("created_at", "Begun in this span.")


@strawberry.enum(description="What supervised deliveries can be ordered by.")
class ServiceSupervisionOrderField(Enum):
    """Names of columns."""

    CREATED_AT = strawberry.enum_value("created_at", description="By when they were begun.")


ServiceSupervisionOrder = ordering(
    "How supervised deliveries are ordered.", ServiceSupervisionOrderField.CREATED_AT
)


@table(
    models.ServiceSupervision,
    prefix="ssv",
    scope=SUPERVISIONS,
    description="The platform's watch over the delivery of one order line (服务监管): the buyer"
    " says what it needs, the merchant delivers, and the buyer accepts.",
)
class ServiceSupervision(Node):
    """5.9."""

    order: OrderRef | None = one("order_id", "Of which order.")
    line: OrderLineRef | None = one("line_id", "Of which line.")
    customer: CustomerRef | None = one(
        "customer_id", "Who buys; null for a customer that you may not see."
    )
    customer_name: str = sql(
        name_of("customer", "customer_id"),
        "The name of who buys.",
    )
    partner: PartnerRef | None = one(
        "partner_id", "The customer's partner when it was bought; null for none."
    )
    merchant: PartnerRef | None = one(
        "merchant_id", "Who delivers; null for the platform, and when you may not see it."
    )
    step: SupervisionStep = column("Where it stands.")
    step_since: DateTime = column("Since when it is at this step.")
    needs_review: bool = column("Whether the platform looks at it when it is accepted.")
    requirement: str | None = column("What the buyer needs.")
    rejection_count: int = column("How often the buyer has sent it back.", "rejections")
    refusal: str | None = column(
        "Why the buyer has sent it back last; null if it never has.", "rejection"
    )
    appeal: AppealState = column("Whether the merchant has turned to the platform.")
    appeal_reason: str | None = column("Why the merchant appeals; null unless it does.")
    appealed_at: DateTime | None = column("When the merchant has appealed; null if it hasn't.")
    appeal_due_on: Date | None = column(
        "The working day in China by whose end the platform decides."
    )
    is_appeal_overdue: bool = sql(
        f"{_APPEAL_WAITS} and ({{now}} at time zone 'Asia/Shanghai')::date > {{t}}.appeal_due_on",
        "Whether `appealDueOn` is over and the platform hasn't decided.",
    )
    appeal_decision: str | None = column("What the platform has said to the appeal.")
    done_at: DateTime | None = column("When it was done.")
    created_at: DateTime = column("When the order was paid.")
    version: int = column("Rises with every change.")
    deadline: Deadline | None = deadline_of(
        APPEALABLE, "When the buyer has been silent for so long that the merchant may appeal."
    )
    available_actions: list[AvailableAction] = available(guards.ACTIONS, guards.COLUMNS)
    history: Connection[Event] = happened()
