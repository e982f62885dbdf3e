"""Lists, page by page: nothing skipped, nothing twice, no foreign cursor."""

import base64
from collections.abc import Awaitable, Callable
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from tortoise.models import Model

from kit import database
from kit.problems import Problem
from models.audit import Event, EventCounter
from models.members import Member, MemberInvitation, MemberProject
from models.partners import Partner, PartnerKind
from tests.kit.reads.asking import Ask, code
from tests.kit.reads.world import NOW, PREFIXES, World, an_id

ROOTS = [
    ("partners", Partner, "PartnerOrder", "NAME", "name"),
    ("partners", Partner, "PartnerOrder", "CREATED_AT", "created_at"),
    ("partners", Partner, "PartnerOrder", "TIER", "tier"),
    ("invitations", MemberInvitation, "InvitationOrder", "EXPIRES_AT", "expires_at"),
    ("invitations", MemberInvitation, "InvitationOrder", "STATUS", "status"),
    ("invitations", MemberInvitation, "InvitationOrder", "EMAIL", "email"),
    ("invitations", MemberInvitation, "InvitationOrder", "DECIDED_AT", "decided_at"),
    ("invitations", MemberInvitation, "InvitationOrder", "ID", "id"),
    ("events", Event, "EventOrder", "OCCURRED_AT", "occurred_at"),
    ("events", Event, "EventOrder", "SUBJECT", "subject_id"),
    ("counters", EventCounter, "CounterOrder", "LAST_POSITION", "last_position"),
]
BY_COLUMN = pytest.mark.parametrize(
    ("root", "model", "order", "value", "column"), ROOTS, ids=[f"{r[0]}-{r[3]}" for r in ROOTS]
)
BY_DIRECTION = pytest.mark.parametrize("direction", ["ASC", "DESC"])

FORWARD = """query($n: Int, $c: String, $o: %s) { list: %s(first: $n, after: $c, orderBy: $o) {
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { id } }
} }"""
BACKWARD = FORWARD.replace("first", "last").replace("after", "before")

Between = Callable[[int], Awaitable[None]]


async def walk(
    ask: Ask, text: str, *, size: int = 3, between: Between | None = None, **variables: Any
) -> list[str]:
    """The ids of all pages, from one end to the other; backwards they come last page first."""
    is_forward = "first:" in text
    seen: list[str] = []
    cursor, page = None, 0
    while True:
        found = (await ask(text, n=size, c=cursor, **variables))["list"]
        ids = [edge["node"]["id"] for edge in found["edges"]]
        info = found["pageInfo"]
        assert len(ids) <= size
        assert info["startCursor"] == (found["edges"][0]["cursor"] if ids else None)
        assert info["endCursor"] == (found["edges"][-1]["cursor"] if ids else None)
        ahead, behind = "hasNextPage", "hasPreviousPage"
        if not is_forward:
            ahead, behind = behind, ahead
        assert info[behind] is (page > 0)
        seen = [*seen, *ids] if is_forward else [*ids, *seen]
        if not info[ahead]:
            return seen
        cursor, page = info["endCursor" if is_forward else "startCursor"], page + 1
        if between is not None:
            await between(page)


async def in_order(model: type[Model], column: str, direction: str) -> list[str]:
    """What PostgreSQL says the whole list is."""
    rows = await database.rows(
        f'select id from "{model._meta.db_table}" order by {column} {direction}, id {direction}'
    )
    return [f"{PREFIXES[model]}_{row['id'].hex}" for row in rows]


@BY_COLUMN
@BY_DIRECTION
async def test_pages_of_any_order_add_up_to_the_list_both_ways(
    ask: Ask, root: str, model: type[Model], order: str, value: str, column: str, direction: str
) -> None:
    whole = await in_order(model, column, direction)
    asked = {"field": value, "direction": direction}

    assert await walk(ask, FORWARD % (order, root), o=asked) == whole
    assert await walk(ask, BACKWARD % (order, root), o=asked) == whole
    assert await walk(ask, FORWARD % (order, root), o=asked, size=1) == whole
    assert await walk(ask, BACKWARD % (order, root), o=asked, size=len(whole)) == whole


async def test_a_list_inside_another_object_is_walked_by_its_own_cursors(
    ask: Ask, world: World
) -> None:
    partner = max(
        world.rows[Partner],
        key=lambda row: sum(i.partner_id == row.id for i in world.rows[MemberInvitation]),
    )
    text = """query($id: ID!, $n: Int, $c: String) { node(id: $id) { ... on Partner {
      invitations(first: $n, after: $c) { pageInfo { endCursor } nodes { id } } } } }"""
    own = [row for row in world.rows[MemberInvitation] if row.partner_id == partner.id]
    own.sort(key=lambda row: (row.expires_at, row.id), reverse=True)

    seen: list[str] = []
    cursor = None
    while True:
        found = await ask(text, id=f"ptn_{partner.id.hex}", n=1, c=cursor)
        page = found["node"]["invitations"]
        if not page["nodes"]:
            break
        seen += [node["id"] for node in page["nodes"]]
        cursor = page["pageInfo"]["endCursor"]

    assert seen == [f"inv_{row.id.hex}" for row in own]
    assert len(seen) > 3


