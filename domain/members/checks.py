"""Whether a personal account may be linked with a partner: the checks V1-V5 (M-03, domain.md 5.2).

They are made when it is invited, when the invitation is sent again, and when it accepts. The
caller holds the lock on the person, so that what is found stays true until its commit.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from kit import database
from kit.problems import FailedCheck, Problem, SeveralReasons
from models.identity import AccountKind, Person, RealName
from models.partners import Partner, Site

LOOK_BACK = timedelta(days=365)
PARTNERS_IN_A_YEAR = 3


class MemberCheck(StrEnum):
    """The machine code of each check that an account can fail."""

    V1_ENTERPRISE_REAL_NAME = "V1_ENTERPRISE_REAL_NAME"
    V2_LINKED_WITH_PARTNER = "V2_LINKED_WITH_PARTNER"
    V3_NOT_REAL_NAME_VERIFIED = "V3_NOT_REAL_NAME_VERIFIED"
    V4_PARTNER_ACCOUNT = "V4_PARTNER_ACCOUNT"
    V5_THREE_PARTNERS_IN_A_YEAR = "V5_THREE_PARTNERS_IN_A_YEAR"


_TEXTS = {
    MemberCheck.V1_ENTERPRISE_REAL_NAME: (
        "The account is real-name verified as an enterprise.",
        "个人帐号不能为企业实名认证。",
    ),
    MemberCheck.V2_LINKED_WITH_PARTNER: (
        "The account is linked with a partner already.",
        "个人帐号已与其他伙伴关联。",
    ),
    MemberCheck.V3_NOT_REAL_NAME_VERIFIED: (
        "The account isn't real-name verified, as the China site asks.",
        "个人帐号未完成实名认证。",
    ),
    MemberCheck.V4_PARTNER_ACCOUNT: (
        "The account is itself a partner's account.",
        "个人帐号本身为伙伴帐号。",
    ),
    MemberCheck.V5_THREE_PARTNERS_IN_A_YEAR: (
        "The account was linked with three partners within one year.",
        "个人帐号1年内已与3个伙伴关联过。",
    ),
}


@dataclass(frozen=True, slots=True)
class FailedMemberCheck(FailedCheck):
    """One check that the account fails, and the rule behind it."""

    texts = _TEXTS
    code: MemberCheck
    rule: str = "M-03"


class Uninvitable(StrEnum):
    """Why an account can't become a member whatever it does (M-05)."""

    UNKNOWN_ACCOUNT = "UNKNOWN_ACCOUNT"
    OTHER_SITE = "OTHER_SITE"
    ENTERPRISE_ACCOUNT = "ENTERPRISE_ACCOUNT"
    IAM_CHILD_ACCOUNT = "IAM_CHILD_ACCOUNT"


class AlreadyMember(Problem):
    """The account is linked with this very partner."""

    en = "{email} is a member already."
    zh = "{email} 已是成员。"
    about = {"email": "The address that was to be invited."}
    email: str


class AccountNotInvitable(Problem):
    """There is no personal account of that address on the partner's site (M-05)."""

    en = "{email} can't be invited: {reason}. Only personal accounts of your own site can."
    zh = "无法邀请 {email}({reason}),仅支持邀请本站点的个人帐号。"
    about = {"email": "The address that was to be invited.", "reason": "What it is instead."}
    email: str
    reason: Uninvitable


class MemberCheckFailed(SeveralReasons):
    """The account fails at least one of the checks V1-V5; all that it fails are named."""

    en = "The account fails these checks: {texts}"
    zh = "帐号校验失败:{texts}"
    about = {"checks": "Every check that the account fails, in order."}
    checks: list[FailedMemberCheck]


async def require(*, email: str, person: Person | None, partner: Partner, now: datetime) -> Person:
    """The account, if this partner may be linked with it.

    Raises AccountNotInvitable for what is no personal account of the partner's site, AlreadyMember
    for who is linked with it, else MemberCheckFailed with every check that fails.
    """
    if (reason := _uninvitable(person, partner)) is not None:
        raise AccountNotInvitable(email=email, reason=reason)
    assert person is not None
    ties = await _ties(person.id, now)
    if ties["linked_with"] == partner.id:
        raise AlreadyMember(email=email)
    if failures := _failures(person, ties):
        raise MemberCheckFailed(checks=failures)
    return person


def _failures(person: Person, ties: dict[str, Any]) -> list[FailedMemberCheck]:
    unverified = person.site is Site.CHINA and person.real_name is RealName.NONE
    fails = {
        MemberCheck.V1_ENTERPRISE_REAL_NAME: person.real_name is RealName.ENTERPRISE,
        MemberCheck.V2_LINKED_WITH_PARTNER: ties["linked_with"] is not None,
        MemberCheck.V3_NOT_REAL_NAME_VERIFIED: unverified,
        MemberCheck.V4_PARTNER_ACCOUNT: ties["operator"],
        MemberCheck.V5_THREE_PARTNERS_IN_A_YEAR: ties["partners"] >= PARTNERS_IN_A_YEAR,
    }
    return [FailedMemberCheck(code) for code, fails_it in fails.items() if fails_it]


def _uninvitable(person: Person | None, partner: Partner) -> Uninvitable | None:
    if person is None or person.disabled_at is not None:
        return Uninvitable.UNKNOWN_ACCOUNT
    if person.site is not partner.site:
        return Uninvitable.OTHER_SITE
    return {
        AccountKind.PERSONAL: None,
        AccountKind.ENTERPRISE: Uninvitable.ENTERPRISE_ACCOUNT,
        AccountKind.IAM_CHILD: Uninvitable.IAM_CHILD_ACCOUNT,
    }[person.account_kind]


async def _ties(person_id: UUID, now: datetime) -> dict[str, Any]:
    # A link counts for V5 when it was in effect at any moment of the 365 days before `now`.
    found = await database.row(
        """
        select (
                 select partner_id from member where person_id = $1 and unlinked_at is null
               ) as linked_with,
               exists (
                 select from operator where person_id = $1 and removed_at is null
               ) as operator,
               (
                 select count(distinct partner_id) from member
                 where person_id = $1 and linked_at <= $2
                   and (unlinked_at is null or unlinked_at > $3)
               ) as partners
        """,
        person_id,
        now,
        now - LOOK_BACK,
    )
    assert found is not None
    return found
