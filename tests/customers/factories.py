"""Customers and the people who look after them; name only what the test is about."""

from collections.abc import Iterable
from datetime import datetime
from itertools import count
from typing import Any

from domain.identity.items import Item
from domain.identity.presets import Preset
from domain.identity.viewer import Viewer
from kit import ids
from kit.ids import new_id
from models.customers import Association, AssociationType, Customer, SupervisorLink
from models.identity import CustomerUser, Operator, OperatorRole, Role
from models.partners import Partner
from tests.factories import LONG_AGO, a_person, an_operator, as_operator, as_person

_serial = count(1)


async def a_customer(
    name: str = "Yangtze",
    *,
    of: Partner | None = None,
    manager: Operator | None = None,
    type: AssociationType = AssociationType.REFERRAL,
    since: datetime = LONG_AGO,
    **facts: Any,
) -> Customer:
    """An account; with `of` it is associated with that partner, in the hands of the manager."""
    number = next(_serial)
    customer = Customer(
        id=new_id(),
        created_at=LONG_AGO,
        name=name,
        account_name=facts.pop("account_name", f"buyer{number}"),
        email=facts.pop("email", f"buyer{number}@customer.example"),
        phone=facts.pop("phone", f"138{number:08}"),
        **facts,
    )
    if of is not None:
        association = await _association(customer, of, type, since)
        customer.partner_id = of.id
        customer.association_id = association.id
        customer.association_type = type
        customer.listed_at = since
        customer.manager_id = manager.id if manager else None
        await customer.save(
            update_fields=[
                "partner_id",
                "association_id",
                "association_type",
                "listed_at",
                "manager_id",
            ]
        )
    else:
        await customer.insert()
    return customer


async def a_user_of(customer: Customer, name: str = "Buyer") -> Viewer:
    """The viewer that a new user of the customer is."""
    person = await a_person(name)
    await CustomerUser.create(created_at=LONG_AGO, customer_id=customer.id, person_id=person.id)
    return await as_person(person)


async def _association(
    customer: Customer, of: Partner, type: AssociationType, since: datetime
) -> Association:
    await customer.insert()
    return await Association.create(
        created_at=since, customer_id=customer.id, partner_id=of.id, type=type, started_at=since
    )


async def a_manager(of: Partner, name: str = "Wei") -> tuple[Operator, Viewer]:
    """An account manager's seat, and the viewer that he is."""
    return await _seated(of, name, Preset.ACCOUNT_MANAGER)


async def a_supervisor(of: Partner, name: str = "Jing") -> tuple[Operator, Viewer]:
    """A supervisor's seat, and the viewer that he is; of nobody yet."""
    return await _seated(of, name, Preset.SUPERVISOR)


async def a_seat_with(of: Partner, *presets: Preset, items: Iterable[Item] = ()) -> Operator:
    """An operator with these preset roles, and one of the partner's own if `items` are told."""
    first, *more = presets
    operator = await an_operator(of=of, person=await a_person("Min"), role=first)
    roles = [await Role.get(code=preset.value, partner_id=None) for preset in more]
    if items:
        role = await Role.create(
            created_at=LONG_AGO,
            partner_id=of.id,
            code=new_id().hex,
            name="Own",
            items=[item.value for item in items],
        )
        roles.append(role)
    for role in roles:
        await OperatorRole.create(created_at=LONG_AGO, operator_id=operator.id, role_id=role.id)
    return operator


async def supervise(supervisor: Operator, manager: Operator) -> None:
    """Put a manager under a supervisor, without the story behind it."""
    await SupervisorLink.create(
        created_at=LONG_AGO,
        partner_id=manager.partner_id,
        supervisor_id=supervisor.id,
        manager_id=manager.id,
        from_at=LONG_AGO,
    )


def cus(customer: Customer) -> str:
    """The id of a customer as the API writes it."""
    return ids.encode("cus", customer.id)


def opr(operator: Operator) -> str:
    """The id of an operator as the API writes it."""
    return ids.encode("opr", operator.id)


async def _seated(of: Partner, name: str, preset: Preset) -> tuple[Operator, Viewer]:
    operator = await an_operator(of=of, person=await a_person(name), role=preset)
    return operator, await as_operator(operator)
