"""Taking money out: what can go, what forbids it, and what the bank answers (F-05, F-07…F-09)."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.funds import adjusting, recharging, withdrawing
from domain.funds.owners import OnlyForItself
from domain.funds.withdrawable import WithdrawalBlocked, WithdrawalBlocker
from domain.funds.withdrawing import BankAccount, OriginalRouteClosed
from domain.identity.items import Item
from domain.ledger.posting import InsufficientBalance
from kit.problems import Forbidden, InvalidInput, NotFound
from kit.status import WrongStatus
from models.customers import Customer, Freeze
from models.funds import Recharge, RechargeChannel, RechargeMethod, Withdrawal, WithdrawalKind
from models.funds import WithdrawalStatus as Status
from models.holds import LedgerHold
from models.ledger import AccountKind
from tests.conftest import Clock
from tests.customers.factories import a_manager, a_user_of
from tests.factories import a_distributor, a_partner, a_staff_viewer, an_administrator
from tests.funds.conftest import Scene
from tests.funds.factories import asked_for, history, say
from tests.ledger.factories import an_account, assert_sound, balance, fresh, move
from tests.races import at_once

pytestmark = pytest.mark.usefixtures("database")

CARD = BankAccount(bank="Bank", name="Acme", number="6222000011112222")


async def submit(scene: Scene, amount: Any, now: Any, **more: Any) -> Withdrawal:
    given: dict[str, Any] = {"viewer": scene.by, "kind": WithdrawalKind.BANK_CARD, "to": CARD}
    return await withdrawing.submit(**given | more, amount=Decimal(amount), now=now)


async def approved(scene: Scene, amount: Any, now: Any) -> Withdrawal:
    withdrawal = await submit(scene, amount, now)
    return await withdrawing.approve(viewer=scene.platform, withdrawal_id=withdrawal.id, now=now)


async def codes(scene: Scene, now: Any, viewer: Any = None) -> list[WithdrawalBlocker]:
    found = await withdrawing.look(
        viewer=viewer or scene.by, kind=WithdrawalKind.BANK_CARD, now=now
    )
    return [blocker.code for blocker in found.blockers]


async def status(withdrawal: Withdrawal) -> Status:
    return (await Withdrawal.get(id=withdrawal.id)).status


async def test_what_is_applied_for_is_held_and_then_paid_out(scene: Scene, time: Clock) -> None:
    withdrawal = await submit(scene, 300, time.now)
    held = await fresh(scene.cash)
    assert (held.balance, held.held) == (Decimal(1000), Decimal(300))

    await withdrawing.approve(viewer=scene.platform, withdrawal_id=withdrawal.id, now=time.now)
    request = await asked_for(withdrawal.id)
    await say(withdrawal.id, reference="P1", now=time.now)

    assert (request.operation, request.payload["account"]) == ("payout", CARD.number)
    paid = await fresh(scene.cash)
    assert (paid.balance, paid.held) == (Decimal(700), Decimal(0))
    done = await Withdrawal.get(id=withdrawal.id)
    assert (done.status, done.reference, done.ended_at) == (Status.PAID, "P1", time.now)
    assert await history(withdrawal.id) == ["submitted", "approved", "paid"]
    await assert_sound()


async def test_what_can_go_is_cash_without_what_is_not_ones_own(scene: Scene, time: Clock) -> None:
    await adjusting.set_facts(
        viewer=scene.platform,
        account_id=scene.cash.id,
        designated=Decimal(10),
        unreturned_invoices=Decimal(200),
        uncredited=Decimal(30),
        reason="as billing says",
        now=time.now,
    )

    found = await withdrawing.look(viewer=scene.by, kind=WithdrawalKind.BANK_CARD, now=time.now)
    with pytest.raises(InsufficientBalance) as refused:
        await submit(scene, "760.01", time.now)

    assert (found.amount, found.blockers) == (Decimal(760), [])
    assert refused.value.available == 760
    assert (await submit(scene, 760, time.now)).amount == 760


async def test_everything_that_forbids_it_is_told(scene: Scene, time: Clock) -> None:
    assert await codes(scene, time.now) == []
    await recharging.record(
        viewer=scene.platform,
        partner_id=scene.partner.id,
        amount=Decimal(5),
        reference="B1",
        with_bonus=True,
        now=time.now,
    )
    await Customer.filter(id=scene.customer.id).update(has_debt=True)
    await adjusting.set_facts(
        viewer=scene.platform,
        account_id=scene.cash.id,
        unreturned_invoices=Decimal(1006),
        reason="as billing says",
        now=time.now,
    )

    assert await codes(scene, time.now) == [
        WithdrawalBlocker.RECHARGE_WITH_BONUS,
        WithdrawalBlocker.SUB_CUSTOMERS_IN_DEBT,
        WithdrawalBlocker.UNRETURNED_INVOICES,
        WithdrawalBlocker.NOTHING_TO_WITHDRAW,
    ]
    with pytest.raises(WithdrawalBlocked) as refused:
        await submit(scene, 1, time.now)
    assert len(refused.value.blockers) == 4
    assert await Withdrawal.all().count() == 0


async def test_what_a_customer_must_settle_first(scene: Scene, time: Clock) -> None:
    await Customer.filter(id=scene.referral.id).update(
        has_special_contract=True, has_debt=True, freeze=Freeze.ACCOUNT
    )

    assert await codes(scene, time.now, scene.buyer) == [
        WithdrawalBlocker.CONTRACT_FORBIDS,
        WithdrawalBlocker.IN_DEBT,
        WithdrawalBlocker.FROZEN,
        WithdrawalBlocker.NOTHING_TO_WITHDRAW,
    ]
    of_agency = await codes(scene, time.now, await a_user_of(scene.customer))
    assert WithdrawalBlocker.MONEY_OF_THE_PARTNER in of_agency


async def test_one_is_in_process_at_a_time(scene: Scene, time: Clock) -> None:
    await submit(scene, 100, time.now)

    with pytest.raises(WithdrawalBlocked) as refused:
        await submit(scene, 100, time.now)

    assert [each.code for each in refused.value.blockers] == [WithdrawalBlocker.IN_PROCESS]
    assert (await fresh(scene.cash)).held == 100


async def test_of_two_at_once_one_is_taken(scene: Scene, time: Clock) -> None:
    done = await at_once(
        submit(scene, 100, time.now), submit(scene, 100, time.now), while_locked=scene.cash
    )

    assert [type(each) for each in done] == [Withdrawal, WithdrawalBlocked]
    assert (await fresh(scene.cash)).held == 100


async def test_a_refused_one_frees_the_money_and_can_be_deleted(scene: Scene, time: Clock) -> None:
    withdrawal = await submit(scene, 300, time.now)
    with pytest.raises(WrongStatus):
        await withdrawing.delete(viewer=scene.by, withdrawal_id=withdrawal.id, now=time.now)

    await withdrawing.reject(
        viewer=scene.platform, withdrawal_id=withdrawal.id, reason="No.", now=time.now
    )
    assert (await fresh(scene.cash)).held == 0
    await withdrawing.delete(viewer=scene.by, withdrawal_id=withdrawal.id, now=time.now)

    with pytest.raises(NotFound):
        await withdrawing.delete(viewer=scene.by, withdrawal_id=withdrawal.id, now=time.now)
    with pytest.raises(WrongStatus):
        await withdrawing.approve(viewer=scene.platform, withdrawal_id=withdrawal.id, now=time.now)
    assert await history(withdrawal.id) == ["submitted", "rejected", "deleted"]
    await assert_sound()


async def test_the_bank_says_twice_that_it_has_paid(scene: Scene, time: Clock) -> None:
    withdrawal = await approved(scene, 300, time.now)

    await say(withdrawal.id, reference="P1", now=time.now)
    await say(withdrawal.id, reference="P1", now=time.now)
    await say(withdrawal.id, reference="P1", facts={"again": True}, now=time.now)

    assert await balance(scene.cash) == 700
    assert await history(withdrawal.id) == ["submitted", "approved", "paid", "paid_again"]
    await assert_sound()


async def test_an_error_after_it_was_paid_brings_nothing_back(scene: Scene, time: Clock) -> None:
    withdrawal = await approved(scene, 300, time.now)

    await say(withdrawal.id, reference="P1", now=time.now)
    await say(withdrawal.id, ok=False, code="OOPS", now=time.now)

    assert await status(withdrawal) is Status.PAID
    assert await balance(scene.cash) == 700
    assert (await history(withdrawal.id))[-1] == "error_after_the_fact"


async def test_what_the_bank_can_not_pay_is_free_again(scene: Scene, time: Clock) -> None:
    withdrawal = await approved(scene, 300, time.now)

    await say(withdrawal.id, ok=False, code="NO_SUCH_ACCOUNT", now=time.now)

    account = await fresh(scene.cash)
    assert (account.balance, account.held) == (Decimal(1000), Decimal(0))
    assert await status(withdrawal) is Status.PAY_FAILED
    assert await codes(scene, time.now) == []


@pytest.mark.parametrize("spent", [False, True])
async def test_paid_after_all_it_is_taken_after_all(scene: Scene, time: Clock, spent: bool) -> None:
    withdrawal = await approved(scene, 300, time.now)
    await say(withdrawal.id, ok=False, code="OOPS", now=time.now)
    if spent:
        await move((scene.cash.id, -900), (scene.own.id, 900), now=time.now)

    await say(withdrawal.id, reference="P1", now=time.now)

    if spent:
        assert await balance(scene.cash) == 100
        assert (await history(withdrawal.id))[-1] == "paid_uncovered"
    else:
        assert await balance(scene.cash) == 700
        assert await status(withdrawal) is Status.PAID
    await assert_sound()


async def paid_in(scene: Scene, channel: RechargeChannel, now: Any) -> Recharge:
    recharge = await recharging.create(
        viewer=scene.by,
        method=RechargeMethod.BANK_TRANSFER
        if channel is RechargeChannel.WIRE
        else RechargeMethod.ONLINE,
        channel=channel,
        amount=Decimal(100),
        now=now,
    )
    await say(recharge.id, reference=f"R-{channel}", now=now)
    return recharge


@pytest.mark.parametrize(
    ("channel", "days", "is_open"),
    [
        (RechargeChannel.ALIPAY, 333, True),
        (RechargeChannel.ALIPAY, 336, False),
        (RechargeChannel.WECHAT, 333, True),
        (RechargeChannel.UNIONPAY, 88, True),
        (RechargeChannel.UNIONPAY, 93, False),
        (RechargeChannel.WIRE, 5000, True),
    ],
)
async def test_money_goes_back_the_way_it_came_for_a_time(
    scene: Scene, time: Clock, channel: RechargeChannel, days: int, is_open: bool
) -> None:
    recharge = await paid_in(scene, channel, time.now)
    later = time.now + timedelta(days=days)

    call = submit(
        scene,
        100,
        later,
        kind=WithdrawalKind.ORIGINAL_ROUTE,
        recharge_id=recharge.id,
        to=None,
    )
    if is_open:
        assert (await call).recharge_id == recharge.id
    else:
        with pytest.raises(OriginalRouteClosed) as refused:
            await call
        assert refused.value.left == 0
        assert await Withdrawal.all().count() == 0


async def test_what_went_back_does_not_go_back_again(scene: Scene, time: Clock) -> None:
    recharge = await paid_in(scene, RechargeChannel.ALIPAY, time.now)
    by_route = {
        "kind": WithdrawalKind.ORIGINAL_ROUTE,
        "recharge_id": recharge.id,
        "to": None,
    }
    first = await submit(scene, 60, time.now, **by_route)
    await withdrawing.approve(viewer=scene.platform, withdrawal_id=first.id, now=time.now)
    await say(first.id, reference="P1", now=time.now)

    with pytest.raises(OriginalRouteClosed) as refused:
        await submit(scene, "40.01", time.now, **by_route)

    assert refused.value.left == 40
    assert (await submit(scene, 40, time.now, **by_route)).amount == 40


async def test_what_a_reseller_paid_in_does_not_go_back_from_its_distributors_money(
    time: Clock,
) -> None:
    """The distributor sees its resellers' recharges, so that it can name one."""
    distributor = await a_distributor()
    cash = await an_account(distributor, 1000, now=time.now)
    recharge = await recharging.record(
        viewer=await a_staff_viewer(Item.FUNDS_REVIEW),
        partner_id=(await a_partner("Branch", distributor=distributor)).id,
        amount=Decimal(100),
        reference="B1",
        now=time.now,
    )

    with pytest.raises(OriginalRouteClosed) as refused:
        await withdrawing.submit(
            viewer=await an_administrator(distributor),
            kind=WithdrawalKind.ORIGINAL_ROUTE,
            recharge_id=recharge.id,
            amount=Decimal(100),
            now=time.now,
        )

    assert refused.value.left == 0
    assert (await fresh(cash)).held == 0


