"""Whether an association may be switched or ended (C-18, C-19): all that fails is told at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from kit.problems import FailedCheck, SeveralReasons
from models.associations import ChangeKind
from models.customers import AssociationType, EnterpriseRole, Freeze


class ChangeCheck(StrEnum):
    """The machine code of each check that a change can fail; as of `AssociationCheck` if alike."""

    OUTSTANDING_BILL = "OUTSTANDING_BILL"
    UNRETURNED_INVOICE = "UNRETURNED_INVOICE"
    LIVE_RESERVED_INSTANCE = "LIVE_RESERVED_INSTANCE"
    SUPPORT_PLAN = "SUPPORT_PLAN"
    SPECIAL_CONTRACT = "SPECIAL_CONTRACT"
    FROZEN = "FROZEN"
    MASTER_WITH_INDEPENDENT_MEMBERS = "MASTER_WITH_INDEPENDENT_MEMBERS"
    INDEPENDENT_MEMBER = "INDEPENDENT_MEMBER"
    CREDIT_ACCOUNT_NO_AGENCY = "CREDIT_ACCOUNT_NO_AGENCY"
    UNSPENT_STORED_CARD = "UNSPENT_STORED_CARD"
    ENTERPRISE_MEMBER = "ENTERPRISE_MEMBER"
    PARTNER_PAYMENT_PENDING = "PARTNER_PAYMENT_PENDING"
    BALANCE_NOT_REFUNDED = "BALANCE_NOT_REFUNDED"


_TEXTS = {
    ChangeCheck.OUTSTANDING_BILL: ("It is in debt; pay first.", "客户账号欠费,请先还款。"),
    ChangeCheck.UNRETURNED_INVOICE: (
        "Invoices are missing; settle them first.",
        "客户存在欠票,请先处理。",
    ),
    ChangeCheck.LIVE_RESERVED_INSTANCE: (
        "It has a live reserved instance; wait for its end.",
        "客户有生效中的预留实例,请待其到期。",
    ),
    ChangeCheck.SUPPORT_PLAN: (
        "It has a partner support plan; end it first.",
        "客户有生效中的伙伴支持计划,请先终止。",
    ),
    ChangeCheck.SPECIAL_CONTRACT: (
        "It has a special contract; have it made void first.",
        "客户有特殊合同,请先失效该合同。",
    ),
    ChangeCheck.FROZEN: ("It is frozen; unfreeze it first.", "客户账号已冻结,请先解冻。"),
    ChangeCheck.MASTER_WITH_INDEPENDENT_MEMBERS: (
        "It is an enterprise master whose members have money of their own; part from them first.",
        "客户是企业主账号且有财务独立的企业子账号,请先解除其关联。",
    ),
    ChangeCheck.INDEPENDENT_MEMBER: (
        "It is an enterprise member with money of its own; it has to leave its master first.",
        "客户是财务独立的企业子账号,请先与企业主账号解除关联。",
    ),
    ChangeCheck.CREDIT_ACCOUNT_NO_AGENCY: (
        "It has a credit account, so it can't be an agency customer.",
        "客户有信用账户,无法切换为代售类客户。",
    ),
    ChangeCheck.UNSPENT_STORED_CARD: (
        "It has an unspent stored-value card, so it can't be an agency customer yet.",
        "客户有未用完的储值卡,暂无法切换为代售类客户。",
    ),
    ChangeCheck.ENTERPRISE_MEMBER: (
        "It is a member of an enterprise, so it can't be an agency customer.",
        "客户是企业子账号,无法切换为代售类客户。",
    ),
    ChangeCheck.PARTNER_PAYMENT_PENDING: (
        "An order of it waits for the partner's payment; pay or decline it first.",
        "客户有待合作伙伴支付的订单,请先支付或拒绝。",
    ),
    ChangeCheck.BALANCE_NOT_REFUNDED: (
        "It has money of its own, which has to be withdrawn before it is an agency customer.",
        "客户账户有余额,请先退还余额再切换为代售类客户。",
    ),
}


@dataclass(frozen=True, slots=True)
class FailedChangeCheck(FailedCheck):
    """One check that the customer fails, and the rule behind it."""

    about = FailedCheck.about | {
        "message": "What to do, for a person, in the language of `Accept-Language`.",
    }
    texts = _TEXTS
    code: ChangeCheck
    rule: str = "C-19"


class ChangeCheckFailed(SeveralReasons):
    """The customer's account fails at least one of the checks; all that it fails are named."""

    en = "The association can't be changed now: {texts}"
    zh = "暂不能变更关联关系:{texts}"
    about = {"checks": "Every check that the customer fails, in order."}
    checks: list[FailedChangeCheck]


class Account(Protocol):
    """The facts of a customer that checks read."""

    @property
    def freeze(self) -> str: ...
    @property
    def enterprise_role(self) -> str: ...
    @property
    def has_independent_members(self) -> bool: ...
    @property
    def has_credit_account(self) -> bool: ...
    @property
    def has_special_contract(self) -> bool: ...
    @property
    def has_reserved_instance(self) -> bool: ...
    @property
    def has_support_plan(self) -> bool: ...
    @property
    def has_stored_value_card(self) -> bool: ...
    @property
    def has_debt(self) -> bool: ...
    @property
    def owes_invoices(self) -> bool: ...


FACTS = (
    "freeze",
    "enterprise_role",
    "has_independent_members",
    "has_credit_account",
    "has_special_contract",
    "has_reserved_instance",
    "has_support_plan",
    "has_stored_value_card",
    "has_debt",
    "owes_invoices",
)


def failures(
    customer: Account,
    *,
    kind: ChangeKind,
    to_type: AssociationType | None,
    has_card: bool = False,
) -> list[FailedChangeCheck]:
    """What the account itself says against the change; what later domains know comes on top.

    `has_card`: it has an unspent stored-value card of the house's, which its row doesn't tell.
    The checks of C-19 stand before every change, those of C-18 before a switch to AGENCY only.
    """
    role = customer.enterprise_role
    fails = {
        ChangeCheck.OUTSTANDING_BILL: customer.has_debt,
        ChangeCheck.UNRETURNED_INVOICE: customer.owes_invoices,
        ChangeCheck.LIVE_RESERVED_INSTANCE: customer.has_reserved_instance,
        ChangeCheck.SUPPORT_PLAN: customer.has_support_plan,
        ChangeCheck.SPECIAL_CONTRACT: customer.has_special_contract,
        ChangeCheck.FROZEN: customer.freeze != Freeze.NONE,
        ChangeCheck.MASTER_WITH_INDEPENDENT_MEMBERS: role == EnterpriseRole.MASTER
        and customer.has_independent_members,
        ChangeCheck.INDEPENDENT_MEMBER: role == EnterpriseRole.INDEPENDENT_MEMBER,
    }
    failed = [FailedChangeCheck(check) for check, fails_it in fails.items() if fails_it]
    if kind is ChangeKind.SWITCH and to_type is AssociationType.AGENCY:
        fails = {
            ChangeCheck.CREDIT_ACCOUNT_NO_AGENCY: customer.has_credit_account,
            ChangeCheck.UNSPENT_STORED_CARD: customer.has_stored_value_card or has_card,
            ChangeCheck.ENTERPRISE_MEMBER: role == EnterpriseRole.MANAGED_MEMBER,
        }
        failed += [FailedChangeCheck(check, "C-18") for check, yes in fails.items() if yes]
    return failed


def refuse(failed: Sequence[FailedChangeCheck]) -> None:
    """Raise ChangeCheckFailed with all of them, if there are any."""
    if failed:
        raise ChangeCheckFailed(checks=list(failed))
