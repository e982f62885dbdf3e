"""Rows by statements of our own are what the ORM would have written and read."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from tortoise.context import TortoiseContext
from tortoise.exceptions import IntegrityError
from tortoise.models import Model

from kit import rows
from kit.ids import new_id
from kit.transaction import lock, savepoint, transactional
from models.audit import Event
from models.customers import Customer
from models.identity import Role

NOW = datetime(2030, 1, 31, 23, 30, tzinfo=UTC)


def values(row: Model) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row._meta.fields_db_projection}


async def test_an_inserted_row_is_read_back_by_the_orm_as_it_was(database: TortoiseContext) -> None:
    role = Role(created_at=NOW, partner_id=None, code="X", name="Ünï 🎈", items=["A", "B"])

    await role.insert()

    assert values(await Role.get(id=role.id)) == values(role)


async def test_what_was_inserted_is_updated_afterwards(database: TortoiseContext) -> None:
    customer = Customer(name="acme", account_name="acme", created_at=NOW)
    await customer.insert()

    customer.name = "Acme"
    await customer.save(update_fields=["name"])

    assert (await Customer.get(id=customer.id)).name == "Acme"


async def test_rows_inserted_together_are_read_back_as_they_were(
    database: TortoiseContext,
) -> None:
    roles = [
        Role(created_at=NOW, partner_id=None, code=code, name="Ünï 🎈", items=items)
        for code, items in (("X", ["A", "B"]), ("Y", []), ("Z", ["C"]))
    ]

    await rows.insert_all(roles)

    for role in roles:
        assert values(await Role.get(id=role.id)) == values(role)
    roles[1].name = "saved again"
    await roles[1].save(update_fields=["name"])
    assert (await Role.get(id=roles[1].id)).name == "saved again"


async def test_of_rows_inserted_together_one_that_cannot_be_undoes_all(
    database: TortoiseContext,
) -> None:
    names = ("a", "b", "a")
    customers = [Customer(name="acme", account_name=name, created_at=NOW) for name in names]

    with pytest.raises(IntegrityError):
        await rows.insert_all(customers)
    with pytest.raises(IntegrityError):
        await transactional(rows.insert_all)(customers)

    assert not await Customer.exists()


async def test_no_rows_are_inserted_without_asking(database: TortoiseContext) -> None:
    await rows.insert_all([])


async def test_rows_of_several_tables_together_are_a_defect(database: TortoiseContext) -> None:
    role = Role(created_at=NOW, partner_id=None, code="X", name="x", items=[])
    customer = Customer(name="acme", account_name="a", created_at=NOW)

    with pytest.raises(AssertionError, match="one table"):
        await rows.insert_all([role, customer])


async def test_a_held_row_is_what_the_orm_reads(database: TortoiseContext) -> None:
    event = Event(
        created_at=NOW,
        occurred_at=NOW,
        tenant_id=new_id(),
        name="thing.happened",
        subject_type="a",
        subject_id=new_id(),
        actor_kind="SYSTEM",
        actor_name="",
        before={"a": [1, None]},
    )
    await event.insert()

    held = await transactional(lock)(Event, id=event.id, position=None)

    assert held is not None
    assert values(held) == values(await Event.get(id=event.id))


async def test_null_is_a_key_too(database: TortoiseContext) -> None:
    customer = await Customer.create(name="acme", account_name="acme", created_at=NOW)

    assert await transactional(lock)(Customer, id=customer.id, account_name="acme") == customer
    assert await transactional(lock)(Customer, id=customer.id, account_name=None) is None


async def test_a_key_of_several_rows_is_a_defect(database: TortoiseContext) -> None:
    for name in ("a", "b"):
        await Customer.create(name="acme", account_name=name, created_at=NOW)

    with pytest.raises(AssertionError, match="single row"):
        await transactional(lock)(Customer, name="acme")


async def test_savepoints_within_savepoints(database: TortoiseContext) -> None:
    async def a_customer(name: str) -> None:
        await Customer(name=name, account_name=name, created_at=NOW).insert()

    @transactional
    async def workflow() -> None:
        await a_customer("kept")
        with suppress(ZeroDivisionError):
            async with savepoint():
                await a_customer("outer")
                async with savepoint():
                    await a_customer("inner")
                raise ZeroDivisionError
        async with savepoint():
            with pytest.raises(IntegrityError):
                async with savepoint():
                    await a_customer("kept")
            await a_customer("also kept")

    await workflow()

    names = {customer.name for customer in await Customer.all()}
    assert names == {"also kept", "kept"}
