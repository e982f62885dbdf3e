"""Associations as the API shows them: the type, its filter and order."""

from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from domain.associations.policy import ASSOCIATIONS
from kit.reads import Node, column, of_node, one, ordering, search, sql, table, where, within
from models import customers as models
from models.customers import AssociationState, AssociationType
from schema import customer_lists  # noqa: F401 -- the enums must be known first
from schema.enums import described
from schema.partners import PartnerRef
from schema.ranges import DateTimeRange
from schema.references import CustomerRef
from schema.scalars import DateTime

if TYPE_CHECKING:
    from schema.customer_invitations import CustomerInvitation

described(
    AssociationState,
    "Whether an association lasts.",
    name="AssociationStatus",
    ACTIVE="It lasts.",
    ENDED="It is over: the customer has left, or belongs to the partner in another way since.",
)


@strawberry.enum(description="Why an association ended.")
class AssociationEnd(Enum):
    """What the workflows that end one write down."""

    DISASSOCIATED_BY_PARTNER = strawberry.enum_value(
        "DISASSOCIATED_BY_PARTNER", description="The partner wished it, and the customer agreed."
    )
    DISASSOCIATED_BY_CUSTOMER = strawberry.enum_value(
        "DISASSOCIATED_BY_CUSTOMER", description="The customer wished it, and the partner agreed."
    )
    SWITCHED = strawberry.enum_value(
        "SWITCHED", description="It goes on as one of the other type (切换关联类型)."
    )


InvitationRef = Annotated["CustomerInvitation", strawberry.lazy("schema.customer_invitations")]


@strawberry.input(description="Which associations a list is about; all conditions together.")
class AssociationFilter:
    """Conditions over indexed columns."""

    status: list[AssociationState] | None = where(
        "{t}.state = any({value})", "Lasting, or over, or both."
    )
    type: list[AssociationType] | None = where("{t}.type = any({value})", "Of any of these types.")
    partner_id: strawberry.ID | None = of_node("partner_id", "ptn", "With this partner.")
    customer_id: strawberry.ID | None = of_node("customer_id", "cus", "Of this customer.")
    invitation_id: strawberry.ID | None = of_node(
        "invitation_id", "civ", "That came of this invitation."
    )
    search: str | None = search(
        "tag", description="A piece of the tag of the link, at least 2 characters."
    )
    started: DateTimeRange | None = within("started_at", "Begun in this span.")
    ended: DateTimeRange | None = within("ended_at", "Ended in this span.")


@strawberry.enum(description="What associations can be ordered by.")
class AssociationOrderField(Enum):
    """Names of columns."""

    STARTED_AT = strawberry.enum_value("started_at", description="By when they began.")


AssociationOrder = ordering("How associations are ordered.", AssociationOrderField.STARTED_AT)


@table(
    models.Association,
    prefix="asc",
    scope=ASSOCIATIONS,
    description="That a customer belongs to a partner in one way (关联), from when until when.",
)
class Association(Node):
    """C-01, C-12: what counts for a partner follows from these spans."""

    customer: CustomerRef | None = one(
        "customer_id", "The customer; null when it isn't yours to see any more."
    )
    partner: PartnerRef | None = one("partner_id", "The partner.")
    type: AssociationType = column("How the customer belongs to it.")
    status: AssociationState = column("Whether it lasts.", "state")
    started_at: DateTime = column("When it began.")
    ended_at: DateTime | None = column("When it ended; null while it lasts.")
    end_reason: AssociationEnd | None = sql("{t}.end_reason", "Why it ended; null while it lasts.")
    tag: str | None = column("The tag of the link that was accepted: who had made it.")
    incentives_from: DateTime | None = column(
        "From when on what the partner sells the customer earns it incentives, since the customer"
        " came from another partner; null for at once. It is performance before, too."
    )
    invitation: InvitationRef | None = one("invitation_id", "The invitation that was accepted.")
    version: int = column("Rises with every change.")
