"""What is sent to PostgreSQL: one statement a root field, kept, with the scope everywhere."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import orjson
import pytest
from graphql import FieldNode, OperationDefinitionNode
from tortoise.connection import get_connection

from kit import database
from kit.reads import plans, statement
from kit.recent import Recent
from models.audit import Event
from models.members import Member, MemberInvitation
from models.partners import Partner, PartnerKind
from tests.kit.reads.asking import Ask, read
from tests.kit.reads.conftest import Sent
from tests.kit.reads.world import World

DEEP = """
query($id: ID!) {
  event(id: $id) { subject { id ... on Partner { ...P } ... on MemberInvitation { ...I } } }
  events(first: 5) { nodes { thing { ... on Partner { ...P } } person { name } } }
  partners(first: 3) { totalCount { value } edges { cursor node { ...P } } }
  nodes(ids: [$id, $id]) { ... on Event { subject { ... on MemberInvitation { ...I } } } }
}
fragment P on Partner {
  name actions { name hints { text } } address { city }
  distributor { name resellers(last: 2) { totalCount { value } nodes { name roles { items } } } }
  members { nodes { person { memberships { nodes { id projects { name member { id } } } } } } }
}
fragment I on MemberInvitation {
  status nextStatuses deadline { dueAt guess }
  members { pageInfo { hasNextPage endCursor } nodes { invitation { partner { name } } } }
}
"""


def an_event(world: World, subject: type = MemberInvitation) -> str:
    subjects = {row.id for row in world.rows[subject]}
    found = next(row for row in world.rows[Event] if row.subject_id in subjects)
    return f"evt_{found.id.hex}"


async def test_a_root_field_is_one_statement_however_deep(
    ask: Ask, world: World, sent: Sent
) -> None:
    found = await ask(DEEP, id=an_event(world))

    assert len(sent.statements) == 4
    assert found["event"]["subject"]["members"] is not None
    assert all(edge["node"]["actions"] for edge in found["partners"]["edges"])


async def test_a_payload_is_read_by_one_statement_an_object(
    ask: Ask, world: World, sent: Sent
) -> None:
    text = """mutation($p: ID, $e: ID) { touch(partner: $p, event: $e) { done
      partner { __typename id members { nodes { id } } } event { subject { id } } } }"""
    partner = f"ptn_{world.rows[Partner][0].id.hex}"

    both = await ask(text, p=partner, e=an_event(world))
    assert len(sent.statements) == 2
    one = await ask(text, p=partner)

    assert len(sent.statements) == 3
    assert one["touch"] == both["touch"] | {"event": None}
    assert both["touch"]["partner"]["id"] == partner


async def test_a_payload_shows_no_object_that_the_viewer_may_not_see(
    ask: Ask, world: World
) -> None:
    text = "mutation($p: ID) { touch(partner: $p) { partner { id } done } }"
    foreign = f"ptn_{world.rows[Partner][0].id.hex}"
    found = await ask(text, by="other distributor", p=foreign)
    assert found == {"touch": {"partner": None, "done": True}}


# Statements and selections are kept.


@pytest.fixture
def compilers(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """One entry for each statement that is compiled from here on."""
    made: list[Any] = []
    original = statement.Compiler

    def spied(*arguments: Any) -> Any:
        made.append(arguments)
        return original(*arguments)

    monkeypatch.setattr(plans, "Compiler", spied)
    return made


PAGES = """query($n: Int, $after: String, $f: PartnerFilter, $o: PartnerOrder, $deep: Boolean!) {
  partners(first: $n, after: $after, filter: $f, orderBy: $o) {
    nodes { id members(first: $n) @include(if: $deep) { nodes { id } } }
    pageInfo { endCursor } } }"""


async def test_only_what_changes_the_statement_compiles_a_new_one(
    ask: Ask, compilers: list[Any]
) -> None:
    name = {"field": "NAME", "direction": "ASC"}
    first = await ask(PAGES, n=1, deep=False, o=name)
    cursor = first["partners"]["pageInfo"]["endCursor"]
    assert len(compilers) == 1

    for by in ("staff", "staff"):
        await ask(PAGES, n=2, deep=False, o=name, by=by)
        await ask(PAGES, n=3, deep=False, o=name, after=None, f={}, by=by)
        await ask(PAGES, n=1, deep=False, o={"field": "NAME", "direction": "ASC"}, f=None, by=by)
    assert len(compilers) == 1

    changes: list[dict[str, Any]] = [
        {"deep": True},
        {"after": cursor},
        {"f": {"tier": 1}},
        {"f": {"kind": []}},
        {"o": {"field": "NAME", "direction": "DESC"}},
        {"o": {"field": "TIER", "direction": "ASC"}},
        {"by": "distributor"},
        {"by": "its manager"},
    ]
    for number, change in enumerate(changes, start=2):
        for _ in range(2):
            asked: dict[str, Any] = {"n": 4, "deep": False, "o": name}
            await ask(PAGES, **(asked | change))
        assert len(compilers) == number

    await ask(PAGES, n=1, deep=False, o=name, by="reseller")  # the kind of viewer counts, not who
    await ask(PAGES, n=4, deep=False, o=name, f={"tier": 3})
    assert len(compilers) == 9


async def test_another_text_is_another_document(ask: Ask, compilers: list[Any]) -> None:
    await ask("{ partners { nodes { id } } }")
    await ask("{ partners { nodes { id }  } }")
    assert len(compilers) == 2


def documents() -> list[Any]:
    return list(plans._documents._kept.values())


async def test_a_document_asked_in_a_thousand_ways_keeps_a_bounded_number(ask: Ask) -> None:
    flags = [f"f{number}" for number in range(8)]
    text = f"query({', '.join(f'${flag}: Boolean!' for flag in flags)}) {{ partners {{ nodes {{"
    text += " ".join(f"{flag}: name @include(if: ${flag})" for flag in flags) + " id } } }"

    for number in range(100):
        values: dict[str, Any] = {
            flag: bool(number >> place & 1) for place, flag in enumerate(flags)
        }
        node = (await ask(text, **values))["partners"]["nodes"][0]
        assert node.keys() == {flag for flag in flags if values[flag]} | {"id"}

    asked = _root(text)
    document = next(kept for kept in documents() if kept.nodes == [asked])
    assert len(document.selections) == plans.SELECTIONS_EACH
    assert 1 < len(document.statements) <= 100
    sizes = sum(len(kept.sql) for kept in document.statements._kept.values())
    assert sizes <= plans.CHARACTERS_EACH


def _root(text: str) -> FieldNode:
    operation = read(text).definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    node = operation.selection_set.selections[0]
    assert isinstance(node, FieldNode)
    return node


async def test_a_thousand_documents_are_kept_and_no_more(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = Recent[Any](3)
    monkeypatch.setattr(plans, "_documents", few)
    for number in range(5):
        await ask(f'{{ partner(id: "ptn_{number:032}") {{ id }} }}')
    assert len(few) == 3


def test_what_was_used_longest_ago_is_let_go_by_weight() -> None:
    kept = Recent[str](10, len)
    kept.keep("a", "aaaa")
    kept.keep("b", "bbbb")
    assert kept.get("a") == "aaaa"

    kept.keep("c", "cccc")

    assert (kept.get("a"), kept.get("b"), kept.get("c")) == ("aaaa", None, "cccc")
    assert kept.keep("huge", "h" * 99) == "h" * 99
    assert (kept.get("a"), kept.get("c"), len(kept)) == (None, None, 1)
    kept.keep("d", "d")
    assert (kept.get("huge"), kept.get("d"), len(kept)) == (None, "d", 1)


# The scope stands wherever a table does.

EVERYTHING = """
{ partners(first: 100) { totalCount { value } nodes { ...P } edges { node { ...P } } }
  invitations(first: 100) { totalCount { value } nodes { ...I } }
  pending(first: 100) { totalCount { value } nodes { ...I } }
  members(first: 100) { totalCount { value } nodes { ...M } }
  people(first: 100) { nodes { ...H } }
  roles(first: 100) { nodes { ...R } }
  events(first: 100) { nodes { id person { ...H } subject { ...N } thing { ...N } } }
}
fragment N on Node { id ... on Partner { ...P } ... on MemberInvitation { ...I } }
fragment P on Partner { id
  distributor { id resellers(first: 100) { totalCount { value } nodes { id } } }
  resellers(first: 100) { totalCount { value } nodes { id distributor { id } } }
  invitations(first: 100) { totalCount { value } nodes { id person { id } } }
  members(first: 100) { totalCount { value } nodes { ...M } } roles { ...R } }
