"""What the house's lists can be asked: its enums, filters and orders."""

from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Any

import strawberry

from kit import timers
from kit.reads import OrderDirection, flag, of_node, search, where, within
from models import members, partners
from schema.scalars import Date, DateTime

if TYPE_CHECKING:
    from kit.timers import TimerState
    from models.members import MemberInvitationStatus as InvitationStatus
    from models.members import ProjectRole
    from models.members import SpecialistStatus as Specialist
    from models.partners import PartnerKind, Site

    __all__ = ["InvitationStatus", "PartnerKind", "ProjectRole", "Site", "Specialist", "TimerState"]
else:

    def copy(enum: type[StrEnum]) -> Any:
        """To make the model's own known again would undo what the API's schema says about it."""
        return strawberry.enum(StrEnum(enum.__name__, {item.name: item.value for item in enum}))

    PartnerKind, Site = copy(partners.PartnerKind), copy(partners.Site)
    InvitationStatus = copy(members.MemberInvitationStatus)
    Specialist, ProjectRole = copy(members.SpecialistStatus), copy(members.ProjectRole)
    TimerState = copy(timers.TimerState)


@strawberry.input
class DateTimeRange:
    from_: DateTime | None = strawberry.field(name="from", default=None)
    to: DateTime | None = None


@strawberry.input
class DateRange:
    from_: Date | None = strawberry.field(name="from", default=None)
    to: Date | None = None


@strawberry.input
class PartnerFilter:
    kind: list[PartnerKind] | None = where("{t}.kind = any({value})", "Of these kinds.")
    tier: int | None = where("{t}.tier = {value}", "Of this tier.")
    search: str | None = search("name", "name_en", description="In either name.")
    joined: DateTimeRange | None = within("created_at", "When it joined.")
    registered_on: DateRange | None = within("coalesce({t}.registered_on, '1970-01-01')", "When.")
    distributor_id: strawberry.ID | None = of_node("distributor_id", "ptn", "Its distributor.")
    is_mine: bool | None = where("({t}.id = {viewer.partner_id}) = {value}", "One's own.")


@strawberry.enum
class PartnerOrderField(Enum):
    NAME = "name"
    CREATED_AT = "created_at"
    TIER = "tier"


@strawberry.input
class PartnerOrder:
    field: PartnerOrderField
    direction: OrderDirection = OrderDirection.DESC


@strawberry.input
class InvitationFilter:
    status: list[InvitationStatus] | None = where(
        "case when {t}.status = 'PENDING' and {t}.expires_at <= {now} then 'EXPIRED'"
        " else {t}.status end = any({value})",
        "As it is now.",
    )
    email: str | None = search("email", description="In the address.", shortest=3)
    expires: DateTimeRange | None = within("expires_at", "When it ends.")
    partner_id: strawberry.ID | None = of_node("partner_id", "ptn", "Who invites.")


@strawberry.enum
class InvitationOrderField(Enum):
    EXPIRES_AT = "expires_at"
    STATUS = "status"
    EMAIL = "email"
    ID = "id"
    DECIDED_AT = "decided_at"


@strawberry.input
class InvitationOrder:
    field: InvitationOrderField
    direction: OrderDirection | None = None


@strawberry.input
class MemberFilter:
    is_linked: bool | None = flag(
        "{t}.unlinked_at is null", "{t}.unlinked_at is not null", "Whether it still is."
    )


@strawberry.enum
class ProjectOrderField(Enum):
    STARTED_ON = "started_on"
    ENDED_ON = "ended_on"


@strawberry.input
class ProjectOrder:
    field: ProjectOrderField = ProjectOrderField.STARTED_ON
    direction: OrderDirection = OrderDirection.ASC


@strawberry.enum
class CounterOrderField(Enum):
    LAST_POSITION = "last_position"


@strawberry.input
class CounterOrder:
    field: CounterOrderField
    direction: OrderDirection = OrderDirection.DESC


@strawberry.input
class EventFilter:
    name: list[str] | None = where("{t}.name = any({value})", "Of these names.")


@strawberry.enum
class EventOrderField(Enum):
    OCCURRED_AT = "occurred_at"
    SUBJECT = "subject_id"
    NAME = "name"


@strawberry.input
class EventOrder:
    field: EventOrderField
    direction: OrderDirection = OrderDirection.DESC