async def test_a_bank_that_is_not_named_is_blamed_by_its_field(scene: Scene, time: Clock) -> None:
    with pytest.raises(InvalidInput) as refused:
        await submit(scene, 1, time.now, to=BankAccount(bank=" ", name="Acme", number="6222"))

    assert refused.value.path == ("input", "bankAccount", "bankName")
    assert await Withdrawal.all().count() == 0


async def test_rebates_come_from_the_reward_account(scene: Scene, time: Clock) -> None:
    reward = await an_account(scene.partner, 70, kind=AccountKind.REWARD, now=time.now)

    withdrawal = await submit(scene, 70, time.now, kind=WithdrawalKind.REBATE)

    assert withdrawal.account_id == reward.id
    assert (await fresh(reward)).held == 70
    assert (await fresh(scene.cash)).held == 0


async def test_who_may_not_take_money_out_does_not(scene: Scene, time: Clock) -> None:
    _, manager = await a_manager(scene.partner)
    for viewer, problem in ((manager, Forbidden), (scene.platform, OnlyForItself)):
        with pytest.raises(problem):
            await submit(scene, 1, time.now, viewer=viewer)
    with pytest.raises(InvalidInput):
        await submit(scene, 1, time.now, to=None)
    withdrawal = await submit(scene, 1, time.now)
    with pytest.raises(Forbidden):
        await withdrawing.approve(viewer=scene.by, withdrawal_id=withdrawal.id, now=time.now)

    assert await LedgerHold.all().count() == 1


@pytest.mark.parametrize("approval_first", [True, False])
async def test_approved_as_it_is_refused(scene: Scene, time: Clock, approval_first: bool) -> None:
    withdrawal = await submit(scene, 300, time.now)
    calls: list[Any] = [
        withdrawing.approve(viewer=scene.platform, withdrawal_id=withdrawal.id, now=time.now),
        withdrawing.reject(
            viewer=scene.platform, withdrawal_id=withdrawal.id, reason="No.", now=time.now
        ),
    ]

    done = await at_once(*(calls if approval_first else reversed(calls)), while_locked=withdrawal)

    assert isinstance(done[1], WrongStatus)
    assert await status(withdrawal) is (Status.APPROVED if approval_first else Status.REJECTED)
    assert (await fresh(scene.cash)).held == (300 if approval_first else 0)
