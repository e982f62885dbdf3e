"""The merchant's answer: in time, once, and only if it can still be kept (R-03, R-04)."""

from datetime import timedelta

import pytest

from domain.requirements import answering, deadlines, submitting
from domain.requirements.checks import RequirementCheckFailed
from domain.requirements.guards import (
    RequirementExpired,
    RequirementOfAnotherMerchant,
    RequirementOfAnotherPartner,
)
from kit.problems import InvalidInput, NotFound
from kit.status import WrongStatus
from models.notifications import Mail
from models.requirements import CustomerRequirement
from models.requirements import RequirementStatus as Status
from models.timers import Timer
from tests.catalogue.factories import a_merchant
from tests.conftest import Clock
from tests.customers.conftest import Ask
from tests.factories import an_administrator
from tests.requirements.factories import (
    Sale,
    a_draft,
    a_pending,
    an_accepted,
    crq,
    history,
)
from tests.requirements.spoiling import SPOILT

FIVE_DAYS = timedelta(days=5)

SHOWN = """
  status rejection refusal decidedAt endedAt
  deadline { status } availableActions { name allowed }
"""
ACCEPT = f"""
mutation ($id: ID!) {{ customerRequirementAccept(input: {{id: $id}}) {{
  customerRequirement {{ {SHOWN} }} errors {{ code path }} }} }}
"""
REJECT = f"""
mutation ($id: ID!, $why: String!) {{ customerRequirementReject(input: {{id: $id, reason: $why}}) {{
  customerRequirement {{ {SHOWN} }} errors {{ code path }} }} }}
"""


async def test_the_merchant_accepts(ask: Ask, sale: Sale, time: Clock) -> None:
    pending = await a_pending(sale, now=time.now)
    time.forward(days=5, microseconds=-1)

    answer = await ask(ACCEPT, by=sale.seller, id=crq(pending))

    assert answer["errors"] == []
    seen = answer["customerRequirement"]
    open_ones = [action["name"] for action in seen.pop("availableActions") if action["allowed"]]
    assert open_ones == ["privateOfferCreate"]
    assert seen == {
        "status": "ACCEPTED",
        "rejection": None,
        "refusal": None,
        "decidedAt": "2030-02-05T23:29:59.999999Z",
        "endedAt": None,
        "deadline": {"status": "CANCELLED"},
    }
    assert await history(pending, sale.partner) == ["drafted", "submitted", "accepted"]
    assert await history(pending, sale.merchant) == ["submitted", "accepted"]
    assert {timer.state for timer in await Timer.all()} == {"CANCELLED"}


async def test_who_has_asked_is_told_the_answer(ask: Ask, sale: Sale, time: Clock) -> None:
    pending = await a_pending(sale, now=time.now)

    answer = await ask(REJECT, by=sale.seller, id=crq(pending), why=" sold out ")

    seen = answer["customerRequirement"]
    assert [action["name"] for action in seen["availableActions"] if action["allowed"]] == []
    assert (seen["status"], seen["rejection"], seen["refusal"]) == (
        "REJECTED",
        "EXPLICIT",
        "sold out",
    )
    assert seen["decidedAt"] == seen["endedAt"] == "2030-01-31T23:30:00.000000Z"
    [mail] = await Mail.filter(template="customer_requirement_answered")
    assert (mail.recipient, mail.tenant_id) == (sale.by.email, sale.partner.id)
    assert (mail.facts["status"], mail.facts["refusal"]) == ("REJECTED", "sold out")
    assert mail.facts["merchant"] == "Ink & Paper"


async def test_a_refusal_says_why(ask: Ask, sale: Sale, time: Clock) -> None:
    pending = await a_pending(sale, now=time.now)

    for why in ("  ", "长" * 501):
        answer = await ask(REJECT, by=sale.seller, id=crq(pending), why=why)
        assert answer["errors"] == [{"code": "INVALID_INPUT", "path": ["input", "reason"]}]
    with pytest.raises(InvalidInput):
        await answering.reject(
            viewer=sale.seller, requirement_id=pending.id, reason="", now=time.now
        )
    assert (await CustomerRequirement.get()).status is Status.PENDING_MERCHANT


