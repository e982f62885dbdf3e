"""Asking the merchant: every check alone and all together, and taking it back (R-01, R-02)."""

from datetime import timedelta
from decimal import Decimal

import pytest

from domain.requirements import deadlines, submitting
from domain.requirements.checks import RequirementCheckFailed
from domain.requirements.guards import RequirementExpired
from domain.requirements.wishes import Wish
from kit.problems import NotFound, VersionConflict
from kit.status import WrongStatus
from models.audit import Event
from models.notifications import Mail
from models.requirements import CustomerRequirement
from models.requirements import RequirementStatus as Status
from models.timers import Timer
from tests.catalogue.factories import a_policy, some_goods
from tests.conftest import Clock
from tests.customers.conftest import Ask
from tests.factories import a_partner, a_person, an_administrator, an_operator
from tests.requirements.factories import Sale, a_draft, a_pending, crq, history, submit
from tests.requirements.spoiling import SPOILT

MICROSECOND = timedelta(microseconds=1)

SUBMIT = """
mutation ($id: ID!, $version: Int!) {
  customerRequirementSubmit(input: {id: $id, expectedVersion: $version}) {
    customerRequirement {
      status submittedAt expiresAt version
      deadline { dueAt onTimeout status remainingSeconds } history { nodes { name } }
    }
    errors { code path message
      ... on RequirementCheckFailed {
        checks { code rule concerns message limits { goods maximumRatio } } } }
  }
}
"""


async def test_the_merchant_has_five_times_24_hours(ask: Ask, sale: Sale, time: Clock) -> None:
    draft = await a_draft(sale, now=time.now)
    time.forward(hours=1)

    answer = await ask(SUBMIT, by=sale.by, id=crq(draft), version=1)

    assert answer["errors"] == []
    assert answer["customerRequirement"] == {
        "status": "PENDING_MERCHANT",
        "submittedAt": "2030-02-01T00:30:00.000000Z",
        "expiresAt": "2030-02-06T00:30:00.000000Z",
        "version": 2,
        "deadline": {
            "dueAt": "2030-02-06T00:30:00.000000Z",
            "onTimeout": "REJECT",
            "status": "SCHEDULED",
            "remainingSeconds": 432_000,
        },
        "history": {
            "nodes": [
                {"name": "customer_requirement.submitted"},
                {"name": "customer_requirement.drafted"},
            ]
        },
    }
    assert await history(draft, sale.partner) == ["drafted", "submitted"]
    assert await history(draft, sale.merchant) == ["submitted"]
    timers = {timer.kind: timer.due_at for timer in await Timer.all()}
    assert timers == {
        deadlines.EXPIRE: time.now + timedelta(days=5),
        deadlines.REMIND: time.now + timedelta(days=4),
    }


async def test_the_merchants_administrators_are_told_in_their_language(
    sale: Sale, time: Clock
) -> None:
    chinese = await a_person("王芳", email="wang@shop.example", locale="zh")
    await an_operator(of=sale.merchant, person=chinese)
    gone = await an_operator(of=sale.merchant, person=await a_person())
    gone.removed_at = time.now
    await gone.save(update_fields=["removed_at"])
    sale.partner.name_en = "Acme Limited"
    await sale.partner.save(update_fields=["name_en"])

    requirement = await a_pending(sale, now=time.now)

    mails = {mail.recipient: mail for mail in await Mail.all()}
    assert mails.keys() == {"wang@shop.example", sale.seller.email}
    assert {mail.template for mail in mails.values()} == {"customer_requirement_submitted"}
    assert mails["wang@shop.example"].locale == "zh"
    assert mails["wang@shop.example"].tenant_id == sale.merchant.id
    assert sale.seller.email is not None
    assert mails[sale.seller.email].facts == {
        "number": requirement.number,
        "partner": "Acme Limited",
        "merchant": "Ink & Paper",
        "customer": "Yangtze",
        "ratio": "0.25",
        "status": "PENDING_MERCHANT",
        "rejection": None,
        "refusal": None,
        "expires_at": "2030-02-05T23:30:00Z",
    }


async def refused(sale: Sale, draft: CustomerRequirement, time: Clock) -> list[str]:
    """With what codes; nothing has happened."""
    events = await Event.all().count()
    with pytest.raises(RequirementCheckFailed) as failed:
        await submit(draft, by=sale.by, now=time.now)
    stored = await CustomerRequirement.get(id=draft.id)
    assert (stored.status, stored.version) == (Status.DRAFT, draft.version)
    assert await Event.all().count() == events
    assert not await Timer.exists()
    assert not await Mail.exists()
    return [check.code.value for check in failed.value.checks]


@pytest.mark.parametrize("code", SPOILT)
async def test_each_check_refuses_alone(sale: Sale, time: Clock, code: str) -> None:
    draft = await a_draft(sale, lines=[Wish(sale.goods.id, sale.sku.id)], now=time.now)

    await SPOILT[code](sale)

    assert await refused(sale, draft, time) == [code]


