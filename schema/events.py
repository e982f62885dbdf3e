"""Events: what happened, to what, by whom."""

from enum import Enum
from typing import Any

import strawberry
from strawberry import enum_value

from domain.audit import policy, types
from kit.reads import (
    Node,
    column,
    computed,
    connection,
    embedded,
    of_node,
    one,
    ordering,
    polymorphic,
    table,
    where,
    within,
)
from models import audit as models
from schema import event_changes
from schema.event_changes import EventChange
from schema.ranges import DateTimeRange
from schema.references import CustomerRef
from schema.scalars import DateTime

# What the API has a type for; events about anything else have no subject to look at.
SUBJECTS = {
    "adjust_record": "AdjustRecord",
    "agreement_signature": "AgreementSignature",
    "api_key": "ApiKey",
    "association_change": "AssociationChange",
    "business_information": "BusinessInformation",
    "coupon": "Coupon",
    "customer": "Customer",
    "customer_invitation": "CustomerInvitation",
    "customer_report": "CustomerReport",
    "customer_requirement": "CustomerRequirement",
    "exclusive_offer": "ExclusiveOffer",
    "export": "Export",
    "goods": "Goods",
    "improvement_plan": "ImprovementPlan",
    "incentive": "Incentive",
    "incentive_feedback": "IncentiveFeedback",
    "incentive_policy": "IncentivePolicy",
    "ledger_account": "Account",
    "ledger_audit": "LedgerAudit",
    "member": "Member",
    "member_invitation": "MemberInvitation",
    "member_project": "MemberProject",
    "on_behalf_authorization": "OnBehalfAuthorization",
    "operator": "Operator",
    "order": "Order",
    "partner": "Partner",
    "partner_bill": "PartnerBill",
    "pause": "OpsPause",
    "payment_application": "PaymentApplication",
    "performance_feedback": "PerformanceFeedback",
    "performance_line": "PerformanceLine",
    "performance_sheet": "PerformanceSheet",
    "private_offer": "PrivateOffer",
    "programme_application": "ProgrammeApplication",
    "programme_invitation": "ProgrammeInvitation",
    "recharge": "Recharge",
    "refund": "Refund",
    "role": "Role",
    "role_certification": "RoleCertification",
    "service_supervision": "ServiceSupervision",
    "session": "Session",
    "settlement_run": "SettlementRun",
    "sku": "Sku",
    "special_application": "SpecialApplication",
    "statement": "Statement",
    "statement_dispute": "StatementDispute",
    "stored_file": "StoredFile",
    "test_voucher_application": "TestVoucherApplication",
    "subscription": "CustomerSubscription",
    "upstream_request": "UpstreamRequest",
    "usage_import": "UsageImport",
    "voucher_quota": "VoucherQuota",
    "webhook_endpoint": "WebhookEndpoint",
    "withdrawal": "Withdrawal",
}


@strawberry.enum(description="In which capacity somebody made an event happen.")
class EventActorKind(Enum):
    """`domain.identity.viewer.ViewerKind`, as events tell it."""

    STAFF = enum_value("STAFF", description="Of the platform.")
    OPERATOR = enum_value("OPERATOR", description="Of a partner, as a person or by an API key.")
    CUSTOMER = enum_value("CUSTOMER", description="Of a customer.")
    PERSON = enum_value("PERSON", description="In their own name.")
    ANONYMOUS = enum_value("ANONYMOUS", description="Nobody was signed in.")
    SYSTEM = enum_value("SYSTEM", description="Nobody: a deadline passed, or a rule applied.")


@strawberry.type(description="Who made an event happen.")
class EventActor:
    kind: EventActorKind = strawberry.field(description="In which capacity.")
    name: str = strawberry.field(
        description="The person's or API key's name at that time; `***` for somebody who rejected"
        " an invitation and hasn't accepted it since."
    )


# Whoever is invited shows himself by accepting, and not by saying no.
_ACTOR_NAME = (
    "case when {t}.name = 'member_invitation.rejected'"
    " and {t}.person_id is distinct from {viewer.person_id}"
    " and not exists (select from member where member.invitation_id = {t}.subject_id)"
    " then '***' else {t}.actor_name end"
)


@table(
    models.Event,
    prefix="evt",
    scope=policy.EVENTS,
    description="A business fact. It is written in the transaction that made it true and never"
    " changed after.",
)
class Event(Node):
    name: str = column("What happened, as `thing.happened`: `member_invitation.sent`.")
    occurred_at: DateTime = column("When, by business time.")
    actor: EventActor = embedded(
        {"kind": "{t}.actor_kind", "name": _ACTOR_NAME}, "Who made it happen."
    )
    on_behalf_of: CustomerRef | None = one(
        "on_behalf_of",
        "The customer for whom a partner acted, by its authorization; null when whoever acted did"
        " so in their own name, and for a customer that you may not see.",
    )
    subject: Node | None = polymorphic(
        "subject_type", "subject_id", SUBJECTS, "To what; null when you may not see it."
    )
    subject_type: str = column("To what kind of thing: `member_invitation`.")
    reason: str | None = column("Why, as whoever did it has said, or as the rule is called.")
    changes: list[EventChange] = computed(
        event_changes.changes, ("before", "after"), "What the event has changed."
    )
    position: int | None = column(
        "Its place in its tenant's log: 1, 2, 3 … without a gap. It is given within a second or two"
        " of the event, and null until then. Whoever has seen a position can miss none before it."
    )
    request_id: str | None = column("The id of the request or job that it happened in.")


def happened(description: str = "What happened to it.", *, where: str = "true") -> Any:
    """The events whose subject is the row, as far as they are shown."""
    return connection("subject_id", description, where=where, default_order="occurred_at")


@strawberry.input(description="Which events.")
class EventFilter:
    partner_id: strawberry.ID | None = of_node("tenant_id", "ptn", "In this partner's log.")
    subject_id: strawberry.ID | None = of_node("subject_id", None, "About this object.")
    after_position: int | None = where(
        "{t}.position > {value}", "Behind this position; with `partnerId`, and ordered by POSITION."
    )
    name: list[str] | None = where("{t}.name = any({value}::text[])", "Of one of these names.")
    types: list[str] | None = where(
        types.MATCHES.replace("{wanted}", "{value}::text[]"),
        "Of one of these types: a name, or `order.*` for whatever happens to orders; up to 50,"
        " none means all. As for webhooks and for following live.",
        prepare=lambda value: types.checked_types(value, path=("filter", "types")),
    )
    occurred: DateTimeRange | None = within("occurred_at", "Happened in this span.")


@strawberry.enum(description="What events are ordered by.")
class EventOrderField(Enum):
    RECORDED = enum_value("id", description="When they were written down.")
    POSITION = enum_value("position", description="Their place in the log of their tenant.")


EventOrder = ordering("How events are ordered.", EventOrderField.RECORDED)
