"""Permission items, and the one table that says which operation needs which of them.

A role, a staff seat or an API key is a set of items. Any one of an operation's items suffices
(O-01); an operation that isn't in the table is open to every operator of the tenant (O-02).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from domain.identity.viewer import Viewer


class Item(StrEnum):
    """A right that roles, staff members and API keys hold."""

    PARTNER_VIEW = "PARTNER_VIEW"
    PARTNER_MANAGE = "PARTNER_MANAGE"
    PROGRAMME_MANAGE = "PROGRAMME_MANAGE"
    PROGRAMME_REVIEW = "PROGRAMME_REVIEW"
    BUSINESS_INFORMATION_MANAGE = "BUSINESS_INFORMATION_MANAGE"
    MEMBER_VIEW = "MEMBER_VIEW"
    MEMBER_MANAGE = "MEMBER_MANAGE"
    SPECIALIST_REVIEW = "SPECIALIST_REVIEW"
    ROLE_MANAGE = "ROLE_MANAGE"
    API_KEY_MANAGE = "API_KEY_MANAGE"
    CUSTOMER_VIEW = "CUSTOMER_VIEW"
    CUSTOMER_EDIT = "CUSTOMER_EDIT"
    CUSTOMER_ASSIGN = "CUSTOMER_ASSIGN"
    CUSTOMER_REVEAL = "CUSTOMER_REVEAL"
    CUSTOMER_FREEZE = "CUSTOMER_FREEZE"
    CUSTOMER_LEVEL = "CUSTOMER_LEVEL"
    REPORT_SUBMIT = "REPORT_SUBMIT"
    REPORT_REVIEW = "REPORT_REVIEW"
    CUSTOMER_INVITE = "CUSTOMER_INVITE"
    ASSOCIATION_CHANGE = "ASSOCIATION_CHANGE"
    ASSOCIATION_REVIEW = "ASSOCIATION_REVIEW"
    ON_BEHALF_REQUEST = "ON_BEHALF_REQUEST"
    GOODS_MANAGE = "GOODS_MANAGE"
    GOODS_POLICY = "GOODS_POLICY"
    OFFER_MANAGE = "OFFER_MANAGE"
    OFFER_REVIEW = "OFFER_REVIEW"
    REQUIREMENT_MANAGE = "REQUIREMENT_MANAGE"
    PRIVATE_OFFER_MANAGE = "PRIVATE_OFFER_MANAGE"
    PERSONAL_DATA_VIEW = "PERSONAL_DATA_VIEW"
    SANDBOX_CLOCK = "SANDBOX_CLOCK"
    OPERATE = "OPERATE"


# Only the administrator account may hold these (M-01, O-12): no custom role can contain them.
ADMINISTRATOR_ONLY = frozenset({Item.MEMBER_MANAGE, Item.ROLE_MANAGE, Item.API_KEY_MANAGE})

# These concern every tenant at once, so no role of a partner contains them.
PLATFORM_ONLY = frozenset(
    {
        Item.SPECIALIST_REVIEW,
        Item.PROGRAMME_REVIEW,
        Item.CUSTOMER_LEVEL,
        Item.REPORT_REVIEW,
        Item.ASSOCIATION_REVIEW,
        Item.OFFER_REVIEW,
        Item.GOODS_POLICY,
        Item.OPERATE,
    }
)

# Whoever holds one of these sees customers, as far as their row scope reaches.
CUSTOMERS = frozenset(
    {
        Item.CUSTOMER_VIEW,
        Item.CUSTOMER_EDIT,
        Item.CUSTOMER_ASSIGN,
        Item.CUSTOMER_REVEAL,
        Item.CUSTOMER_FREEZE,
        Item.REPORT_SUBMIT,
        Item.CUSTOMER_INVITE,
        Item.ASSOCIATION_CHANGE,
        Item.ON_BEHALF_REQUEST,
        Item.REQUIREMENT_MANAGE,
        Item.OFFER_MANAGE,
    }
)


class Open(Enum):
    """Who may call an operation that needs no item."""

    ANYBODY = "Needs no sign-in."
    PEOPLE = "Open to everybody who is signed in."
    OPERATORS = "Open to every operator of the partner, and to the platform."


OPERATIONS: Mapping[str, tuple[Item, ...] | Open] = {
    "signIn": Open.ANYBODY,
    "sessionRefresh": Open.ANYBODY,
    "signOut": Open.PEOPLE,
    "signOutEverywhere": Open.PEOPLE,
    "sessionSwitchSeat": Open.PEOPLE,
    "stepUpCodeRequest": Open.PEOPLE,
    "partnerStepUpSet": (Item.ROLE_MANAGE,),
    "supervisorSet": (Item.ROLE_MANAGE,),
    "supervisorUnset": (Item.ROLE_MANAGE,),
    "roleCreate": (Item.ROLE_MANAGE,),
    "roleUpdate": (Item.ROLE_MANAGE,),
    "roleDelete": (Item.ROLE_MANAGE,),
    "operatorAdd": (Item.ROLE_MANAGE,),
    "operatorRolesSet": (Item.ROLE_MANAGE,),
    "operatorRemove": (Item.ROLE_MANAGE,),
    "apiKeys": (Item.API_KEY_MANAGE,),
    "apiKeyCreate": (Item.API_KEY_MANAGE,),
    "apiKeyRotate": (Item.API_KEY_MANAGE,),
    "apiKeyRevoke": (Item.API_KEY_MANAGE,),
    "partners": Open.PEOPLE,
    "partnerProfileEdit": (Item.PARTNER_MANAGE,),
    "partnerDirectSalesSet": (Item.OFFER_REVIEW,),
    "programmeApplicationCreate": (Item.PROGRAMME_MANAGE,),
    "programmeApplicationEdit": (Item.PROGRAMME_MANAGE,),
    "programmeApplicationSubmit": (Item.PROGRAMME_MANAGE,),
    "programmeApplicationWithdraw": (Item.PROGRAMME_MANAGE,),
    "programmeApplicationCancel": (Item.PROGRAMME_MANAGE,),
    "programmeApplicationCopy": (Item.PROGRAMME_MANAGE,),
    "programmeApplicationApprove": (Item.PROGRAMME_REVIEW,),
    "programmeApplicationReject": (Item.PROGRAMME_REVIEW,),
    "programmeApplicationExit": (Item.PROGRAMME_REVIEW,),
    "programmeReviewQueue": (Item.PROGRAMME_REVIEW,),
    "programmeInvite": (Item.PROGRAMME_REVIEW,),
    "programmeInvitationRevoke": (Item.PROGRAMME_REVIEW,),
    "agreementSignatureRecord": (Item.PROGRAMME_REVIEW,),
    "businessInformations": (Item.BUSINESS_INFORMATION_MANAGE, Item.PROGRAMME_REVIEW),
    "businessInformationSubmit": (Item.BUSINESS_INFORMATION_MANAGE,),
    "businessInformationCertify": (Item.PROGRAMME_REVIEW,),
    "businessInformationFail": (Item.PROGRAMME_REVIEW,),
    "developmentPathSelect": (Item.PROGRAMME_MANAGE,),
    "achievementRecord": (Item.PROGRAMME_REVIEW,),
    "heldCertificatesRecord": (Item.PROGRAMME_REVIEW,),
    "roleCertificationValiditySet": (Item.PROGRAMME_REVIEW,),
    "improvementPlanCreate": (Item.PROGRAMME_MANAGE,),
    "improvementPlanEdit": (Item.PROGRAMME_MANAGE,),
    "improvementPlanSubmit": (Item.PROGRAMME_MANAGE,),
    "improvementPlanWithdraw": (Item.PROGRAMME_MANAGE,),
    "improvementPlanApprove": (Item.PROGRAMME_REVIEW,),
    "improvementPlanReject": (Item.PROGRAMME_REVIEW,),
    "improvementPlanProgressRecord": (Item.PROGRAMME_REVIEW,),
    "members": (Item.MEMBER_VIEW, Item.MEMBER_MANAGE),
    "memberInvitations": (Item.MEMBER_VIEW, Item.MEMBER_MANAGE),
    "memberInvite": (Item.MEMBER_MANAGE,),
    "memberInvitationResend": (Item.MEMBER_MANAGE,),
    "memberInvitationRevoke": (Item.MEMBER_MANAGE,),
    "memberInvitationByToken": Open.ANYBODY,
    "memberInvitationAccept": Open.PEOPLE,
    "memberInvitationReject": Open.PEOPLE,
    "memberUnlink": (Item.MEMBER_MANAGE,),
    "memberSpecialistApply": (Item.MEMBER_MANAGE,),
    "memberSpecialistApprove": (Item.SPECIALIST_REVIEW,),
    "memberSpecialistReject": (Item.SPECIALIST_REVIEW,),
    "memberSpecialistCancel": (Item.MEMBER_MANAGE,),
    "memberSpecialistCancelWithdraw": (Item.MEMBER_MANAGE,),
    "memberSpecialistCancelApprove": (Item.SPECIALIST_REVIEW,),
    "memberSpecialistCancelReject": (Item.SPECIALIST_REVIEW,),
    "memberProjectRecord": Open.PEOPLE,
    "memberProjectEdit": Open.PEOPLE,
    "memberProjectRemove": Open.PEOPLE,
    "customers": (*sorted(CUSTOMERS), Item.CUSTOMER_LEVEL),
    "customerDashboard": tuple(sorted(CUSTOMERS)),
    "customerReveal": (Item.CUSTOMER_REVEAL,),
    "customerTagsSet": (Item.CUSTOMER_EDIT,),
    "customerTagAdd": (Item.CUSTOMER_EDIT,),
    "customerTagRemove": (Item.CUSTOMER_EDIT,),
    "customerAssign": (Item.CUSTOMER_ASSIGN,),
    "customerUnassign": (Item.CUSTOMER_ASSIGN,),
    "customerFreeze": (Item.CUSTOMER_FREEZE,),
    "customerUnfreeze": (Item.CUSTOMER_FREEZE,),
    "customerLevelSet": (Item.CUSTOMER_LEVEL,),
    "customerReports": (*sorted(CUSTOMERS), Item.REPORT_REVIEW),
    "customerReportSubmit": (Item.REPORT_SUBMIT,),
    "customerReportDelete": (Item.REPORT_SUBMIT,),
    "customerReportsDelete": (Item.REPORT_SUBMIT,),
    "customerReportApprove": (Item.REPORT_REVIEW,),
    "customerReportReject": (Item.REPORT_REVIEW,),
    "customerInvitations": tuple(sorted(CUSTOMERS)),
    "customerInvitationQrCode": (Item.CUSTOMER_INVITE,),
    "customerInvitationByToken": Open.ANYBODY,
    "customerInviteByMail": (Item.CUSTOMER_INVITE,),
    "customerInviteByLink": (Item.CUSTOMER_INVITE,),
    "customerInvitationResend": (Item.CUSTOMER_INVITE,),
    "customerInvitationCancel": (Item.CUSTOMER_INVITE,),
    "customerInvitationAccept": Open.PEOPLE,
    "customerAssociationCheck": Open.PEOPLE,
    "associations": tuple(sorted(CUSTOMERS)),
    "associationChanges": (*sorted(CUSTOMERS), Item.ASSOCIATION_REVIEW),
    "associationReviewQueue": (Item.ASSOCIATION_REVIEW,),
    "associationSwitchRequest": Open.PEOPLE,
    "associationEndRequest": Open.PEOPLE,
    "associationChangeApprove": Open.PEOPLE,
    "associationChangeReject": Open.PEOPLE,
    "associationChangeCancel": Open.PEOPLE,
    "associationChangeReviewPass": (Item.ASSOCIATION_REVIEW,),
    "associationChangeReviewFail": (Item.ASSOCIATION_REVIEW,),
    "onBehalfAuthorizations": tuple(sorted(CUSTOMERS)),
    "onBehalfAuthorizationRequest": (Item.ON_BEHALF_REQUEST,),
    "onBehalfAuthorizationEndorse": (Item.ON_BEHALF_REQUEST,),
    "onBehalfAuthorizationGrant": Open.PEOPLE,
    "onBehalfAuthorizationReject": Open.PEOPLE,
    "onBehalfAuthorizationRevoke": Open.PEOPLE,
    "onBehalfAuthorizationWithdraw": (Item.ON_BEHALF_REQUEST,),
    "goodsList": Open.PEOPLE,
    "skus": Open.PEOPLE,
    "incentiveStrategies": Open.OPERATORS,
    "goodsCreate": (Item.GOODS_MANAGE,),
    "goodsEdit": (Item.GOODS_MANAGE,),
    "goodsPutOnSale": (Item.GOODS_MANAGE,),
    "goodsTakeOffSale": (Item.GOODS_MANAGE,),
    "goodsPolicySet": (Item.GOODS_POLICY,),
    "goodsPolicyRemove": (Item.GOODS_POLICY,),
    "skuCreate": (Item.GOODS_MANAGE,),
    "skuEdit": (Item.GOODS_MANAGE,),
    "skuPutOnSale": (Item.GOODS_MANAGE,),
    "skuTakeOffSale": (Item.GOODS_MANAGE,),
    "skuPriceSet": (Item.GOODS_MANAGE,),
    "skuPriceRemove": (Item.GOODS_MANAGE,),
    "priceSimulate": Open.PEOPLE,
    "exclusiveOffers": (*sorted(CUSTOMERS), Item.OFFER_REVIEW),
    "offerGoods": (*sorted(CUSTOMERS), Item.OFFER_REVIEW),
    "exclusiveOfferCreate": (Item.OFFER_MANAGE,),
    "exclusiveOfferEdit": (Item.OFFER_MANAGE,),
    "exclusiveOfferSubmit": (Item.OFFER_MANAGE,),
    "exclusiveOfferWithdraw": (Item.OFFER_MANAGE,),
    "privateLinkQrCode": (*sorted(CUSTOMERS), Item.OFFER_REVIEW),
    "specialApplications": (*sorted(CUSTOMERS), Item.OFFER_REVIEW),
    "specialApplicationTake": (Item.OFFER_REVIEW,),
    "specialApplicationGrant": (Item.OFFER_REVIEW,),
    "specialApplicationReject": (Item.OFFER_REVIEW,),
    "privateLinkOpen": Open.PEOPLE,
    "customerRequirements": (*sorted(CUSTOMERS), Item.PRIVATE_OFFER_MANAGE),
    "customerRequirementCreate": (Item.REQUIREMENT_MANAGE,),
    "customerRequirementEdit": (Item.REQUIREMENT_MANAGE,),
    "customerRequirementSubmit": (Item.REQUIREMENT_MANAGE,),
    "customerRequirementCancel": (Item.REQUIREMENT_MANAGE,),
    "customerRequirementClose": (Item.REQUIREMENT_MANAGE,),
    "customerRequirementAccept": (Item.PRIVATE_OFFER_MANAGE,),
    "customerRequirementReject": (Item.PRIVATE_OFFER_MANAGE,),
    "privateOffers": (*sorted(CUSTOMERS), Item.PRIVATE_OFFER_MANAGE),
    "privateOfferCreate": (Item.PRIVATE_OFFER_MANAGE,),
    "privateOfferDraftOpen": (Item.PRIVATE_OFFER_MANAGE,),
    "privateOfferDraftEdit": (Item.PRIVATE_OFFER_MANAGE,),
    "privateOfferDraftDiscard": (Item.PRIVATE_OFFER_MANAGE,),
    "privateOfferPublish": (Item.PRIVATE_OFFER_MANAGE,),
    "privateOfferWithdraw": (Item.PRIVATE_OFFER_MANAGE,),
    "privateOfferDelete": (Item.PRIVATE_OFFER_MANAGE,),
    "privateOfferClone": (Item.PRIVATE_OFFER_MANAGE,),
    "programmeCertificateIssue": Open.OPERATORS,
    "roleCertificateIssue": Open.OPERATORS,
    "sandboxAdvanceClock": (Item.SANDBOX_CLOCK,),
}


def require(viewer: Viewer, operation: str) -> None:
    """Let those pass who may call the operation at all; which rows is the scopes' business.

    Raises Unauthenticated for nobody in particular, Forbidden for somebody without the right.
    """
    rule = OPERATIONS.get(operation, Open.OPERATORS)
    if rule is Open.ANYBODY:
        return
    viewer.require_sign_in()
    if rule is Open.OPERATORS:
        viewer.require_operator()
    elif not isinstance(rule, Open):
        viewer.require(*rule)


def describe(operation: str) -> str:
    """The sentence for the operation's description in the API: `Requires any of: ROLE_MANAGE.`"""
    rule = OPERATIONS.get(operation, Open.OPERATORS)
    return rule.value if isinstance(rule, Open) else f"Requires any of: {', '.join(rule)}."
