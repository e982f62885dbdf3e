"""Filters and orders of the list of customers, and the enums in them."""

from enum import Enum

import strawberry

from kit.reads import flag, of_node, ordering, search, where, within
from models.customers import (
    AssociationType,
    CustomerKind,
    CustomerLevel,
    CustomerSegment,
    EnterpriseRole,
    Freeze,
    Verification,
)
from schema.enums import described
from schema.ranges import DateTimeRange

described(
    AssociationType,
    "How a customer belongs to its partner (关联类型).",
    REFERRAL="顾问销售: the customer pays for itself.",
    AGENCY="代售: the partner gives it money to consume, and invoices it.",
)
described(
    CustomerKind,
    "What kind of account buys.",
    UNKNOWN="Not said yet.",
    INDIVIDUAL="A person.",
    ENTERPRISE="A company.",
)
described(
    CustomerLevel,
    "The platform's level of a customer.",
    V0="The lowest.",
    V1="The second.",
    V2="The third.",
    V3="The fourth.",
    V4="The fifth.",
    V5="The highest.",
)
described(
    CustomerSegment,
    "How the platform serves a customer (客户分层).",
    UNCLASSIFIED="未分层: not said yet.",
    NAMED="名单客户: by name, with people of its own.",
    MID_LONG_TAIL="中长尾客户: among many. Who comes from another partner earns the new one no"
    " incentive for six months.",
)
described(
    EnterpriseRole,
    "Where an account stands in an enterprise.",
    NONE="In none.",
    MASTER="企业主: the master of one.",
    MANAGED_MEMBER="企业子, 财务托管: a member whose money the master manages.",
    INDEPENDENT_MEMBER="企业子, 财务独立: a member with money of its own.",
)
described(
    Freeze,
    "What of a customer is frozen (冻结).",
    NONE="Nothing.",
    ACCOUNT="The account: it buys nothing.",
    ACCOUNT_AND_RESOURCES="The account and what it has bought.",
)
described(
    Verification,
    "Real-name verification (实名认证).",
    NOT_VERIFIED="Not begun.",
    UNDER_REVIEW="Being looked at.",
    REJECTED="Turned down.",
    VERIFIED="Done.",
)


@strawberry.input(description="Which customers a list is about; all conditions together.")
class CustomerFilter:
    """Conditions over indexed columns."""

    search: str | None = search(
        "name",
        "account_name",
        description="A piece of the name or of the account name, at least 2 characters.",
    )
    association_type: list[AssociationType] | None = where(
        "{t}.association_type = any({value})", "Associated in any of these ways."
    )
    partner_id: strawberry.ID | None = of_node("partner_id", "ptn", "Of this partner.")
    manager_id: strawberry.ID | None = of_node(
        "manager_id", "opr", "Of this account manager (an operator's id)."
    )
    supervisor_id: strawberry.ID | None = of_node(
        "{t}.manager_id in (select link.manager_id from supervisor_link link"
        " where link.to_at is null and link.supervisor_id = {value})",
        "opr",
        "Of the account managers whom this supervisor (an operator's id) oversees.",
    )
    unassigned: bool | None = flag(
        "{t}.manager_id is null",
        "{t}.manager_id is not null",
        "Without an account manager (true), or with (false).",
    )
    tag: list[str] | None = where(
        # First all that have it, by the index; then whether it is their present partner's.
        # Nothing for a customer, who doesn't see what its partner calls it.
        "({viewer.kind}::text <> 'CUSTOMER' and {t}.id = any(array(select found.customer_id"
        " from customer_tag found where found.tag = any({value}::text[])))"
        " and exists (select from customer_tag tagged where tagged.partner_id = {t}.partner_id"
        " and tagged.customer_id = {t}.id and tagged.tag = any({value}::text[])))",
        "With any of these tags.",
    )
    listed: DateTimeRange | None = within("listed_at", "Associated in this span.")
    level: list[CustomerLevel] | None = where("{t}.level = any({value})", "Of any of these levels.")
    segment: list[CustomerSegment] | None = where(
        "{t}.segment = any({value})", "Of any of these segments."
    )
    freeze: list[Freeze] | None = where(
        "{t}.freeze = any({value})", "Frozen to any of these extents."
    )
    verification: list[Verification] | None = where(
        "{t}.verification = any({value})", "In any of these states of verification."
    )
    kind: list[CustomerKind] | None = where("{t}.kind = any({value})", "Of any of these kinds.")


@strawberry.enum(description="What customers can be ordered by.")
class CustomerOrderField(Enum):
    """Names of columns."""

    LISTED_AT = strawberry.enum_value(
        "listed_at", description="By when they were associated with their partner."
    )
    NAME = strawberry.enum_value("name", description="By name, by the code of its characters.")


CustomerOrder = ordering("How customers are ordered.", CustomerOrderField.LISTED_AT)
