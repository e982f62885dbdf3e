"""Who has lost rights since a file was made: what was in sight then, and no longer, is withheld."""

from typing import Any

import pytest

from domain.exports import downloads, viewing
from domain.identity.items import Item
from domain.identity.viewer import Viewer
from kit import clock
from models.exports import Export
from models.identity import Operator, OperatorRole, Person, StaffMember
from tests.conftest import Clock
from tests.customers.conftest import Ask
from tests.customers.factories import a_manager
from tests.exports.factories import SHOW, global_id, lines, made, requested
from tests.factories import a_partner, a_staff_viewer, an_administrator
from tests.orders.factories import Shop, place

pytestmark = pytest.mark.usefixtures("database")

ORDERS: dict[str, Any] = {"list": {"orders": {}}, "columns": ["number"]}


async def today(viewer: Viewer) -> Viewer:
    """The same seat, with what it may do by now."""
    found = await viewing.held_by(viewing.holder(viewer), wall=clock.wall())
    assert found is not None
    return found


async def given(ask: Ask, export: Export, *, to: Viewer) -> tuple[bool, str | None]:
    """Whether there is a link, and the code of why there is none."""
    shown = await ask(SHOW, by=to, id=global_id(export))
    why = shown["withheldBy"]
    return shown["downloadUrl"] is not None, why and why["code"]


async def opens(ticket: str, time: Clock) -> bool:
    return await downloads.open(ticket=ticket, wall=clock.wall(), now=time.now) is not None


def ticket_of(export: Export, viewer: Viewer) -> str:
    return downloads.link(export.id, viewer=viewer).rpartition("/")[2]


async def takes_the_role_of(seat_id: Any, other_id: Any) -> None:
    role = await OperatorRole.filter(operator_id=other_id).get()
    await OperatorRole.filter(operator_id=seat_id).update(role_id=role.role_id)


async def test_who_sees_less_than_the_file_has_gets_it_no_more(
    shop: Shop, time: Clock, ask: Ask
) -> None:
    order = await place(shop, now=time.now)
    colleague = await an_administrator(shop.partner)
    manages, _ = await a_manager(shop.partner)
    export = await requested(ask, by=shop.by, **ORDERS)
    await made(time.now)
    ticket = ticket_of(export, shop.by)
    assert await given(ask, export, to=shop.by) == (True, None)
    assert await opens(ticket, time)

    await takes_the_role_of(shop.by.seat_id, manages.id)

    now = await today(shop.by)
    assert await given(ask, export, to=now) == (False, "EXPORT_BEYOND_SIGHT")
    assert not await opens(ticket, time)
    assert await given(ask, export, to=colleague) == (True, None)
    assert await lines(export) == [["Number"], [order.number]]


async def test_in_the_other_order_the_file_has_no_more_than_is_seen(
    shop: Shop, time: Clock, ask: Ask
) -> None:
    await place(shop, now=time.now)
    manages, _ = await a_manager(shop.partner)
    export = await requested(ask, by=shop.by, **ORDERS)

    await takes_the_role_of(shop.by.seat_id, manages.id)
    await made(time.now)

    assert await given(ask, export, to=await today(shop.by)) == (True, None)
    assert await lines(export) == [["Number"]]


async def test_who_sees_more_since_keeps_the_file(shop: Shop, time: Clock, ask: Ask) -> None:
    seat, manager = await a_manager(shop.partner)
    export = await requested(ask, by=manager, **ORDERS)
    await made(time.now)

    await takes_the_role_of(seat.id, shop.by.seat_id)

    assert await given(ask, export, to=await today(manager)) == (True, None)


@pytest.mark.parametrize("lost", ["seat", "person"])
async def test_the_link_of_who_has_left_opens_nothing(
    shop: Shop, time: Clock, ask: Ask, lost: str
) -> None:
    _, manager = await a_manager(shop.partner)
    export = await requested(ask, by=manager, **ORDERS)
    await made(time.now)
    his, ours = ticket_of(export, manager), ticket_of(export, shop.by)
    assert await opens(his, time)

    if lost == "seat":
        await Operator.filter(id=manager.seat_id).update(removed_at=time.now)
    else:
        await Person.filter(id=manager.person_id).update(disabled_at=time.now)

    assert not await opens(his, time)
    assert await opens(ours, time)
    assert await given(ask, export, to=shop.by) == (True, None)


async def test_a_right_counts_if_the_file_was_made_by_it(shop: Shop, time: Clock, ask: Ask) -> None:
    staff = await a_staff_viewer(Item.ORDER_REVIEW, Item.PARTNER_VIEW, Item.PERSONAL_DATA_VIEW)
    named, told = [
        await requested(ask, by=staff, list={"partners": {}}, columns=columns)
        for columns in (["name"], ["name", "contactEmail"])
    ]
    orders = await requested(ask, by=staff, **ORDERS)
    await made(time.now)
    ticket = ticket_of(orders, staff)

    kept = [Item.ORDER_REVIEW.value, Item.PARTNER_VIEW.value]
    await StaffMember.filter(person_id=staff.person_id).update(items=kept)

    now = await today(staff)
    assert await given(ask, named, to=now) == (True, None)
    assert await given(ask, told, to=now) == (False, "EXPORT_BEYOND_SIGHT")
    assert await opens(ticket, time)

    await StaffMember.filter(person_id=staff.person_id).update(items=[])

    assert await given(ask, orders, to=await today(staff)) == (False, "EXPORT_RIGHT_LOST")
    assert not await opens(ticket, time)


async def test_a_link_is_nobody_elses(shop: Shop, time: Clock, ask: Ask) -> None:
    stranger = await an_administrator(await a_partner("Other"))
    export = await requested(ask, by=shop.by, **ORDERS)
    await made(time.now)
    proof = ticket_of(export, shop.by).partition("~")[2]

    assert not await opens(f"{viewing.holder(stranger)}~{proof}", time)
    assert not await opens(ticket_of(export, stranger), time)
    assert not await opens(proof, time)