async def test_dates_order_and_page_too(ask: Ask, world: World) -> None:
    text = """query($id: ID!, $n: Int, $c: String) { list: node(id: $id) { ... on Member {
      allProjects(first: $n, after: $c) { pageInfo { endCursor } nodes { name startedOn } } } } }"""
    projects = world.rows[MemberProject]
    member = max(world.rows[Member], key=lambda row: sum(p.member_id == row.id for p in projects))
    own = [row for row in projects if row.member_id == member.id]
    own.sort(key=lambda row: (row.started_on, row.id))  # as its order has it unsaid

    first = (await ask(text, id=f"mem_{member.id.hex}", n=1, c=None))["list"]["allProjects"]
    rest = (await ask(text, id=f"mem_{member.id.hex}", n=100, c=first["pageInfo"]["endCursor"]))[
        "list"
    ]["allProjects"]

    assert [node["name"] for node in first["nodes"] + rest["nodes"]] == [row.name for row in own]
    assert len(own) > 2


def a_reseller(of: Partner, dice: Random, number: int) -> Partner:
    return Partner(
        id=an_id(dice),
        name=dice.choice("ab"),
        account_name=f"new-{number}",
        kind=PartnerKind.RESELLER,
        tier=dice.randint(1, 3),
        distributor_id=of.id,
        created_at=NOW + timedelta(days=dice.randint(-50, 5)),
    )


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("text", [FORWARD, BACKWARD], ids=["forward", "backward"])
@pytest.mark.parametrize(("value", "column"), [("TIER", "tier"), ("NAME", "name")])
@BY_DIRECTION
async def test_what_stays_is_seen_once_while_other_rows_come_and_go(
    ask: Ask, world: World, value: str, column: str, direction: str, text: str, seed: int
) -> None:
    dice = Random(seed)
    of = world.rows[Partner][0]
    for number in range(30):
        await a_reseller(of, dice, number).save()
    rows = await in_order(Partner, column, direction)
    new = {f"ptn_{row.id.hex}" for row in await Partner.filter(account_name__startswith="new")}
    leaving = set(dice.sample(sorted(new), 12))
    left = sorted(leaving)
    come: set[str] = set()

    async def between(page: int) -> None:
        """One row comes and some go, that of the cursor among them sooner or later."""
        row = a_reseller(of, dice, 1000 + page)
        await row.save()
        come.add(f"ptn_{row.id.hex}")
        for _ in range(min(2, len(left))):
            gone = left.pop(dice.randrange(len(left)))
            await Partner.filter(id=UUID(gone[4:])).delete()

    seen = await walk(
        ask,
        text % ("PartnerOrder", "partners"),
        size=4,
        between=between,
        o={"field": value, "direction": direction},
    )

    assert len(seen) == len(set(seen))
    staying = [id for id in rows if id not in leaving]
    assert [id for id in seen if id in staying] == staying
    assert set(seen) <= set(rows) | come
    assert not left


async def test_the_row_at_the_cursor_may_be_gone(ask: Ask, world: World) -> None:
    text = FORWARD % ("CounterOrder", "counters")
    order = {"field": "LAST_POSITION"}
    first = (await ask(text, n=5, c=None, o=order))["list"]
    whole = await in_order(EventCounter, "last_position", "desc")
    await EventCounter.filter(id=UUID(whole[4][4:])).delete()

    after = (await ask(text, n=100, c=first["pageInfo"]["endCursor"], o=order))["list"]

    assert [edge["node"]["id"] for edge in after["edges"]] == whole[5:]


# Whether there is more.


@pytest.mark.parametrize("by", ["staff", "distributor", "reseller", "anonymous"])
async def test_more_is_told_exactly_when_there_is_more(ask: Ask, world: World, by: str) -> None:
    text = "query($n: Int, $m: Int) { list: partners(first: $n, last: $m) { nodes { id } pageInfo {"
    text += " hasNextPage hasPreviousPage startCursor endCursor } } }"
    count = len((await ask(text, n=100, by=by))["list"]["nodes"])
    assert count == {"staff": 13, "distributor": 6, "reseller": 1, "anonymous": 0}[by]
    for size in range(1, count + 2):
        forward = (await ask(text, n=size, by=by))["list"]["pageInfo"]
        backward = (await ask(text, m=size, by=by))["list"]["pageInfo"]

        assert forward["hasNextPage"] is (size < count)
        assert forward["hasPreviousPage"] is False
        assert backward["hasPreviousPage"] is (size < count)
        assert backward["hasNextPage"] is False


