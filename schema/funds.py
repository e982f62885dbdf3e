"""Recharges, adjust records and withdrawals as the API shows them."""

from typing import Self

import strawberry

from domain.funds import withdrawable as domain
from domain.funds import withdrawal_guards as guards
from domain.funds.deadlines import EXPIRE
from domain.funds.policy import ADJUST_RECORDS, RECHARGES, WITHDRAWALS
from domain.funds.withdrawable import WithdrawalBlocker
from kit.reads import Connection, Node, column, items, money, one, sql, table
from models import funds as models
from models.funds import (
    ADJUST_WIRE,
    AdjustKind,
    RechargeChannel,
    RechargeMethod,
    RechargeStatus,
    WithdrawalKind,
    WithdrawalStatus,
)
from schema.accounts import wire
from schema.actions import AvailableAction, available
from schema.deadlines import Deadline, deadline_of
from schema.errors import tells
from schema.events import Event, happened
from schema.fund_lists import RECHARGE_STATUS_NOW
from schema.identity import Person
from schema.money import Money
from schema.partners import PartnerRef
from schema.references import AccountRef, CustomerRef, OrderRef, RechargeRef, TransferRef
from schema.scalars import DateTime


@table(
    models.Recharge,
    prefix="rch",
    scope=RECHARGES,
    description="Money that a partner or a customer brings in (充值): announced, and credited once"
    " for each payment that comes.",
)
class Recharge(Node):
    """F-03."""

    number: str = column("Its number, for people.")
    account: AccountRef | None = one("account_id", "Where the money goes.")
    partner: PartnerRef | None = one("partner_id", "Whose it is, if it is a partner's.")
    customer: CustomerRef | None = one("customer_id", "Whose it is, if it is a customer's.")
    order: OrderRef | None = one("order_id", "The order that it is to pay; null for none.")
    method: RechargeMethod = column("How it comes.")
    channel: RechargeChannel = column("Through whom.")
    amount: Money = money("amount", "currency", "What was announced.")
    credited_amount: Money = money("credited_amount", "currency", "All that has come.")
    returned_amount: Money = money(
        "returned_amount", "currency", "What went back by its original route."
    )
    status: RechargeStatus = sql(RECHARGE_STATUS_NOW, "Where it stands now.")
    reference: str | None = column("The payment system's or bank's name for it.")
    failure: str | None = column("Why it failed.")
    with_bonus: bool = column("Whether a bonus or voucher came with it.")
    created_at: DateTime = column("When it was announced.")
    expires_at: DateTime | None = column("When an online payment is given up.")
    credited_at: DateTime | None = column("When it was credited first.")
    version: int = column("Rises with every change.")
    deadline: Deadline | None = deadline_of(EXPIRE, "When it is given up.")
    transfers: list[TransferRef] = items(
        "subject_id",
        "How its money was booked, one for each time that something came, and what went back.",
        order="created_at, id",
        limit=50,
        where="{t}.subject_type = 'recharge'",
    )
    history: Connection[Event] = happened()


@table(
    models.AdjustRecord,
    prefix="adj",
    scope=ADJUST_RECORDS,
    description="That a partner gave a customer or a reseller money, or took it back (调账记录).",
)
class AdjustRecord(Node):
    """F-06."""

    partner: PartnerRef | None = one("partner_id", "Whose balance gave or got it.")
    customer: CustomerRef | None = one("customer_id", "With which customer.")
    reseller: PartnerRef | None = one("reseller_id", "With which reseller.")
    kind: AdjustKind = column("What happened.")
    kind_code: str = sql(wire("kind", ADJUST_WIRE), "The cloud API's name of it.")
    amount: Money = money("amount", "currency", "How much.")
    trans_id: str | None = sql(
        "case when {viewer.kind}::text <> 'CUSTOMER' then {t}.trans_id end",
        "The name that its caller gave to it.",
    )
    note: str | None = column("What was noted.")
    transfer: TransferRef | None = one("transfer_id", "The transfer by which it moved.")
    actor_name: str | None = sql(
        "case when {viewer.kind}::text <> 'CUSTOMER' then {t}.actor_name end", "Who did it."
    )
    created_at: DateTime = column("When the money moved.")


