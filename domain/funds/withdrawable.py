"""How much of an account can be withdrawn, and what stands in the way (F-07, F-08, F-09)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from domain.funds.effects import DEBTS, Debtors
from domain.funds.owners import Owner
from kit import database
from kit.problems import Reason, SeveralReasons
from models.funds import Recharge, RechargeChannel, WithdrawalKind
from models.ledger import AccountKind, LedgerAccount

# Months in which money can go back the way it has come; None: always. The longer ones of F-09,
# which tells others for other signing entities.
ORIGINAL_ROUTE_MONTHS: Mapping[RechargeChannel, int | None] = {
    RechargeChannel.ALIPAY: 11,
    RechargeChannel.WECHAT: 11,
    RechargeChannel.UNIONPAY: 3,
    RechargeChannel.WIRE: None,
}

# From which account each kind takes.
SOURCES: Mapping[WithdrawalKind, AccountKind] = {
    WithdrawalKind.ORIGINAL_ROUTE: AccountKind.CASH,
    WithdrawalKind.BANK_CARD: AccountKind.CASH,
    WithdrawalKind.REBATE: AccountKind.REWARD,
}


class WithdrawalBlocker(StrEnum):
    """The machine code of what forbids a withdrawal."""

    IN_PROCESS = "IN_PROCESS"
    CONTRACT_FORBIDS = "CONTRACT_FORBIDS"
    RECHARGE_WITH_BONUS = "RECHARGE_WITH_BONUS"
    SUB_CUSTOMERS_IN_DEBT = "SUB_CUSTOMERS_IN_DEBT"
    UNRETURNED_INVOICES = "UNRETURNED_INVOICES"
    IN_DEBT = "IN_DEBT"
    MONEY_OF_THE_PARTNER = "MONEY_OF_THE_PARTNER"
    FROZEN = "FROZEN"
    NOTHING_TO_WITHDRAW = "NOTHING_TO_WITHDRAW"


_TEXTS = {
    WithdrawalBlocker.IN_PROCESS: (
        "Another withdrawal is in process; wait for its end.",
        "当前存在处理中的提现申请,不能再次申请提现。",
    ),
    WithdrawalBlocker.CONTRACT_FORBIDS: (
        "A special contract forbids refunds.",
        "合同约定不支持退款,不能申请提现。",
    ),
    WithdrawalBlocker.RECHARGE_WITH_BONUS: (
        "A recharge came with a bonus or a voucher.",
        "存在充值赠送的金额或代金券,不能申请提现。",
    ),
    WithdrawalBlocker.SUB_CUSTOMERS_IN_DEBT: (
        "Agency customers are in debt; they have to pay first.",
        "存在欠费的子客户,请先结清欠费。",
    ),
    WithdrawalBlocker.UNRETURNED_INVOICES: (
        "More was invoiced than is left; return the invoices first.",
        "扣除欠票金额后余额小于 0,请先退回发票。",
    ),
    WithdrawalBlocker.IN_DEBT: ("It is in debt; pay first.", "账号欠费,请先还款。"),
    WithdrawalBlocker.MONEY_OF_THE_PARTNER: (
        "An agency customer's money is its partner's; the partner takes it back.",
        "代售类客户的资金由伙伴拨付,请联系伙伴回收。",
    ),
    WithdrawalBlocker.FROZEN: ("The account is frozen.", "账号已冻结。"),
    WithdrawalBlocker.NOTHING_TO_WITHDRAW: (
        "There is nothing that could be withdrawn.",
        "没有可提现的金额。",
    ),
}


@dataclass(frozen=True, slots=True)
class BlockedBy(Reason):
    """One thing that forbids a withdrawal."""

    texts = _TEXTS
    code: WithdrawalBlocker


class WithdrawalBlocked(SeveralReasons):
    """Something forbids withdrawals from the account; all that does is named."""

    en = "Nothing can be withdrawn now: {texts}"
    zh = "暂不能提现:{texts}"
    about = {"blockers": "All that stands in the way."}
    reasons = "blockers"
    blockers: list[BlockedBy]


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawable:
    """How much there is, what of it can't go out, and what forbids it altogether."""

    balance: Decimal
    held: Decimal
    unreturned_invoices: Decimal
    uncredited: Decimal
    designated: Decimal
    sub_customer_debt: Decimal
    blockers: list[BlockedBy] = field(default_factory=list)

    @property
    def amount(self) -> Decimal:
        """What can be withdrawn, apart from blockers; never less than nothing."""
        left = (
            self.balance
            - self.held
            - self.unreturned_invoices
            - self.uncredited
            - self.designated
            - self.sub_customer_debt
        )
        return max(left, Decimal(0))


