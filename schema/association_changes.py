"""Changes of associations as the API shows them."""

from domain.associations import change_guards as guards
from domain.associations.change_checks import ChangeCheck
from domain.associations.change_deadlines import EXPIRE
from domain.associations.policy import ASSOCIATIONS
from kit.reads import Connection, Node, column, one, sql, table
from models import associations as models
from models.associations import ChangeInitiator, ChangeKind, ChangeStatus
from models.customers import AssociationType
from schema.actions import AvailableAction, available
from schema.association_change_lists import STATUS_NOW
from schema.customers import Customer
from schema.deadlines import Deadline, deadline_of
from schema.events import Event, happened
from schema.identity import Person
from schema.names import name_of
from schema.partners import PartnerRef
from schema.scalars import DateTime


@table(
    models.AssociationChange,
    prefix="ach",
    scope=ASSOCIATIONS,
    description="A wish of one side to switch the type of an association (切换关联类型), or to end"
    " it (解除关联). The other side decides; until then nothing changes.",
)
class AssociationChange(Node):
    """C-08, C-09, C-19, C-20, C-22."""

    customer: Customer | None = one(
        "customer_id", "Whose association it is; null once it isn't your customer any more."
    )
    customer_name: str = sql(
        name_of("customer", "customer_id"),
        "How the customer is called, also once it has left.",
    )
    partner: PartnerRef | None = one("partner_id", "The partner on the other end.")
    kind: ChangeKind = column("What is to become of the association.")
    initiator: ChangeInitiator = column("Whose wish it is.")
    from_type: AssociationType = column("How the customer was associated when it was asked for.")
    to_type: AssociationType | None = column("How it is to be; null for an end.")
    status: ChangeStatus = sql(STATUS_NOW, "Where it stands now.")
    reason: str | None = column("Why, in the words of who asked.")
    refusal: str | None = column("Why it was refused, by the other side or in the pre-review.")
    failed_checks: list[ChangeCheck] = sql(
        "{t}.failed_checks", "What stood in the way when both had agreed; else none."
    )
    reviewer: str | None = column("Whom to turn to about the pre-review.")
    requester: Person | None = one("requested_by", "Who asked; null for a system.")
    created_at: DateTime = column("When it was asked for.")
    expires_at: DateTime | None = column(
        "From when on the other side can't decide any more; null for never."
    )
    decided_at: DateTime | None = sql(
        "case when {t}.status = 'PENDING' and {t}.expires_at <= {now} then {t}.expires_at"
        " else {t}.decided_at end",
        "When it was approved, refused, cancelled or off.",
    )
    done_at: DateTime | None = column("When it was done.")
    version: int = column("Rises with every change.")
    deadline: Deadline | None = deadline_of(EXPIRE, "The time to decide; null when there is none.")
    available_actions: list[AvailableAction] = available(guards.ACTIONS, guards.COLUMNS)
    history: Connection[Event] = happened()