fragment I on MemberInvitation { id partner { id } person { ...H } deadline { kind }
  members(first: 100) { totalCount { value } nodes { ...M } } }
fragment M on Member { id partner { id } person { id } invitation { id } evidence { name }
  projects { member { id } } allProjects { totalCount { value } nodes { member { id } } } }
fragment H on Person { id current { id partner { id } } memberships { nodes { id } } }
fragment R on Role { id partner { id } }
"""


def ids_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "id":
                yield item
            else:
                yield from ids_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from ids_in(item)


def counts_in(value: Any) -> Iterator[tuple[int, int]]:
    """What each list says it has, and what it shows."""
    if isinstance(value, dict):
        if "totalCount" in value:
            yield value["totalCount"]["value"], len(value["nodes"])
        for item in value.values():
            yield from counts_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from counts_in(item)


def may_see(world: World, viewer: Any) -> set[str]:
    """All that is an operator's, by the columns."""
    own = set(viewer.partner_ids)
    rows = world.rows
    seen = {f"ptn_{row.id.hex}" for row in rows[Partner] if row.id in own}
    seen |= {f"inv_{row.id.hex}" for row in rows[MemberInvitation] if row.partner_id in own}
    members = [row for row in rows[Member] if row.partner_id in own]
    seen |= {f"mem_{row.id.hex}" for row in members}
    seen |= {f"per_{row.person_id.hex}" for row in members}
    seen |= {f"evt_{row.id.hex}" for row in rows[Event] if row.tenant_id in own}
    return seen


