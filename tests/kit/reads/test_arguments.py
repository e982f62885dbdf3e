"""Arguments in all the ways that a client can give them, and in those that it had better not."""

from typing import Any

import pytest

from kit.problems import Problem
from models.audit import Event
from models.members import MemberInvitation
from models.partners import Partner
from tests.kit.reads.asking import Ask, code
from tests.kit.reads.conftest import Sent
from tests.kit.reads.world import World


async def names(ask: Ask, text: str, **variables: Any) -> list[str]:
    found = await ask(text, **variables)
    return [node["account"] for node in found["partners"]["nodes"]]


async def refused(ask: Ask, text: str, **variables: Any) -> tuple[str, tuple[str, ...]]:
    error = await ask.refusal(text, **variables)
    assert isinstance(error.original_error, Problem), error
    return code(error), error.original_error.path


# Variables.


async def test_a_variable_may_be_called_like_an_argument_that_it_is_not(ask: Ask) -> None:
    text = """query($after: Int, $first: String, $last: [PartnerKind!]) {
      partners(first: $after, after: $first, filter: {kind: $last}) {
        nodes { account } pageInfo { endCursor } } }"""
    first = await ask(text, after=2, last=["RESELLER"])
    cursor = first["partners"]["pageInfo"]["endCursor"]

    second = await names(ask, text, after=2, last=["RESELLER"], first=cursor)
    again = await names(ask, text, after=2, last=["RESELLER"])

    assert len(second) == len(again) == 2
    assert set(second).isdisjoint(again)


async def test_a_default_stands_in_for_what_is_absent_and_not_for_null(ask: Ask) -> None:
    text = "query($n: Int = 2) { partners(first: $n) { nodes { account } } }"
    assert len(await names(ask, text)) == 2
    assert len(await names(ask, text, n=3)) == 3
    assert len(await names(ask, text, n=None)) == 13


async def test_absent_null_and_an_unset_variable_are_the_same(ask: Ask) -> None:
    variables = """query($n: Int, $c: String, $f: PartnerFilter, $o: PartnerOrder,
      $k: [PartnerKind!], $from: DateTime) """
    page = "{ nodes { account } } }"
    plain = await names(ask, "{ partners " + page)
    for text in (
        "{ partners(first: null, after: null, last: null, before: null) " + page,
        "{ partners(filter: null, orderBy: null) " + page,
        "{ partners(filter: {}) " + page,
        "{ partners(filter: {kind: null, search: null, joined: null, isMine: null}) " + page,
        "{ partners(filter: {joined: {from: null, to: null}}) " + page,
    ):
        assert await names(ask, text) == plain
    text = f"""{variables} {{
      partners(first: $n, after: $c, filter: $f, orderBy: $o) {{ nodes {{ account }} }}
      x: partners(filter: {{kind: $k, joined: {{from: $from}}}}) {page}"""
    ways: tuple[dict[str, Any], ...] = ({}, dict.fromkeys(("n", "c", "f", "o", "k", "from")))
    for values in ways:
        found = await ask(text, **values)
        assert found["x"] == found["partners"] == {"nodes": [{"account": name} for name in plain]}


async def test_one_variable_may_serve_twice(ask: Ask) -> None:
    text = """query($n: Int!, $k: PartnerKind!, $deep: Boolean!) {
      partners(first: $n, filter: {kind: [$k, $k]}) { nodes { account
        a: members(first: $n) @include(if: $deep) @skip(if: $deep) { nodes { id } }
        b: members(last: $n) @include(if: $deep) { nodes { id } } } }
      x: partners(last: $n, filter: {kind: [$k]}) @include(if: $deep) { nodes { account } } }"""
    with_all = await ask(text, n=1, k="DISTRIBUTOR", deep=True)
    without = await ask(text, n=1, k="DISTRIBUTOR", deep=False)

    assert with_all["partners"]["nodes"][0].keys() == {"account", "b"}
    assert without["partners"]["nodes"][0].keys() == {"account"}
    assert "x" in with_all
    assert "x" not in without


async def test_a_single_value_is_a_list_of_one(ask: Ask, world: World) -> None:
    text = "query($k: [PartnerKind!]) { partners(filter: {kind: $k}) { nodes { account } } }"
    listed = await names(ask, text, k=["RESELLER"])
    assert len(listed) == 6
    assert await names(ask, text, k="RESELLER") == listed
    assert await names(
        ask, text.replace("$k}", "RESELLER}").replace("($k: [PartnerKind!])", "")
    ) == (listed)
    one = f"ptn_{world.rows[Partner][0].id.hex}"
    assert await ask("query($i: [ID!]!) { nodes(ids: $i) { id } }", i=one) == {
        "nodes": [{"id": one}]
    }


async def test_an_empty_list_matches_nothing(ask: Ask) -> None:
    assert await names(ask, "{ partners(filter: {kind: []}) { nodes { account } } }") == []
    assert await ask("{ nodes(ids: []) { id } }") == {"nodes": []}


