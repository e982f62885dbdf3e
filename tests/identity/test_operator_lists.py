"""Operators are found by their role."""

import pytest

from domain.identity.presets import Preset
from kit import ids
from models.identity import OperatorRole, Role
from tests.customers.conftest import Ask, ask
from tests.factories import a_partner, a_person, an_operator, as_operator

__all__ = ["ask"]
pytestmark = pytest.mark.usefixtures("database")

OPERATORS = """query ($filter: OperatorFilter) { operators(first: 5, filter: $filter,
  orderBy: { field: CREATED_AT, direction: ASC }) { nodes { id } } }"""


async def test_an_operator_is_found_by_a_role(ask: Ask) -> None:
    partner = await a_partner()
    boss = await an_operator(of=partner)
    other = await an_operator(
        of=partner, person=await a_person(name="Li Lei"), role=Preset.ACCOUNT_MANAGER
    )
    by = await as_operator(boss)
    held = await OperatorRole.get(operator_id=other.id)
    unused = await Role.exclude(
        id__in=[held.role_id, (await OperatorRole.get(operator_id=boss.id)).role_id]
    ).first()
    assert unused is not None

    async def found(role_id: object) -> list[str]:
        filter = {"roleId": ids.encode("rol", role_id)}  # type: ignore[arg-type]
        return [node["id"] for node in (await ask(OPERATORS, by=by, filter=filter))["nodes"]]

    assert await found(held.role_id) == [ids.encode("opr", other.id)]
    assert await found(unused.id) == []
