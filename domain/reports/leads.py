"""Leads: by what they are known, in one canonical form, and which accounts that leads to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from kit import database, texts
from kit.addresses import mail_address, phone_number
from kit.problems import InvalidInput
from models.customers import Customer
from models.partners import Site

LONGEST_ACCOUNT = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """What a partner knows of somebody who might buy; at least one of the three."""

    account_name: str | None = None
    email: str | None = None
    phone: str | None = None

    @property
    def marks(self) -> list[str]:
        """`account:…`, `email:…`, `phone:…`: equal for whoever means the same."""
        return marks_of(account_name=self.account_name, email=self.email, phone=self.phone)


def checked(*, account_name: str | None, email: str | None, phone: str | None) -> Lead:
    """The lead in canonical form. Raises InvalidInput for malformed things, or none at all."""
    account = texts.optional(account_name, longest=LONGEST_ACCOUNT, path=("input", "accountName"))
    lead = Lead(
        account_name=account,
        email=mail_address(email, path=("input", "email")) if email and email.strip() else None,
        phone=phone_number(phone, path=("input", "phone")) if phone and phone.strip() else None,
    )
    if not lead.marks:
        raise InvalidInput(
            reason="Name the customer's account, mail address or phone number.",
            reason_zh="请至少填写客户帐号、邮箱、手机号码中的一项。",
            path=("input",),
        )
    return lead


def marks_of(*, account_name: str | None, email: str | None, phone: str | None) -> list[str]:
    """The marks of somebody known by these."""
    given = (("account", account_name), ("email", email), ("phone", phone))
    return [f"{kind}:{value.lower()}" for kind, value in given if value]


def marks_of_customer(customer: Customer) -> list[str]:
    """The marks of an account that exists."""
    return marks_of(account_name=customer.account_name, email=customer.email, phone=customer.phone)


async def candidates(lead: Lead, *, site: Site) -> list[Customer]:
    """The accounts of a site that the lead leads to, locked in the order of their ids.

    None: it has no account yet (C-15). Several: its marks belong to different accounts.
    """
    rows = await database.rows(
        "select id from customer where site = $4"
        " and (account_name = $1 or email = $2 or phone = $3)"
        " order by id for no key update",
        lead.account_name,
        lead.email,
        lead.phone,
        site.value,
    )
    return await Customer.filter(id__in=[row["id"] for row in rows]).order_by("id")


def all_marks(lead: Lead, found: Sequence[Customer]) -> list[str]:
    """What an open report of this lead holds: its marks, and the account's when it is just one."""
    of_account = marks_of_customer(found[0]) if len(found) == 1 else []
    return sorted({*lead.marks, *of_account})


async def holders(marks: Iterable[str]) -> list[UUID]:
    """The reports that hold any of these marks, in the order of their ids."""
    rows = await database.rows(
        "select distinct report_id from report_mark where mark = any($1) order by report_id",
        sorted(set(marks)),
    )
    return [row["report_id"] for row in rows]
