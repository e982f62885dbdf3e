"""A shop with goods, a partner, a buyer and its money; name only what the test is about."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

from domain.funds import landing
from domain.identity.viewer import SYSTEM, Viewer
from domain.ledger import accounts, posting
from domain.ledger.accounts import Book
from domain.ledger.posting import Leg
from domain.orders import deadlines, online, placing
from domain.orders.wishes import Wanted
from kit import database, ids
from kit.money import Money
from kit.transaction import lock, transactional
from models.audit import Event
from models.customers import AssociationType, Customer
from models.funds import Recharge, RechargeChannel
from models.ledger import AccountKind, LedgerAccount, TradeType
from models.orders import Order, OrderLine
from models.partners import Partner
from models.payments import OnlinePayment, PaymentPart, PaymentShare
from models.vouchers import Coupon, CouponKind
from tests.customers.factories import a_user_of
from tests.requirements.factories import Sale, a_sale

_serial = count(1)

CASH, CREDIT = AccountKind.CASH, AccountKind.CREDIT


@dataclass
class Shop(Sale):
    """A joint sale's people and goods, at 1000, and the customer's user."""

    buyer: Viewer

    def line(self, quantity: int = 1, **more: Any) -> Wanted:
        """So many of the shop's SKU."""
        facts: dict[str, Any] = {"sku_id": self.sku.id, "quantity": quantity}
        return Wanted(**(facts | more))


async def a_shop(
    *,
    type: AssociationType = AssociationType.REFERRAL,
    partner: Partner | None = None,
    price: str = "1000.00",
    **policy: Any,
) -> Shop:
    """Acme is in the programme, Yangtze its customer; Ink & Paper sells a year of its service."""
    sale = await a_sale(type=type, partner=partner, price=price, **policy)
    return await shop_of(sale)


async def shop_of(sale: Sale) -> Shop:
    """With a buyer."""
    return Shop(**vars(sale), buyer=await a_user_of(sale.customer))


async def place(shop: Shop, *lines: Wanted, now: datetime, **more: Any) -> Order:
    """The customer orders these lines, one of the shop's SKU if none are named."""
    return await placing.place(viewer=shop.buyer, lines=lines or [shop.line()], now=now, **more)


@transactional
async def fund(
    who: Customer | Partner, amount: str, *, kind: AccountKind = CASH, now: datetime
) -> LedgerAccount:
    """Money from outside on an account."""
    account = await account_of(who, kind, now=now)
    await posting.post(
        kind=TradeType.RECHARGE,
        legs=[
            Leg(account.id, Money(Decimal(amount), "CNY")),
            Leg(accounts.book(Book.OUTSIDE), Money(-Decimal(amount), "CNY")),
        ],
        subject_type="test",
        subject_id=who.id,
        viewer=SYSTEM,
        now=now,
    )
    return account


async def lend(customer: Customer, limit: str, *, now: datetime) -> LedgerAccount:
    """Credit that the customer may use."""
    account = await account_of(customer, CREDIT, now=now)
    await database.execute(
        "update ledger_account set credit_limit = $2 where id = $1", account.id, Decimal(limit)
    )
    return account


async def account_of(
    who: Customer | Partner, kind: AccountKind = CASH, *, now: datetime
) -> LedgerAccount:
    """The account, opened if need be."""
    if isinstance(who, Customer):
        return await accounts.of_customer(who.id, kind, now=now)
    return await accounts.of_partner(who.id, kind, now=now)


async def balance(who: Customer | Partner, kind: AccountKind = CASH) -> Decimal:
    """What is on the account; 0 where there is none."""
    owner: dict[str, Any] = (
        {"customer_id": who.id} if isinstance(who, Customer) else {"partner_id": who.id}
    )
    account = await LedgerAccount.get_or_none(kind=kind, **owner)
    return account.balance if account else Decimal(0)


async def fresh(order: Order) -> Order:
    """The row as it stands in the table."""
    return await Order.get(id=order.id)


async def lines_of(order: Order) -> list[OrderLine]:
    """Its lines in their order."""
    return await OrderLine.filter(order_id=order.id).order_by("position")


async def parts_of(order: Order) -> list[tuple[str, Decimal]]:
    """What paid it: the instruments and their amounts."""
    parts = await PaymentPart.filter(order_id=order.id).order_by("position")
    return [(part.instrument.value, part.amount) for part in parts]