async def test_an_enum_value_that_does_not_exist_is_a_mistake_of_the_client(
    ask: Ask, sent: Sent
) -> None:
    text = "query($k: PartnerKind!) { partners(filter: {kind: [$k]}) { nodes { id } } }"
    error = await ask.refusal(text, k="BANK")
    assert "Value 'BANK' does not exist in 'PartnerKind' enum" in error.message
    assert sent.statements == []


async def test_an_order_without_a_direction_is_downwards(ask: Ask) -> None:
    text = "{ partners(orderBy: {field: NAME%s}) { nodes { account } } }"
    downwards = await names(ask, text % ", direction: DESC")
    assert await names(ask, text % "") == downwards
    assert await names(ask, text % ", direction: ASC") == downwards[::-1]
    nullable = "{ invitations(orderBy: {field: ID%s}) { nodes { id } } }"
    assert await ask(nullable % "") == await ask(nullable % ", direction: DESC")
    assert await ask(nullable % "") == await ask(nullable % ", direction: null")


# Filters.


async def test_a_range_holds_its_beginning_and_not_its_end(ask: Ask, world: World) -> None:
    text = "query($f: PartnerFilter) { partners(filter: $f) { nodes { account } } }"
    at = "2030-01-24T23:30:00.000000Z"
    there = sorted(
        row.account_name
        for row in world.rows[Partner]
        if row.created_at.isoformat() == "2030-01-24T23:30:00+00:00"
    )
    just_after = "2030-01-24T23:30:00.000001Z"
    assert len(there) > 1
    assert sorted(await names(ask, text, f={"joined": {"from": at, "to": just_after}})) == there
    elsewhere = {"from": "2030-01-25T07:30:00+08:00", "to": "2030-01-25T07:30:00.000001+08:00"}
    assert sorted(await names(ask, text, f={"joined": elsewhere})) == there
    assert await names(ask, text, f={"joined": {"from": at, "to": at}}) == []
    assert await names(ask, text, f={"joined": {"from": just_after, "to": at}}) == []


@pytest.mark.parametrize(
    ("piece", "texts"),
    [
        ("100%_of\\it", ["100%_of\\it"]),
        ("%_", ["100%_of\\it"]),
        ("f\\i", ["100%_of\\it"]),
        ("__", []),
        ("%%", []),
        ("\\\\", []),
        ("SAME", ["Same"]),
        ("  same ", ["Same"]),
        ("经销", ["总经销商 北京"]),
        ("'; ", []),
        ("o'b", ["O'Brien; drop table partner --"]),
        ("{value}", ["{t} {now} {value} {} %s $1"]),
        ("$1", ["{t} {now} {value} {} %s $1"]),
        ("x" * 160, ["x" * 160]),
        ("x" * 161, []),
        ("y" * 1_000_000, []),
    ],
)
async def test_a_search_finds_the_text_itself(
    ask: Ask, world: World, piece: str, texts: list[str]
) -> None:
    for number, text in enumerate(sorted({*texts, "other", "another one"})):
        await Partner.filter(id=world.rows[Partner][number].id).update(name=text, name_en=None)
    await Partner.exclude(id__in=[row.id for row in world.rows[Partner][:3]]).update(
        name="?", name_en=None
    )
    await Partner.filter(id=world.rows[Partner][2].id).update(name="?", name_en=None)
    for number, text in enumerate(texts):
        await Partner.filter(id=world.rows[Partner][number].id).update(name=text)

    found = await ask(
        "query($s: String) { partners(filter: {search: $s}) { nodes { name } } }", s=piece
    )

    assert [node["name"] for node in found["partners"]["nodes"]] == texts


@pytest.mark.parametrize("piece", ["", " ", "x", " 经 ", "\n"])
async def test_a_search_for_too_little_is_refused(ask: Ask, piece: str) -> None:
    text = "query($s: String) { partners(filter: {search: $s}) { nodes { id } } }"
    assert await refused(ask, text, s=piece) == ("INVALID_INPUT", ("filter", "search"))


async def test_a_filter_may_depend_on_who_asks(ask: Ask, world: World) -> None:
    text = "{ partners(filter: {isMine: true}) { nodes { account } } }"
    assert await names(ask, text, by="distributor") == ["account-0"]
    assert await names(ask, text, by="other distributor") == ["account-1"]
    assert await names(ask, text, by="staff") == []


# What PostgreSQL can't hold, and what is too long.

