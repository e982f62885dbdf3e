"""Permission items, preset roles and kinds of seats, as the API names and explains them."""

from enum import Enum

import strawberry
from strawberry import enum_value


@strawberry.enum(
    description="A right. Roles, staff seats and API keys are sets of them; any one of the items"
    " that an operation names suffices."
)
class PermissionItem(Enum):
    """`domain.identity.items.Item`, explained."""

    PARTNER_VIEW = enum_value("PARTNER_VIEW", description="See the partner's own record.")
    PARTNER_MANAGE = enum_value("PARTNER_MANAGE", description="Edit the partner's own record.")
    PROGRAMME_MANAGE = enum_value(
        "PROGRAMME_MANAGE", description="Apply for programmes, sign agreements, choose paths."
    )
    PROGRAMME_REVIEW = enum_value(
        "PROGRAMME_REVIEW",
        description="Review applications, business information and achievements. The platform's.",
    )
    BUSINESS_INFORMATION_MANAGE = enum_value(
        "BUSINESS_INFORMATION_MANAGE", description="See and submit bank account and tax facts."
    )
    MEMBER_VIEW = enum_value("MEMBER_VIEW", description="See members and invitations.")
    MEMBER_MANAGE = enum_value(
        "MEMBER_MANAGE", description="Invite and unlink members. The administrator's alone."
    )
    SPECIALIST_REVIEW = enum_value(
        "SPECIALIST_REVIEW", description="Decide who is a project specialist. The platform's."
    )
    ROLE_MANAGE = enum_value(
        "ROLE_MANAGE", description="Manage roles and operators. The administrator's alone."
    )
    API_KEY_MANAGE = enum_value(
        "API_KEY_MANAGE", description="Manage API keys. The administrator's alone."
    )
    WEBHOOK_MANAGE = enum_value(
        "WEBHOOK_MANAGE",
        description="Say where events are sent, and see what came of it. The administrator's"
        " alone.",
    )
    CUSTOMER_VIEW = enum_value(
        "CUSTOMER_VIEW", description="See customers, contact data masked, and what is about them."
    )
    CUSTOMER_EDIT = enum_value("CUSTOMER_EDIT", description="Put tags on customers.")
    CUSTOMER_ASSIGN = enum_value(
        "CUSTOMER_ASSIGN", description="Give customers to account managers."
    )
    CUSTOMER_REVEAL = enum_value(
        "CUSTOMER_REVEAL",
        description="See a customer's phone number or mail address in full, for a reason that is"
        " recorded.",
    )
    CUSTOMER_FREEZE = enum_value(
        "CUSTOMER_FREEZE", description="Freeze customers' accounts and resources, and unfreeze."
    )
    CUSTOMER_LEVEL = enum_value(
        "CUSTOMER_LEVEL", description="Set the level and the segment of customers. The platform's."
    )
    REPORT_SUBMIT = enum_value("REPORT_SUBMIT", description="Report leads, and delete reports.")
    REPORT_REVIEW = enum_value(
        "REPORT_REVIEW", description="Decide on reported leads. The platform's."
    )
    CUSTOMER_INVITE = enum_value(
        "CUSTOMER_INVITE",
        description="Invite customers by mail, link or QR code, and take invitations back.",
    )
    ASSOCIATION_CHANGE = enum_value(
        "ASSOCIATION_CHANGE",
        description="Ask for an association to be switched or ended, and decide when the customer"
        " asks.",
    )
    ASSOCIATION_REVIEW = enum_value(
        "ASSOCIATION_REVIEW",
        description="Review wishes to end agency associations. The platform's.",
    )
    ON_BEHALF_REQUEST = enum_value(
        "ON_BEHALF_REQUEST",
        description="Ask agency customers for leave to act on their behalf, and endorse what"
        " resellers ask for.",
    )
    GOODS_MANAGE = enum_value(
        "GOODS_MANAGE",
        description="Offer goods of one's own and set their prices: merchants, and the platform for"
        " all goods.",
    )
    GOODS_POLICY = enum_value(
        "GOODS_POLICY", description="Set what selling goods earns. The platform's."
    )
    OFFER_MANAGE = enum_value(
        "OFFER_MANAGE", description="Make exclusive offers, submit and withdraw them."
    )
    OFFER_REVIEW = enum_value(
        "OFFER_REVIEW", description="Decide on special commercial applications. The platform's."
    )
    REQUIREMENT_MANAGE = enum_value(
        "REQUIREMENT_MANAGE",
        description="Ask merchants for what customers want, and take it back.",
    )
    PRIVATE_OFFER_MANAGE = enum_value(
        "PRIVATE_OFFER_MANAGE",
        description="Answer customers' requirements and make private offers. A merchant's.",
    )
    ORDER_VIEW = enum_value("ORDER_VIEW", description="See orders.")
    ORDER_PLACE = enum_value(
        "ORDER_PLACE", description="Fill carts and order on behalf of customers that allow it."
    )
    ORDER_PAY = enum_value(
        "ORDER_PAY", description="Pay orders of customers that ask for it, or decline to."
    )
    ORDER_ADJUST = enum_value(
        "ORDER_ADJUST",
        description="Lower the price of orders for strictly selected goods: merchants, and the"
        " platform.",
    )
    ORDER_REVIEW = enum_value(
        "ORDER_REVIEW", description="See all orders and record repayments. The platform's."
    )
    DELIVERY_MANAGE = enum_value(
        "DELIVERY_MANAGE", description="Deliver what was ordered, step by step. A merchant's."
    )
    REFUND_DECIDE = enum_value(
        "REFUND_DECIDE", description="Decide on refunds of one's own goods. A merchant's."
    )
    VOUCHER_QUOTA_VIEW = enum_value(
        "VOUCHER_QUOTA_VIEW",
        description="See voucher quota and its movements (BPC_ITEM_SUBCUSTSERV_030100).",
    )
    VOUCHER_QUOTA_ISSUE = enum_value(
        "VOUCHER_QUOTA_ISSUE",
        description="Issue quota to resellers and reclaim it (BPC_ITEM_SALES_020106,"
        " BPC_ITEM_SUBCUSTSERV_030104).",
    )
    VOUCHER_ISSUE = enum_value(
        "VOUCHER_ISSUE",
        description="Issue vouchers to customers and reclaim them (BPC_ITEM_SUBCUSTSERV_030102).",
    )
    CASH_COUPON_ISSUE = enum_value(
        "CASH_COUPON_ISSUE",
        description="Issue cash coupons to customers and reclaim them"
        " (BPC_ITEM_SUBCUSTSERV_030103).",
    )
    TEST_VOUCHER_APPLY = enum_value(
        "TEST_VOUCHER_APPLY",
        description="Apply for partners' test vouchers, as their ecosystem manager. The"
        " platform's.",
    )
    VOUCHER_GRANT = enum_value(
        "VOUCHER_GRANT",
        description="Give quota to partners, hold it up, decide on test vouchers; issue cash"
        " coupons and stored-value cards. The platform's.",
    )
    FUNDS_VIEW = enum_value(
        "FUNDS_VIEW", description="See the partner's accounts, and those of its agency customers."
    )
    FUNDS_ALLOCATE = enum_value(
        "FUNDS_ALLOCATE",
        description="Recharge, give agency customers and resellers money, and take it back.",
    )
    FUNDS_WITHDRAW = enum_value("FUNDS_WITHDRAW", description="Apply for withdrawals.")
    FUNDS_REVIEW = enum_value(
        "FUNDS_REVIEW",
        description="Book bank transfers, adjust accounts, set credit limits, and decide on"
        " withdrawals. The platform's.",
    )
    PERFORMANCE_VIEW = enum_value(
        "PERFORMANCE_VIEW",
        description="See what was sold, as far as one sees its customers, and ask about it.",
    )
    PERFORMANCE_REVIEW = enum_value(
        "PERFORMANCE_REVIEW",
        description="Approve sheets of performance, put lines right, answer questions."
        " The platform's.",
    )
    INCENTIVE_MANAGE = enum_value(
        "INCENTIVE_MANAGE", description="Confirm incentives and apply for their payment."
    )
    INCENTIVE_POLICY = enum_value(
        "INCENTIVE_POLICY",
        description="Say what performance earns, enter incentives, answer questions about them."
        " The platform's.",
    )
    STATEMENT_VIEW = enum_value(
        "STATEMENT_VIEW", description="See statements, what they are made of, and their invoices."
    )
    STATEMENT_INVOICE = enum_value(
        "STATEMENT_INVOICE", description="Tell of the invoices that were issued for statements."
    )
    SETTLEMENT_RUN = enum_value(
        "SETTLEMENT_RUN",
        description="Start settlement runs, and make statements anew. The platform's.",
    )
    SETTLEMENT_REVIEW = enum_value(
        "SETTLEMENT_REVIEW",
        description="Review statements and payment applications, and see them paid."
        " The platform's.",
    )
    STATEMENT_SIGN_BUSINESS = enum_value(
        "STATEMENT_SIGN_BUSINESS",
        description="Countersign statements in the name of the business. The platform's.",
    )
    STATEMENT_SIGN_FINANCE = enum_value(
        "STATEMENT_SIGN_FINANCE",
        description="Countersign statements in the name of finance. The platform's.",
    )
    PERSONAL_DATA_VIEW = enum_value(
        "PERSONAL_DATA_VIEW", description="See phone numbers and mail addresses in full."
    )
    SANDBOX_CLOCK = enum_value(
        "SANDBOX_CLOCK", description="Move business time forward, where a sandbox allows it."
    )
    OPERATE = enum_value("OPERATE", description="See, hold and requeue timed work. The platform's.")


