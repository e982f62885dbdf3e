"""The smallest valid thing of each kind; name only what the test is about."""

from datetime import UTC, datetime, timedelta
from itertools import count

from domain.identity import presets, recognition
from domain.identity.items import Item
from domain.identity.presets import Preset
from domain.identity.viewer import Viewer
from domain.members import answers, invitations
from models.customers import Customer
from models.identity import (
    AccountKind,
    CustomerUser,
    Operator,
    OperatorRole,
    Person,
    RealName,
    Role,
    StaffMember,
)
from models.members import Member, MemberInvitation, SpecialistStatus
from models.partners import Partner, PartnerKind, Site

LONG_AGO = datetime(2029, 1, 1, tzinfo=UTC)

_serial = count(1)


async def a_partner(
    name: str = "Acme",
    *,
    kind: PartnerKind = PartnerKind.SOLUTION_PROVIDER,
    distributor: Partner | None = None,
    site: Site = Site.CHINA,
) -> Partner:
    """A solution provider; with a `distributor` its reseller."""
    return await Partner.create(
        created_at=LONG_AGO,
        name=name,
        account_name=f"partner{next(_serial)}",
        kind=PartnerKind.RESELLER if distributor else kind,
        tier=2 if distributor else 1,
        site=site,
        distributor_id=distributor.id if distributor else None,
    )


async def a_distributor(name: str = "Great Wall") -> Partner:
    """A general distributor."""
    return await a_partner(name, kind=PartnerKind.DISTRIBUTOR)


async def a_person(
    name: str = "Li Lei",
    *,
    email: str | None = None,
    locale: str = "en",
    site: Site = Site.CHINA,
    account_kind: AccountKind = AccountKind.PERSONAL,
    real_name: RealName = RealName.INDIVIDUAL,
    disabled_at: datetime | None = None,
) -> Person:
    """A personal account of the China site that passes every check of an invitation."""
    number = next(_serial)
    return await Person.create(
        created_at=LONG_AGO,
        email=email or f"person{number}@example.com",
        account_name=f"account{number}",
        name=name,
        phone="13812345678",
        locale=locale,
        site=site,
        account_kind=account_kind,
        real_name=real_name,
        disabled_at=disabled_at,
    )


async def an_operator(
    *, of: Partner, person: Person | None = None, role: Preset = Preset.ADMINISTRATOR
) -> Operator:
    """A seat at the partner with one preset role: the administrator's, unless another is named."""
    await presets.ensure_presets(now=LONG_AGO)
    person = person or await a_person(name="Han Meimei")
    operator = await Operator.create(created_at=LONG_AGO, partner_id=of.id, person_id=person.id)
    await OperatorRole.create(
        created_at=LONG_AGO,
        operator_id=operator.id,
        role_id=(await Role.get(code=role.value, partner_id=None)).id,
    )
    return operator


async def an_administrator(of: Partner) -> Viewer:
    """The viewer that a new administrator of the partner is."""
    return await as_operator(await an_operator(of=of))


async def a_staff_viewer(*items: Item) -> Viewer:
    """The viewer that somebody of the platform with these rights is."""
    person = await a_person(name="Staff")
    await StaffMember.create(
        created_at=LONG_AGO, person_id=person.id, items=[item.value for item in items]
    )
    return await as_person(person)


async def a_customer_user_viewer(person: Person) -> Viewer:
    """The viewer that a person is in the seat of a customer's user."""
    customer = await Customer.create(
        created_at=LONG_AGO, name="Customer", account_name=f"customer{next(_serial)}"
    )
    await CustomerUser.create(created_at=LONG_AGO, customer_id=customer.id, person_id=person.id)
    return await as_person(person)


async def as_operator(operator: Operator) -> Viewer:
    """The viewer that an operator is."""
    return await as_person(await Person.get(id=operator.person_id))


async def as_person(person: Person) -> Viewer:
    """The viewer that a request of this person finds, in the seat they take by default."""
    found = await recognition.by_person(person.id, until=LONG_AGO)
    assert found is not None
    return found.viewer


async def an_invitation(
    *, of: Partner, to: Person | None = None, now: datetime
) -> MemberInvitation:
    """An open invitation, sent at `now` by an administrator of the partner, timers and all."""
    to = to or await a_person()
    by = await an_administrator(of)
    sent = await invitations.invite(viewer=by, email=to.email, now=now)
    return sent.invitation


async def a_member(
    *,
    of: Partner,
    person: Person | None = None,
    specialist: SpecialistStatus = SpecialistStatus.NONE,
    now: datetime,
) -> Member:
    """Somebody who was invited by the partner and accepted a day later, at `now`."""
    person = person or await a_person()
    invitation = await an_invitation(of=of, to=person, now=now - timedelta(days=1))
    viewer = await as_person(person)
    member = await answers.accept(viewer=viewer, invitation_id=invitation.id, consent=True, now=now)
    if specialist is not SpecialistStatus.NONE:
        member.specialist = specialist
        await member.save(update_fields=["specialist"])
    return member


async def a_former_link(person: Person, *, of: Partner, since: datetime, until: datetime) -> None:
    """A link that has ended, without the story behind it."""
    invitation = await MemberInvitation.create(
        created_at=since,
        partner_id=of.id,
        person_id=person.id,
        email=person.email,
        status="UNLINKED",
        token_hash=f"{next(_serial):064}",
        sent_at=since,
        expires_at=since,
        decided_at=since,
    )
    await Member.create(
        created_at=since,
        partner_id=of.id,
        person_id=person.id,
        invitation_id=invitation.id,
        linked_at=since,
        unlinked_at=until,
    )
