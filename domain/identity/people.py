"""Taking people in: accounts, and the seats that no partner gives away.

Only the system calls these; self-service registration belongs to the account service in front.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from domain.audit import events
from domain.identity.items import Item
from domain.identity.viewer import SYSTEM
from kit.ids import new_id
from kit.transaction import transactional
from models.identity import AccountKind, CustomerUser, Person, RealName, StaffMember
from models.partners import Site

LONGEST_EMAIL = 320  # as the column is


def could_be_known(email: str) -> bool:
    """Whether somebody could have this address; to ask for what no column holds is an error."""
    return len(email) <= LONGEST_EMAIL and email.isprintable()


@transactional
async def register(
    *,
    email: str,
    account_name: str,
    name: str,
    phone: str | None = None,
    locale: str = "zh",
    site: Site = Site.CHINA,
    account_kind: AccountKind = AccountKind.PERSONAL,
    real_name: RealName = RealName.NONE,
    password_hash: str | None = None,
    now: datetime,
) -> Person:
    """Write down a person's account; without a hash they can't sign in with a password."""
    person = await Person.create(
        id=new_id(),
        created_at=now,
        email=email.lower(),
        account_name=account_name,
        name=name,
        phone=phone,
        locale=locale,
        site=site,
        account_kind=account_kind,
        real_name=real_name,
        password_hash=password_hash,
    )
    await _record("person.registered", "person", person.id, person.id, now)
    return person


@transactional
async def seat_at_platform(*, person_id: UUID, items: Sequence[Item], now: datetime) -> StaffMember:
    """Make somebody a member of the platform's staff, with these rights."""
    seat = await StaffMember.create(
        id=new_id(), created_at=now, person_id=person_id, items=[item.value for item in items]
    )
    await _record("staff_member.added", "staff_member", seat.id, person_id, now)
    return seat


@transactional
async def seat_at_customer(*, person_id: UUID, customer_id: UUID, now: datetime) -> CustomerUser:
    """Make somebody a user of a customer."""
    seat = await CustomerUser.create(
        id=new_id(), created_at=now, person_id=person_id, customer_id=customer_id
    )
    await _record("customer_user.added", "customer_user", seat.id, person_id, now)
    return seat


async def _record(name: str, kind: str, id: UUID, person_id: UUID, now: datetime) -> None:
    await events.record(
        name,
        actor=SYSTEM,
        subject_type=kind,
        subject_id=id,
        tenant_id=events.PLATFORM_TENANT,
        person_id=person_id,
        at=now,
    )
