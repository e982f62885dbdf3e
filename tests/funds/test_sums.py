"""Whatever people do with money, in whatever order: nothing of it is lost, and none is made."""

from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.associations import ending
from domain.funds import adjusting, allocating, crediting, recharging, withdrawing
from domain.funds.withdrawing import BankAccount
from domain.identity.viewer import SYSTEM
from domain.ledger import accounts, audit, posting
from domain.ledger.posting import Leg
from kit.problems import Problem
from kit.transaction import transactional
from models.customers import AssociationType, Customer
from models.funds import Recharge, RechargeChannel, RechargeMethod, Withdrawal, WithdrawalKind
from models.ledger import AccountKind, Book, TradeType
from tests.conftest import Clock
from tests.funds.conftest import Scene, a_scene
from tests.funds.factories import say
from tests.ledger.factories import assert_sound, yuan

pytestmark = pytest.mark.usefixtures("database")

CARD = BankAccount(bank="Bank", name="Acme", number="6222000011112222")

AMOUNTS = st.decimals(min_value="0.01", max_value="700", places=2)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "allocate",
                "recover",
                "recharge",
                "bank says",
                "limit",
                "spend",
                "spend on credit",
                "repay",
                "adjust",
                "deposit",
                "withdraw",
                "decide",
                "leave",
            ]
        ),
        AMOUNTS,
        st.booleans(),
    ),
    min_size=1,
    max_size=25,
)


class House:
    """Acme and its two customers, and all that they can do with money."""

    def __init__(self, scene: Scene, time: Clock) -> None:
        self.scene = scene
        self.time = time
        self.said = 0

    async def do(self, step: str, amount: Decimal, flag: bool) -> None:
        """One step; a refusal is as good as anything else."""
        self.time.now += timedelta(seconds=1)
        with suppress(Problem):
            await getattr(self, step.replace(" ", "_"))(amount, flag)
        await assert_sound()

    async def allocate(self, amount: Decimal, flag: bool) -> None:
        await allocating.allocate(
            viewer=self.scene.by,
            customer_id=self.scene.customer.id,
            amount=amount,
            trans_id="once" if flag else None,
            now=self.time.now,
        )

    async def recover(self, amount: Decimal, flag: bool) -> None:
        await allocating.recover(
            viewer=self.scene.by,
            customer_id=self.scene.customer.id,
            amount=amount,
            now=self.time.now,
        )

    async def recharge(self, amount: Decimal, flag: bool) -> None:
        await recharging.create(
            viewer=self.scene.buyer if flag else self.scene.by,
            method=RechargeMethod.ONLINE,
            channel=RechargeChannel.ALIPAY,
            amount=amount,
            now=self.time.now,
        )

    async def bank_says(self, amount: Decimal, flag: bool) -> None:
        """Yes or no to anything that it was ever asked, as if for the first time."""
        mine = {"account_id__in": [self.scene.cash.id, self.scene.own.id]}
        asked: list[Any] = [
            *await Recharge.filter(**mine).order_by("id"),
            *await Withdrawal.filter(**mine, decided_at__not_isnull=True)
            .exclude(status="REJECTED")
            .order_by("id"),
        ]
        if asked:
            self.said += 1
            about = asked[self.said % len(asked)]
            await say(
                about.id,
                ok=flag,
                reference=f"{about.number}-{self.said % 3}" if flag else None,
                code=None if flag else "NO",
                facts={"said": self.said},
                now=self.time.now,
            )

    async def limit(self, amount: Decimal, flag: bool) -> None:
        await crediting.set_limit(
            viewer=self.scene.platform,
            customer_id=self.scene.referral.id,
            limit=amount if flag else Decimal(0),
            reason="agreed",
            now=self.time.now,
        )

    @transactional
    async def spend(self, amount: Decimal, flag: bool) -> None:
        await self._pay(self.scene.purse.id if flag else self.scene.own.id, amount)

    @transactional
    async def spend_on_credit(self, amount: Decimal, flag: bool) -> None:
        account = await accounts.of_customer(
            self.scene.referral.id, AccountKind.CREDIT, now=self.time.now
        )
        await self._pay(account.id, amount)

    async def _pay(self, account_id: Any, amount: Decimal) -> None:
        sales = accounts.book(Book.SALES)
        await posting.post(
            kind=TradeType.PAYMENT,
            legs=[Leg(account_id, -yuan(amount)), Leg(sales, yuan(amount))],
            subject_type="order",
            subject_id=self.scene.partner.id,
            viewer=SYSTEM,
            now=self.time.now,
        )

    async def repay(self, amount: Decimal, flag: bool) -> None:
        await crediting.repay(viewer=self.scene.buyer, amount=amount, now=self.time.now)

    async def adjust(self, amount: Decimal, flag: bool) -> None:
        await adjusting.adjust(
            viewer=self.scene.platform,
            customer_id=self.scene.referral.id,
            kind=AccountKind.CASH,
            amount=amount if flag else -amount,
            reason="counted again",
            now=self.time.now,
        )

    async def deposit(self, amount: Decimal, flag: bool) -> None:
        await adjusting.move_deposit(
            viewer=self.scene.platform,
            partner_id=self.scene.partner.id,
            amount=amount if flag else -amount,
            reason="as agreed",
            now=self.time.now,
        )

    async def withdraw(self, amount: Decimal, flag: bool) -> None:
        await withdrawing.submit(
            viewer=self.scene.buyer if flag else self.scene.by,
            kind=WithdrawalKind.BANK_CARD,
            amount=amount,
            to=CARD,
            now=self.time.now,
        )

    async def decide(self, amount: Decimal, flag: bool) -> None:
        waiting = await Withdrawal.filter(
            status="SUBMITTED", account_id__in=[self.scene.cash.id, self.scene.own.id]
        ).first()
        if waiting is None:
            return
        given: dict[str, Any] = {
            "viewer": self.scene.platform,
            "withdrawal_id": waiting.id,
            "now": self.time.now,
        }
        if flag:
            await withdrawing.approve(**given)
        else:
            await withdrawing.reject(reason="No.", **given)

    @transactional
    async def leave(self, amount: Decimal, flag: bool) -> None:
        customer = await Customer.select_for_update(no_key=True).get(id=self.scene.customer.id)
        if customer.partner_id is not None and customer.association_type is AssociationType.AGENCY:
            await ending.switch(
                customer,
                to_type=AssociationType.REFERRAL,
                viewer=SYSTEM,
                now=self.time.now,
            )


@given(steps=STEPS)
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_nothing_is_lost_or_made(time: Clock, steps: list[tuple[str, Decimal, bool]]) -> None:
    house = House(await a_scene(time), time)

    for step, amount, flag in steps:
        await house.do(step, amount, flag)

    done = await audit.audit(scheduled_for=time.now, now=time.now)
    assert done.differences == []
