"""Everybody's view of a database with somebody else's house in it, and of one without."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from tortoise.context import TortoiseContext

from tests.conftest import Servers
from tests.walls import documents, looking, owning, snapshot
from tests.walls.documents import Kinds, Question, at_most
from tests.walls.looking import Foreign
from tests.walls.neighbourhood import Neighbourhood, built
from tests.walls.snapshot import Rows
from tests.walls.walking import Twins, Walk, answers

# Of those that see by the same rule, one looks at the lists in all their orders.
VARYING = ("nobody", "administrator", "plain", "customer's user", "distributor", "key with items")

# These may nothing, or not of that: whatever state a thing is in, they are refused before.
MODEST = ("nobody", "guest", "leaver", "invited", "key without items")
FEW = 2  # things of a kind that insiders name at a place

# What names a customer by its manager alone.
LEADS = ("customer_report", "customer_invitation", "exclusive_offer")


@dataclass
class Walks:
    """The strangers' walk, and what was asked beside it."""

    walk: Walk
    kinds: Kinds
    own: dict[str, Any]
    dead: dict[str, dict[str, str]]  # asked with credentials that are no good
    once: dict[str, dict[str, str]]  # each mutation, asked by nobody in particular
    owner: dict[str, str]  # what Amber's administrator was answered
    secrets: set[str]


@dataclass
class Insiders:
    """Those within Amber's and Birch's world who may see some of it, but not all."""

    managers: Walk  # of a customer, as to all other customers
    customer: Walk  # a customer's user, likewise
    distributor: Walk  # as to a reseller of another distributor
    hidden: Rows  # all other customers, and what hangs on them
    owner: dict[str, str]  # what Birch's administrator was answered


@pytest.fixture(scope="package")
async def neighbourhood(
    migrated: TortoiseContext, servers: Servers
) -> AsyncIterator[Neighbourhood]:
    """Amber's house beside those of Birch and Dogwood, and a client for each of their people."""
    async with built(migrated, servers) as neighbourhood:
        yield neighbourhood


@pytest.fixture(scope="package")
async def walks(neighbourhood: Neighbourhood) -> Walks:
    """Strangers ask everything, twice; then Amber is gone for good, so it comes late."""
    foreign = await looking.gather(neighbourhood)
    administrator = neighbourhood.credentials["administrator"]
    own = await owning.own_of(neighbourhood, "administrator")
    kinds = await looking.kinds(neighbourhood, administrator, own)
    writings = []
    for question in looking.writings(foreign, own, kinds):
        # What is no good as input is refused before anybody looks for it.
        if "INVALID_INPUT" not in (await neighbourhood.ask(administrator, question)).text:
            writings.append(question)

    walk = Walk(
        neighbourhood,
        neighbourhood.credentials,
        hidden=neighbourhood.foreign,
        twins=Twins(foreign.ids),
        readings=looking.readings(foreign, kinds),
        writings=writings,
        variations=looking.variations(foreign, kinds),
        varying=VARYING,
        modest=MODEST,
    )
    amber = await neighbourhood.sign_in(neighbourhood.houses["Amber"].emails["administrator"])
    owner = await _answers_to_plain(neighbourhood, amber, foreign.ids)
    await walk.ask_beside()
    once = looking.each_mutation_once(own)
    some = [*_one_of_each_field(walk.readings), *once]
    dead = await answers(neighbourhood, neighbourhood.dead, some)
    by_nobody = await answers(neighbourhood, {"nobody": None}, once)
    await snapshot.keep_only(neighbourhood.own)
    await walk.ask_alone()
    secrets = snapshot.secrets(neighbourhood.foreign, neighbourhood.own)
    return Walks(walk, kinds, own, dead, by_nobody, owner, secrets)


@pytest.fixture(scope="package")
async def insiders(neighbourhood: Neighbourhood, walks: Walks) -> Insiders:
    """Without Amber; then the customers but one of Birch's go, then Birch, so it comes last."""
    rows, birch = neighbourhood.own, neighbourhood.houses["Birch"].partner
    ward = next(id for id, row in rows["customer"].items() if row["name"] == "Birch ward")
    mine = rows["customer"][ward]["manager_id"]
    leads = [
        id
        for table in LEADS
        for id, row in rows[table].items()
        if row["partner_id"] == str(birch.id) and row["manager_id"] not in (None, mine)
    ]
    others = [
        id for id, row in rows["customer"].items() if row["name"].startswith("Birch") and id != ward
    ]
    hidden = snapshot.hanging_on([*others, *leads], rows)
    of_birch = snapshot.hanging_on([str(birch.id)], rows)
    administrator = neighbourhood.credentials["administrator"]
    cursors = await looking.cursors_of(neighbourhood, administrator)
    its_id = f"cus_{ward.replace('-', '')}"

    def walk(who: dict[str, str | None], rows: Rows, own: dict[str, Any]) -> Walk:
        foreign = Foreign(looking.ids_of(rows), ["birch", "order.paid"], cursors, tokens=[])
        foreign.numbers += [row["number"] for row in rows["sales_order"].values()][:3]
        return Walk(
            neighbourhood,
            who,
            hidden=rows,
            twins=Twins(foreign.ids),
            readings=[
                each
                for each in at_most(FEW, looking.readings(foreign, walks.kinds, depth=1))
                if not each.document.startswith("subscription")
            ],
            writings=at_most(FEW, looking.writings(foreign, own, walks.kinds)),
            variations=looking.variations(foreign, walks.kinds),
            varying=tuple(who),
        )

    by = dict(neighbourhood.insiders)
    its_user = {"customer": by.pop("customer")}
    other = {"distributor": neighbourhood.credentials["distributor"]}
    of_dogwood = await owning.own_of(neighbourhood, "distributor")
    found = Insiders(
        managers=walk(by, hidden, owning.for_manager(walks.own, its_id)),
        customer=walk(its_user, hidden, owning.for_customer(walks.own, its_id)),
        distributor=walk(other, of_birch, of_dogwood),
        hidden=hidden,
        owner=await _answers_to_plain(neighbourhood, administrator, looking.ids_of(hidden)),
    )
    every = (found.managers, found.customer, found.distributor)
    for each in every:
        await each.ask_beside()
    await snapshot.take_away(hidden)
    await found.managers.ask_alone()
    await found.customer.ask_alone()
    await snapshot.take_away(of_birch)
    await found.distributor.ask_alone()
    return found


async def _answers_to_plain(
    neighbourhood: Neighbourhood, by: str | None, ids: list[str]
) -> dict[str, str]:
    nodes = [each for each in documents.by_id(ids) if each.name.startswith("nodes(")]
    questions = [*documents.plain(), *nodes]
    return (await answers(neighbourhood, {"owner": by}, questions))["owner"]


def _one_of_each_field(readings: list[Question]) -> list[Question]:
    found: dict[str, Question] = {}
    for question in readings:
        found.setdefault(question.name.partition("(")[0].partition(" ")[0], question)
    return list(found.values())
