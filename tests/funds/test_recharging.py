"""Money comes in: at once, late, twice, with an error after the fact, or never (F-02, F-03)."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.funds import adjusting, deadlines, recharging
from domain.funds.effects import LANDED, Landed
from domain.funds.owners import MoneyOfThePartner, OnlyForItself, Owner
from domain.identity.items import Item
from domain.ledger.posting import DuplicateTransId
from kit.money import Money
from kit.problems import Forbidden, InvalidInput
from kit.transaction import transactional
from models.customers import Customer
from models.funds import Recharge, RechargeChannel, RechargeMethod, RechargeStatus
from models.ledger import AccountKind, LedgerEntry
from models.timers import Timer
from models.upstream import System
from tests.conftest import Clock
from tests.customers.factories import a_manager, a_user_of
from tests.factories import a_staff_viewer
from tests.funds.conftest import Scene
from tests.funds.factories import asked_for, history, say
from tests.ledger.factories import assert_sound, balance
from tests.races import at_once

pytestmark = pytest.mark.usefixtures("database")

DAY = timedelta(hours=24)


async def online(scene: Scene, now: Any, amount: Any = 200) -> Recharge:
    """Pearl announces an online payment."""
    return await recharging.create(
        viewer=scene.buyer,
        method=RechargeMethod.ONLINE,
        channel=RechargeChannel.ALIPAY,
        amount=Decimal(amount),
        now=now,
    )


@transactional
async def expire(recharge: Recharge, now: Any) -> None:
    await Recharge.select_for_update(no_key=True).get(id=recharge.id)
    await deadlines.expire(subject_ids=[recharge.id], now=now)


async def fresh(recharge: Recharge) -> Recharge:
    return await Recharge.get(id=recharge.id)


async def test_a_payment_is_asked_for_and_credited_when_it_comes(scene: Scene, time: Clock) -> None:
    recharge = await online(scene, time.now)
    request = await asked_for(recharge.id)
    assert (request.system, request.payload["amount"]) == (System.ONLINE_PAYMENT, "200.00")
    assert await balance(scene.own) == 0

    await say(recharge.id, reference="A1", now=time.now)

    done = await fresh(recharge)
    assert (done.status, done.reference) == (RechargeStatus.CREDITED, "A1")
    assert (done.credited_amount, await balance(scene.own)) == (Decimal(200), Decimal(200))
    assert await history(recharge.id) == ["created", "credited"]
    await assert_sound()


async def test_an_answer_that_comes_twice_credits_once(scene: Scene, time: Clock) -> None:
    recharge = await online(scene, time.now)

    await say(recharge.id, reference="A1", now=time.now)
    await say(recharge.id, reference="A1", now=time.now)
    await say(recharge.id, reference="A1", facts={"again": True}, now=time.now)

    assert await balance(scene.own) == 200
    assert await LedgerEntry.filter(account_id=scene.own.id).count() == 1


async def test_the_same_page_paid_twice_is_credited_twice(scene: Scene, time: Clock) -> None:
    recharge = await online(scene, time.now)

    await say(recharge.id, reference="A1", now=time.now)
    await say(recharge.id, reference="A2", now=time.now)

    done = await fresh(recharge)
    assert (done.reference, done.credited_amount) == ("A1", Decimal(400))
    assert await balance(scene.own) == 400


async def test_an_error_after_the_money_has_come_changes_nothing(scene: Scene, time: Clock) -> None:
    recharge = await online(scene, time.now)

    await say(recharge.id, reference="A1", now=time.now)
    await say(recharge.id, ok=False, code="OOPS", now=time.now)

    assert (await fresh(recharge)).status is RechargeStatus.CREDITED
    assert await balance(scene.own) == 200
    assert (await history(recharge.id))[-1] == "error_after_the_fact"


async def test_money_that_comes_after_an_error_is_credited(scene: Scene, time: Clock) -> None:
    recharge = await online(scene, time.now)

    await say(recharge.id, ok=False, code="OOPS", now=time.now)
    failed = await fresh(recharge)
    await say(recharge.id, reference="A1", now=time.now)

    assert (failed.status, failed.failure) == (RechargeStatus.FAILED, "OOPS")
    assert (await fresh(recharge)).status is RechargeStatus.CREDITED
    assert await balance(scene.own) == 200


async def test_what_has_come_counts_and_not_what_was_announced(scene: Scene, time: Clock) -> None:
    recharge = await online(scene, time.now)

    await say(recharge.id, reference="A1", facts={"amount": "199.40"}, now=time.now)

    assert await balance(scene.own) == Decimal("199.40")


async def test_nobody_pays_in_a_day_and_it_is_given_up(scene: Scene, time: Clock) -> None:
    recharge = await online(scene, time.now)
    assert recharge.expires_at == time.now + DAY
    [timer] = await Timer.filter(subject_id=recharge.id, kind=deadlines.EXPIRE)
    assert timer.due_at == recharge.expires_at

    await expire(recharge, time.now + DAY - timedelta(microseconds=1))
    before = (await fresh(recharge)).status
    await expire(recharge, time.now + DAY)

    assert (before, (await fresh(recharge)).status) == (
        RechargeStatus.WAITING,
        RechargeStatus.EXPIRED,
    )
    assert (await history(recharge.id))[-1] == "expired"


@pytest.mark.parametrize("money_first", [True, False])
async def test_it_lands_as_it_is_given_up(scene: Scene, time: Clock, money_first: bool) -> None:
    recharge = await online(scene, time.now)
    calls: list[Any] = [
        say(recharge.id, reference="A1", now=time.now + DAY),
        expire(recharge, time.now + DAY),
    ]

    await at_once(*(calls if money_first else reversed(calls)), while_locked=recharge)

    assert (await fresh(recharge)).status is RechargeStatus.CREDITED
    assert await balance(scene.own) == 200
    assert (await history(recharge.id))[1:] == (
        ["credited"] if money_first else ["expired", "credited"]
    )


async def test_who_announced_it_for_an_order_hears_of_each_payment(
    scene: Scene, time: Clock
) -> None:
    heard: list[Landed] = []

    async def landed(fact: Landed) -> dict[str, Any]:
        heard.append(fact)
        return {}

    @transactional
    async def announce() -> Recharge:
        customer = await Customer.select_for_update(no_key=True).get(id=scene.referral.id)
        return await recharging.announce(
            owner=Owner(customer=customer),
            method=RechargeMethod.ONLINE,
            channel=RechargeChannel.WECHAT,
            amount=Money(Decimal(80), "CNY"),
            plan={"why": "test"},
            viewer=scene.buyer,
            now=time.now,
        )

    recharge = await announce()
    with LANDED.also(test=landed):
        await say(recharge.id, reference="W1", now=time.now)
        await say(recharge.id, reference="W2", now=time.now)

    assert [(fact.recharge_id, fact.amount, fact.plan) for fact in heard] == [
        (recharge.id, Decimal(80), {"why": "test"})
    ] * 2
    assert await balance(scene.own) == 160


async def test_a_bank_transfer_is_booked_by_hand_once_for_its_reference(
    scene: Scene, time: Clock
) -> None:
    given = {"partner_id": scene.partner.id, "amount": Decimal(50), "reference": "B1"}

    one = await recharging.record(viewer=scene.platform, **given, now=time.now)  # type: ignore[arg-type]
    other = await recharging.record(viewer=scene.platform, **given, now=time.now)  # type: ignore[arg-type]
    with pytest.raises(DuplicateTransId):
        await recharging.record(
            viewer=scene.platform,
            **given | {"amount": Decimal(60)},  # type: ignore[arg-type]
            now=time.now,
        )

    assert one.id == other.id
    assert await Recharge.all().count() == 1
    assert await balance(scene.cash) == 1050


async def test_a_reference_that_names_an_adjustment_credits_nothing(
    scene: Scene, time: Clock
) -> None:
    await adjusting.adjust(
        viewer=scene.platform,
        partner_id=scene.partner.id,
        kind=AccountKind.CASH,
        amount=Decimal(50),
        reason="Counted again.",
        trans_id="BANK_TRANSFER:B1",
        now=time.now,
    )

    with pytest.raises(DuplicateTransId):
        await recharging.record(
            viewer=scene.platform,
            partner_id=scene.partner.id,
            amount=Decimal(50),
            reference="B1",
            now=time.now,
        )

    assert await balance(scene.cash) == 1050
    assert await Recharge.all().count() == 0


async def test_booked_by_hand_the_banks_own_word_adds_nothing(scene: Scene, time: Clock) -> None:
    recharge = await recharging.create(
        viewer=scene.by,
        method=RechargeMethod.BANK_TRANSFER,
        channel=None,
        amount=Decimal(70),
        now=time.now,
    )
    assert (await asked_for(recharge.id)).system is System.BANK

    done = await recharging.record(
        viewer=scene.platform,
        recharge_id=recharge.id,
        amount=Decimal(70),
        reference="B7",
        now=time.now,
    )
    await say(recharge.id, reference="B7", now=time.now)

    assert done.id == recharge.id
    assert await balance(scene.cash) == 1070
    assert (await fresh(recharge)).status is RechargeStatus.CREDITED


async def test_of_two_hands_that_book_it_at_once_one_does(scene: Scene, time: Clock) -> None:
    async def book() -> Recharge:
        return await recharging.record(
            viewer=scene.platform,
            partner_id=scene.partner.id,
            amount=Decimal(70),
            reference="B7",
            now=time.now,
        )

    one, other = await at_once(book(), book(), while_locked=scene.cash)

    assert one.id == other.id
    assert await balance(scene.cash) == 1070


async def test_an_agency_customer_asks_its_partner_for_money(scene: Scene, time: Clock) -> None:
    with pytest.raises(MoneyOfThePartner):
        await recharging.create(
            viewer=await a_user_of(scene.customer),
            method=RechargeMethod.ONLINE,
            channel=RechargeChannel.ALIPAY,
            amount=Decimal(1),
            now=time.now,
        )

    assert await Recharge.all().count() == 0


async def test_only_owners_announce_and_only_the_platform_books(scene: Scene, time: Clock) -> None:
    _, manager = await a_manager(scene.partner)
    for viewer, problem in (
        (manager, Forbidden),
        (await a_staff_viewer(Item.FUNDS_REVIEW), OnlyForItself),
    ):
        with pytest.raises(problem):
            await recharging.create(
                viewer=viewer,
                method=RechargeMethod.BANK_TRANSFER,
                channel=None,
                amount=Decimal(1),
                now=time.now,
            )
    with pytest.raises(Forbidden):
        await recharging.record(
            viewer=scene.by,
            partner_id=scene.partner.id,
            amount=Decimal(1),
            reference="B1",
            now=time.now,
        )
    with pytest.raises(InvalidInput):
        await recharging.create(
            viewer=scene.buyer,
            method=RechargeMethod.ONLINE,
            channel=None,
            amount=Decimal(1),
            now=time.now,
        )

    assert await Recharge.all().count() == 0
