"""What happens when something falls due: which domain function, on the rows of which table."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.associations import change_deadlines, executing
from domain.associations import deadlines as invitations
from domain.audit import relay
from domain.exports import deadlines as exports
from domain.fulfilment import expiry, self_renewal, waiting
from domain.funds import deadlines as funds
from domain.incentives import confirming
from domain.members import deadlines as members
from domain.notifications import mail, planning, texting
from domain.offers import deadlines as offers
from domain.orders import deadlines as orders
from domain.private_offers import deadlines as private_offers
from domain.programmes import deadlines as programmes
from domain.refunds import deadlines as refunds
from domain.reports import deadlines as reports
from domain.requirements import deadlines as requirements
from domain.statements import deadlines as statements
from domain.upstream import answering, sending, silence, simulator
from domain.vouchers import deadlines as vouchers
from kit.timers import Waits
from workers import settlement


class Run(Protocol):
    """A domain function that does what the deadline of these subjects demands.

    It runs inside the firing transaction, with the subjects locked. It re-checks its guard (still
    pending, and due at `now`), handles thousands at once, and may be told of a subject in vain.
    """

    async def __call__(self, *, subject_ids: Sequence[UUID], now: datetime) -> object: ...


@dataclass(frozen=True, kw_only=True)
class Effect:
    """The function of a kind of timer, and the table that its subjects are rows of.

    `of_customers`: each subject's customer is held before it, as by workflows. That is for an
    effect which goes on to what other workflows hold while they come to its subjects.
    """

    table: str
    run: Run
    of_customers: bool = False


# By kind of timer. A kind that isn't here is dead on arrival.
EFFECTS: dict[str, Effect] = {
    members.EXPIRE: Effect(table="member_invitation", run=members.expire),
    members.REMIND: Effect(table="member_invitation", run=members.remind),
    invitations.EXPIRE: Effect(table="customer_invitation", run=invitations.expire),
    reports.EXPIRE: Effect(table="customer_report", run=reports.expire),
    change_deadlines.EXPIRE: Effect(table="association_change", run=change_deadlines.expire),
    change_deadlines.EXECUTE: Effect(table="customer", run=executing.execute),
    programmes.EXPIRE_APPLICATION: Effect(
        table="programme_application", run=programmes.expire_applications
    ),
    programmes.EXPIRE_INVITATION: Effect(
        table="programme_invitation", run=programmes.expire_invitations
    ),
    programmes.EXPIRE_ROLE: Effect(table="role_certification", run=programmes.expire_roles),
    requirements.EXPIRE: Effect(table="customer_requirement", run=requirements.expire),
    requirements.REMIND: Effect(table="customer_requirement", run=requirements.remind),
    private_offers.START: Effect(table="private_offer", run=private_offers.start),
    private_offers.END: Effect(table="private_offer", run=private_offers.end),
    offers.START: Effect(table="exclusive_offer", run=offers.start),
    offers.END: Effect(table="exclusive_offer", run=offers.end),
    vouchers.EXPIRE_QUOTA: Effect(table="voucher_quota", run=vouchers.expire_quotas),
    vouchers.EXPIRE_COUPON: Effect(table="coupon", run=vouchers.expire_coupons),
    orders.EXPIRE: Effect(table="sales_order", run=orders.expire, of_customers=True),
    refunds.ACCEPT: Effect(table="customer", run=refunds.accept),
    self_renewal.RENEW: Effect(table="customer", run=self_renewal.renew_due),
    expiry.EXPIRE: Effect(table="subscription", run=expiry.expire),
    waiting.APPEALABLE: Effect(table="service_supervision", run=waiting.tell),
    funds.EXPIRE: Effect(table="recharge", run=funds.expire),
    statements.OVERDUE: Effect(table="statement", run=statements.tell_overdue),
    statements.REMINDER: Effect(table="statement", run=statements.remind),
    confirming.CONFIRM: Effect(table="incentive", run=confirming.confirm_silent),
    answering.OVERDUE: Effect(table="upstream_request", run=silence.ask_again),
    exports.EXPIRE: Effect(table="export", run=exports.expire),
    simulator.ANSWER: Effect(table="simulated_request", run=simulator.answer),
}

# By kind of timer: the subjects that have to have one. The sweep holds them to it.
WAITS: dict[str, Waits] = {
    waits.kind: waits
    for waits in (
        members.EXPIRE_WAITS,
        members.REMIND_WAITS,
        invitations.EXPIRE_WAITS,
        reports.EXPIRE_WAITS,
        change_deadlines.EXPIRE_WAITS,
        change_deadlines.EXECUTE_WAITS,
        programmes.EXPIRE_APPLICATION_WAITS,
        programmes.EXPIRE_INVITATION_WAITS,
        programmes.EXPIRE_ROLE_WAITS,
        requirements.EXPIRE_WAITS,
        requirements.REMIND_WAITS,
        private_offers.START_WAITS,
        private_offers.END_WAITS,
        offers.START_WAITS,
        offers.END_WAITS,
        vouchers.EXPIRE_QUOTA_WAITS,
        vouchers.EXPIRE_COUPON_WAITS,
        orders.EXPIRE_WAITS,
        refunds.ACCEPT_WAITS,
        self_renewal.RENEW_WAITS,
        expiry.EXPIRE_WAITS,
        waiting.APPEALABLE_WAITS,
        funds.EXPIRE_WAITS,
        statements.OVERDUE_WAITS,
        statements.REMINDER_WAITS,
        confirming.CONFIRM_WAITS,
        silence.OVERDUE_WAITS,
        exports.EXPIRE_WAITS,
        simulator.ANSWER_WAITS,
    )
}

# What every worker does each second beside firing timers, and again at once as long as it answers
# that there was something to do. A slow one holds up only itself.
EVERY_SECOND: dict[str, Callable[..., Awaitable[object]]] = {
    "relay": relay.place_all,
    "notifications": planning.plan,
    "mail": mail.deliver_due,
    "texts": texting.deliver_due,
    "upstream": sending.send_due,
    "settlement": settlement.settle_next,
}

# Those that take as long as they take, and end by themselves when they can't go on.
UNHURRIED = frozenset({"settlement"})
