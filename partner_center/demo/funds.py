"""The demo's money: what came by bank, what customers were given, and what is to go out again."""

from datetime import datetime
from decimal import Decimal
from random import Random

from domain.funds import allocating, crediting, recharging, withdrawing
from domain.funds.withdrawing import BankAccount
from domain.identity.items import Item
from domain.identity.viewer import Viewer, ViewerKind
from models.customers import AssociationType, Customer
from models.funds import WithdrawalKind
from partner_center.demo.people import SEED, Cast, House
from partner_center.demo.stories import DAY

PLATFORM = Viewer(
    kind=ViewerKind.STAFF, display_name="平台财务", items=frozenset({Item.FUNDS_REVIEW})
)
MOST_CLIENTS = 4


async def load_funds(cast: Cast, *, now: datetime) -> None:
    """Let all of it happen, up to this moment; the orders of the demo are paid from it."""
    dice = Random(SEED + 29)
    for place, house in enumerate(cast.houses):
        await _of_house(house, place, dice, now)


async def _of_house(house: House, place: int, dice: Random, now: datetime) -> None:
    """A transfer, allocations, one of which is taken back in part; here and there a withdrawal."""
    since = now - 20 * DAY
    await recharging.record(
        viewer=PLATFORM,
        partner_id=house.partner.id,
        amount=Decimal(dice.randrange(20, 80) * 10_000),
        reference=f"ICBC-{place:04}-{dice.randrange(10**8):08}",
        now=since,
    )
    clients = await Customer.filter(partner_id=house.partner.id).order_by("id")
    agency = [each for each in clients if each.association_type is AssociationType.AGENCY]
    referral = [each for each in clients if each.association_type is AssociationType.REFERRAL]
    for client in agency[:MOST_CLIENTS]:
        moment = max(since, client.listed_at) + (now - max(since, client.listed_at)) / 3
        await allocating.allocate(
            viewer=house.administrator,
            customer_id=client.id,
            amount=Decimal(dice.randrange(5, 50) * 1000),
            note="云资源消费预算",
            now=moment,
        )
    if agency:
        await allocating.recover(
            viewer=house.administrator,
            customer_id=agency[0].id,
            amount=Decimal(dice.randrange(10, 40) * 100),
            note="项目结束,回收余额",
            now=now - DAY / 2,
        )
    for number, client in enumerate(referral[:2]):
        await recharging.record(
            viewer=PLATFORM,
            customer_id=client.id,
            amount=Decimal(dice.randrange(2, 20) * 10_000),
            reference=f"CMB-{place:04}-{number}",
            now=since,
        )
    if referral and place % 3 == 0:
        await crediting.set_limit(
            viewer=PLATFORM,
            customer_id=referral[0].id,
            limit=Decimal(50_000),
            reason="客户信用评估通过",
            now=since,
        )
    if place % 4 == 1:
        await _withdraw(house, place, dice, now)


async def _withdraw(house: House, place: int, dice: Random, now: datetime) -> None:
    """One that was refused, and one that waits for the platform's review."""
    card = BankAccount(
        bank="中国工商银行", name=house.partner.name, number=f"62220200{dice.randrange(10**8):08}"
    )
    for days, refusal in ((9, "银行账户户名与认证信息不一致。"), (1, None)):
        moment = now - days * DAY
        withdrawal = await withdrawing.submit(
            viewer=house.administrator,
            kind=WithdrawalKind.BANK_CARD,
            amount=Decimal(dice.randrange(1, 9) * 1000),
            to=card,
            now=moment,
        )
        if refusal is not None:
            await withdrawing.reject(
                viewer=PLATFORM, withdrawal_id=withdrawal.id, reason=refusal, now=moment + DAY
            )