@strawberry.enum(description="A role that every partner has, the same everywhere.")
class PresetRole(Enum):
    """`domain.identity.presets.Preset`, explained."""

    ADMINISTRATOR = enum_value(
        "ADMINISTRATOR", description="May do everything at the partner; excludes other roles."
    )
    ACCOUNT_MANAGER = enum_value(
        "ACCOUNT_MANAGER", description="Looks after customers; excludes the supervisor."
    )
    SUPERVISOR = enum_value(
        "SUPERVISOR", description="Oversees account managers; excludes the account manager."
    )
    FINANCE = enum_value("FINANCE", description="Sees to bills and statements.")


@strawberry.enum(description="The capacity in which somebody acts; it decides what they see.")
class ViewerKind(Enum):
    """`domain.identity.viewer.ViewerKind`, explained."""

    STAFF = enum_value("STAFF", description="Of the platform: sees all partners.")
    OPERATOR = enum_value("OPERATOR", description="Of a partner, as a person or by an API key.")
    CUSTOMER = enum_value("CUSTOMER", description="Of a customer.")
    PERSON = enum_value("PERSON", description="In their own name.")
    ANONYMOUS = enum_value("ANONYMOUS", description="Nobody is signed in.")
    SYSTEM = enum_value(
        "SYSTEM", description="The service itself, when a time has come; met in events only."
    )
