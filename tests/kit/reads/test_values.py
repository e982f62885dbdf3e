"""How values are written: exact JSON, one text for one value."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from models.audit import EventCounter
from models.identity import Role
from models.partners import Partner
from tests.kit.reads.asking import Ask
from tests.kit.reads.world import TEXTS, World


@pytest.mark.parametrize("text", sorted(set(TEXTS)), ids=repr)
async def test_any_text_comes_back_as_it_was_written(ask: Ask, world: World, text: str) -> None:
    partner = world.rows[Partner][0]
    await Partner.filter(id=partner.id).update(name=text, name_en=text, city=text[:80])
    query = """query($i: ID!) { partner(id: $i) { name nameEn address { city fullText } shout
      actions { hints { text } } } }"""

    found = (await ask(query, i=f"ptn_{partner.id.hex}"))["partner"]

    assert found["name"] == found["nameEn"] == text
    assert found["address"]["city"] == text[:80]
    assert found["address"]["fullText"] == f"{text[:80]}, {partner.site}, STAFF"
    assert found["shout"].endswith('{"t"}')
    hints = [hint["text"] for action in found["actions"] for hint in action["hints"]]
    assert hints in ([], [f"{text} / STAFF / en", ""])


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2030, 1, 31, 23, 30, tzinfo=UTC), "2030-01-31T23:30:00.000000Z"),
        (datetime(2030, 1, 31, 23, 30, 0, 120_000, tzinfo=UTC), "2030-01-31T23:30:00.120000Z"),
        (datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), "1969-12-31T23:59:59.999999Z"),
        (datetime(1, 1, 2, tzinfo=UTC), "0001-01-02T00:00:00.000000Z"),
        (datetime(9999, 12, 31, 23, 59, 59, 1, tzinfo=UTC), "9999-12-31T23:59:59.000001Z"),
    ],
)
async def test_an_instant_has_six_digits_and_is_in_utc(
    ask: Ask, world: World, moment: datetime, text: str
) -> None:
    partner = world.rows[Partner][0]
    await Partner.filter(id=partner.id).update(created_at=moment, tier=3)
    query = "query($i: ID!) { partner(id: $i) { joined actions { mainHint { at } } } }"

    found = await ask(query, i=f"ptn_{partner.id.hex}")

    assert found["partner"] == {
        "joined": text,
        "actions": [{"mainHint": None}, {"mainHint": {"at": text}}],
    }


@pytest.mark.parametrize(
    "limit", [datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)]
)
async def test_an_infinite_time_does_not_hide_its_row(
    ask: Ask, world: World, limit: datetime
) -> None:
    """The driver stores the last and the first instant as infinity."""
    partner = world.rows[Partner][0]
    await Partner.filter(id=partner.id).update(created_at=limit, tier=1)
    query = "query($i: ID!) { partner(id: $i) { id joined actions { name } } }"

    found = await ask(query, i=f"ptn_{partner.id.hex}")

    assert found["partner"]["id"] == f"ptn_{partner.id.hex}"
    assert found["partner"]["joined"] is None


async def test_each_scalar_has_one_way_to_be_written(ask: Ask, world: World) -> None:
    partner = world.rows[Partner][0]
    await Partner.filter(id=partner.id).update(
        tier=2, city="x", registered_on=date(1899, 1, 1), kind="DISTRIBUTOR"
    )
    query = """query($i: ID!) { partner(id: $i) { tier rating registeredOn kind hasCity isMine
      credit { amount currency } debt { __typename amount } memberCount ageInDays } }"""

    found = (await ask(query, i=f"ptn_{partner.id.hex}"))["partner"]

    assert isinstance(found.pop("memberCount"), int)
    assert found == {
        "tier": 2,
        "rating": "0.6667",
        "registeredOn": "1899-01-01",
        "kind": "DISTRIBUTOR",
        "hasCity": True,
        "isMine": None,
        "credit": {"amount": "2001.00", "currency": "CNY"},
        "debt": {"__typename": "Money", "amount": "-0.2"},
        "ageInDays": (date(2030, 1, 31) - date(1899, 1, 1)).days,
    }


async def test_what_is_null_is_null_wherever_it_comes_from(ask: Ask, world: World) -> None:
    partner = world.rows[Partner][10]
    await Partner.filter(id=partner.id).update(name_en=None, city=None, registered_on=None)
    query = """query($i: ID!) { partner(id: $i) { nameEn registeredOn debt { amount } ageInDays
      address { city } distributor { id name actions { name } } } }"""

    found = await ask(query, i=f"ptn_{partner.id.hex}")

    assert found["partner"] == {
        "nameEn": None,
        "registeredOn": None,
        "debt": None,
        "ageInDays": None,
        "address": {"city": None},
        "distributor": None,
    }


@pytest.mark.parametrize("items", [[], [""], ["a", 'b"\\\n', "总"], list(TEXTS)])
async def test_a_list_of_scalars_comes_back_item_by_item(
    ask: Ask, world: World, items: list[str]
) -> None:
    role = world.rows[Role][0]
    await Role.filter(id=role.id).update(items=items, name="two words")
    query = "query($i: ID!) { node(id: $i) { ... on Role { items upperItems words sizes } } }"

    found = await ask(query, i=f"rol_{role.id.hex}")

    assert found["node"] == {
        "items": items,
        "upperItems": [item.upper() for item in items],
        "words": ["two", "words"],
        "sizes": [9],
    }


async def test_a_number_beyond_64_bits_of_float_keeps_its_digits(ask: Ask, world: World) -> None:
    counter = world.rows[EventCounter][0]
    await EventCounter.filter(id=counter.id).update(last_position=2**63 - 1)
    found: Any = await ask(
        "query($i: ID!) { node(id: $i) { ... on Counter { text } } }", i=f"cnt_{counter.id.hex}"
    )
    assert found["node"] == {"text": "9223372036854775807"}


async def test_keys_come_in_the_order_in_which_they_were_first_asked_for(ask: Ask) -> None:
    text = """{ partners(first: 1, orderBy: {field: NAME}) { ...C nodes { kind ...P account: name
      ... on Node { id } ... on Partner { b: tier kind } a: tier } pageInfo { __typename } } }
      fragment C on PartnerConnection { totalCount { precision value } nodes { site: address { city
      site } } } fragment P on Partner { name a: tier ... { joined } }"""
    found = (await ask(text))["partners"]

    assert list(found) == ["totalCount", "nodes", "pageInfo"]
    assert list(found["totalCount"]) == ["precision", "value"]
    assert list(found["nodes"][0]) == [
        "site",
        "kind",
        "name",
        "a",
        "joined",
        "account",
        "id",
        "b",
    ]


@pytest.mark.parametrize(
    "selection",
    [
        "__typename",
        "x: __typename totalCount { value }",
        "pageInfo { __typename }",
        "..E @skip(if: true)",
    ],
)
async def test_a_list_may_be_asked_for_without_its_rows(ask: Ask, selection: str) -> None:
    text = f"{{ partners {{ {selection.replace('..E', '...E')} }} }}"
    if "E" in selection:
        text += " fragment E on PartnerConnection { nodes { id } }"
    found = (await ask(text))["partners"]
    assert found in (
        {"__typename": "PartnerConnection"},
        {"x": "PartnerConnection", "totalCount": {"value": 13}},
        {"pageInfo": {"__typename": "PageInfo"}},
        {},
    )