@pytest.mark.parametrize("by", ["distributor", "other distributor", "reseller"])
async def test_a_tenant_sees_nothing_foreign_through_any_edge(
    ask: Ask, world: World, by: str
) -> None:
    found = await ask(EVERYTHING, by=by)

    seen = {id for id in ids_in(found) if not id.startswith("rol_")}
    assert seen <= may_see(world, world.viewers[by])
    assert {id[:3] for id in seen} >= {"ptn", "inv", "per"}
    for count, shown in counts_in(found):
        assert count == shown


async def test_each_edge_leads_somewhere_for_who_may_go(ask: Ask, world: World) -> None:
    found = await ask(EVERYTHING, by="staff")
    seen = set(ids_in(found))
    assert {id for id in seen if id[:3] in ("ptn", "inv", "mem")} == set(
        world.ids(Partner, MemberInvitation, Member)
    )


async def test_a_finer_sight_narrows_the_scopes_that_name_it_and_no_other(
    ask: Ask, world: World
) -> None:
    text = """{ partners { nodes { id } }
      invitations(first: 100) { totalCount { value } nodes { id partner { id } storedStatus } } }"""
    whole = await ask(text, by="distributor")
    narrowed = await ask(text, by="its manager")
    own = f"ptn_{world.rows[Partner][0].id.hex}"

    left = [
        node
        for node in whole["invitations"]["nodes"]
        if node["partner"]["id"] == own and node["storedStatus"] != "REVOKED"
    ]
    assert narrowed["partners"] == whole["partners"]
    assert narrowed["invitations"] == {"totalCount": {"value": len(left)}, "nodes": left}
    assert 0 < len(left) < len(whole["invitations"]["nodes"])


async def test_nobody_sees_anything(ask: Ask, world: World) -> None:
    found = await ask(EVERYTHING, by="anonymous")
    assert list(ids_in(found)) == []
    assert set(counts_in(found)) == {(0, 0)}
    everything = world.ids(*world.nodes)
    for start in range(0, len(everything), 100):
        ids = everything[start : start + 100]
        nodes = await ask("query($i: [ID!]!) { nodes(ids: $i) { id } }", by="anonymous", i=ids)
        assert nodes == {"nodes": [None] * len(ids)}


async def test_a_foreign_id_is_an_unknown_one(ask: Ask, world: World) -> None:
    text = """query($i: ID!, $a: String!, $n: [ID!]!) { node(id: $i) { id } partner(id: $i) { id }
      partnerOfAccount(accountName: $a) { id } nodes(ids: $n) { id } }"""
    foreign, own = world.rows[Partner][0], world.rows[Partner][1]
    foreign_id, own_id = f"ptn_{foreign.id.hex}", f"ptn_{own.id.hex}"
    asked = {"i": foreign_id, "a": foreign.account_name, "n": [foreign_id, own_id, own_id]}

    found = await ask(text, by="other distributor", **asked)

    assert found == {
        "node": None,
        "partner": None,
        "partnerOfAccount": None,
        "nodes": [None, {"id": own_id}, {"id": own_id}],
    }
    assert (await ask(text, **asked))["node"] == {"id": foreign_id}


async def test_items_and_counts_of_a_foreign_type_stay_empty(ask: Ask, world: World) -> None:
    """A person sees its membership, but projects are for operators only."""
    text = """{ members { nodes { projects { name } allProjects { totalCount { value }
      nodes { name } } } } }"""
    of_person = (await ask(text, by="person"))["members"]["nodes"]
    of_staff = (await ask(text))["members"]["nodes"]

    empty = {"projects": [], "allProjects": {"totalCount": {"value": 0}, "nodes": []}}
    assert of_person
    assert all(member == empty for member in of_person)
    assert any(member["allProjects"]["totalCount"]["value"] for member in of_staff)