SEARCH = "query($s: String) { partners(filter: {search: $s}) { nodes { id } } }"
NAMES = "query($s: [String!]) { events(filter: {name: $s}) { nodes { id } } }"
BY_ID = "query($s: ID!) { partner(id: $s) { id } }"
BY_NODE = "query($s: ID!) { node(id: $s) { id } }"
BY_NODES = "query($s: [ID!]!) { nodes(ids: $s) { id } }"
BY_ACCOUNT = "query($s: String!) { partnerOfAccount(accountName: $s) { id } }"
OF_NODE = "query($s: ID!) { partners(filter: {distributorId: $s}) { nodes { id } } }"
BLAMED = {
    SEARCH: ("filter", "search"),
    NAMES: ("filter", "name"),
    BY_ID: ("id",),
    BY_NODE: ("id",),
    BY_NODES: ("ids",),
    BY_ACCOUNT: ("accountName",),
    OF_NODE: ("filter", "distributorId"),
}


@pytest.mark.parametrize("text", BLAMED)
@pytest.mark.parametrize("value", ["ab\x00", "\x00\x00\x00", "ab\ud83d", "\udc00ab"])
async def test_a_text_that_cannot_be_stored_is_refused_and_nothing_is_sent(
    ask: Ask, sent: Sent, text: str, value: str
) -> None:
    assert await refused(ask, text, s=value) == ("INVALID_INPUT", BLAMED[text])
    assert sent.statements == []


async def test_nul_may_also_come_as_a_literal(ask: Ask) -> None:
    for literal in ('"ab\\u0000"', '"ab\\u{0}"', '"ab\\u{0000}"'):
        text = f"{{ partners(filter: {{search: {literal}}}) {{ nodes {{ id }} }} }}"
        assert await refused(ask, text) == ("INVALID_INPUT", ("filter", "search"))


LONG = "z" * 1_000_000


@pytest.mark.parametrize("text", [SEARCH, NAMES, BY_ACCOUNT])
async def test_a_very_long_text_is_looked_for_in_vain(ask: Ask, text: str) -> None:
    (found,) = (await ask(text, s=LONG)).values()
    assert found in ({"nodes": []}, None)


@pytest.mark.parametrize("text", [BY_ID, BY_NODE, BY_NODES, OF_NODE])
@pytest.mark.parametrize("id", ["", "ptn", "ptn_", "x", LONG, "PTN_" + "0" * 32, "ptn_" + "A" * 32])
async def test_what_is_no_id_is_refused_in_few_words(ask: Ask, text: str, id: str) -> None:
    assert await refused(ask, text, s=id) == ("INVALID_INPUT", BLAMED[text])
    assert len((await ask.refusal(text, s=id)).message) < 200


@pytest.mark.parametrize("text", [BY_ID, OF_NODE])
async def test_the_id_of_something_else_is_refused(ask: Ask, world: World, text: str) -> None:
    event = world.ids(Event)[0]
    assert await refused(ask, text, s=event) == ("INVALID_INPUT", BLAMED[text])


async def test_nodes_takes_a_hundred_ids_in_any_mixture(ask: Ask, world: World) -> None:
    everything = [*world.ids(*world.nodes)[:90], "zzz_" + "0" * 32, "ptn_" + "0" * 32]
    asked = [*everything, *everything[:8]]

    found = (await ask("query($i: [ID!]!) { nodes(ids: $i) { id __typename } }", i=asked))["nodes"]

    assert [node and node["id"] for node in found] == [
        id if id in everything[:90] else None for id in asked
    ]
    assert {node["__typename"] for node in found if node} >= {"Partner", "MemberInvitation"}
    too_many = ["zzz_" + "0" * 32] * 101
    assert await refused(ask, BY_NODES, s=too_many) == ("INVALID_INPUT", ("ids",))


# Refusals.


async def test_a_refused_root_field_is_null_and_the_others_are_answered(
    ask: Ask, world: World
) -> None:
    text = """query($i: ID!) { a: invitation(id: $i) { id } b: partner(id: "no") { id }
      c: events(first: 101) { nodes { id } } d: node(id: $i) { id } }"""
    id = world.ids(MemberInvitation)[0]
    result = await ask._result(text, "staff", {"i": id})
    assert [(code(error), error.path) for error in result.errors] == [
        ("INVALID_INPUT", ["b"]),
        ("INVALID_INPUT", ["c"]),
    ]
    assert set(result.data) == {"a", "b", "c", "d"}
    assert result.data["b"] is result.data["c"] is None


async def test_a_mistake_deep_below_is_found_before_anything_is_read(ask: Ask, sent: Sent) -> None:
    text = """{ partners { nodes { distributor { resellers { nodes {
      members(first: 0) { nodes { id } } } } } } } }"""
    assert await refused(ask, text) == ("INVALID_INPUT", ("first",))
    assert sent.statements == []


async def test_a_guard_refuses_before_anything_is_read(ask: Ask, sent: Sent) -> None:
    text = "{ counters { nodes { id } } }"
    assert code(await ask.refusal(text, by="person")) == "FORBIDDEN"
    assert sent.statements == []
    assert len((await ask(text, by="distributor"))["counters"]["nodes"]) == 1