async def of(owner: Owner, account: LedgerAccount) -> Withdrawable:
    """What can be withdrawn of this account, by what is true in the open transaction.

    F-07: cash without what is invoiced and not returned, what isn't booked yet, and what agency
    customers owe; nor what is held or earmarked. F-08: the blockers.
    """
    debt = Decimal(0)
    indebted = False
    if owner.partner_id is not None and account.kind is AccountKind.CASH:
        row = await database.row(_SUB_CUSTOMERS, owner.partner_id)
        assert row is not None
        told = await DEBTS.run(Debtors(partner_id=owner.partner_id))
        debt = sum(told.values(), Decimal(row["debt"]))
        indebted = bool(row["indebted"]) or debt > 0
    found = Withdrawable(
        balance=account.balance,
        held=account.held,
        unreturned_invoices=account.unreturned_invoices,
        uncredited=account.uncredited,
        designated=account.designated,
        sub_customer_debt=debt,
    )
    fails = {
        WithdrawalBlocker.IN_PROCESS: await _exists(
            "withdrawal", "account_id = $1 and status in ('SUBMITTED', 'APPROVED')", account
        ),
        WithdrawalBlocker.RECHARGE_WITH_BONUS: await _exists(
            "recharge", "account_id = $1 and with_bonus and status = 'CREDITED'", account
        ),
        WithdrawalBlocker.SUB_CUSTOMERS_IN_DEBT: indebted,
        WithdrawalBlocker.UNRETURNED_INVOICES: account.balance - account.unreturned_invoices < 0,
        WithdrawalBlocker.NOTHING_TO_WITHDRAW: found.amount <= 0,
    }
    if customer := owner.customer:
        owed = await LedgerAccount.filter(
            customer_id=customer.id, kind=AccountKind.CREDIT, balance__lt=0
        ).exists()
        fails |= {
            WithdrawalBlocker.CONTRACT_FORBIDS: customer.has_special_contract,
            WithdrawalBlocker.IN_DEBT: customer.has_debt or owed,
            WithdrawalBlocker.MONEY_OF_THE_PARTNER: owner.is_agency_customer,
            WithdrawalBlocker.FROZEN: customer.freeze != "NONE",
        }
    found.blockers.extend(BlockedBy(code) for code in WithdrawalBlocker if fails.get(code))
    return found


async def leaves_by_its_route(recharge: Recharge, *, now: datetime) -> bool:
    """Whether what this recharge has brought can still go back the same way at `now` (F-09)."""
    months = ORIGINAL_ROUTE_MONTHS[recharge.channel]
    if months is None:
        return True
    row = await database.row(
        "select $1::timestamptz + make_interval(months => $2) > $3::timestamptz as open",
        *(recharge.credited_at, months, now),
    )
    return row is not None and bool(row["open"])


async def _exists(table: str, condition: str, account: LedgerAccount) -> bool:
    sql = f"select 1 from {table} where {condition} limit 1"
    return await database.row(sql, account.id) is not None


_SUB_CUSTOMERS = """
select coalesce(sum(-credit.balance), 0) as debt, coalesce(bool_or(customer.has_debt), false)
  as indebted
from customer left join ledger_account credit
  on credit.customer_id = customer.id and credit.kind = 'CREDIT'
where customer.partner_id = $1 and customer.association_type = 'AGENCY'
"""
