"""What a house has of money: something in every state, marked by its name."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from decimal import Decimal

from domain.funds import adjusting, allocating, crediting, recharging, withdrawing
from domain.funds.withdrawing import BankAccount
from domain.identity.items import Item
from domain.identity.viewer import Viewer, ViewerKind
from kit.ids import new_id
from models.associations import AuthorizationStatus, OnBehalfAuthorization, OnBehalfScope
from models.consumption import PartnerBill
from models.customers import AssociationType, Customer
from models.funds import Recharge, RechargeChannel, RechargeMethod, Withdrawal, WithdrawalKind
from models.ledger import AccountKind, LedgerAccount
from models.partners import Partner
from models.usage import UsageImport
from tests.customers.factories import a_customer
from tests.funds.factories import say
from tests.walls import world_orders, world_vouchers
from tests.walls.world_offers import Market

PLATFORM = Viewer(
    kind=ViewerKind.STAFF,
    display_name="Cashier",
    person_id=new_id(),
    items=frozenset({Item.FUNDS_REVIEW}),
)


async def furnish(
    house: str, partner: Partner, *, by: Viewer, market: Market, now: datetime
) -> None:
    """A customer that pays for itself, a ward whose partner pays, and all that both have."""
    word = house.lower()
    customers = {}
    for name, type in (("payer", AssociationType.REFERRAL), ("ward", AssociationType.AGENCY)):
        customers[name] = await a_customer(
            f"{house} {name}",
            of=partner,
            type=type,
            account_name=f"{word}_{name}",
            email=f"{name}@{word}-customer.example",
        )
    desk = _Desk(house, partner, by, customers["payer"], customers["ward"], now)
    await desk.furnish()
    await world_vouchers.furnish(house, partner, by=by, payer=desk.payer, ward=desk.ward, now=now)
    await world_orders.furnish(house, payer=desk.payer, ward=desk.ward, market=market, now=now)


def user_of(house: str, customer: Customer) -> Viewer:
    """Somebody of the customer."""
    return Viewer(
        kind=ViewerKind.CUSTOMER,
        display_name=f"{house} buyer",
        person_id=new_id(),
        customer_id=customer.id,
    )


class _Desk:
    def __init__(
        self,
        house: str,
        partner: Partner,
        by: Viewer,
        payer: Customer,
        ward: Customer,
        now: datetime,
    ) -> None:
        self._house, self._partner, self._by, self._now = house, partner, by, now
        self.payer, self.ward = payer, ward
        self._buyer = user_of(house, payer)

    async def furnish(self) -> None:
        await self._leave()
        await self._recharges()
        await self._withdrawals()
        await self._moves()
        await self._month()

    async def _leave(self) -> None:
        """To order for the ward; how it is asked for and given stands in world_changes."""
        assert self.ward.association_id is not None
        await OnBehalfAuthorization.create(
            id=new_id(),
            created_at=self._now,
            customer_id=self.ward.id,
            partner_id=self._partner.id,
            association_id=self.ward.association_id,
            scopes=[OnBehalfScope.ORDER.value],
            status=AuthorizationStatus.GRANTED,
            requested_by=new_id(),
            granted_at=self._now,
        )

    async def _recharges(self) -> None:
        for state in ("waiting", "failed", "credited"):
            for viewer in (self._by, self._buyer):
                recharge = await self._recharge(viewer)
                if state == "failed":
                    await say(recharge.id, ok=False, code="NO_MONEY", now=self._now)
                elif state == "credited":
                    await recharging.record(
                        viewer=PLATFORM,
                        recharge_id=recharge.id,
                        amount=Decimal("9000.00"),
                        reference=f"{self._house}-{recharge.number}",
                        now=self._now,
                    )
        await recharging.create(
            viewer=self._buyer,
            method=RechargeMethod.ONLINE,
            channel=RechargeChannel.ALIPAY,
            amount=Decimal("10.00"),
            now=self._now,
        )

    async def _recharge(self, viewer: Viewer) -> Recharge:
        return await recharging.create(
            viewer=viewer,
            method=RechargeMethod.BANK_TRANSFER,
            channel=None,
            amount=Decimal("9000.00"),
            now=self._now,
        )

    async def _withdrawals(self) -> None:
        for state in ("rejected", "deleted", "paid", "failed"):
            withdrawal = await self._withdrawal(self._by)
            if state in ("rejected", "deleted"):
                await withdrawing.reject(
                    viewer=PLATFORM,
                    withdrawal_id=withdrawal.id,
                    reason=f"{self._house} has another name",
                    now=self._now,
                )
            if state == "deleted":
                await withdrawing.delete(
                    viewer=self._by, withdrawal_id=withdrawal.id, now=self._now
                )
            if state in ("paid", "failed"):
                await self._approve(withdrawal)
                is_paid = state == "paid"
                await say(
                    withdrawal.id,
                    ok=is_paid,
                    reference=f"{self._house}-payout" if is_paid else None,
                    code=None if is_paid else "NO_SUCH_ACCOUNT",
                    now=self._now,
                )
        # The partner's own way stays open: one withdrawal of an account is in process at a time.
        await self._withdrawal(self._buyer)

    async def _withdrawal(self, viewer: Viewer) -> Withdrawal:
        return await withdrawing.submit(
            viewer=viewer,
            kind=WithdrawalKind.BANK_CARD,
            amount=Decimal("10.00"),
            to=BankAccount(
                bank=f"Savings of {self._house}",
                name=f"{self._house} Trust",
                number=f"6333{self._partner.id.int % 10**12:012}",
            ),
            now=self._now,
        )

    async def _approve(self, withdrawal: Withdrawal) -> None:
        await withdrawing.approve(viewer=PLATFORM, withdrawal_id=withdrawal.id, now=self._now)

    async def _moves(self) -> None:
        """Of money that goes to and fro, with what people said about it."""
        move: Callable[..., Awaitable[object]]
        for number, (move, amount) in enumerate(
            ((allocating.allocate, "3000.00"), (allocating.recover, "20.00"))
        ):
            await move(
                viewer=self._by,
                customer_id=self.ward.id,
                amount=Decimal(amount),
                trans_id=f"{self._house}-T{number}",
                note=f"{self._house} pocket money",
                now=self._now,
            )
        reason = f"{self._house} was mistaken"
        await adjusting.adjust(
            viewer=PLATFORM,
            partner_id=self._partner.id,
            kind=AccountKind.REWARD,
            amount=Decimal("50.00"),
            reason=reason,
            now=self._now,
        )
        await adjusting.move_deposit(
            viewer=PLATFORM,
            partner_id=self._partner.id,
            amount=Decimal("100.00"),
            reason=reason,
            now=self._now,
        )
        await crediting.set_limit(
            viewer=PLATFORM,
            customer_id=self.payer.id,
            limit=Decimal("5000.00"),
            reason=reason,
            now=self._now,
        )
        cash = await LedgerAccount.get(partner_id=self._partner.id, kind=AccountKind.CASH)
        await adjusting.set_facts(
            viewer=PLATFORM,
            account_id=cash.id,
            designated=Decimal("5.00"),
            reason=reason,
            now=self._now,
        )

    async def _month(self) -> None:
        """As a month's end and a merchant's file leave them."""
        await PartnerBill.create(
            created_at=self._now,
            partner_id=self._partner.id,
            period="2029-12",
            consumption_amount=Decimal("40.00"),
            refund_amount=Decimal("-10.00"),
            adjustment_amount=Decimal("0.00"),
            total_amount=Decimal("30.00"),
            records=3,
        )
        await UsageImport.create(
            created_at=self._now,
            partner_id=self._partner.id,
            file_id=new_id(),
            file_name=f"{self._house}.jsonl",
            lines=1,
            added=1,
            repeated=0,
            failed=0,
            charged_amount=Decimal("40.00"),
            debt_amount=Decimal("0.00"),
        )
