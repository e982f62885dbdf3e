"""Whose customers somebody sees (O-03, O-12), and what is told about them in the event log."""

import pytest

from domain.audit import relay
from domain.customers import assignments, tags
from domain.identity import api_keys, operators, recognition, supervision
from domain.identity.items import Item
from domain.identity.presets import Preset
from domain.identity.viewer import Viewer
from kit import clock, ids
from models.identity import Person, Role
from models.partners import Partner
from tests.conftest import Clock
from tests.customers.conftest import Ask, Refused
from tests.customers.factories import (
    a_customer,
    a_manager,
    a_seat_with,
    a_supervisor,
    cus,
    supervise,
)
from tests.factories import (
    a_customer_user_viewer,
    a_distributor,
    a_partner,
    a_person,
    a_staff_viewer,
    an_administrator,
    an_operator,
    as_operator,
    as_person,
)

pytestmark = pytest.mark.usefixtures("database")

LIST = "{ customers(orderBy: {field: NAME, direction: ASC}) { nodes { name } } }"


async def names(ask: Ask, by: Viewer) -> list[str]:
    return [node["name"] for node in (await ask(LIST, by=by))["nodes"]]


async def test_a_manager_sees_his_own_and_a_supervisor_his_managers_too(ask: Ask) -> None:
    partner = await a_partner()
    wei, by_wei = await a_manager(partner)
    ming, by_ming = await a_manager(partner, "Ming")
    jing, _ = await a_supervisor(partner)
    await supervise(jing, wei)
    for name, manager in (("A", wei), ("B", ming), ("C", jing), ("D", None)):
        await a_customer(name, of=partner, manager=manager)

    assert await names(ask, by_wei) == ["A"]
    assert await names(ask, by_ming) == ["B"]
    assert await names(ask, await as_operator(jing)) == ["A", "C"]
    assert await names(ask, await an_administrator(partner)) == ["A", "B", "C", "D"]


@pytest.mark.parametrize(
    ("presets", "items", "sees_all"),
    [
        ([Preset.ACCOUNT_MANAGER], (), False),
        ([Preset.SUPERVISOR], (), False),
        ([Preset.FINANCE], (), True),
        ([Preset.ADMINISTRATOR], (), True),
        ([Preset.ACCOUNT_MANAGER, Preset.FINANCE], (), True),
        ([Preset.ACCOUNT_MANAGER], (Item.CUSTOMER_VIEW,), True),
        ([Preset.SUPERVISOR], (Item.CUSTOMER_VIEW,), True),
    ],
)
async def test_any_other_role_lifts_the_row_scope(
    presets: list[Preset], items: tuple[Item, ...], sees_all: bool
) -> None:
    """O-12."""
    seat = await a_seat_with(await a_partner(), *presets, items=items)

    viewer = await as_operator(seat)

    assert viewer.sees_all_customers is sees_all
    assert viewer.manager_ids == (() if sees_all else (seat.id,))


async def test_a_key_sees_all_customers_of_its_partner(ask: Ask, time: Clock) -> None:
    partner = await a_partner()
    await a_customer("A", of=partner)
    made = await api_keys.create(
        viewer=await an_administrator(partner),
        name="ERP",
        items=[Item.CUSTOMER_VIEW],
        now=time.now,
    )
    parts = api_keys.parts(made.secret)
    assert parts is not None
    found = await recognition.by_api_key(*parts, wall=clock.wall())

    assert found is not None
    assert await names(ask, found.viewer) == ["A"]


async def test_without_a_right_about_customers_there_are_none(ask: Ask) -> None:
    partner = await a_partner()
    customer = await a_customer(of=partner)
    role = await Role.create(
        created_at=customer.created_at,
        partner_id=partner.id,
        code="other",
        name="Other",
        items=[Item.MEMBER_VIEW.value],
    )
    await an_operator(of=partner)
    seat = await a_seat_with(partner, Preset.FINANCE)
    await operators.set_roles(
        viewer=await an_administrator(partner),
        operator_id=seat.id,
        role_ids=[role.id],
        now=customer.created_at,
    )
    viewer = await as_operator(seat)

    with pytest.raises(Refused) as refused:
        await ask(LIST, by=viewer)
    assert refused.value.codes == ["FORBIDDEN"]
    assert (
        await ask("query ($id: ID!) { node(id: $id) { id } }", by=viewer, id=cus(customer)) is None
    )


