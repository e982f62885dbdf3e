"""A process may be killed anywhere in an import or a signature: nothing has happened then."""

import signal
from decimal import Decimal

import pytest

from domain.files.attaching import FileAlreadyAttached
from domain.statements import countersigning
from domain.statements.countersigning import AlreadySigned
from models.audit import Event
from models.consumption import ConsumptionRecord
from models.statement_steps import StatementSignature
from models.statements import StatementStatus
from models.usage import UsageImport, UsageRecord
from tests.conftest import Clock
from tests.consumption.factories import metered, uploaded, used
from tests.faults import moving_money
from tests.faults.chaos import sums
from tests.faults.conftest import Kill
from tests.orders.factories import a_shop, balance, fund
from tests.statements import factories as statements
from tests.vouchers.factories import AGENCY

pytestmark = pytest.mark.usefixtures("database")


@pytest.mark.parametrize("step", ["usage_import.taken_in", "usage_import.charged"])
async def test_an_import_that_is_killed_has_not_begun(
    time: Clock, killed_at: Kill, step: str
) -> None:
    shop = await a_shop(type=AGENCY)
    sku = await metered(shop, now=time.now)
    await fund(shop.customer, "1.00", now=time.now)
    file = await uploaded(shop.seller, used(shop, sku, "R1", 7, time.now), now=time.now)

    ended = await killed_at(step, "take_in", time.now, file.id)

    assert ended == -signal.SIGKILL
    for table in (UsageImport, UsageRecord, ConsumptionRecord):
        assert await table.all().count() == 0
    assert await balance(shop.customer) == Decimal("1.00")
    await moving_money.take_in(time.now, file.id)
    with pytest.raises(FileAlreadyAttached):
        await moving_money.take_in(time.now, file.id)
    [charged] = await ConsumptionRecord.all()
    assert (charged.cash, charged.debt) == (Decimal("1.00"), Decimal("1.31"))
    assert ((await sums.charges()).wrong, (await sums.debts()).wrong) == ([], [])


async def test_a_signature_that_is_killed_was_not_given(time: Clock, killed_at: Kill) -> None:
    house = await statements.a_house()
    who = house.finance.person_id
    assert who is not None
    statement = await statements.sent(house, now=time.now)
    await countersigning.start(viewer=house.reviewer, statement_id=statement.id, now=time.now)

    ended = await killed_at("statement.signed", "sign", time.now, statement.id, who)

    assert ended == -signal.SIGKILL
    assert await StatementSignature.filter(signed_at__not_isnull=True).count() == 0
    assert await statements.status(statement) is StatementStatus.TO_COUNTERSIGN
    await moving_money.sign(time.now, statement.id, who)
    with pytest.raises(AlreadySigned):
        await moving_money.sign(time.now, statement.id, who)
    assert await Event.filter(name="statement.signed").count() == 1
