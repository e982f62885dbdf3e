"""A partner gives its agency customers money and takes it back (F-01, F-06, F-10)."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from domain.associations import ending
from domain.funds import adjusting, allocating, withdrawing
from domain.funds.allocating import (
    Allotment,
    FundsForAgencyOnly,
    NotASubCustomer,
    ResellerNotYours,
)
from domain.funds.withdrawing import BankAccount
from domain.identity.viewer import SYSTEM
from domain.ledger.posting import DuplicateTransId, InsufficientBalance
from kit.problems import Forbidden, InvalidInput, NotFound
from kit.transaction import transactional
from models.customers import AssociationType, Customer
from models.funds import AdjustKind, AdjustRecord, WithdrawalKind
from models.ledger import LedgerTransfer, TradeType
from tests.conftest import Clock
from tests.customers.factories import a_customer, a_manager
from tests.factories import a_distributor, a_partner, an_administrator
from tests.funds.conftest import Scene
from tests.ledger.factories import an_account, assert_sound, balance, move
from tests.races import at_once

pytestmark = pytest.mark.usefixtures("database")

CARD = BankAccount(bank="Bank", name="Acme", number="6222000011112222")


async def allocate(scene: Scene, amount: Any, now: Any, **more: Any) -> AdjustRecord:
    return await allocating.allocate(
        viewer=scene.by, customer_id=scene.customer.id, amount=Decimal(amount), now=now, **more
    )


async def recover(scene: Scene, amount: Any, now: Any, **more: Any) -> AdjustRecord:
    return await allocating.recover(
        viewer=scene.by, customer_id=scene.customer.id, amount=Decimal(amount), now=now, **more
    )


@transactional
async def leave(scene: Scene, now: Any) -> dict[str, Any]:
    customer = await Customer.select_for_update(no_key=True).get(id=scene.customer.id)
    return await ending.end(customer, reason="TEST", viewer=SYSTEM, now=now)


async def unchanged(scene: Scene) -> None:
    assert (await balance(scene.cash), await balance(scene.purse)) == (Decimal(1000), Decimal(0))
    assert await AdjustRecord.all().count() == 0
    await assert_sound()


async def test_what_is_given_is_the_customers_to_spend(scene: Scene, time: Clock) -> None:
    record = await allocate(scene, "300.50", time.now, note="March")

    assert (await balance(scene.cash), await balance(scene.purse)) == (
        Decimal("699.50"),
        Decimal("300.50"),
    )
    assert (record.kind, record.amount, record.note) == (
        AdjustKind.ALLOCATION,
        Decimal("300.50"),
        "March",
    )
    transfer = await LedgerTransfer.get(id=record.transfer_id)
    assert (transfer.kind, transfer.customer_id) == (TradeType.ALLOCATION, scene.customer.id)


async def test_what_is_left_can_be_taken_back_and_no_more(scene: Scene, time: Clock) -> None:
    await allocate(scene, 300, time.now)

    with pytest.raises(InsufficientBalance) as refused:
        await recover(scene, "300.01", time.now)
    record = await recover(scene, 300, time.now)

    assert refused.value.available == 300
    assert record.kind is AdjustKind.RECOVERY
    assert (await balance(scene.cash), await balance(scene.purse)) == (Decimal(1000), Decimal(0))
    await assert_sound()


async def test_what_is_designated_can_not_be_given_away(scene: Scene, time: Clock) -> None:
    await adjusting.set_facts(
        viewer=scene.platform,
        account_id=scene.cash.id,
        designated=Decimal(400),
        reason="earmarked",
        now=time.now,
    )

    with pytest.raises(InsufficientBalance) as refused:
        await allocate(scene, "600.01", time.now)
    await unchanged(scene)
    await allocate(scene, 600, time.now)

    assert (refused.value.code, refused.value.available) == ("CBC.99005003", Decimal(600))
    assert await balance(scene.purse) == 600


async def test_a_referral_customer_is_given_nothing(scene: Scene, time: Clock) -> None:
    for move_it in (allocating.allocate, allocating.recover):
        with pytest.raises(FundsForAgencyOnly):
            await move_it(
                viewer=scene.by, customer_id=scene.referral.id, amount=Decimal(1), now=time.now
            )

    await unchanged(scene)


@pytest.mark.parametrize("amount", ["0", "-1", "0.001", "NaN", "1e20"])
async def test_an_amount_has_two_decimals_and_is_more_than_nothing(
    scene: Scene, time: Clock, amount: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await allocate(scene, amount, time.now)

    assert refused.value.path == ("input", "amount")
    await unchanged(scene)


async def test_who_lacks_the_right_or_does_not_see_the_customer_gives_nothing(
    scene: Scene, time: Clock
) -> None:
    _, manager = await a_manager(scene.partner)
    stranger = await an_administrator(await a_partner("Rival"))

    for viewer, problem in ((manager, Forbidden), (stranger, NotFound)):
        with pytest.raises(problem):
            await allocating.allocate(
                viewer=viewer, customer_id=scene.customer.id, amount=Decimal(1), now=time.now
            )

    await unchanged(scene)


async def test_a_distributor_uses_the_resellers_balance_if_it_names_the_reseller(
    scene: Scene, time: Clock
) -> None:
    distributor = await a_distributor()
    reseller = await a_partner("Reseller", distributor=distributor)
    customer = await a_customer(of=reseller, type=AssociationType.AGENCY)
    by = await an_administrator(distributor)
    theirs = await an_account(distributor, 500, now=time.now)
    purse = await an_account(customer, now=time.now)

    given = await allocating.allocate_to_reseller(
        viewer=by, reseller_id=reseller.id, amount=Decimal(200), now=time.now
    )
    with pytest.raises(NotASubCustomer) as refused:
        await allocating.allocate(
            viewer=by, customer_id=customer.id, amount=Decimal(50), now=time.now
        )
    record = await allocating.allocate(
        viewer=by,
        customer_id=customer.id,
        amount=Decimal(50),
        reseller_id=reseller.id,
        now=time.now,
    )
    await allocating.recover_from_reseller(
        viewer=by, reseller_id=reseller.id, amount=Decimal(150), now=time.now
    )

    assert refused.value.code == "CBC.99000035"
    assert (given.partner_id, given.reseller_id) == (distributor.id, reseller.id)
    assert (record.partner_id, record.customer_id) == (reseller.id, customer.id)
    ours = await an_account(reseller, now=time.now)
    assert [await balance(each) for each in (theirs, ours, purse)] == [450, 0, 50]


async def test_a_distributor_names_only_its_own_resellers(scene: Scene, time: Clock) -> None:
    distributor = await a_distributor()
    other = await a_partner("Reseller", distributor=await a_distributor("Small Wall"))
    by = await an_administrator(distributor)

    with pytest.raises(NotFound):
        await allocating.allocate_to_reseller(
            viewer=by, reseller_id=other.id, amount=Decimal(1), now=time.now
        )
    with pytest.raises(ResellerNotYours) as refused:
        await allocating.allocate_to_reseller(
            viewer=by, reseller_id=distributor.id, amount=Decimal(1), now=time.now
        )

    assert refused.value.code == "CBC.99000037"


async def test_the_same_trans_id_gives_once(scene: Scene, time: Clock) -> None:
    one = await allocate(scene, 900, time.now, trans_id="t")
    other = await allocate(scene, 900, time.now, trans_id="t")
    with pytest.raises(DuplicateTransId):
        await allocate(scene, 50, time.now, trans_id="t")

    assert one.id == other.id
    assert await balance(scene.cash) == 100


async def test_of_many_each_has_an_outcome(scene: Scene, time: Clock) -> None:
    second = await a_customer("Second", of=scene.partner, type=AssociationType.AGENCY)
    unknown = uuid4()
    wanted = [
        Allotment(customer_id=scene.customer.id, amount=Decimal(700)),
        Allotment(customer_id=second.id, amount=Decimal(400)),
        Allotment(customer_id=scene.referral.id, amount=Decimal(1)),
        Allotment(customer_id=unknown, amount=Decimal(1)),
    ]

    outcomes = await allocating.allocate_many(viewer=scene.by, allotments=wanted, now=time.now)

    assert [outcome.id for outcome in outcomes] == [each.customer_id for each in wanted]
    assert [type(outcome.problem) for outcome in outcomes] == [
        type(None),
        InsufficientBalance,
        FundsForAgencyOnly,
        NotFound,
    ]
    assert (await balance(scene.cash), await balance(scene.purse)) == (Decimal(300), Decimal(700))
    await assert_sound()


async def test_a_customer_named_twice_is_refused_as_a_whole(scene: Scene, time: Clock) -> None:
    twice = [Allotment(customer_id=scene.customer.id, amount=Decimal(1))] * 2

    with pytest.raises(InvalidInput):
        await allocating.allocate_many(viewer=scene.by, allotments=twice, now=time.now)

    await unchanged(scene)


async def test_two_who_give_the_last_money_do_not_give_it_twice(scene: Scene, time: Clock) -> None:
    done = await at_once(
        allocate(scene, 600, time.now), allocate(scene, 600, time.now), while_locked=scene.cash
    )

    assert [type(each) for each in done] == [AdjustRecord, InsufficientBalance]
    assert await balance(scene.cash) == 400
    await assert_sound()


async def test_the_same_trans_id_twice_at_once_gives_once(scene: Scene, time: Clock) -> None:
    one, other = await at_once(
        allocate(scene, 600, time.now, trans_id="t"),
        allocate(scene, 600, time.now, trans_id="t"),
        while_locked=scene.cash,
    )

    assert one.id == other.id
    assert await AdjustRecord.all().count() == 1
    assert await balance(scene.cash) == 400


@pytest.mark.parametrize("giving_first", [True, False])
async def test_given_as_it_is_taken_back(scene: Scene, time: Clock, giving_first: bool) -> None:
    await allocate(scene, 100, time.now)
    calls = [allocate(scene, 50, time.now), recover(scene, 120, time.now)]

    done = await at_once(
        *(calls if giving_first else reversed(calls)),
        while_locked=await Customer.get(id=scene.customer.id),
    )

    assert await balance(scene.purse) == (30 if giving_first else 150)
    refused = [each for each in done if isinstance(each, InsufficientBalance)]
    assert len(refused) == (0 if giving_first else 1)
    await assert_sound()


@pytest.mark.parametrize("giving_first", [True, False])
async def test_given_away_as_it_is_withdrawn(scene: Scene, time: Clock, giving_first: bool) -> None:
    calls: list[Any] = [
        allocate(scene, 700, time.now),
        withdrawing.submit(
            viewer=scene.by,
            kind=WithdrawalKind.BANK_CARD,
            amount=Decimal(700),
            to=CARD,
            now=time.now,
        ),
    ]

    done = await at_once(*(calls if giving_first else reversed(calls)), while_locked=scene.cash)

    assert isinstance(done[1], InsufficientBalance)
    assert await balance(scene.cash) == (300 if giving_first else 1000)
    await assert_sound()


@pytest.mark.parametrize("giving_first", [True, False])
async def test_given_as_the_customer_leaves(scene: Scene, time: Clock, giving_first: bool) -> None:
    await allocate(scene, 100, time.now)
    calls: list[Any] = [allocate(scene, 50, time.now), leave(scene, time.now)]

    done = await at_once(
        *(calls if giving_first else reversed(calls)),
        while_locked=await Customer.get(id=scene.customer.id),
    )

    assert (await balance(scene.cash), await balance(scene.purse)) == (Decimal(1000), Decimal(0))
    if not giving_first:
        assert isinstance(done[1], NotFound)
    await assert_sound()


async def test_what_a_customer_leaves_behind_goes_back_to_its_partner(
    scene: Scene, time: Clock
) -> None:
    await allocate(scene, 100, time.now)
    await move((scene.purse.id, -30), (scene.cash.id, 30), now=time.now)

    done = await leave(scene, time.now)

    assert done["funds"] == {"recovered": "70.00"}
    assert (await balance(scene.cash), await balance(scene.purse)) == (Decimal(1000), Decimal(0))
    record = await AdjustRecord.get(kind=AdjustKind.UNBIND_RECOVERY)
    assert (record.amount, record.partner_id) == (Decimal(70), scene.partner.id)


async def test_what_it_had_before_it_came_stays_its_own(scene: Scene, time: Clock) -> None:
    await an_account(scene.customer, 500, now=time.now)
    await allocate(scene, 100, time.now)

    await leave(scene, time.now)

    assert await balance(scene.purse) == 500


async def test_of_what_it_had_before_nothing_is_taken_back(scene: Scene, time: Clock) -> None:
    await an_account(scene.customer, 500, now=time.now)
    await allocate(scene, 100, time.now)

    with pytest.raises(InsufficientBalance) as refused:
        await recover(scene, "100.01", time.now)
    await recover(scene, 100, time.now)

    assert refused.value.available == 100
    assert (await balance(scene.cash), await balance(scene.purse)) == (Decimal(1000), Decimal(500))
    await assert_sound()


async def test_who_becomes_a_referral_customer_gives_it_back_too(scene: Scene, time: Clock) -> None:
    await allocate(scene, 100, time.now)

    @transactional
    async def switch() -> None:
        customer = await Customer.select_for_update(no_key=True).get(id=scene.customer.id)
        await ending.switch(customer, to_type=AssociationType.REFERRAL, viewer=SYSTEM, now=time.now)

    await switch()

    assert (await balance(scene.cash), await balance(scene.purse)) == (Decimal(1000), Decimal(0))
