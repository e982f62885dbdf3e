"""The smallest valid person, partner and seat; name only what the test is about."""

from datetime import UTC, datetime
from uuid import UUID

from domain.identity import passwords
from domain.identity.items import Item
from domain.identity.viewer import Viewer, ViewerKind
from kit.ids import new_id
from models.customers import Customer
from models.identity import CustomerUser, Operator, OperatorRole, Person, Role, StaffMember
from models.partners import Partner, PartnerKind
from tests.identity.conftest import Api

LONG_AGO = datetime(2029, 1, 1, tzinfo=UTC)
PASSWORD = "correct horse battery staple"


async def a_partner(name: str = "Acme", *, under: Partner | None = None) -> Partner:
    """A solution provider, or a reseller of the distributor that it is `under`."""
    return await Partner.create(
        created_at=LONG_AGO,
        name=name,
        account_name=name.lower().replace(" ", "-"),
        kind=PartnerKind.RESELLER if under else PartnerKind.SOLUTION_PROVIDER,
        tier=1,
        distributor_id=under.id if under else None,
    )


async def a_person(name: str = "Li Lei", *, password: str | None = PASSWORD) -> Person:
    """Somebody whose address is `li-lei@example.com`."""
    account = name.lower().replace(" ", "-")
    return await Person.create(
        created_at=LONG_AGO,
        name=name,
        email=f"{account}@example.com",
        account_name=account,
        password_hash=await passwords.hash_of(password) if password else None,
    )


async def an_operator(person: Person, *roles: Role, at: Partner) -> Operator:
    """A seat at the partner, with these roles."""
    operator = await Operator.create(created_at=LONG_AGO, partner_id=at.id, person_id=person.id)
    for role in roles:
        await OperatorRole.create(created_at=LONG_AGO, operator_id=operator.id, role_id=role.id)
    return operator


async def a_staff_member(person: Person, *items: Item) -> StaffMember:
    """A seat at the platform."""
    return await StaffMember.create(
        created_at=LONG_AGO, person_id=person.id, items=[item.value for item in items]
    )


async def a_customer_user(person: Person, *, at: str = "Buyer") -> CustomerUser:
    """A seat at a customer of this name."""
    customer = await Customer.create(created_at=LONG_AGO, name=at, account_name=at.lower())
    return await CustomerUser.create(
        created_at=LONG_AGO, customer_id=customer.id, person_id=person.id
    )


def an_administrator_of(partner_id: UUID, *more: Item) -> Viewer:
    """Somebody with all the rights of an administrator there, without any rows."""
    return Viewer(
        kind=ViewerKind.OPERATOR,
        display_name="Han Meimei",
        person_id=new_id(),
        partner_id=partner_id,
        partner_ids=(partner_id,),
        items=frozenset(
            {
                Item.ROLE_MANAGE,
                Item.API_KEY_MANAGE,
                Item.MEMBER_MANAGE,
                Item.MEMBER_VIEW,
                Item.PARTNER_VIEW,
                *more,
            }
        ),
    )


async def token(api: Api, email: str = "li-lei@example.com") -> str:
    """What this person's signing in gives them to show."""
    signed_in = await api(
        "mutation ($input: SignInInput!) { signIn(input: $input) { session { accessToken } } }",
        input={"email": email, "password": PASSWORD},
    )
    return str(signed_in["session"]["accessToken"])