async def test_other_partners_find_nothing_and_a_distributor_its_resellers(ask: Ask) -> None:
    distributor = await a_distributor()
    reseller = await a_partner("Corner shop", distributor=distributor)
    customer = await a_customer("A", of=reseller)
    stranger = await an_administrator(await a_partner("Stranger"))
    _, by_manager = await a_manager(distributor)
    one = "query ($id: ID!) { customer(id: $id) { name } }"

    assert await names(ask, await an_administrator(distributor)) == ["A"]
    assert await ask(one, by=stranger, id=cus(customer)) is None
    assert await names(ask, stranger) == []
    assert await names(ask, by_manager) == []


async def test_a_customer_sees_itself_and_the_platform_all(ask: Ask) -> None:
    person = await a_person()
    viewer = await a_customer_user_viewer(person)
    await a_customer("A")

    assert await names(ask, viewer) == ["Customer"]
    assert await names(ask, await a_staff_viewer(Item.CUSTOMER_VIEW)) == ["A", "Customer"]
    with pytest.raises(Refused):
        await ask(LIST, by=await as_person(await a_person()))


EVENTS = "{ events(orderBy: {field: RECORDED}) { nodes { name } } }"


async def the_log(ask: Ask, viewer: Viewer) -> list[str]:
    return [event["name"] for event in (await ask(EVENTS, by=viewer))["nodes"]]


async def placed() -> None:
    """Give every event its position, as the relay does."""
    await relay.place_all(now=await clock.now())


async def test_a_manager_reads_of_his_customers_alone_and_their_history_before_him(
    ask: Ask, time: Clock
) -> None:
    partner = await a_partner()
    wei, by_wei = await a_manager(partner)
    ming, by_ming = await a_manager(partner, "Ming")
    customer = await a_customer(of=partner, manager=wei)
    administrator = await an_administrator(partner)
    await tags.add(viewer=by_wei, customer_id=customer.id, tag="vip", now=time.now)
    await placed()

    assert await the_log(ask, by_wei) == ["customer.tagged"]
    assert await the_log(ask, by_ming) == []
    assert await the_log(ask, administrator) == ["customer.tagged"]

    await assignments.assign(
        viewer=administrator, customer_ids=[customer.id], manager_id=ming.id, now=time.now
    )
    await placed()

    assert await the_log(ask, by_wei) == []
    assert await the_log(ask, by_ming) == ["customer.assigned", "customer.tagged"]


async def test_a_supervisor_reads_of_his_managers_customers_alone(ask: Ask, time: Clock) -> None:
    partner = await a_partner()
    wei, by_wei = await a_manager(partner)
    ming, by_ming = await a_manager(partner, "Ming")
    jing, _ = await a_supervisor(partner)
    await supervision.set_supervisor(
        viewer=await an_administrator(partner),
        manager_id=wei.id,
        supervisor_id=jing.id,
        now=time.now,
    )
    for name, manager, by in (("A", wei, by_wei), ("B", ming, by_ming)):
        customer = await a_customer(name, of=partner, manager=manager)
        await tags.add(viewer=by, customer_id=customer.id, tag=name, now=time.now)
    await placed()

    query = "{ events { nodes { name actor { name } } } }"
    told = (await ask(query, by=await as_operator(jing)))["nodes"]

    by_whom = [each["actor"]["name"] for each in told if each["name"] == "customer.tagged"]
    assert by_whom == [by_wei.display_name]
    assert by_wei.display_name != by_ming.display_name


async def test_a_supervisor_loses_sight_at_once(ask: Ask, time: Clock) -> None:
    partner = await a_partner()
    administrator = await an_administrator(partner)
    wei, _ = await a_manager(partner)
    jing, before = await a_supervisor(partner)
    await a_customer("A", of=partner, manager=wei)
    assert await names(ask, before) == []

    await supervision.set_supervisor(
        viewer=administrator, manager_id=wei.id, supervisor_id=jing.id, now=time.now
    )
    assert await names(ask, await as_operator(jing)) == ["A"]

    await supervision.unset_supervisor(viewer=administrator, manager_id=wei.id, now=time.now)
    assert await names(ask, await as_operator(jing)) == []


async def test_people_are_reached_through_customers_only_as_far_as_they_are_seen(ask: Ask) -> None:
    """A distributor sees the reseller's customer, not who works for the reseller."""
    distributor = await a_distributor()
    reseller: Partner = await a_partner("Corner shop", distributor=distributor)
    wei, by_wei = await a_manager(reseller)
    customer = await a_customer(of=reseller, manager=wei)
    query = "query ($id: ID!) { customer(id: $id) { manager { person { name } } } }"

    name = (await Person.get(id=wei.person_id)).name
    assert await ask(query, by=by_wei, id=cus(customer)) == {"manager": {"person": {"name": name}}}
    seen = await ask(query, by=await an_administrator(distributor), id=cus(customer))
    assert seen == {"manager": None}
    assert ids.split(cus(customer))[1] == customer.id
