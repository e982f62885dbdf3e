"""Whether a customer may be associated with a partner, and how: all that fails is told at once.

C-03…C-06, C-18 and domain.md 5.4. What fails for AGENCY alone leaves REFERRAL open.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from kit.problems import FailedCheck, SeveralReasons
from models.customers import AssociationType, Customer, EnterpriseRole
from models.partners import Partner


class AssociationCheck(StrEnum):
    """The machine code of each check that a customer can fail."""

    CREDIT_ACCOUNT_NO_AGENCY = "CREDIT_ACCOUNT_NO_AGENCY"
    IS_OR_APPLYING_PARTNER = "IS_OR_APPLYING_PARTNER"
    ALREADY_ASSOCIATED = "ALREADY_ASSOCIATED"
    SPECIAL_CONTRACT = "SPECIAL_CONTRACT"
    OUTSTANDING_BILL = "OUTSTANDING_BILL"
    WRONG_SITE = "WRONG_SITE"
    DIRECT_SALES_OWNED = "DIRECT_SALES_OWNED"
    LIVE_RESERVED_INSTANCE = "LIVE_RESERVED_INSTANCE"
    UNRETURNED_INVOICE = "UNRETURNED_INVOICE"
    UNSPENT_STORED_CARD = "UNSPENT_STORED_CARD"
    ENTERPRISE_MEMBER = "ENTERPRISE_MEMBER"
    MASTER_WITH_INDEPENDENT_MEMBERS = "MASTER_WITH_INDEPENDENT_MEMBERS"


AGENCY_ONLY = frozenset(
    {
        AssociationCheck.CREDIT_ACCOUNT_NO_AGENCY,
        AssociationCheck.LIVE_RESERVED_INSTANCE,
        AssociationCheck.UNRETURNED_INVOICE,
        AssociationCheck.UNSPENT_STORED_CARD,
        AssociationCheck.ENTERPRISE_MEMBER,
        AssociationCheck.MASTER_WITH_INDEPENDENT_MEMBERS,
    }
)


_TEXTS: dict[AssociationCheck, tuple[str, str, str]] = {
    AssociationCheck.CREDIT_ACCOUNT_NO_AGENCY: (
        "C-03",
        "The customer has a credit account. Associate as referral, or close the credit account.",
        "客户有信用账户,无法以代售模式关联伙伴。请以顾问销售模式关联,或先关闭信用账户。",
    ),
    AssociationCheck.IS_OR_APPLYING_PARTNER: (
        "C-04",
        "The customer is a partner itself, or is applying to be one. Use another account.",
        "客户已是合作伙伴或者正在申请成为合作伙伴。请使用其他帐号。",
    ),
    AssociationCheck.ALREADY_ASSOCIATED: (
        "C-05",
        "The customer is associated with a partner already. That association has to end first.",
        "客户已关联其他伙伴,无法再次关联。请先解除原有关联。",
    ),
    AssociationCheck.SPECIAL_CONTRACT: (
        "C-06",
        "The customer has a special contract. Let it be made invalid, then try again.",
        "客户有特殊合同,无法关联伙伴。请先作废合同,再重新关联。",
    ),
    AssociationCheck.OUTSTANDING_BILL: (
        "5.4",
        "The customer has an unpaid bill. Pay it, then try again.",
        "客户有未支付的账单。请先结清账单,再重新关联。",
    ),
    AssociationCheck.WRONG_SITE: (
        "5.4",
        "The customer is registered at another site than the partner. Use an account of its site.",
        "客户与伙伴不属于同一站点。请使用伙伴所在站点的帐号。",
    ),
    AssociationCheck.DIRECT_SALES_OWNED: (
        "5.4",
        "Direct sales looks after the customer. The partner has to report it first.",
        "客户由直销跟进。请伙伴先报备该客户。",
    ),
    AssociationCheck.LIVE_RESERVED_INSTANCE: (
        "C-18",
        "The customer has a live reserved instance. Associate as referral, or wait for its end.",
        "客户有生效中的预留实例,无法以代售模式关联。请以顾问销售模式关联,或待其到期。",
    ),
    AssociationCheck.UNRETURNED_INVOICE: (
        "C-18",
        "The customer owes invoices. Associate as referral, or settle them.",
        "客户有欠票,无法以代售模式关联。请以顾问销售模式关联,或先结清欠票。",
    ),
    AssociationCheck.UNSPENT_STORED_CARD: (
        "C-18",
        "The customer has an unspent stored-value card. Associate as referral, or spend it.",
        "客户有未用完的储值卡,无法以代售模式关联。请以顾问销售模式关联,或先用完储值卡。",
    ),
    AssociationCheck.ENTERPRISE_MEMBER: (
        "C-18",
        "The account is a member of an enterprise. Associate as referral, or leave the enterprise.",
        "客户为企业子帐号,无法以代售模式关联。请以顾问销售模式关联,或先退出企业。",
    ),
    AssociationCheck.MASTER_WITH_INDEPENDENT_MEMBERS: (
        "C-18",
        "The account is the master of members with money of their own. Associate as referral, or"
        " let those members leave.",
        "客户为企业主帐号且有财务独立的子帐号,无法以代售模式关联。请以顾问销售模式关联,"
        "或先解除这些子帐号。",
    ),
}


@dataclass(frozen=True, slots=True)
class FailedAssociationCheck(FailedCheck):
    """One check that the customer fails, the rule behind it, and what to do about it."""

    texts = _TEXTS
    code: AssociationCheck
    agency_only: bool


class AssociationCheckFailed(SeveralReasons):
    """The customer fails at least one of the checks; all that it fails are named.

    An invitation by mail is FAILED from then on, and may be accepted once all is put right.
    """

    en = "The association isn't possible: {texts}"
    zh = "客户无法关联:{texts}"
    about = {"checks": "Every check that the customer fails, in order."}
    checks: list[FailedAssociationCheck]


def failures(
    customer: Customer,
    *,
    type: AssociationType,
    partner: Partner,
    is_partner: bool,
    is_reported: bool,
    has_card: bool,
) -> list[FailedAssociationCheck]:
    """What stands in the way of associating the customer with the partner in this way.

    `is_partner`: a partner has the same account, or is applying with it; `is_reported`: a report of
    this partner holds the customer now; `has_card`: something is left on a card of the house's.
    """
    fails = {
        AssociationCheck.CREDIT_ACCOUNT_NO_AGENCY: customer.has_credit_account,
        AssociationCheck.IS_OR_APPLYING_PARTNER: customer.is_partner or is_partner,
        AssociationCheck.ALREADY_ASSOCIATED: customer.partner_id is not None,
        AssociationCheck.SPECIAL_CONTRACT: customer.has_special_contract,
        AssociationCheck.OUTSTANDING_BILL: customer.has_debt,
        AssociationCheck.WRONG_SITE: customer.site is not partner.site,
        AssociationCheck.DIRECT_SALES_OWNED: customer.owned_by_direct_sales and not is_reported,
        AssociationCheck.LIVE_RESERVED_INSTANCE: customer.has_reserved_instance,
        AssociationCheck.UNRETURNED_INVOICE: customer.owes_invoices,
        AssociationCheck.UNSPENT_STORED_CARD: customer.has_stored_value_card or has_card,
        AssociationCheck.ENTERPRISE_MEMBER: customer.enterprise_role
        in (EnterpriseRole.MANAGED_MEMBER, EnterpriseRole.INDEPENDENT_MEMBER),
        AssociationCheck.MASTER_WITH_INDEPENDENT_MEMBERS: customer.enterprise_role
        is EnterpriseRole.MASTER
        and customer.has_independent_members,
    }
    applies = {check for check in fails if type is AssociationType.AGENCY} or (
        fails.keys() - AGENCY_ONLY
    )
    return told([check for check in fails if fails[check] and check in applies])


def told(codes: Sequence[AssociationCheck]) -> list[FailedAssociationCheck]:
    """The checks with what is to be said about them."""
    return [FailedAssociationCheck(code, _TEXTS[code][0], code in AGENCY_ONLY) for code in codes]
