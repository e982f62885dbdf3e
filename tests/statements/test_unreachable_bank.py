"""A bank that isn't reached, or is silent, is asked for one payment under one id."""

from typing import Any
from uuid import UUID

import pytest

from domain.identity.items import Item
from domain.statements import paying, sheets
from domain.upstream import answering, operating, silence
from kit.status import WrongStatus
from kit.transaction import transaction
from models.certification import BusinessInformation
from models.statements import StatementStatus as Status
from models.upstream import RequestState, UpstreamRequest
from tests.conftest import Clock
from tests.factories import a_staff_viewer
from tests.programmes.factories import business_information
from tests.races import at_once
from tests.statements import factories as make
from tests.statements.factories import House, fresh, history, say, status
from tests.upstream.bank import Bank, bank

__all__ = ["bank"]

pytestmark = pytest.mark.usefixtures("database")


async def retry(house: House, statement: Any, time: Clock) -> Any:
    """By the statement."""
    return await paying.retry(viewer=house.reviewer, statement_id=statement.id, now=time.now)


async def send_anew(request: UpstreamRequest, time: Clock) -> Any:
    """By the request, as operators do."""
    by = await a_staff_viewer(Item.OPERATE)
    return await operating.retry(viewer=by, request_id=request.id, now=time.now)


async def given_up(house: House, bank: Bank, time: Clock) -> tuple[Any, UpstreamRequest]:
    """A statement that the bank was to pay, which nobody could reach."""
    statement = await make.paying(house, now=time.now)
    request = await bank.is_given_up(statement.id)
    assert (await fresh(statement)).failure == "UNREACHABLE"
    return statement, request


async def asked(statement: Any) -> list[UUID]:
    return [each.id for each in await make.asked_for(statement) if each.system == "BANK"]


async def test_a_retry_asks_under_the_id_that_the_bank_may_know(
    house: House, bank: Bank, time: Clock
) -> None:
    statement, request = await given_up(house, bank, time)

    await retry(house, statement, time)
    assert await status(statement) is Status.PAYING
    await bank.is_back()
    await say(statement, reference="BANK-1", now=time.now)

    assert set(bank.asked) == {request.id}
    assert (await fresh(statement)).payment_reference == "BANK-1"
    assert (await history(statement.id))[-3:] == ["pay_failed", "payment_retried", "paid"]


async def test_it_is_the_same_payment_also_when_the_account_has_changed(
    house: House, bank: Bank, time: Clock
) -> None:
    """The bank may have made it already; only after it has refused another one is asked for."""
    statement, request = await given_up(house, bank, time)
    before = (await fresh(statement)).business_information_id
    await BusinessInformation.filter(partner_id=house.partner.id).update(status="SUPERSEDED")
    mended = await business_information(of=house.partner)

    await retry(house, statement, time)
    assert (await fresh(statement)).business_information_id == before
    assert (await UpstreamRequest.get(id=request.id)).payload == request.payload

    await say(statement, ok=False, code="NO_SUCH_ACCOUNT", now=time.now)
    await retry(house, statement, time)
    assert (await fresh(statement)).business_information_id == mended.id
    assert len(await asked(statement)) == 2


@pytest.mark.parametrize("by_request_first", [True, False])
async def test_retried_both_ways_it_is_one_request(
    house: House, bank: Bank, time: Clock, *, by_request_first: bool
) -> None:
    statement, request = await given_up(house, bank, time)

    if by_request_first:
        await send_anew(request, time)
        await retry(house, statement, time)
    else:
        await retry(house, statement, time)
        with pytest.raises(WrongStatus):
            await send_anew(request, time)
    await bank.is_back()
    await say(statement, reference="BANK-1", now=time.now)

    assert set(bank.asked) == {request.id}
    assert await asked(statement) == [request.id]
    assert await status(statement) is Status.PAID


@pytest.mark.parametrize("by_request_first", [True, False])
async def test_retried_both_ways_at_once_it_is_one_request(
    house: House, bank: Bank, time: Clock, *, by_request_first: bool
) -> None:
    statement, request = await given_up(house, bank, time)
    calls: list[Any] = [send_anew(request, time), retry(house, statement, time)]

    done = await at_once(*(calls if by_request_first else reversed(calls)), while_locked=request)

    refused = [type(each) for each in done if isinstance(each, Exception)]
    assert refused == ([] if by_request_first else [WrongStatus])
    assert await asked(statement) == [request.id]
    assert await status(statement) is Status.PAYING
    assert (await UpstreamRequest.get(id=request.id)).state is RequestState.WAITING


async def test_a_bank_that_takes_it_after_a_retry_by_hand_pays_without_another(
    house: House, bank: Bank, time: Clock
) -> None:
    statement, request = await given_up(house, bank, time)
    await send_anew(request, time)
    await bank.is_back()

    await answering.answered(request.id, ok=True, reference="BANK-1", now=time.now)

    assert await status(statement) is Status.PAID
    with pytest.raises(WrongStatus):
        await retry(house, statement, time)
    assert await asked(statement) == [request.id]


async def test_a_sheet_that_nobody_has_answered_for_is_asked_for_under_its_id(
    house: House, time: Clock
) -> None:
    """The finance system was given up; so was the request, which lives on."""
    statement = await make.signed(house, await make.sent(house, now=time.now), now=time.now)
    [request] = await make.asked_for(statement)
    await UpstreamRequest.filter(id=request.id).update(state="DEAD")
    async with transaction():
        await silence.give_up(request.id, code="UNREACHABLE", now=time.now)
    assert await status(statement) is Status.SHEET_FAILED

    await sheets.retry(viewer=house.reviewer, statement_id=statement.id, now=time.now)

    [again] = await make.asked_for(statement)
    assert (again.id, again.state) == (request.id, RequestState.WAITING)
    await say(statement, reference="PS-9", now=time.now)
    assert (await fresh(statement)).sheet_number == "PS-9"
