"""Permission items: a role, a staff seat or an API key is a set of them."""

from enum import StrEnum


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
    WEBHOOK_MANAGE = "WEBHOOK_MANAGE"
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
    ORDER_VIEW = "ORDER_VIEW"
    ORDER_PLACE = "ORDER_PLACE"
    ORDER_PAY = "ORDER_PAY"
    ORDER_ADJUST = "ORDER_ADJUST"
    ORDER_REVIEW = "ORDER_REVIEW"
    DELIVERY_MANAGE = "DELIVERY_MANAGE"
    REFUND_DECIDE = "REFUND_DECIDE"
    VOUCHER_QUOTA_VIEW = "VOUCHER_QUOTA_VIEW"
    VOUCHER_QUOTA_ISSUE = "VOUCHER_QUOTA_ISSUE"
    VOUCHER_ISSUE = "VOUCHER_ISSUE"
    CASH_COUPON_ISSUE = "CASH_COUPON_ISSUE"
    TEST_VOUCHER_APPLY = "TEST_VOUCHER_APPLY"
    VOUCHER_GRANT = "VOUCHER_GRANT"
    FUNDS_VIEW = "FUNDS_VIEW"
    FUNDS_ALLOCATE = "FUNDS_ALLOCATE"
    FUNDS_WITHDRAW = "FUNDS_WITHDRAW"
    FUNDS_REVIEW = "FUNDS_REVIEW"
    PERFORMANCE_VIEW = "PERFORMANCE_VIEW"
    PERFORMANCE_REVIEW = "PERFORMANCE_REVIEW"
    INCENTIVE_MANAGE = "INCENTIVE_MANAGE"
    INCENTIVE_POLICY = "INCENTIVE_POLICY"
    STATEMENT_VIEW = "STATEMENT_VIEW"
    STATEMENT_INVOICE = "STATEMENT_INVOICE"
    SETTLEMENT_RUN = "SETTLEMENT_RUN"
    SETTLEMENT_REVIEW = "SETTLEMENT_REVIEW"
    STATEMENT_SIGN_BUSINESS = "STATEMENT_SIGN_BUSINESS"
    STATEMENT_SIGN_FINANCE = "STATEMENT_SIGN_FINANCE"
    PERSONAL_DATA_VIEW = "PERSONAL_DATA_VIEW"
    SANDBOX_CLOCK = "SANDBOX_CLOCK"
    OPERATE = "OPERATE"


# Only the administrator account may hold these (M-01, O-12): no custom role can contain them.
ADMINISTRATOR_ONLY = frozenset(
    {Item.MEMBER_MANAGE, Item.ROLE_MANAGE, Item.API_KEY_MANAGE, Item.WEBHOOK_MANAGE}
)

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
        Item.ORDER_REVIEW,
        Item.TEST_VOUCHER_APPLY,
        Item.VOUCHER_GRANT,
        Item.FUNDS_REVIEW,
        Item.PERFORMANCE_REVIEW,
        Item.INCENTIVE_POLICY,
        Item.SETTLEMENT_RUN,
        Item.SETTLEMENT_REVIEW,
        Item.STATEMENT_SIGN_BUSINESS,
        Item.STATEMENT_SIGN_FINANCE,
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
        Item.VOUCHER_ISSUE,
        Item.CASH_COUPON_ISSUE,
    }
)

# Whoever holds one of these sees the voucher quota of the partner.
QUOTAS = frozenset(
    {
        Item.VOUCHER_QUOTA_VIEW,
        Item.VOUCHER_QUOTA_ISSUE,
        Item.VOUCHER_ISSUE,
        Item.CASH_COUPON_ISSUE,
    }
)

# Whoever holds one of these sees orders, as far as their row scope reaches.
ORDERS = frozenset(
    {
        Item.ORDER_VIEW,
        Item.ORDER_PLACE,
        Item.ORDER_PAY,
        Item.ORDER_ADJUST,
        Item.DELIVERY_MANAGE,
        Item.REFUND_DECIDE,
    }
)

# Whoever holds one of these sees performance, as far as their row scope reaches.
PERFORMANCE = frozenset({Item.PERFORMANCE_VIEW, Item.PERFORMANCE_REVIEW})

# Whoever holds one of these sees incentives and what is paid of them.
INCENTIVES = frozenset({Item.INCENTIVE_MANAGE, Item.INCENTIVE_POLICY, Item.SETTLEMENT_REVIEW})

# Whoever holds one of these sees statements and what they are made of.
STATEMENTS = frozenset(
    {
        Item.STATEMENT_VIEW,
        Item.STATEMENT_INVOICE,
        Item.SETTLEMENT_RUN,
        Item.SETTLEMENT_REVIEW,
        Item.STATEMENT_SIGN_BUSINESS,
        Item.STATEMENT_SIGN_FINANCE,
    }
)

# Whoever holds one of these sees money: the partner's own, and its agency customers'.
FUNDS = frozenset({Item.FUNDS_VIEW, Item.FUNDS_ALLOCATE, Item.FUNDS_WITHDRAW, Item.FUNDS_REVIEW})
