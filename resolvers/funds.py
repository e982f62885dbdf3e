"""Queries and mutations of recharges, allocations and withdrawals."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from domain.funds import allocating, recharging, withdrawing
from domain.funds.allocating import Allotment
from domain.identity.lists import may_list
from domain.identity.permissions import describe
from domain.identity.viewer import Viewer
from kit import batches, ids
from kit.reads import Connection, root_connection, root_one
from models.funds import WithdrawalKind
from resolvers.mutation import Outcome, mutation
from schema import fund_changes as changes
from schema.context import Context
from schema.fund_lists import (
    AdjustRecordFilter,
    AdjustRecordOrder,
    RechargeFilter,
    RechargeOrder,
    WithdrawalFilter,
    WithdrawalOrder,
)
from schema.funds import AdjustRecord, Recharge, Withdrawable, Withdrawal


@strawberry.type
class FundsQuery:
    recharge: Recharge | None = root_one(
        "A recharge by its id; null when you may not see it.", prefix="rch"
    )
    recharges: Connection[Recharge] = root_connection(
        f"Money that was brought in, as far as you may see it. {describe('recharges')}",
        filter=RechargeFilter,
        order=RechargeOrder,
        guard=may_list("recharges"),
    )
    adjust_record: AdjustRecord | None = root_one(
        "An adjust record by its id; null when you may not see it.", prefix="adj"
    )
    adjust_records: Connection[AdjustRecord] = root_connection(
        "Allocations, recoveries and unbind recoveries, as far as you may see them."
        f" {describe('adjustRecords')}",
        filter=AdjustRecordFilter,
        order=AdjustRecordOrder,
        guard=may_list("adjustRecords"),
    )
    withdrawal: Withdrawal | None = root_one(
        "A withdrawal by its id; null when you may not see it.", prefix="wdr"
    )
    withdrawals: Connection[Withdrawal] = root_connection(
        f"Applications to pay money out, as far as you may see them. {describe('withdrawals')}",
        filter=WithdrawalFilter,
        order=WithdrawalOrder,
        guard=may_list("withdrawals"),
    )

    @strawberry.field(
        description="How much of your own account can be withdrawn now, and what forbids it."
        f" {describe('withdrawable')}"
    )
    async def withdrawable(
        self,
        info: strawberry.Info[Context, None],
        kind: Annotated[WithdrawalKind, strawberry.argument(description="Which way.")],
    ) -> Withdrawable:
        context = info.context
        found = await withdrawing.look(viewer=context.viewer, kind=kind, now=context.now)
        return Withdrawable.of(found, context.locale)


@strawberry.type
class FundsMutation:
    @mutation(
        "Give an agency customer money of your balance (拨款).",
        changes.FundsAllocatePayload,
        requires=describe("fundsAllocate"),
    )
    async def funds_allocate(
        self, viewer: Viewer, input: changes.FundsMoveInput, now: datetime
    ) -> Outcome:
        record = await allocating.allocate(
            viewer=viewer,
            customer_id=_customer(input.customer_id),
            amount=input.amount,
            trans_id=input.trans_id,
            reseller_id=_reseller(input.reseller_id),
            note=input.note,
            now=now,
        )
        return Outcome(adjust_record=record.id)

    @mutation(
        "Take an agency customer's money back (回收).",
        changes.FundsRecoverPayload,
        requires=describe("fundsRecover"),
    )
    async def funds_recover(
        self, viewer: Viewer, input: changes.FundsMoveInput, now: datetime
    ) -> Outcome:
        record = await allocating.recover(
            viewer=viewer,
            customer_id=_customer(input.customer_id),
            amount=input.amount,
            trans_id=input.trans_id,
            reseller_id=_reseller(input.reseller_id),
            note=input.note,
            now=now,
        )
        return Outcome(adjust_record=record.id)

    @mutation(
        "Give agency customers money, all in one transaction, with a result for each.",
        changes.FundsAllocateManyPayload,
        requires=describe("fundsAllocateMany"),
    )
    async def funds_allocate_many(
        self, viewer: Viewer, input: changes.FundsAllocateManyInput, now: datetime
    ) -> Outcome:
        outcomes = await allocating.allocate_many(
            viewer=viewer,
            allotments=[
                Allotment(
                    customer_id=ids.decode(
                        "cus",
                        each.customer_id,
                        path=("input", "allotments", str(place), "customerId"),
                    ),
                    amount=each.amount,
                    trans_id=each.trans_id,
                )
                for place, each in enumerate(input.allotments)
            ],
            reseller_id=_reseller(input.reseller_id),
            note=input.note,
            now=now,
        )
        return Outcome(results=outcomes, adjust_records=batches.made(outcomes))

    @mutation(
        "Give one of your resellers money of your balance; for a distributor.",
        changes.ResellerFundsAllocatePayload,
        requires=describe("resellerFundsAllocate"),
    )
    async def reseller_funds_allocate(
        self, viewer: Viewer, input: changes.ResellerFundsMoveInput, now: datetime
    ) -> Outcome:
        record = await allocating.allocate_to_reseller(
            viewer=viewer,
            reseller_id=ids.decode("ptn", input.reseller_id, path=("input", "resellerId")),
            amount=input.amount,
            trans_id=input.trans_id,
            note=input.note,
            now=now,
        )
        return Outcome(adjust_record=record.id)

    @mutation(
        "Take money of one of your resellers back; for a distributor.",
        changes.ResellerFundsRecoverPayload,
        requires=describe("resellerFundsRecover"),
    )
    async def reseller_funds_recover(
        self, viewer: Viewer, input: changes.ResellerFundsMoveInput, now: datetime
    ) -> Outcome:
        record = await allocating.recover_from_reseller(
            viewer=viewer,
            reseller_id=ids.decode("ptn", input.reseller_id, path=("input", "resellerId")),
            amount=input.amount,
            trans_id=input.trans_id,
            note=input.note,
            now=now,
        )
        return Outcome(adjust_record=record.id)

    @mutation(
        "Announce money for your own cash account (充值). It is credited when it comes.",
        changes.RechargeCreatePayload,
        requires=describe("rechargeCreate"),
    )
    async def recharge_create(
        self, viewer: Viewer, input: changes.RechargeCreateInput, now: datetime
    ) -> Outcome:
        recharge = await recharging.create(
            viewer=viewer,
            method=input.method,
            channel=input.channel,
            amount=input.amount,
            now=now,
        )
        return Outcome(recharge=recharge.id)

    @mutation(
        "Credit a bank transfer by hand, once for its reference.",
        changes.RechargeRecordPayload,
        requires=describe("rechargeRecord"),
    )
    async def recharge_record(
        self, viewer: Viewer, input: changes.RechargeRecordInput, now: datetime
    ) -> Outcome:
        recharge = await recharging.record(
            viewer=viewer,
            recharge_id=ids.optional("rch", input.recharge_id, path=("input", "rechargeId")),
            partner_id=ids.optional("ptn", input.partner_id, path=("input", "partnerId")),
            customer_id=ids.optional("cus", input.customer_id, path=("input", "customerId")),
            amount=input.amount,
            reference=input.reference,
            with_bonus=input.with_bonus,
            now=now,
        )
        return Outcome(recharge=recharge.id)

    @mutation(
        "Apply for a withdrawal from your own account (提现). The amount is held at once.",
        changes.WithdrawalCreatePayload,
        requires=describe("withdrawalCreate"),
    )
    async def withdrawal_create(
        self, viewer: Viewer, input: changes.WithdrawalCreateInput, now: datetime
    ) -> Outcome:
        to = input.bank_account
        withdrawal = await withdrawing.submit(
            viewer=viewer,
            kind=input.kind,
            amount=input.amount,
            recharge_id=ids.optional("rch", input.recharge_id, path=("input", "rechargeId")),
            to=withdrawing.BankAccount(bank=to.bank_name, name=to.name, number=to.number)
            if to
            else None,
            now=now,
        )
        return Outcome(withdrawal=withdrawal.id)

    @mutation(
        "Let a withdrawal be paid out by the bank.",
        changes.WithdrawalApprovePayload,
        requires=describe("withdrawalApprove"),
    )
    async def withdrawal_approve(
        self, viewer: Viewer, input: changes.WithdrawalApproveInput, now: datetime
    ) -> Outcome:
        withdrawal = await withdrawing.approve(
            viewer=viewer, withdrawal_id=_withdrawal(input.id), now=now
        )
        return Outcome(withdrawal=withdrawal.id)

    @mutation(
        "Refuse a withdrawal; its money is free again.",
        changes.WithdrawalRejectPayload,
        requires=describe("withdrawalReject"),
    )
    async def withdrawal_reject(
        self, viewer: Viewer, input: changes.WithdrawalRejectInput, now: datetime
    ) -> Outcome:
        withdrawal = await withdrawing.reject(
            viewer=viewer, withdrawal_id=_withdrawal(input.id), reason=input.reason, now=now
        )
        return Outcome(withdrawal=withdrawal.id)

    @mutation(
        "Take a withdrawal that was refused off your list.",
        changes.WithdrawalDeletePayload,
        requires=describe("withdrawalDelete"),
    )
    async def withdrawal_delete(
        self, viewer: Viewer, input: changes.WithdrawalDeleteInput, now: datetime
    ) -> Outcome:
        await withdrawing.delete(viewer=viewer, withdrawal_id=_withdrawal(input.id), now=now)
        return Outcome(deleted_id=input.id)


def _customer(text: str) -> UUID:
    return ids.decode("cus", text, path=("input", "customerId"))


def _reseller(text: str | None) -> UUID | None:
    return ids.optional("ptn", text, path=("input", "resellerId"))


def _withdrawal(text: str) -> UUID:
    return ids.decode("wdr", text, path=("input", "id"))