async def shares_of(order: Order) -> dict[UUID, dict[UUID, Decimal]]:
    """By part and line: how much of it."""
    found: dict[UUID, dict[UUID, Decimal]] = {}
    for part in await PaymentPart.filter(order_id=order.id):
        shares = await PaymentShare.filter(part_id=part.id)
        found[part.id] = {share.line_id: share.amount for share in shares}
    return found


async def assert_sound(order: Order) -> None:
    """Parts add up to what is due, and shares both to their parts and to their lines."""
    order = await fresh(order)
    parts = await PaymentPart.filter(order_id=order.id)
    assert sum((part.amount for part in parts), Decimal(0)) == order.due_amount
    shares = await shares_of(order)
    for part in parts:
        assert sum(shares[part.id].values(), Decimal(0)) == part.amount
    for line in await lines_of(order):
        paid = sum((of_part.get(line.id, Decimal(0)) for of_part in shares.values()), Decimal(0))
        assert paid == line.due_amount
    await assert_books_add_up()


async def assert_books_add_up() -> None:
    """What one account has, others lack; and each has the sum of its entries."""
    [row] = await database.rows("select coalesce(sum(amount), 0) as whole from ledger_entry")
    assert row["whole"] == 0
    wrong = await database.rows(
        "select a.id from ledger_account a where a.kind <> 'BOOK' and a.balance <> coalesce("
        "(select sum(e.amount) from ledger_entry e where e.account_id = a.id), 0)"
    )
    assert wrong == []


async def history(order: Order, seen_by: Partner | None = None) -> list[str]:
    """What happened to it, as it stands in the log of the customer's partner, or of this one."""
    tenant = seen_by.id if seen_by else order.partner_id or UUID(int=0)
    events = await Event.filter(subject_id=order.id, tenant_id=tenant).order_by("id")
    return [event.name.partition(".")[2] for event in events]


def ord_(order: Order) -> str:
    """The id of an order as the API writes it."""
    return ids.encode("ord", order.id)


async def a_coupon(
    customer: Customer,
    value: str,
    *,
    kind: CouponKind = CouponKind.VOUCHER,
    now: datetime,
    **facts: Any,
) -> Coupon:
    """Of the platform, for whatever goods, for thirty days; a card or cash coupon counts."""
    counts = kind is not CouponKind.VOUCHER
    number = next(_serial)
    told: dict[str, Any] = {
        "created_at": now,
        "number": f"C{number:06}",
        "kind": kind,
        "customer_id": customer.id,
        "face_value": Decimal(value),
        "balance": Decimal(value),
        "counts_performance": counts,
        "effective_at": now,
        "expires_at": now + timedelta(days=30),
    }
    return await Coupon.create(**(told | facts))


async def begin(order: Order, shop: Shop, now: Any, **more: Any) -> OnlinePayment:
    """The customer is sent to Alipay, to pay there."""
    return await online.begin(
        viewer=shop.buyer, order_id=order.id, channel=RechargeChannel.ALIPAY, now=now, **more
    )


@transactional
async def land(
    payment: OnlinePayment, now: Any, *, amount: str | None = None, reference: str = "A1"
) -> None:
    """The payment system says that money has come."""
    recharge = await Recharge.get(id=payment.recharge_id)
    assert recharge.customer_id is not None
    await lock(Customer, id=recharge.customer_id)
    await landing.credit(
        recharge,
        amount=Money(Decimal(amount) if amount else recharge.amount, "CNY"),
        reference=reference,
        viewer=SYSTEM,
        now=now,
    )


async def state_of(payment: OnlinePayment) -> tuple[str, str | None]:
    """What became of it, and why it failed."""
    found = await OnlinePayment.get(id=payment.id)
    return found.state.value, found.failure


@transactional
async def expire(order: Order, now: Any) -> None:
    """What the worker does to it when the time to pay is over."""
    await Order.select_for_update(no_key=True).get(id=order.id)
    await deadlines.expire(subject_ids=[order.id], now=now)


_EVERYTHING = """
select (select count(*) from ledger_entry) as entries,
  (select count(*) from payment_part) as parts, (select count(*) from payment_share) as shares,
  (select count(*) from event) as events, (select count(*) from upstream_request) as asked,
  (select count(*) from exclusive_offer) as offers, (select sum(balance) from coupon) as coupons,
  (select count(*) from customer_binding) as bindings,
  (select count(*) from coupon_record) as records,
  (select count(*) from timer where state = 'SCHEDULED') as timers,
  (select sum(version) from sales_order) as versions
"""


async def everything() -> dict[str, Any]:
    """What a payment changes, in numbers."""
    row = await database.row(_EVERYTHING)
    assert row is not None
    return row