async def test_an_empty_page_behind_the_last_row_says_so(ask: Ask) -> None:
    text = FORWARD % ("PartnerOrder", "partners")
    last = (await ask(text, n=100, c=None))["list"]["pageInfo"]["endCursor"]

    beyond = (await ask(text, n=5, c=last))["list"]

    assert beyond == {
        "pageInfo": {
            "hasNextPage": False,
            "hasPreviousPage": True,
            "startCursor": None,
            "endCursor": None,
        },
        "edges": [],
    }


async def test_without_a_word_a_page_has_twenty(ask: Ask) -> None:
    found = await ask("{ events { nodes { id } } }")
    assert len(found["events"]["nodes"]) == 20


# Counting.


@pytest.mark.parametrize(
    ("rows", "count"),
    [
        (0, {"value": 0, "precision": "EXACT"}),
        (9_999, {"value": 9_999, "precision": "EXACT"}),
        (10_000, {"value": 10_000, "precision": "EXACT"}),
        (10_001, {"value": 10_000, "precision": "AT_LEAST"}),
        (10_500, {"value": 10_000, "precision": "AT_LEAST"}),
    ],
)
async def test_counting_stops_at_ten_thousand(ask: Ask, rows: int, count: Any) -> None:
    await database.execute("delete from event_counter")
    await database.execute(
        "insert into event_counter (id, created_at, last_position)"
        " select gen_random_uuid(), now(), 0 from generate_series(1, $1::int)",
        rows,
    )

    found = await ask("{ counters(first: 1) { totalCount { value precision } } }")

    assert found == {"counters": {"totalCount": count}}


async def test_a_count_is_of_the_filter_and_not_of_the_page(ask: Ask, world: World) -> None:
    text = """query($c: String) {
      partners(first: 1, after: $c, filter: {kind: RESELLER}) {
        totalCount { value } pageInfo { endCursor } nodes { id } } }"""
    first = (await ask(text))["partners"]

    second = (await ask(text, c=first["pageInfo"]["endCursor"]))["partners"]

    assert first["totalCount"] == second["totalCount"] == {"value": 6}
    assert first["nodes"] != second["nodes"]


# What is refused.


async def refused(ask: Ask, text: str, **variables: Any) -> tuple[str, tuple[str, ...]]:
    error = await ask.refusal(text, **variables)
    assert isinstance(error.original_error, Problem), error
    return code(error), error.original_error.path


@pytest.mark.parametrize(
    ("arguments", "blamed"),
    [
        ("first: 0", "first"),
        ("first: -1", "first"),
        ("first: 101", "first"),
        ("first: 2147483647", "first"),
        ("last: 0", "last"),
        ("last: 101", "last"),
        ("first: 1, last: 1", "first"),
        ('last: 1, after: "x"', "after"),
        ('first: 1, before: "x"', "before"),
        ('before: "x"', "before"),
        ('first: 1, after: "x", before: "x"', "before"),
    ],
)
async def test_a_page_that_makes_no_sense_is_refused(ask: Ask, arguments: str, blamed: str) -> None:
    text = f"{{ partners({arguments}) {{ nodes {{ id }} }} }}"
    assert await refused(ask, text) == ("INVALID_INPUT", (blamed,))
    nested = f"{{ partners {{ nodes {{ resellers({arguments}) {{ nodes {{ id }} }} }} }} }}"
    assert await refused(ask, nested) == ("INVALID_INPUT", (blamed,))


async def test_a_number_beyond_32_bits_is_no_int(ask: Ask) -> None:
    error = await ask.refusal("query($n: Int) { partners(first: $n) { nodes { id } } }", n=2**31)
    assert "Int cannot represent non 32-bit signed integer" in error.message


PAGE = "{ nodes { id } pageInfo { endCursor } }"
LISTS = [
    "partners(@)",
    "partners(@ filter: {tier: 1})",
    "partners(@ filter: {tier: 2})",
    "partners(@ filter: {tier: 2, kind: RESELLER})",
    "partners(@ filter: {kind: [RESELLER]})",
    "partners(@ filter: {kind: [RESELLER, DISTRIBUTOR]})",
    'partners(@ filter: {joined: {from: "1969-01-01T00:00:00Z"}})',
    'partners(@ filter: {joined: {to: "2030-02-02T00:00:00Z"}})',
    'partners(@ filter: {search: "same"})',
    "partners(@ orderBy: {field: CREATED_AT, direction: ASC})",
    "partners(@ orderBy: {field: NAME})",
    "partners(@ orderBy: {field: NAME, direction: ASC})",
    "pending(@)",
    "invitations(@)",
]


