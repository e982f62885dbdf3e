"""By which way each amount goes back: to the account or coupon that it came from."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.funds import aftermath
from domain.identity.viewer import Viewer
from domain.ledger import accounts, posting
from domain.ledger.posting import Leg
from domain.vouchers import redeeming
from domain.vouchers.redeeming import GiveBack
from kit.money import Money
from models.ledger import Book, LedgerAccountKind, TradeType
from models.orders import Order
from models.payments import Instrument, PaymentPart
from models.refunds import Refund, RefundKind, RefundPart, Returned

_COUPONS = (Instrument.VOUCHER, Instrument.CASH_COUPON, Instrument.STORED_VALUE_CARD)


async def give_back(
    refund: Refund, order: Order, parts: Sequence[RefundPart], *, viewer: Viewer, now: datetime
) -> None:
    """Give every part back: coupons first, then money in one transfer; the customer is held.

    Cash goes to the customer's account, and on to the partner that had given it in an association
    which is over (C-21); what the partner has paid goes to the partner's, credit to what is owed
    still and else to the customer's cash. A coupon that is over keeps what it gets (5.11).
    """
    payments = {
        payment.id: payment
        for payment in await PaymentPart.filter(id__in=[part.part_id for part in parts])
    }
    to_come = [part for part in parts if part.amount]
    for part in sorted(to_come, key=lambda each: payments[each.part_id].coupon_id or each.id):
        if part.instrument in _COUPONS:
            await _by_coupon(refund, order, part, payments[part.part_id], viewer, now)
    money = [part for part in to_come if part.instrument not in _COUPONS]
    if money:
        await _by_accounts(refund, order, money, payments, viewer, now)
    for part in parts:
        await part.save(update_fields=["returned", "returned_amount", "transfer_id"])


async def _by_coupon(
    refund: Refund,
    order: Order,
    part: RefundPart,
    payment: PaymentPart,
    viewer: Viewer,
    now: datetime,
) -> None:
    assert payment.coupon_id is not None
    is_early = refund.kind == RefundKind.NOT_EFFECTIVE
    answer = await redeeming.give_back(
        coupon_id=payment.coupon_id,
        order_id=order.id,
        amount=Money(part.amount, part.currency),
        why=GiveBack.NOT_DELIVERED if is_early else GiveBack.REFUND,
        viewer=viewer,
        now=now,
    )
    part.returned = Returned(answer.to.value)
    part.returned_amount = Decimal(0) if part.returned == Returned.LOST else answer.amount.amount


async def _by_accounts(
    refund: Refund,
    order: Order,
    parts: Sequence[RefundPart],
    payments: Mapping[UUID, PaymentPart],
    viewer: Viewer,
    now: datetime,
) -> None:
    cash = await accounts.of_customer(refund.customer_id, LedgerAccountKind.CASH, now=now)
    ids = {payments[part.part_id].account_id for part in parts} | {cash.id}
    held = await accounts.lock_all(id for id in ids if id is not None)
    legs = []
    for part in parts:
        account_id = payments[part.part_id].account_id
        assert account_id is not None
        amount = Money(part.amount, part.currency)
        if part.instrument == Instrument.CREDIT:
            # More than is owed can't come back as credit: it was repaid in cash.
            owed = Money(max(-held[account_id].balance, Decimal(0)), part.currency)
            repaid = max((amount - owed).amount, Decimal(0))
            legs.append(Leg(cash.id, Money(repaid, part.currency)))
            amount -= Money(repaid, part.currency)
        legs.append(Leg(account_id, amount))
        is_partners = part.instrument == Instrument.PARTNER_BALANCE
        part.returned = Returned.PARTNER if is_partners else Returned.CUSTOMER
        part.returned_amount = part.amount
    whole = sum((leg.amount for leg in legs), Money(Decimal(0), refund.currency))
    transfer = await posting.post(
        kind=TradeType.REFUND,
        legs=[*legs, Leg(accounts.book(Book.SALES), -whole)],
        subject_type="refund",
        subject_id=refund.id,
        customer_id=refund.customer_id,
        viewer=viewer,
        now=now,
    )
    for part in parts:
        part.transfer_id = transfer.id
        if part.instrument == Instrument.CASH:
            await _to_former_partner(refund, order, part, now)


async def _to_former_partner(refund: Refund, order: Order, part: RefundPart, now: datetime) -> None:
    assert order.paid_at is not None
    went_on = await aftermath.recover_refunded(
        customer_id=refund.customer_id, paid_at=order.paid_at, amount=part.amount, now=now
    )
    if went_on == part.amount:
        part.returned = Returned.PARTNER