@table(
    models.Withdrawal,
    prefix="wdr",
    scope=WITHDRAWALS,
    description="An application to pay money out (提现申请). The amount is held until it is paid,"
    " refused or failed; an account has one in process at a time.",
)
class Withdrawal(Node):
    """F-05, F-07…F-09."""

    number: str = column("Its number, for people.")
    account: AccountRef | None = one("account_id", "From which account.")
    partner: PartnerRef | None = one("partner_id", "Whose it is, if it is a partner's.")
    customer: CustomerRef | None = one("customer_id", "Whose it is, if it is a customer's.")
    kind: WithdrawalKind = column("Which way it goes.")
    amount: Money = money("amount", "currency", "How much.")
    status: WithdrawalStatus = column("Where it stands.")
    recharge: RechargeRef | None = one("recharge_id", "What goes back by its original route.")
    bank_name: str | None = column("At which bank.", "bank")
    bank_account_name: str | None = column("In whose name the bank account is.")
    bank_account: str | None = sql(
        "case when {t}.bank_account is not null then '****' || right({t}.bank_account, 4) end",
        "The end of the bank account's number.",
    )
    creator: Person | None = one("created_by", "Who has applied; null for a system.")
    refusal: str | None = column("Why the platform has refused it.")
    failure: str | None = column("Why the bank could not pay it.")
    reference: str | None = column("The bank's name for the payment.")
    transfers: list[TransferRef] = items(
        "subject_id",
        "How its money was booked; empty until it has left.",
        order="created_at, id",
        limit=50,
        where="{t}.subject_type = 'withdrawal'",
    )
    created_at: DateTime = column("When it was submitted.")
    decided_at: DateTime | None = column("When the platform decided.")
    ended_at: DateTime | None = column("When it was paid, refused or failed.")
    version: int = column("Rises with every change.")
    available_actions: list[AvailableAction] = available(guards.ACTIONS, guards.COLUMNS)
    history: Connection[Event] = happened()


@tells(domain.BlockedBy)
@strawberry.type(description="One thing that forbids withdrawals.")
class WithdrawalBlock:
    code: WithdrawalBlocker = strawberry.field(description="What forbids withdrawals.")
    message: str = strawberry.field(
        description="What to do, for a person, in the language of `Accept-Language`."
    )


@strawberry.type(description="How much can be withdrawn from an account now, and what forbids it.")
class Withdrawable:
    amount: Money = strawberry.field(
        description="What can be withdrawn if nothing forbids it: `balance` without all the other"
        " amounts."
    )
    balance: Money = strawberry.field(description="What the account has.")
    held: Money = strawberry.field(
        description="What of the balance is promised to open withdrawals (冻结)."
    )
    unreturned_invoices: Money = strawberry.field(
        description="What was invoiced and not returned (欠票)."
    )
    uncredited: Money = strawberry.field(description="What isn't booked yet (未入账).")
    designated: Money = strawberry.field(description="What is earmarked (专款专用).")
    sub_customer_debt: Money = strawberry.field(description="What agency customers owe.")
    blockers: list[WithdrawalBlock] = strawberry.field(
        description="All that forbids a withdrawal; empty when nothing does."
    )

    @classmethod
    def of(cls, found: domain.Withdrawable, locale: str) -> Self:
        """As the API tells it."""
        return cls(
            amount=Money.yuan(found.amount),
            balance=Money.yuan(found.balance),
            held=Money.yuan(found.held),
            unreturned_invoices=Money.yuan(found.unreturned_invoices),
            uncredited=Money.yuan(found.uncredited),
            designated=Money.yuan(found.designated),
            sub_customer_debt=Money.yuan(found.sub_customer_debt),
            blockers=[
                WithdrawalBlock(code=each.code, message=each.in_words(locale))
                for each in found.blockers
            ],
        )