async def test_everything_that_fails_is_told_at_once(ask: Ask, sale: Sale, time: Clock) -> None:
    other = await some_goods("Tide table", merchant=sale.merchant, max_ratio=Decimal("0.1"))
    lines = [Wish(sale.goods.id, sale.sku.id), Wish(other.id)]
    draft = await a_draft(sale, lines=lines, now=time.now)
    for spoil in SPOILT.values():
        await spoil(sale)

    answer = await ask(SUBMIT, by=sale.by, locale="zh", id=crq(draft), version=1)

    [error] = answer["errors"]
    assert error["code"] == "REQUIREMENT_CHECK_FAILED"
    assert [(check["code"], check["rule"], check["concerns"]) for check in error["checks"]] == [
        ("PROGRAMME_NOT_JOINED", "P-01", []),
        ("CUSTOMER_NOT_ASSOCIATED", "R-01", []),
        ("GOODS_NOT_ON_SALE", "R-01", [sale.goods.number]),
        ("SKU_NOT_ON_SALE", "R-01", [sale.sku.code]),
        ("RATIO_ABOVE_MAXIMUM", "R-02", [sale.goods.number, other.number]),
    ]
    assert error["checks"][4]["limits"] == [
        {"goods": sale.goods.number, "maximumRatio": "0.200000"},
        {"goods": other.number, "maximumRatio": "0.100000"},
    ]
    assert error["checks"][4]["message"] == (
        f"期望分成比例高于以下商品的最大值:{sale.goods.number} 0.2, {other.number} 0.1。"
    )
    assert len(await refused(sale, draft, time)) == 5


async def test_goods_without_a_policy_can_not_be_asked_for(sale: Sale, time: Clock) -> None:
    without = await some_goods(merchant=sale.merchant, policy=False)
    draft = await a_draft(sale, lines=[Wish(without.id)], now=time.now)
    # It begins a moment too late.
    await a_policy(without, since=time.now + MICROSECOND)

    assert await refused(sale, draft, time) == ["POLICY_MISSING"]
    await submit(draft, by=sale.by, now=time.now + MICROSECOND)


async def test_exactly_the_maximum_of_all_goods_is_allowed(sale: Sale, time: Clock) -> None:
    smaller = await some_goods(merchant=sale.merchant, max_ratio=Decimal("0.299999"))
    lines = [Wish(sale.goods.id), Wish(smaller.id)]
    above = await a_draft(sale, lines=lines, ratio="0.3", now=time.now)
    exact = await a_draft(sale, lines=lines, ratio="0.299999", now=time.now)

    assert await refused(sale, above, time) == ["RATIO_ABOVE_MAXIMUM"]
    assert (await submit(exact, by=sale.by, now=time.now)).status is Status.PENDING_MERCHANT


async def test_only_what_was_read_is_submitted_and_once(sale: Sale, time: Clock) -> None:
    draft = await a_draft(sale, now=time.now)
    with pytest.raises(VersionConflict):
        await submitting.submit(
            viewer=sale.by, requirement_id=draft.id, expected_version=2, now=time.now
        )
    await submit(draft, by=sale.by, now=time.now)

    with pytest.raises(WrongStatus):
        await submit(draft, by=sale.by, now=time.now)
    assert await history(draft, sale.partner) == ["drafted", "submitted"]


async def cancelled(draft: CustomerRequirement, sale: Sale, time: Clock) -> CustomerRequirement:
    return await submitting.cancel(
        viewer=sale.by, requirement_id=draft.id, reason=" no money ", now=time.now
    )


async def test_a_draft_is_given_up_without_a_word_to_the_merchant(sale: Sale, time: Clock) -> None:
    draft = await cancelled(await a_draft(sale, now=time.now), sale, time)

    assert (draft.status, draft.ended_at) == (Status.CANCELLED, time.now)
    assert await history(draft, sale.partner) == ["drafted", "cancelled"]
    assert await history(draft, sale.merchant) == []


async def test_it_can_be_taken_back_until_the_deadline(sale: Sale, time: Clock) -> None:
    one, other = await a_pending(sale, now=time.now), await a_pending(sale, now=time.now)
    time.forward(days=5, microseconds=-1)

    await cancelled(one, sale, time)
    time.forward(microseconds=1)
    with pytest.raises(RequirementExpired) as expired:
        await cancelled(other, sale, time)

    assert expired.value.expired_at == time.now
    assert await history(one, sale.merchant) == ["submitted", "cancelled"]
    assert {t.state for t in await Timer.filter(subject_id=one.id)} == {"CANCELLED"}
    assert {t.state for t in await Timer.filter(subject_id=other.id)} == {"SCHEDULED"}
    with pytest.raises(WrongStatus):
        await cancelled(one, sale, time)
    assert (
        await Event.get(name="customer_requirement.cancelled", tenant_id=sale.partner.id)
    ).reason == "no money"


async def test_strangers_find_nothing_to_take_back(sale: Sale, time: Clock) -> None:
    pending = await a_pending(sale, now=time.now)

    for stranger in (
        await an_administrator(await a_partner("Rival")),
        await an_administrator(await a_partner("Other shop", kind=sale.merchant.kind)),
    ):
        with pytest.raises(NotFound):
            await submitting.cancel(viewer=stranger, requirement_id=pending.id, now=time.now)
    assert (await CustomerRequirement.get()).status is Status.PENDING_MERCHANT
