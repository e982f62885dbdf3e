"""What the bank answers, in whichever order, and what a retry does (5.12, step 7)."""

from typing import Any

import pytest

from domain.statements import paying
from domain.statements.deadlines import OVERDUE
from domain.upstream import answering
from kit.status import WrongStatus
from models.certification import BusinessInformation
from models.statements import StatementStatus as Status
from models.timers import Timer
from tests.conftest import Clock
from tests.programmes.factories import business_information
from tests.races import at_once
from tests.statements import factories as make
from tests.statements.factories import House, fresh, history, mails, say, status

pytestmark = pytest.mark.usefixtures("database")


async def retry(house: House, statement: Any, time: Clock) -> Any:
    return await paying.retry(viewer=house.reviewer, statement_id=statement.id, now=time.now)


async def test_what_the_bank_can_not_pay_is_tried_again(house: House, time: Clock) -> None:
    statement = await make.paying(house, now=time.now)
    await say(statement, ok=False, code="NO_SUCH_ACCOUNT", now=time.now)
    failed = await fresh(statement)
    assert (failed.status, failed.failure) == (Status.PAY_FAILED, "NO_SUCH_ACCOUNT")
    assert (failed.step, failed.closed_at) == (make.STEP.PAY, None)
    assert await Timer.filter(subject_id=statement.id, kind=OVERDUE, state="SCHEDULED").count() == 1

    await retry(house, statement, time)
    await say(statement, reference="BANK-2", now=time.now)

    paid = await fresh(statement)
    assert (paid.status, paid.payment_reference, paid.failure) == (Status.PAID, "BANK-2", None)
    assert (await history(statement.id))[-3:] == ["pay_failed", "payment_retried", "paid"]
    assert len(await mails("statement_ended")) == 1


async def test_a_retry_pays_to_the_account_that_is_certified_by_now(
    house: House, time: Clock
) -> None:
    statement = await make.paying(house, now=time.now)
    await say(statement, ok=False, code="NO_SUCH_ACCOUNT", now=time.now)
    await BusinessInformation.filter(partner_id=house.partner.id).update(status="SUPERSEDED")
    mended = await business_information(of=house.partner)
    await BusinessInformation.filter(id=mended.id).update(bank_account="6222000000000001")

    await retry(house, statement, time)

    request = (await make.asked_for(statement))[-1]
    assert request.payload["account"] == "6222000000000001"
    assert (await fresh(statement)).business_information_id == mended.id


async def test_the_bank_says_twice_that_it_has_paid(house: House, time: Clock) -> None:
    statement = await make.paying(house, now=time.now)

    await say(statement, reference="BANK-1", now=time.now)
    await say(statement, reference="BANK-1", now=time.now)
    await say(statement, reference="BANK-1", facts={"again": True}, now=time.now)

    assert (await fresh(statement)).payment_reference == "BANK-1"
    assert (await history(statement.id))[-2:] == ["paid", "paid_again"]
    assert len(await mails("statement_ended")) == 1


async def test_an_error_after_it_was_paid_takes_nothing_back(house: House, time: Clock) -> None:
    statement = await make.paying(house, now=time.now)

    await say(statement, reference="BANK-1", now=time.now)
    await say(statement, ok=False, code="OOPS", now=time.now)

    assert await status(statement) is Status.PAID
    assert (await history(statement.id))[-1] == "pay_error_after_the_fact"


async def test_paid_after_all_it_is_paid(house: House, time: Clock) -> None:
    statement = await make.paying(house, now=time.now)
    await say(statement, ok=False, code="OOPS", now=time.now)

    await say(statement, reference="BANK-1", now=time.now)

    assert await status(statement) is Status.PAID
    with pytest.raises(WrongStatus):
        await retry(house, statement, time)
    assert len([each for each in await make.asked_for(statement) if each.system == "BANK"]) == 1


async def test_the_first_request_is_paid_while_the_second_is_out(house: House, time: Clock) -> None:
    statement = await make.paying(house, now=time.now)
    await say(statement, ok=False, code="OOPS", now=time.now)
    await retry(house, statement, time)

    await say(statement, to=-2, ok=False, code="OOPS AGAIN", now=time.now)
    assert await status(statement) is Status.PAYING
    await say(statement, to=-2, reference="BANK-1", now=time.now)
    assert await status(statement) is Status.PAID
    await say(statement, to=-1, reference="BANK-2", now=time.now)

    assert (await fresh(statement)).payment_reference == "BANK-1"
    assert (await history(statement.id))[-2:] == ["paid", "paid_again"]


@pytest.mark.parametrize("answer_first", [True, False])
async def test_the_bank_answers_as_it_is_asked_again(
    house: House, time: Clock, answer_first: bool
) -> None:
    statement = await make.paying(house, now=time.now)
    await say(statement, ok=False, code="OOPS", now=time.now)
    [request] = [each for each in await make.asked_for(statement) if each.system == "BANK"]
    calls: list[Any] = [
        answering.answered(request.id, ok=True, reference="BANK-1", now=time.now),
        retry(house, statement, time),
    ]

    done = await at_once(*(calls if answer_first else reversed(calls)), while_locked=statement)

    assert await status(statement) is Status.PAID
    asked = [each for each in await make.asked_for(statement) if each.system == "BANK"]
    if answer_first:
        assert isinstance(done[1], WrongStatus)
        assert len(asked) == 1
    else:
        assert len(asked) == 2, "the second is answered to no effect, and that is written down"
        await say(statement, reference="BANK-2", now=time.now)
        assert (await history(statement.id))[-1] == "paid_again"


async def test_retried_twice_at_once_it_is_asked_once(house: House, time: Clock) -> None:
    statement = await make.paying(house, now=time.now)
    await say(statement, ok=False, code="OOPS", now=time.now)

    done = await at_once(
        retry(house, statement, time), retry(house, statement, time), while_locked=statement
    )

    assert isinstance(done[1], WrongStatus)
    assert len([each for each in await make.asked_for(statement) if each.system == "BANK"]) == 2