@pytest.mark.parametrize("made_for", LISTS)
async def test_a_cursor_is_good_for_its_own_list_only(
    ask: Ask, world: World, made_for: str
) -> None:
    distributor = f"ptn_{world.rows[Partner][0].id.hex}"
    found = await ask(f"{{ list: {made_for.replace('@', 'first: 1')} {PAGE} }}")
    cursor = found["list"]["pageInfo"]["endCursor"]
    assert cursor is not None

    for other in LISTS:
        text = f"query($c: String) {{ list: {other.replace('@', 'after: $c')} {PAGE} }}"
        if other == made_for:
            await ask(text, c=cursor)
        else:
            assert await refused(ask, text, c=cursor) == ("CURSOR_INVALID", ("after",))
    text = """query($id: ID!, $c: String) {
      node(id: $id) { ... on Partner { resellers(after: $c) { nodes { id } } } } }"""
    assert await refused(ask, text, id=distributor, c=cursor) == ("CURSOR_INVALID", ("after",))


async def test_the_same_filter_said_otherwise_keeps_its_cursor(ask: Ask) -> None:
    text = """query($f: PartnerFilter, $o: PartnerOrder, $c: String) {
      partners(first: 2, after: $c, filter: $f, orderBy: $o) {
        nodes { id } pageInfo { endCursor } } }"""
    said: dict[str, Any] = {
        "f": {"kind": "RESELLER", "joined": {"to": "2030-02-01T00:00:00Z"}},
        "o": None,
    }
    otherwise: dict[str, Any] = {
        "f": {"joined": {"from": None, "to": "2030-02-01T08:00:00+08:00"}, "kind": ["RESELLER"]},
        "o": {"field": "CREATED_AT"},
    }
    cursor = (await ask(text, **said))["partners"]["pageInfo"]["endCursor"]

    assert await ask(text, c=cursor, **otherwise) == await ask(text, c=cursor, **said)
    ways: tuple[Any, ...] = (
        None,
        {},
        {"kind": None},
        {"joined": {}},
        {"joined": None, "tier": None},
    )
    for nothing in ways:
        cursor = (await ask(text, f=nothing))["partners"]["pageInfo"]["endCursor"]
        assert len((await ask(text, c=cursor))["partners"]["nodes"]) == 2


def forged(cursor: str, **parts: str) -> str:
    """The cursor with another id or key behind the same fingerprint."""
    text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    names = ("mark", "id", "key")
    found = dict(zip(names, text.split(":", 2), strict=True)) | parts
    return base64.urlsafe_b64encode(":".join(found[name] for name in names).encode()).decode()


@pytest.mark.parametrize(
    ("order", "key"),
    [
        ("CREATED_AT", "soon"),
        ("CREATED_AT", ""),
        ("CREATED_AT", "2030-13-01 00:00:00+00"),
        ("CREATED_AT", "999999-01-01 00:00:00+00"),
        ("CREATED_AT", "\x00"),
        ("TIER", "1.5"),
        ("TIER", "99999999999"),
        ("TIER", "'); drop table partner; --"),
        ("NAME", "a\x00"),
    ],
)
async def test_a_forged_key_behind_a_true_fingerprint_is_refused(
    ask: Ask, order: str, key: str
) -> None:
    text = FORWARD % ("PartnerOrder", "partners")
    asked = {"field": order}
    cursor = (await ask(text, n=1, c=None, o=asked))["list"]["pageInfo"]["endCursor"]
    assert (await ask(text, n=1, c=forged(cursor), o=asked))["list"]["edges"]

    answer = await refused(ask, text, n=1, c=forged(cursor, key=key), o=asked)

    assert answer == ("CURSOR_INVALID", ("after",))
    backward = BACKWARD % ("PartnerOrder", "partners")
    answer = await refused(ask, backward, n=1, c=forged(cursor, key=key), o=asked)
    assert answer == ("CURSOR_INVALID", ("before",))


@pytest.mark.parametrize(
    "cursor", ["", "x", "=", "MTIz", "引用", "\x00", "\ud800", "A" * 100_000, "OjoK", "Ojo6"]
)
async def test_what_is_no_cursor_is_refused(ask: Ask, cursor: str) -> None:
    text = FORWARD % ("PartnerOrder", "partners")
    assert await refused(ask, text, n=1, c=cursor) == ("CURSOR_INVALID", ("after",))


@pytest.mark.parametrize("id", ["", "0" * 31, "g" * 32, "0" * 33])
async def test_a_cursor_with_an_id_that_is_none_is_refused(ask: Ask, id: str) -> None:
    text = FORWARD % ("PartnerOrder", "partners")
    cursor = (await ask(text, n=1, c=None))["list"]["pageInfo"]["endCursor"]
    answer = await refused(ask, text, n=1, c=forged(cursor, id=id))
    assert answer == ("CURSOR_INVALID", ("after",))