async def test_at_the_deadline_every_answer_is_too_late_worker_or_not(
    sale: Sale, time: Clock
) -> None:
    pending = await a_pending(sale, now=time.now)
    late = time.now + FIVE_DAYS

    for _ in range(2):  # before and after the worker has come
        with pytest.raises(RequirementExpired) as expired:
            await answering.accept(viewer=sale.seller, requirement_id=pending.id, now=late)
        assert expired.value.expired_at == late
        with pytest.raises(RequirementExpired):
            await answering.reject(
                viewer=sale.seller, requirement_id=pending.id, reason="no", now=late
            )
        with pytest.raises(RequirementExpired):
            await submitting.cancel(viewer=sale.by, requirement_id=pending.id, now=late)
        await deadlines.expire(subject_ids=[pending.id], now=late)
    assert await history(pending, sale.merchant) == ["submitted", "timed_out"]


@pytest.mark.parametrize("code", [code for code in SPOILT if code != "SKU_NOT_ON_SALE"])
async def test_what_can_not_be_kept_any_more_is_not_promised(
    sale: Sale, time: Clock, code: str
) -> None:
    """A maximum that was lowered meanwhile: the merchant rejects, and the partner asks anew."""
    pending = await a_pending(sale, now=time.now)
    await SPOILT[code](sale)
    time.forward(days=1)

    with pytest.raises(RequirementCheckFailed) as failed:
        await answering.accept(viewer=sale.seller, requirement_id=pending.id, now=time.now)

    assert [check.code.value for check in failed.value.checks] == [code]
    assert await history(pending, sale.merchant) == ["submitted"]
    assert {timer.state for timer in await Timer.all()} == {"SCHEDULED"}
    rejected = await answering.reject(
        viewer=sale.seller, requirement_id=pending.id, reason="lowered", now=time.now
    )
    assert rejected.status is Status.REJECTED


async def test_only_the_merchant_who_was_asked_answers(sale: Sale, time: Clock) -> None:
    pending = await a_pending(sale, now=time.now)
    with pytest.raises(RequirementOfAnotherMerchant):
        await answering.accept(viewer=sale.by, requirement_id=pending.id, now=time.now)
    other = await an_administrator(await a_merchant("Other shop"))
    with pytest.raises(NotFound):
        await answering.accept(viewer=other, requirement_id=pending.id, now=time.now)
    with pytest.raises(RequirementOfAnotherPartner):
        await submitting.cancel(viewer=sale.seller, requirement_id=pending.id, now=time.now)
    draft = await a_draft(sale, now=time.now)
    with pytest.raises(NotFound):  # nobody else's business yet
        await answering.accept(viewer=sale.seller, requirement_id=draft.id, now=time.now)
    assert await history(pending, sale.merchant) == ["submitted"]


async def test_an_answer_is_given_once(sale: Sale, time: Clock) -> None:
    accepted = await an_accepted(sale, now=time.now)

    for again in (
        answering.accept(viewer=sale.seller, requirement_id=accepted.id, now=time.now),
        answering.reject(viewer=sale.seller, requirement_id=accepted.id, reason="no", now=time.now),
        submitting.cancel(viewer=sale.by, requirement_id=accepted.id, now=time.now),
    ):
        with pytest.raises(WrongStatus):
            await again
    assert await history(accepted, sale.merchant) == ["submitted", "accepted"]


async def test_an_accepted_one_that_nobody_wants_any_more_is_closed(
    sale: Sale, time: Clock
) -> None:
    accepted = await an_accepted(sale, now=time.now)
    time.forward(days=30)

    closed = await submitting.close(
        viewer=sale.by, requirement_id=accepted.id, reason="cancelled project", now=time.now
    )

    assert (closed.status, closed.ended_at) == (Status.CLOSED, time.now)
    assert await history(accepted, sale.merchant) == ["submitted", "accepted", "closed"]
    with pytest.raises(WrongStatus):
        await submitting.close(viewer=sale.by, requirement_id=accepted.id, now=time.now)
