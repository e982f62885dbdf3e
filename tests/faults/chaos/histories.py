"""Histories against state machines: what the events say happened must have been possible."""

import json
from collections import defaultdict
from typing import Any, NamedTuple
from uuid import UUID

from kit import database
from kit.status import Status
from models.associations import AuthorizationStatus, ChangeStatus
from models.certification import BusinessInformationStatus, ImprovementPlanStatus
from models.customer_invitations import CustomerInvitationStatus
from models.exports import ExportState
from models.feedback import FeedbackState
from models.funds import RechargeStatus, WithdrawalStatus
from models.incentives import IncentiveState
from models.members import MemberInvitationStatus, SpecialistStatus
from models.offers import ApplicationStatus, OfferStatus
from models.order_states import OrderStatus, PaymentState
from models.payment_applications import PaymentApplicationState
from models.performance import PerformanceState
from models.private_offers import PrivateOfferStatus
from models.programmes import ProgrammeApplicationStatus, ProgrammeInvitationStatus
from models.quotas import QuotaStatus, VoucherApplicationStatus
from models.refunds import RefundStatus
from models.reports import ReportStatus
from models.requirements import RequirementStatus
from models.settlement_runs import RunState
from models.statement_steps import DisputeStatus
from models.statements import StatementStatus
from models.subscriptions import SubscriptionStatus
from models.supervision import SupervisionStep
from models.vouchers import CouponStatus
from tests.faults.chaos.looked import Looked


class Machine(NamedTuple):
    """Whose table, which column of it (which is the fact's name, too), and the machine."""

    table: str
    column: str
    machine: type[Status]


# By subject type of events.
MACHINES: dict[str, tuple[Machine, ...]] = {
    "member_invitation": (Machine("member_invitation", "status", MemberInvitationStatus),),
    "customer_report": (Machine("customer_report", "status", ReportStatus),),
    "customer_invitation": (Machine("customer_invitation", "status", CustomerInvitationStatus),),
    "association_change": (Machine("association_change", "status", ChangeStatus),),
    "customer_requirement": (Machine("customer_requirement", "status", RequirementStatus),),
    "private_offer": (Machine("private_offer", "status", PrivateOfferStatus),),
    "exclusive_offer": (Machine("exclusive_offer", "status", OfferStatus),),
    "special_application": (Machine("special_application", "status", ApplicationStatus),),
    "order": (
        Machine("sales_order", "status", OrderStatus),
        Machine("sales_order", "payment_state", PaymentState),
    ),
    "refund": (Machine("refund", "status", RefundStatus),),
    "recharge": (Machine("recharge", "status", RechargeStatus),),
    "withdrawal": (Machine("withdrawal", "status", WithdrawalStatus),),
    "coupon": (Machine("coupon", "status", CouponStatus),),
    "voucher_quota": (Machine("voucher_quota", "status", QuotaStatus),),
    "export": (Machine("export", "state", ExportState),),
    "subscription": (Machine("subscription", "status", SubscriptionStatus),),
    "settlement_run": (Machine("settlement_run", "state", RunState),),
    "statement": (Machine("statement", "status", StatementStatus),),
    "statement_dispute": (Machine("statement_dispute", "status", DisputeStatus),),
    "performance_sheet": (Machine("performance_sheet", "state", PerformanceState),),
    "performance_feedback": (Machine("performance_feedback", "state", FeedbackState),),
    "incentive": (Machine("incentive", "state", IncentiveState),),
    "incentive_feedback": (Machine("incentive_feedback", "state", FeedbackState),),
    "payment_application": (Machine("payment_application", "state", PaymentApplicationState),),
    "programme_application": (
        Machine("programme_application", "status", ProgrammeApplicationStatus),
    ),
    "programme_invitation": (Machine("programme_invitation", "status", ProgrammeInvitationStatus),),
    "business_information": (Machine("business_information", "status", BusinessInformationStatus),),
    "improvement_plan": (Machine("improvement_plan", "status", ImprovementPlanStatus),),
    "member": (Machine("member", "specialist", SpecialistStatus),),
    "on_behalf_authorization": (Machine("on_behalf_authorization", "status", AuthorizationStatus),),
    "service_supervision": (Machine("service_supervision", "step", SupervisionStep),),
    "test_voucher_application": (
        Machine("test_voucher_application", "status", VoucherApplicationStatus),
    ),
}

_EVENTS = """
select subject_id, name, before::text, after::text, min(id::text) as id from event
where subject_type = $1 and (before ? $2 or after ? $2)
group by subject_id, name, before::text, after::text, occurred_at, request_id
order by subject_id, min(id::text)
"""


async def paths() -> Looked:
    """Each subject's: every step an arrow from where the one before ended, none out of an end."""
    looked = Looked("subjects with a history", 0)
    for subject_type, machines in MACHINES.items():
        for machine in machines:
            told: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
            for row in await database.rows(_EVENTS, subject_type, machine.column):
                told[row["subject_id"]].append(row)
            rows = await database.rows(
                f"select id, {machine.column} as status from {machine.table} where id = any($1)",
                list(told),
            )
            stands = {row["id"]: row["status"] for row in rows}
            looked.count += len(told)
            for subject_id, events in told.items():
                looked.wrong += [
                    f"{subject_type} {subject_id}: {what}"
                    for what in _wrong(machine, events, stands.get(subject_id))
                ]
    return looked


def _wrong(machine: Machine, events: list[dict[str, Any]], stands: str | None) -> list[str]:
    wrong, at = [], None
    for event in events:
        before = json.loads(event["before"]).get(machine.column)
        after = json.loads(event["after"]).get(machine.column)
        if before is not None and at is not None and before != at:
            wrong.append(f"{event['name']} begins at {before}, the one before ended at {at}")
        begin = before if before is not None else at
        if after is None:
            continue
        if begin is not None and begin != after and after not in _arrows(machine, begin):
            wrong.append(f"{event['name']}: no arrow leads from {begin} to {after}")
        at = after
    if stands is not None and at is not None and stands != at:
        wrong.append(f"the row says {stands}, its history {at}")
    return wrong


def _arrows(machine: Machine, begin: str) -> frozenset[str]:
    arrows = machine.machine.arrows().get(machine.machine(begin), frozenset())
    return frozenset(str(wanted) for wanted in arrows)
