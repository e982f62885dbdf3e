"""Writing down what a customer wants (R-01): drafts, and what can't even be one."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from domain.customers.guards import CustomerOfAnotherPartner
from domain.requirements import drafting
from domain.requirements.checks import RequirementCheckFailed
from domain.requirements.wishes import Wish
from kit.problems import Forbidden, InvalidInput, NotFound, Problem, VersionConflict
from kit.status import WrongStatus
from models.audit import Event
from models.catalogue import GoodsKind
from models.requirements import CustomerRequirement, RequirementLine
from models.timers import Timer
from tests.catalogue.factories import a_sku, gds, sku_id, some_goods
from tests.conftest import Clock
from tests.customers.conftest import Ask
from tests.customers.factories import a_customer, a_supervisor, cus
from tests.factories import a_distributor, a_partner, an_administrator
from tests.requirements.factories import Sale, a_draft, crq, edited, history, submit

CREATE = """
mutation ($input: CustomerRequirementCreateInput!) {
  customerRequirementCreate(input: $input) {
    customerRequirement {
      number status expectedRatio note merchantName partnerName customerName customerAccountName
      lines { goods { name } sku { code } quantity }
      submittedAt expiresAt onTimeout deadline { status } author { name }
      availableActions { name allowed blockedBy { code } }
    }
    errors { code path ... on RequirementCheckFailed { checks { code concerns message } } }
  }
}
"""


def the_input(sale: Sale, **other: Any) -> dict[str, Any]:
    return {
        "customerId": cus(sale.customer),
        "expectedRatio": "0.25",
        "lines": [{"goodsId": gds(sale.goods), "quantity": 3}],
    } | other


async def test_a_draft_asks_nobody_yet(ask: Ask, sale: Sale, time: Clock) -> None:
    lines = [{"goodsId": gds(sale.goods), "skuId": sku_id(sale.sku), "quantity": 3}]

    answer = await ask(CREATE, by=sale.by, input=the_input(sale, lines=lines, note=" soon "))

    assert answer["errors"] == []
    made = answer["customerRequirement"]
    assert made.pop("number").startswith("CR300201-")
    assert made == {
        "status": "DRAFT",
        "expectedRatio": "0.250000",
        "note": "soon",
        "merchantName": "Ink & Paper",
        "partnerName": "Acme",
        "customerName": "Yangtze",
        "customerAccountName": sale.customer.account_name,
        "lines": [
            {"goods": {"name": "Cloud archive"}, "sku": {"code": sale.sku.code}, "quantity": 3}
        ],
        "submittedAt": None,
        "expiresAt": None,
        "onTimeout": "REJECTED",
        "deadline": None,
        "author": {"name": "Han Meimei"},
        "availableActions": [
            {"name": "customerRequirementEdit", "allowed": True, "blockedBy": None},
            {"name": "customerRequirementSubmit", "allowed": True, "blockedBy": None},
            {"name": "customerRequirementCancel", "allowed": True, "blockedBy": None},
            {
                "name": "customerRequirementClose",
                "allowed": False,
                "blockedBy": {"code": "WRONG_STATUS"},
            },
            *(
                {
                    "name": name,
                    "allowed": False,
                    "blockedBy": {"code": "REQUIREMENT_OF_ANOTHER_MERCHANT"},
                }
                for name in (
                    "customerRequirementAccept",
                    "customerRequirementReject",
                    "privateOfferCreate",
                )
            ),
        ],
    }
    [stored] = await CustomerRequirement.all()
    assert (stored.merchant_id, stored.partner_id) == (sale.merchant.id, sale.partner.id)
    assert await history(stored, sale.partner) == ["drafted"]
    assert await history(stored, sale.merchant) == []
    assert not await Timer.exists()


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"expectedRatio": "1.000001"}, ["input", "expectedRatio"]),
        ({"expectedRatio": "-0.1"}, ["input", "expectedRatio"]),
        ({"expectedRatio": "0.1234567"}, ["input", "expectedRatio"]),
        ({"expectedRatio": "25"}, ["input", "expectedRatio"]),
        ({"lines": []}, ["input", "lines"]),
        ({"note": "鲸" * 1001}, ["input", "note"]),
        ({"customerId": "gds_" + "0" * 32}, ["input", "customerId"]),
    ],
)
async def test_what_no_rule_could_accept_is_told_with_its_place(
    ask: Ask, sale: Sale, wrong: dict[str, Any], path: list[str]
) -> None:
    answer = await ask(CREATE, by=sale.by, input=the_input(sale, **wrong))

    assert answer["errors"] == [{"code": "INVALID_INPUT", "path": path}]
    assert not await CustomerRequirement.exists()
    assert not await Event.exists()


async def test_lines_make_sense(sale: Sale, time: Clock) -> None:
    foreign = await a_sku(await some_goods(merchant=sale.merchant))
    hidden = await some_goods(merchant=sale.merchant, is_listed=False)
    goods_id = sale.goods.id
    cases: list[tuple[list[Wish], type[Problem], tuple[str, ...]]] = [
        ([Wish(goods_id), Wish(goods_id)], InvalidInput, ("1",)),
        ([Wish(goods_id, quantity=0)], InvalidInput, ("0", "quantity")),
        ([Wish(goods_id, quantity=1_000_001)], InvalidInput, ("0", "quantity")),
        ([Wish(goods_id), Wish(uuid4())], NotFound, ("1", "goodsId")),
        ([Wish(hidden.id)], NotFound, ("0", "goodsId")),
        ([Wish(goods_id, foreign.id)], NotFound, ("0", "skuId")),
    ]
    for lines, problem, path in cases:
        with pytest.raises(problem) as refused:
            await a_draft(sale, lines=lines, now=time.now)
        assert refused.value.path == ("input", "lines", *path)
    assert not await CustomerRequirement.exists()


async def test_one_merchant_is_asked_at_a_time(sale: Sale, time: Clock) -> None:
    own = await some_goods("Server", kind=GoodsKind.SELF_OPERATED)
    others = await some_goods("Paint", kind=GoodsKind.JOINT_OPERATED)

    lines = [Wish(each.id) for each in (sale.goods, others, own)]
    with pytest.raises(RequirementCheckFailed) as refused:
        await a_draft(sale, lines=lines, now=time.now)

    assert [(check.code, check.concerns) for check in refused.value.checks] == [
        ("MERCHANT_MISSING", [own.number]),
        ("SEVERAL_MERCHANTS", [sale.goods.number, others.number]),
    ]
    assert not await CustomerRequirement.exists()


async def test_only_for_customers_of_ones_own(sale: Sale, time: Clock) -> None:
    distributor = await a_distributor()
    reseller = await a_partner("Reseller", distributor=distributor)
    theirs = await a_customer(of=reseller)
    above = await an_administrator(distributor)
    for by, customer, problem in (
        (sale.by, await a_customer(of=await a_partner("Rival")), NotFound),
        (sale.by, await a_customer(), NotFound),
        (sale.seller, sale.customer, NotFound),
        (above, theirs, CustomerOfAnotherPartner),
    ):
        with pytest.raises(problem):
            await drafting.create(
                viewer=by,
                customer_id=customer.id,
                expected_ratio=Decimal(0),
                lines=[Wish(sale.goods.id)],
                now=time.now,
            )
    _, supervisor = await a_supervisor(sale.partner)
    with pytest.raises(Forbidden):
        await a_draft(sale, by=supervisor, now=time.now)
    assert not await CustomerRequirement.exists()


async def test_a_draft_can_be_changed_as_it_was_read(sale: Sale, time: Clock) -> None:
    draft = await a_draft(sale, now=time.now, note="first")

    await edited(draft, sale, time)

    stored = await CustomerRequirement.get()
    assert (stored.expected_ratio, stored.note, stored.version) == (Decimal("0.3"), None, 2)
    [line] = await RequirementLine.all()
    assert (line.sku_id, line.quantity) == (sale.sku.id, 7)
    event = await Event.get(name="customer_requirement.edited")
    assert (event.before, event.after) == (
        {"expected_ratio": "0.25"},
        {"expected_ratio": "0.3"},
    )
    with pytest.raises(VersionConflict) as conflict:
        await edited(draft, sale, time)
    assert conflict.value.current == 2


async def test_what_is_submitted_stays_as_it_is(sale: Sale, time: Clock) -> None:
    draft = await submit(await a_draft(sale, now=time.now), by=sale.by, now=time.now)

    with pytest.raises(WrongStatus):
        await edited(draft, sale, time)
    rival = await an_administrator(await a_partner("Rival"))
    with pytest.raises(NotFound):
        await edited(draft, sale, time, viewer=rival)


async def test_a_key_makes_one_draft_of_two_requests(ask: Ask, sale: Sale) -> None:
    given = the_input(sale, idempotencyKey="once")

    first = await ask(CREATE, by=sale.by, input=given)
    second = await ask(CREATE, by=sale.by, input=given)

    assert first["customerRequirement"]["number"] == second["customerRequirement"]["number"]
    assert await CustomerRequirement.all().count() == 1
    assert crq(await CustomerRequirement.get()).startswith("crq_")
