"""Within a house: whoever has no right to a kind of thing finds none of it, by no way round."""

from collections.abc import Collection

import pytest

from tests.walls import documents, looking, snapshot
from tests.walls.neighbourhood import Neighbourhood
from tests.walls.snapshot import Rows

# An operator whose only role allows to see the partner, and a key that allows nothing.
WITHOUT = ("guest", "key without items")

ABOUT_MEMBERS = ("member", "member_invitation", "member_project", "evidence")


@pytest.fixture
def rows(neighbourhood: Neighbourhood) -> Rows:
    """All that Birch has."""
    return snapshot.of_partner(neighbourhood.own, str(neighbourhood.houses["Birch"].partner.id))


async def told(
    neighbourhood: Neighbourhood, who: str, hidden: Rows, *, known: Collection[str]
) -> dict[str, list[str]]:
    """What answers tell of the hidden rows, by question; `known` tables hold nothing secret."""
    # What stands in another house's rows as well is a word of the trade.
    elder = snapshot.of_partner(neighbourhood.own, str(neighbourhood.houses["Elder"].partner.id))
    plain = {f"{table} of Elder": elder[table] for table in hidden}
    rows = snapshot.of_partner(neighbourhood.own, str(neighbourhood.houses["Birch"].partner.id))
    plain |= {table: rows[table] for table in known} | {"person": _people_of(neighbourhood, elder)}
    secrets = snapshot.secrets(hidden, plain)
    ids = looking.ids_of({table: hidden.get(table, {}) for table in neighbourhood.own})
    assert secrets
    assert ids

    found = {}
    for question in (*documents.plain(), *documents.by_id(ids)):
        answer = (await neighbourhood.ask(neighbourhood.credentials[who], question)).text.lower()
        asked = str(question.variables).lower()
        leaks = sorted(each for each in secrets if each in answer and each not in asked)
        if leaks:
            found[question.name] = leaks
    return found


def _people_of(neighbourhood: Neighbourhood, rows: Rows) -> dict[str, dict[str, object]]:
    ids = {row["person_id"] for row in rows["member_invitation"].values()}
    return {id: neighbourhood.own["person"][id] for id in ids}


@pytest.mark.parametrize("who", WITHOUT)
async def test_no_member_is_told_to_whom_has_no_right_to_members(
    neighbourhood: Neighbourhood, rows: Rows, who: str
) -> None:
    hidden: Rows = {table: rows[table] for table in ABOUT_MEMBERS}
    hidden["person"] = _people_of(neighbourhood, rows)

    assert await told(neighbourhood, who, hidden, known=("partner", "operator")) == {}


async def test_no_key_is_told_to_whom_may_not_manage_keys(
    neighbourhood: Neighbourhood, rows: Rows
) -> None:
    hidden: Rows = {"api_key": rows["api_key"]}

    assert await told(neighbourhood, "guest", hidden, known=("partner", "role", "operator")) == {}


async def test_no_webhook_is_told_to_whom_may_not_manage_them(
    neighbourhood: Neighbourhood, rows: Rows
) -> None:
    hidden: Rows = {table: rows[table] for table in ("webhook_endpoint", "webhook_delivery")}

    for who in WITHOUT:
        assert await told(neighbourhood, who, hidden, known=("partner", "operator")) == {}


async def test_no_bank_is_told_to_whom_has_no_right_to_it(
    neighbourhood: Neighbourhood, rows: Rows
) -> None:
    hidden: Rows = {"business_information": rows["business_information"]}

    for who in WITHOUT:
        assert await told(neighbourhood, who, hidden, known=("partner", "operator")) == {}
