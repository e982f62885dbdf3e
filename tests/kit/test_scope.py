"""Scopes: which predicate a viewer is given, and rows that are held and looked at together."""

from dataclasses import dataclass

import pytest
from tortoise.context import TortoiseContext

from kit.problems import NotFound
from kit.scope import Scope, Under, sight_of
from kit.transaction import transactional
from models.customers import Customer
from tests.factories import LONG_AGO
from tests.races import at_once

NAMED = Scope(OPERATOR="{t}.name = {viewer.name}", OPERATOR__CAREFUL="false")


@dataclass(frozen=True)
class Viewer:
    name: str = "Acme"
    kind: str = "OPERATOR"


@dataclass(frozen=True)
class Finer(Viewer):
    sight: str = "OPERATOR.CAREFUL"


def test_a_finer_sight_is_its_kind_where_no_finer_predicate_is_named() -> None:
    assert sight_of(Viewer()) == "OPERATOR"
    assert sight_of(Finer()) == "OPERATOR.CAREFUL"
    assert NAMED.predicate("OPERATOR.CAREFUL") == "false"
    assert NAMED.predicate("OPERATOR.BOLD") == "{t}.name = {viewer.name}"
    assert NAMED.predicate("STAFF.BOLD") == "false"
    assert NAMED.predicate("SYSTEM") == "true"


def test_a_part_is_seen_where_its_whole_is_but_for_kinds_that_see_it_otherwise() -> None:
    parts = Under(NAMED, "customer", by="customer_id", OPERATOR__CAREFUL="{t}.is_open")
    of_whole = (
        "exists (select from customer whole where whole.id = {t}.customer_id"
        " and whole.name = {viewer.name})"
    )

    assert parts.predicate("OPERATOR") == parts.predicate("OPERATOR.BOLD") == of_whole
    assert parts.predicate("OPERATOR.CAREFUL") == "{t}.is_open"
    assert parts.predicate("CUSTOMER") == "false"
    assert parts.predicate("SYSTEM") == "true"


def test_a_part_of_a_whole_in_sight_is_asked_no_more_and_any_other_all_of_it() -> None:
    parts = Under(NAMED, "customer", by="customer_id", OPERATOR__CAREFUL="{t}.is_open")

    def asked(sight: str, above: Scope = NAMED, by: str = "customer_id") -> str:
        return parts.predicate_under(sight, above, by)

    assert asked("OPERATOR") == asked("OPERATOR.BOLD") == asked("SYSTEM") == "true"
    assert asked("OPERATOR.CAREFUL") == "{t}.is_open"
    assert asked("CUSTOMER") == "false"
    assert asked("OPERATOR", by="id") == parts.predicate("OPERATOR")
    assert asked("OPERATOR", above=Scope(OPERATOR="true")) == parts.predicate("OPERATOR")
    assert NAMED.predicate_under("OPERATOR", NAMED, "id") == NAMED.predicate("OPERATOR")


async def a_customer(name: str = "Acme") -> Customer:
    return await Customer.create(created_at=LONG_AGO, name=name, account_name=name)


@transactional
async def held(*customers: Customer, by: Viewer) -> list[str]:
    ids = [customer.id for customer in reversed(customers)]
    return [row.name for row in await NAMED.locked(Customer, ids, viewer=by, now=LONG_AGO)]


@transactional
async def held_alone(customer: Customer, *, by: Viewer) -> Customer:
    return await NAMED.lock(Customer, customer.id, viewer=by, now=LONG_AGO, thing="customer")


async def test_only_what_the_viewer_sees_is_held(database: TortoiseContext) -> None:
    mine, other = await a_customer(), await a_customer("Other")

    assert await held(mine, other, by=Viewer()) == ["Acme"]
    assert await held(mine, other, by=Finer()) == []
    assert (await held_alone(mine, by=Viewer())).id == mine.id
    with pytest.raises(NotFound):
        await held_alone(other, by=Viewer())


async def test_nothing_is_held_without_a_transaction(database: TortoiseContext) -> None:
    mine = await a_customer()
    with pytest.raises(AssertionError):
        await NAMED.locked(Customer, [mine.id], viewer=Viewer(), now=LONG_AGO)


async def test_what_leaves_the_viewers_sight_meanwhile_is_not_found(
    database: TortoiseContext,
) -> None:
    mine = await a_customer()

    async def rename() -> None:
        await Customer.filter(id=mine.id).update(name="Another's")

    _, refused = await at_once(rename(), held_alone(mine, by=Viewer()), while_locked=mine)

    assert isinstance(refused, NotFound)
