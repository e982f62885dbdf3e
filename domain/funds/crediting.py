"""Credit: how much a customer may spend before it pays, and paying back (信用账户, 还款)."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.catalogue.amounts import positive
from domain.customers.policy import CUSTOMERS
from domain.funds import history
from domain.funds.amounts import not_negative, trans_id_of
from domain.funds.effects import REPAID, Repaid
from domain.funds.owners import OnlyForItself
from domain.identity import permissions
from domain.identity.viewer import Viewer, ViewerKind
from domain.ledger import accounts, posting
from domain.ledger.posting import Leg
from kit import texts
from kit.problems import Problem
from kit.transaction import transactional
from models.customers import AssociationType, Customer
from models.ledger import AccountKind, LedgerAccount, LedgerTransfer, TradeType


class NoCreditForAgencyCustomers(Problem):
    """An agency customer spends what its partner gives it, and has no credit account (C-03)."""

    en = "An agency customer can't have a credit account."
    zh = "代售类客户不能开通信用账户。"


class MoreIsOwed(Problem):
    """The limit can't be less than what is owed already."""

    en = "{owed} is owed already; the limit can't be less."
    zh = "当前已欠款 {owed},信用额度不能低于该金额。"
    about = {"owed": "How much is owed."}
    owed: Decimal


@transactional
async def set_limit(
    *, viewer: Viewer, customer_id: UUID, limit: Decimal, reason: str, now: datetime
) -> LedgerAccount:
    """Let a customer owe up to the limit; nothing closes the credit account.

    The customer's `has_credit_account` follows. Raises NoCreditForAgencyCustomers, MoreIsOwed.
    """
    permissions.require(viewer, "creditLimitSet")
    reason = texts.reason(reason)
    wanted = not_negative(limit, path=("input", "limit")).amount
    customer = await CUSTOMERS.lock(Customer, customer_id, viewer=viewer, now=now, thing="customer")
    if wanted > 0 and customer.association_type == AssociationType.AGENCY:
        raise NoCreditForAgencyCustomers()
    opened = await accounts.of_customer(customer.id, AccountKind.CREDIT, now=now)
    account = await accounts.lock(opened.id)
    if wanted < -account.balance:
        raise MoreIsOwed(owed=-account.balance)
    before, account.credit_limit = account.credit_limit, wanted
    await account.save(update_fields=["credit_limit"])
    if customer.has_credit_account != (wanted > 0):
        customer.has_credit_account = wanted > 0
        customer.version += 1
        await customer.save(update_fields=["has_credit_account", "version"])
    await history.of(
        "credit_limit_set",
        account,
        viewer=viewer,
        before={"credit_limit": str(before)},
        after={"credit_limit": str(wanted)},
        reason=reason,
        now=now,
    )
    return account


@transactional
async def repay(
    *, viewer: Viewer, amount: Decimal, trans_id: str | None = None, now: datetime
) -> LedgerTransfer:
    """Pay back from the customer's own cash, at most what it owes; orders follow (`REPAID`).

    The same `trans_id` again is the earlier payment. Raises OnlyForItself for anybody but the
    customer, NothingOwed, InsufficientBalance, DuplicateTransId.
    """
    permissions.require(viewer, "creditRepay")
    money = positive(amount)
    trans_id = trans_id_of(trans_id)
    if viewer.kind is not ViewerKind.CUSTOMER or viewer.customer_id is None:
        raise OnlyForItself()
    customer = await CUSTOMERS.lock(
        Customer, viewer.customer_id, viewer=viewer, now=now, thing="customer"
    )
    cash = await accounts.of_customer(customer.id, AccountKind.CASH, now=now)
    credit = await accounts.of_customer(customer.id, AccountKind.CREDIT, now=now)
    legs = [Leg(cash.id, -money), Leg(credit.id, money)]
    held = await accounts.lock_all([cash.id, credit.id])
    before = await posting.repeated(
        trans_id,
        viewer=viewer,
        kind=TradeType.REPAYMENT,
        legs=legs,
        customer_id=customer.id,
    )
    if before is not None:
        return before
    transfer = await posting.post(
        kind=TradeType.REPAYMENT,
        legs=legs,
        subject_type="ledger_account",
        subject_id=credit.id,
        trans_id=trans_id,
        customer_id=customer.id,
        viewer=viewer,
        now=now,
    )
    owed = -(held[credit.id].balance + money.amount)
    done = await REPAID.run(
        Repaid(customer_id=customer.id, amount=money.amount, owed=owed, viewer=viewer, now=now)
    )
    await history.of(
        "repaid",
        credit,
        viewer=viewer,
        after={"amount": str(money.amount), "owed": str(owed)}
        | {name: dict(each) for name, each in done.items() if each},
        now=now,
    )
    return transfer
