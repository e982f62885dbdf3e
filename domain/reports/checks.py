"""Whether a lead may be reported (C-16): all that fails is told at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from kit.problems import FailedCheck, SeveralReasons
from models.customers import Customer

NEW_FOR = 7 * timedelta(hours=24)


class ReportCheck(StrEnum):
    """The machine code of each check that a lead can fail."""

    OWNED_BY_DIRECT_SALES = "OWNED_BY_DIRECT_SALES"
    REPORTED_BY_PLATFORM = "REPORTED_BY_PLATFORM"
    OWNED_BY_ONLINE_SALES = "OWNED_BY_ONLINE_SALES"
    OWNED_BY_SUPPORT_CENTRE = "OWNED_BY_SUPPORT_CENTRE"
    ALREADY_ASSOCIATED = "ALREADY_ASSOCIATED"
    REPORTED_BY_PARTNER = "REPORTED_BY_PARTNER"


_TEXTS = {
    ReportCheck.OWNED_BY_DIRECT_SALES: (
        "Direct sales looks after it, and it registered more than seven days ago or has consumed"
        " for cash.",
        "客户由直销跟进,且注册已超过 7 天或已产生现金消费。",
    ),
    ReportCheck.REPORTED_BY_PLATFORM: (
        "The platform has reported it already.",
        "客户已由云平台报备。",
    ),
    ReportCheck.OWNED_BY_ONLINE_SALES: (
        "It belongs to online sales.",
        "客户归属线上销售。",
    ),
    ReportCheck.OWNED_BY_SUPPORT_CENTRE: (
        "It belongs to an authorized support centre.",
        "客户归属授权支持中心。",
    ),
    ReportCheck.ALREADY_ASSOCIATED: (
        "It is associated with a partner.",
        "客户已关联伙伴。",
    ),
    ReportCheck.REPORTED_BY_PARTNER: (
        "Another partner has reported it.",
        "客户已被其他伙伴报备。",
    ),
}


@dataclass(frozen=True, slots=True)
class FailedReportCheck(FailedCheck):
    """One check that the lead fails, and the rule behind it."""

    texts = _TEXTS
    code: ReportCheck
    rule: str = "C-16"


class ReportCheckFailed(SeveralReasons):
    """The lead fails at least one of the checks; all that it fails are named."""

    en = "This customer can't be reported: {texts}"
    zh = "该客户不可报备:{texts}"
    about = {"checks": "Every check that the lead fails, in order."}
    checks: list[FailedReportCheck]


def failures(
    found: Sequence[Customer], *, is_reported: bool, now: datetime
) -> list[FailedReportCheck]:
    """What a lead fails that leads to these accounts; none when any one of the accounts passes.

    `is_reported`: another partner holds the lead. Of several accounts nobody knows yet which is
    meant, so only what all of them fail is certain.
    """
    failed = [_fails(customer, now) for customer in found]
    certain = [
        check
        for check in ReportCheck
        if (failed and all(failed) and any(check in each for each in failed))
        or (is_reported and check is ReportCheck.REPORTED_BY_PARTNER)
    ]
    return [FailedReportCheck(check) for check in certain]


def _fails(customer: Customer, now: datetime) -> set[ReportCheck]:
    is_theirs = now - customer.registered_at > NEW_FOR or customer.has_cash_consumption
    fails = {
        ReportCheck.OWNED_BY_DIRECT_SALES: customer.owned_by_direct_sales and is_theirs,
        ReportCheck.REPORTED_BY_PLATFORM: customer.reported_by_platform,
        ReportCheck.OWNED_BY_ONLINE_SALES: customer.owned_by_online_sales,
        ReportCheck.OWNED_BY_SUPPORT_CENTRE: customer.owned_by_support_centre,
        ReportCheck.ALREADY_ASSOCIATED: customer.partner_id is not None,
    }
    return {check for check, fails_it in fails.items() if fails_it}


def refuse(failed: Sequence[FailedReportCheck], *, path: tuple[str, ...] = ()) -> None:
    """Raise ReportCheckFailed with all of them, if there are any."""
    if failed:
        raise ReportCheckFailed(checks=list(failed), path=path)