# The index is used.


async def plans_of(sent: Sent) -> list[str]:
    """How PostgreSQL runs what was sent last: knowing the values, and later ignoring them."""
    sql, values = sent.statements[-1]
    nothing = ", ".join(["null"] * len(values))
    async with get_connection("default").acquire_connection() as connection:
        known = await connection.fetchval(f"explain (verbose, format json) {sql}", *values)
        await connection.execute(f"prepare listed as {sql}")
        await connection.execute("set plan_cache_mode = force_generic_plan")
        generic = await connection.fetchval(
            f"explain (verbose, format json) execute listed({nothing})"
        )
        await connection.execute("deallocate listed; reset plan_cache_mode")
    assert "$1" not in known
    assert "$1" in generic
    return [known, generic]


async def test_a_page_of_a_long_list_is_read_from_the_index(
    ask: Ask, world: World, sent: Sent
) -> None:
    invitation = world.rows[MemberInvitation][0]
    await database.execute(
        "insert into member_invitation (id, version, created_at, partner_id, person_id, email,"
        " status, token_hash, generation, sent_at, expires_at)"
        " select gen_random_uuid(), 1, $1::timestamptz - n * interval '1 minute', $2, $3,"
        " 'x@y.test', 'EXPIRED', 'many-' || n, 1, $1, $1::timestamptz + n % 7 * interval '1 hour'"
        " from generate_series(1, 50000) n",
        datetime.fromisoformat("2030-01-01T00:00:00Z"),
        invitation.partner_id,
        invitation.person_id,
    )
    await database.execute("analyze member_invitation")
    text = """query($c: String, $o: InvitationOrder) {
      invitations(first: 20, after: $c, orderBy: $o) {
        nodes { id status partner { name } } pageInfo { hasNextPage endCursor } } }"""
    for order, index in (
        (None, "member_invitation_all_by_age"),
        ({"field": "EXPIRES_AT", "direction": "ASC"}, "member_invitation_all_by_deadline"),
    ):
        cursor = None
        for _ in range(3):
            found = (await ask(text, c=cursor, o=order))["invitations"]
            assert len(found["nodes"]) == 20
            for plan in await plans_of(sent):
                assert index in re.findall(r'"Index Name": "(\w+)"', plan)
                assert _rows_read(plan) < 1_000
            cursor = found["pageInfo"]["endCursor"]


def _rows_read(plan: str) -> float:
    """How many rows PostgreSQL expects to sort or to read without an index."""

    def look(node: Any) -> float:
        own = node["Plan Rows"] if node["Node Type"] in ("Seq Scan", "Sort") else 0
        return max([own, *(look(below) for below in node.get("Plans", []))])

    return look(orjson.loads(plan)[0]["Plan"])


async def test_ten_levels_are_compiled_and_answered(ask: Ask, world: World) -> None:
    levels = 10
    text = "id name"
    for _ in range(levels):
        text = f"id resellers(first: 1) {{ nodes {{ distributor {{ {text} }} }} }}"
    partner = world.rows[Partner][0]
    assert partner.kind is PartnerKind.DISTRIBUTOR

    found = await ask(
        f"query($i: ID!) {{ partner(id: $i) {{ {text} }} }}", i=f"ptn_{partner.id.hex}"
    )

    at = found["partner"]
    for _ in range(levels):
        (node,) = at["resellers"]["nodes"]
        at = node["distributor"]
    assert at == {"id": f"ptn_{partner.id.hex}", "name": partner.name}


async def test_a_statement_grows_with_the_selection_and_not_faster(ask: Ask, sent: Sent) -> None:
    def nested(levels: int) -> str:
        text = "id"
        for _ in range(levels):
            text = f"nodes {{ distributor {{ {text} }} }} totalCount {{ value }}"
            text = f"id a: resellers(first: 1) {{ {text} }}"
        return f"{{ partners {{ nodes {{ {text} }} }} }}"

    lengths = []
    for levels in (1, 2, 3, 9, 10):
        await ask(nested(levels))
        lengths.append(len(sent.statements[-1][0]))

    growth = lengths[1] - lengths[0]
    assert lengths[2] - lengths[1] == pytest.approx(growth, abs=50)
    assert lengths[4] - lengths[3] == pytest.approx(growth, abs=50)
