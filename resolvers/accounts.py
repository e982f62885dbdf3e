"""Queries and mutations of accounts."""

from datetime import datetime

import strawberry

from domain.funds import adjusting, crediting
from domain.identity.lists import may_list
from domain.identity.permissions import describe
from domain.identity.viewer import Viewer
from kit import ids
from kit.reads import Connection, root_connection, root_one
from resolvers.mutation import Outcome, mutation
from schema import account_changes as changes
from schema.account_lists import (
    AccountFilter,
    AccountOrder,
    LedgerAuditFilter,
    LedgerAuditOrder,
    LedgerTransferFilter,
    LedgerTransferOrder,
)
from schema.accounts import Account, AccountEntry, LedgerAudit, LedgerTransfer

# A partner's list is of its own accounts and its resellers'; a customer's stand at the customer.
_OWN = (
    "({viewer.kind}::text = 'STAFF' or {t}.partner_id = any({viewer.partner_ids}::uuid[])"
    " or {t}.customer_id = {viewer.customer_id}::uuid)"
)


@strawberry.type
class AccountQuery:
    account: Account | None = root_one(
        "An account by its id; null when you may not see it.", prefix="act"
    )
    accounts: Connection[Account] = root_connection(
        "Your own accounts, a distributor's with its resellers', the platform's all. Agency"
        f" customers' stand at `customer.accounts`. {describe('accounts')}",
        filter=AccountFilter,
        order=AccountOrder,
        where=_OWN,
        guard=may_list("accounts"),
    )
    account_entry: AccountEntry | None = root_one(
        "A line of a statement by its id; null when you may not see it.", prefix="aen"
    )
    ledger_transfer: LedgerTransfer | None = root_one(
        "A transfer by its id; null when you may not see it.", prefix="trf"
    )
    ledger_transfers: Connection[LedgerTransfer] = root_connection(
        f"Transfers of the whole house, for the platform. {describe('ledgerTransfers')}",
        filter=LedgerTransferFilter,
        order=LedgerTransferOrder,
        guard=may_list("ledgerTransfers"),
    )
    ledger_audits: Connection[LedgerAudit] = root_connection(
        f"What the nightly recounts came to. {describe('ledgerAudits')}",
        filter=LedgerAuditFilter,
        order=LedgerAuditOrder,
        guard=may_list("ledgerAudits"),
    )


@strawberry.type
class AccountMutation:
    @mutation(
        "Let a customer spend before it pays, up to a limit.",
        changes.CreditLimitSetPayload,
        requires=describe("creditLimitSet"),
    )
    async def credit_limit_set(
        self, viewer: Viewer, input: changes.CreditLimitSetInput, now: datetime
    ) -> Outcome:
        account = await crediting.set_limit(
            viewer=viewer,
            customer_id=ids.decode("cus", input.customer_id, path=("input", "customerId")),
            limit=input.limit,
            reason=input.reason,
            now=now,
        )
        return Outcome(account=account.id)

    @mutation(
        "Pay back, from your own cash, what you owe on credit.",
        changes.CreditRepayPayload,
        requires=describe("creditRepay"),
    )
    async def credit_repay(
        self, viewer: Viewer, input: changes.CreditRepayInput, now: datetime
    ) -> Outcome:
        transfer = await crediting.repay(
            viewer=viewer, amount=input.amount, trans_id=input.trans_id, now=now
        )
        return Outcome(ledger_transfer=transfer.id)

    @mutation(
        "Correct an account by hand, against the book of adjustments.",
        changes.AccountAdjustPayload,
        requires=describe("accountAdjust"),
    )
    async def account_adjust(
        self, viewer: Viewer, input: changes.AccountAdjustInput, now: datetime
    ) -> Outcome:
        transfer = await adjusting.adjust(
            viewer=viewer,
            partner_id=ids.optional("ptn", input.partner_id, path=("input", "partnerId")),
            customer_id=ids.optional("cus", input.customer_id, path=("input", "customerId")),
            kind=input.kind,
            amount=input.amount,
            reason=input.reason,
            trans_id=input.trans_id,
            now=now,
        )
        return Outcome(ledger_transfer=transfer.id)

    @mutation(
        "Keep a part of a partner's cash as its deposit (保证金), or give it back.",
        changes.DepositMovePayload,
        requires=describe("depositMove"),
    )
    async def deposit_move(
        self, viewer: Viewer, input: changes.DepositMoveInput, now: datetime
    ) -> Outcome:
        transfer = await adjusting.move_deposit(
            viewer=viewer,
            partner_id=ids.decode("ptn", input.partner_id, path=("input", "partnerId")),
            amount=input.amount,
            reason=input.reason,
            trans_id=input.trans_id,
            now=now,
        )
        return Outcome(ledger_transfer=transfer.id)

    @mutation(
        "Say what of an account is earmarked, invoiced, or not booked yet.",
        changes.AccountFactsSetPayload,
        requires=describe("accountFactsSet"),
    )
    async def account_facts_set(
        self, viewer: Viewer, input: changes.AccountFactsSetInput, now: datetime
    ) -> Outcome:
        account = await adjusting.set_facts(
            viewer=viewer,
            account_id=ids.decode("act", input.id, path=("input", "id")),
            designated=input.designated,
            unreturned_invoices=input.unreturned_invoices,
            uncredited=input.uncredited,
            reason=input.reason,
            now=now,
        )
        return Outcome(account=account.id)
