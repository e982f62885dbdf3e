"""Making private offers: of a requirement, alone, of another; and throwing them away (R-03)."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from domain.private_offers import drafting, publishing
from domain.private_offers.guards import PrivateOfferExpired
from domain.private_offers.terms import Price
from domain.requirements import submitting
from domain.requirements.submitting import RequirementHasOffer
from kit.problems import Forbidden, InvalidInput, NotFound
from kit.status import WrongStatus
from models.audit import Event
from models.customers import Customer
from models.private_offers import PrivateOffer, PrivateOfferLine, PrivateOfferVersion
from models.private_offers import PrivateOfferStatus as Status
from models.requirements import RequirementStatus
from tests.catalogue.factories import a_sku, sku_id, some_goods
from tests.conftest import Clock
from tests.customers.conftest import Ask
from tests.customers.factories import a_customer
from tests.private_offers.factories import (
    a_draft,
    a_published,
    alone,
    an_effective,
    pvo,
    terms,
    use,
)
from tests.requirements.factories import Sale, a_pending, an_accepted, crq, history

CREATE = """
mutation ($input: PrivateOfferCreateInput!) {
  privateOfferCreate(input: $input) {
    privateOffer {
      number name status ratio effectiveAt expiresAt merchantName partnerName
      customerName customerAccountName customer { name } requirement { id }
      terms { sequence }
      draft { sequence status version note lines {
        sku { code } goods { name } quantity unitPrice { amount currency } } }
      availableActions { name allowed }
    }
    errors { code path }
  }
}
"""


def the_input(sale: Sale, **other: Any) -> dict[str, Any]:
    return {
        "name": "Spring price",
        "ratio": "0.25",
        "effectiveAt": "2030-02-01T00:00:00+08:00",
        "expiresAt": "2030-03-01T00:00:00+08:00",
        "lines": [{"skuId": sku_id(sale.sku), "unitPrice": "899.5", "quantity": 2}],
    } | other


async def test_an_offer_of_a_requirement_begins_as_a_draft(
    ask: Ask, sale: Sale, time: Clock
) -> None:
    requirement = await an_accepted(sale, now=time.now)

    answer = await ask(
        CREATE, by=sale.seller, input=the_input(sale, requirementId=crq(requirement), note="bulk")
    )

    assert answer["errors"] == []
    made = answer["privateOffer"]
    assert made.pop("number").startswith("PO300201-")
    actions = made.pop("availableActions")
    assert [action["name"] for action in actions if action["allowed"]] == [
        "privateOfferDraftEdit",
        "privateOfferPublish",
        "privateOfferDelete",
        "privateOfferClone",
    ]
    assert made == {
        "name": "Spring price",
        "status": "DRAFT",
        "ratio": "0.250000",
        "effectiveAt": "2030-01-31T16:00:00.000000Z",
        "expiresAt": "2030-02-28T16:00:00.000000Z",
        "merchantName": "Ink & Paper",
        "partnerName": "Acme",
        "customerName": "Yangtze",
        "customerAccountName": sale.customer.account_name,
        "customer": None,  # the merchant knows it by name and account
        "requirement": {"id": crq(requirement)},
        "terms": None,
        "draft": {
            "sequence": 1,
            "status": "DRAFT",
            "version": 1,
            "note": "bulk",
            "lines": [
                {
                    "sku": {"code": sale.sku.code},
                    "goods": {"name": "Cloud archive"},
                    "quantity": 2,
                    "unitPrice": {"amount": "899.50", "currency": "CNY"},
                }
            ],
        },
    }
    offer = await PrivateOffer.get()
    assert await history(offer, sale.merchant) == ["drafted"]
    assert await history(offer, sale.partner) == []


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"ratio": "1.01"}, ["input", "ratio"]),
        ({"ratio": "0.0000001"}, ["input", "ratio"]),
        ({"name": "🐳" * 161}, ["input", "name"]),
        ({"name": "专" * 300}, ["input", "name"]),
        ({"name": " "}, ["input", "name"]),
        ({"expiresAt": "2030-02-01T00:00:00+08:00"}, ["input", "expiresAt"]),
        ({"lines": []}, ["input", "lines"]),
        ({"unitPrice": "0"}, ["input", "lines", "0", "unitPrice"]),
        ({"unitPrice": "-1"}, ["input", "lines", "0", "unitPrice"]),
        ({"unitPrice": "1.001"}, ["input", "lines", "0", "unitPrice"]),
        ({"unitPrice": "10000000000000000"}, ["input", "lines", "0", "unitPrice"]),
        ({"quantity": 0}, ["input", "lines", "0", "quantity"]),
        ({"requirementId": None}, ["input", "requirementId"]),
        ({"customerName": "Yangtze"}, ["input", "requirementId"]),
    ],
)
async def test_what_no_rule_could_accept_is_told_with_its_place(
    ask: Ask, sale: Sale, time: Clock, wrong: dict[str, Any], path: list[str]
) -> None:
    requirement = await an_accepted(sale, now=time.now)
    line = {"skuId": sku_id(sale.sku), "unitPrice": "900", "quantity": 1}
    line |= {name: wrong.pop(name) for name in list(wrong) if name in line}
    given = the_input(sale, requirementId=crq(requirement), lines=[line]) | wrong

    answer = await ask(CREATE, by=sale.seller, input=given)

    assert answer["errors"] == [{"code": "INVALID_INPUT", "path": path}]
    assert not await PrivateOffer.exists()


async def test_only_ones_own_skus_are_offered(sale: Sale, time: Clock) -> None:
    requirement = await an_accepted(sale, now=time.now)
    foreign = await a_sku(await some_goods())
    for id in (foreign.id, uuid4()):
        with pytest.raises(NotFound) as refused:
            await a_draft(sale, of=requirement, prices=[Price(id, Decimal(1))], now=time.now)
        assert refused.value.path == ("input", "lines", "0", "skuId")
    twice = [Price(sale.sku.id, Decimal(1))] * 2
    with pytest.raises(InvalidInput):
        await a_draft(sale, of=requirement, prices=twice, now=time.now)
    assert not await PrivateOffer.exists()


async def test_only_what_was_accepted_is_offered(sale: Sale, time: Clock) -> None:
    pending = await a_pending(sale, now=time.now)
    with pytest.raises(WrongStatus):
        await a_draft(sale, of=pending, now=time.now)
    assert not await PrivateOffer.exists()


async def test_a_requirement_has_one_live_offer(sale: Sale, time: Clock) -> None:
    requirement = await an_accepted(sale, now=time.now)
    first = await a_draft(sale, of=requirement, now=time.now)
    with pytest.raises(RequirementHasOffer) as refused:
        await a_draft(sale, of=requirement, now=time.now)
    assert refused.value.number == first.number
    with pytest.raises(RequirementHasOffer):
        await submitting.close(viewer=sale.by, requirement_id=requirement.id, now=time.now)

    await drafting.delete(viewer=sale.seller, offer_id=first.id, now=time.now)
    second = await an_effective(sale, of=requirement, now=time.now)
    with pytest.raises(RequirementHasOffer):
        await a_draft(sale, of=requirement, now=second.expires_at - timedelta(microseconds=1))
    # From the instant of its end on there may be another, though no worker has come by.
    third = await a_draft(sale, of=requirement, now=second.expires_at)

    assert third.requirement_id == requirement.id
    over = await PrivateOffer.get(id=second.id)
    assert (over.status, over.ended_at) == (Status.EXPIRED, second.expires_at)
    assert (await history(second, sale.partner))[-1] == "expired"


async def test_a_customer_is_known_by_name_and_account(sale: Sale, time: Clock) -> None:
    unbound = await a_customer("Nobody's")

    offer = await alone(sale, now=time.now)

    assert (offer.partner_id, offer.customer_id) == (sale.partner.id, sale.customer.id)
    assert offer.requirement_id is None
    known = sale.customer.account_name
    for name, account in (
        ("Yangze", known),
        ("Yangtze", "x"),
        (unbound.name, unbound.account_name),
    ):
        with pytest.raises(NotFound) as refused:
            await drafting.create_for(
                viewer=sale.seller,
                customer_name=name,
                customer_account_name=account,
                name="Welcome",
                offered=terms(sale, now=time.now),
                now=time.now,
            )
        assert refused.value.path == ("input", "customerAccountName")
    assert await PrivateOffer.all().count() == 1


async def test_only_merchants_offer(sale: Sale, time: Clock) -> None:
    with pytest.raises(Forbidden):
        await drafting.create_for(
            viewer=sale.by,
            customer_name=sale.customer.name,
            customer_account_name=sale.customer.account_name,
            name="Welcome",
            offered=terms(sale, now=time.now),
            now=time.now,
        )
    assert await Customer.all().count() == 1


async def test_a_draft_can_be_deleted_and_nothing_else(ask: Ask, sale: Sale, time: Clock) -> None:
    draft, published = await a_draft(sale, now=time.now), await a_published(sale, now=time.now)
    delete = """mutation ($id: ID!) { privateOfferDelete(input: {id: $id}) {
        deletedId errors { code } } }"""

    answer = await ask(delete, by=sale.seller, id=pvo(draft))
    refused = await ask(delete, by=sale.seller, id=pvo(published))

    assert answer == {"deletedId": pvo(draft), "errors": []}
    assert refused == {"deletedId": None, "errors": [{"code": "WRONG_STATUS"}]}
    assert [offer.id for offer in await PrivateOffer.all()] == [published.id]
    assert await PrivateOfferVersion.all().count() == await PrivateOfferLine.all().count() == 1
    assert await history(draft, sale.merchant) == ["drafted", "deleted"]


async def clone(offer: PrivateOffer, sale: Sale, time: Clock, **more: Any) -> PrivateOffer:
    return await drafting.clone(viewer=sale.seller, offer_id=offer.id, now=time.now, **more)


async def test_a_clone_has_the_same_terms_and_its_own_number(sale: Sale, time: Clock) -> None:
    requirement = await an_accepted(sale, now=time.now)
    old = await an_effective(sale, of=requirement, price="123.45", now=time.now)
    with pytest.raises(RequirementHasOffer):
        await clone(old, sale, time)
    time.forward(days=2)

    new = await clone(old, sale, time)

    assert (new.status, new.cloned_from, new.requirement_id) == (
        Status.DRAFT,
        old.id,
        requirement.id,
    )
    assert new.number != old.number
    [version] = await PrivateOfferVersion.filter(offer_id=new.id)
    assert (version.sequence, version.expires_at) == (1, old.expires_at)
    [line] = await PrivateOfferLine.filter(terms_id=version.id)
    assert line.unit_price == Decimal("123.45")


async def test_a_clone_may_stand_alone(sale: Sale, time: Clock) -> None:
    old = await an_effective(sale, now=time.now)
    await use(old, sale, now=time.now)
    with pytest.raises(WrongStatus):  # its requirement is answered for good
        await clone(old, sale, time)

    new = await clone(old, sale, time, without_requirement=True)

    assert new.requirement_id is None
    requirement = await old.requirement.first()  # type: ignore[union-attr]
    assert requirement is not None
    assert requirement.status is RequirementStatus.CLOSED


async def test_at_its_end_nothing_is_done_with_it_any_more(sale: Sale, time: Clock) -> None:
    offer = await an_effective(sale, now=time.now)
    events = await Event.all().count()

    with pytest.raises(PrivateOfferExpired):
        await publishing.withdraw(
            viewer=sale.seller, offer_id=offer.id, reason="late", now=offer.expires_at
        )
    assert await Event.all().count() == events
