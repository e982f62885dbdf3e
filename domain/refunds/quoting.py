"""What would come back of a subscription or a failed line, by which rule, and who decides."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import lcm
from uuid import UUID

from domain.fulfilment import going_on
from domain.fulfilment.opening import periods_of
from domain.fulfilment.pieces import Rest, rest_of
from domain.fulfilment.spans import Days, beside, days_of, is_change
from domain.refunds.arithmetic import Paid, Worth, worth
from kit import database
from kit.money import Money
from kit.problems import InvalidInput, Problem
from kit.workdays import SHANGHAI
from models.catalogue import ChargeMode
from models.order_states import Fulfilment, OrderType
from models.orders import Order, OrderLine
from models.payments import Instrument
from models.refunds import Refund, RefundKind, RefundStatus
from models.subscriptions import Subscription, SubscriptionPeriod
from models.subscriptions import SubscriptionStatus as Status

GUARANTEE = 5 * timedelta(hours=24)  # D-07, D-12: from the opening, to the second
INSTANCES = 10  # D-12: a calendar year, per customer

# By which rule something comes back; for people to look up.
BY_GUARANTEE = "D-07"
BY_NOT_STARTED = "D-08"
BY_DAYS = "D-09"
BY_FAILURE = "D-12"
BY_SUPERVISION = "A-27"


class PackagesDontComeBack(Problem):
    """An on-demand package is settled once and not refunded (D-10)."""

    en = "On-demand packages aren't refunded."
    zh = "按需套餐包不支持退订。"


class NothingToRefund(Problem):
    """Nothing was paid in advance, or all of it is used up, or has come back already."""

    en = "There is nothing to give back."
    zh = "没有可退的金额。"


class RefundInProgress(Problem):
    """One refund of a line at a time."""

    en = "Refund {number} of it hasn't been decided yet."
    zh = "该商品已有退订申请({number})处理中。"
    about = {"number": "The refund that is open."}
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What comes back of one line. `decides`: whether its merchant has to agree."""

    line: OrderLine
    order: Order
    kind: RefundKind
    rule: str
    pieces: int
    worth: Worth
    days: Days | None
    decides: bool
    guarantee_year: int | None

    def without_parts(self) -> "Quote":
        """The same without by what it was paid."""
        return replace(self, worth=replace(self.worth, backs=()))


async def of_subscription(
    subscription: Subscription, *, renewals_only: bool, pieces: int | None, now: datetime
) -> list[Quote]:
    """What comes back of a subscription: its running period and all that haven't begun, or those.

    Of `pieces`, or all that are left. When one of the lines has to be agreed to, all have. What was
    paid for a change comes back by the rule of the period that it was made in. Raises
    PackagesDontComeBack, NothingToRefund, RefundInProgress, SubscriptionIsBusy while a change isn't
    carried out, InvalidInput.
    """
    if subscription.charge_mode == ChargeMode.ON_DEMAND_PACKAGE:
        raise PackagesDontComeBack()
    if subscription.status in (Status.CLOSED, Status.EXPIRED):
        raise NothingToRefund()
    await going_on.while_changing(subscription.id)
    quotes = []
    periods = await periods_of(subscription.id)
    for period in periods:
        if period.given_back_at is not None or _is_over(period, now):
            continue
        if renewals_only and not _is_ahead(period, now):
            continue
        quotes.append(await _of_period(period, periods, pieces, now))
    quotes = [quote for quote in quotes if quote.worth.amount.amount]
    if not quotes:
        raise NothingToRefund()
    return quotes


async def of_failed_line(line: OrderLine, *, now: datetime) -> Quote:
    """All of a line that could not be delivered comes back at once. Raises NothingToRefund."""
    if line.fulfilment != Fulfilment.FAILED:
        raise NothingToRefund()
    order = await Order.get(id=line.order_id)
    quote = await _quote(
        line, order, RefundKind.NOT_EFFECTIVE, BY_FAILURE, None, periods=[], decides=False
    )
    if not quote.worth.amount.amount:
        raise NothingToRefund()
    return quote


async def instances_left(customer_id: UUID, *, now: datetime) -> int:
    """How many subscriptions the customer may still give back within five days this year (D-12)."""
    used = await Refund.filter(
        customer_id=customer_id,
        guarantee_year=_year(now),
        status__in=[RefundStatus.MERCHANT_REVIEW, RefundStatus.REFUNDED],
    ).count()
    return max(0, INSTANCES - used)


async def _of_period(
    period: SubscriptionPeriod,
    periods: Sequence[SubscriptionPeriod],
    pieces: int | None,
    now: datetime,
) -> Quote:
    line = await OrderLine.get(id=period.line_id)
    order = await Order.get(id=line.order_id)
    if _is_ahead(period, now):
        return await _quote(
            line,
            order,
            RefundKind.NOT_EFFECTIVE,
            BY_NOT_STARTED,
            None,
            periods=periods,
            pieces=pieces,
            decides=False,
        )
    if period.started_at is None:
        # Supervised, and not accepted yet: the merchant may have worked for it.
        return await _quote(
            line,
            order,
            RefundKind.NOT_EFFECTIVE,
            BY_SUPERVISION,
            None,
            periods=periods,
            pieces=pieces,
            decides=True,
        )
    if await _is_guaranteed(beside(period, periods), now):
        return await _quote(
            line,
            order,
            RefundKind.FULL_GUARANTEE,
            BY_GUARANTEE,
            None,
            periods=periods,
            pieces=pieces,
            decides=False,
            # It counts once a year, whatever was changed of it.
            year=None if is_change(period) else _year(now),
        )
    if period.ends_at is None:
        raise NothingToRefund()
    used = days_of(period, periods, at=now)
    return await _quote(
        line,
        order,
        RefundKind.PARTIAL_USED,
        BY_DAYS,
        used,
        periods=periods,
        pieces=pieces,
        decides=True,
    )


async def _is_guaranteed(period: SubscriptionPeriod, now: datetime) -> bool:
    """Only what was newly bought: a renewal has no guarantee of its own (D-12)."""
    line = await OrderLine.get(id=period.line_id)
    order = await Order.get(id=line.order_id)
    is_new = order.type == OrderType.NEW and line.five_day_refund
    if not is_new or line.opened_at is None or now >= line.opened_at + GUARANTEE:
        return False
    return await instances_left(order.customer_id, now=now) > 0


async def _quote(
    line: OrderLine,
    order: Order,
    kind: RefundKind,
    rule: str,
    used: Days | None,
    *,
    periods: Sequence[SubscriptionPeriod],
    pieces: int | None = None,
    decides: bool,
    year: int | None = None,
) -> Quote:
    await _check_none_open(line)
    rest = await rest_of(line, periods)
    wanted = rest.pieces if pieces is None else pieces
    if not 1 <= wanted <= rest.pieces:
        raise InvalidInput(
            reason=f"There are {rest.pieces} of it to give back.",
            reason_zh=f"可退数量为 {rest.pieces}。",
            path=("input", "pieces"),
        )
    back, before, whole = in_units(rest, wanted)
    return Quote(
        line=line,
        order=order,
        kind=kind,
        rule=rule,
        pieces=wanted,
        worth=worth(
            await paid_of(line, currency=order.currency),
            kind=kind,
            pieces=back,
            given_back=before,
            of=whole,
            used=used,
            currency=order.currency,
        ),
        days=used,
        decides=decides,
        guarantee_year=year,
    )


async def paid_of(line: OrderLine, *, currency: str) -> Sequence[Paid]:
    """What each instrument has paid of a line, in the order of payment."""
    found = await database.rows(
        """
        select share.id, share.part_id, part.instrument, share.amount
        from payment_share share join payment_part part on part.id = share.part_id
        where share.line_id = $1 and share.amount > 0
        order by part.position""",
        line.id,
    )
    return [
        Paid(
            share_id=row["id"],
            part_id=row["part_id"],
            instrument=Instrument(row["instrument"]),
            amount=Money(row["amount"], currency),
        )
        for row in found
    ]


def in_units(rest: Rest, pieces: int) -> tuple[int, int, int]:
    """What comes back, what came back before, and the whole line, in units of which all are whole.

    After a change a line of two may stand for five pieces, and give one of those back.
    """
    back, before = rest.worth_of(pieces), 1 - rest.part
    whole = lcm(back.denominator, before.denominator)
    return int(back * whole), int(before * whole), whole


async def _check_none_open(line: OrderLine) -> None:
    open_one = await Refund.get_or_none(line_id=line.id, status=RefundStatus.MERCHANT_REVIEW)
    if open_one is not None:
        raise RefundInProgress(number=open_one.number)


def _is_over(period: SubscriptionPeriod, now: datetime) -> bool:
    return period.ends_at is not None and period.ends_at <= now


def _is_ahead(period: SubscriptionPeriod, now: datetime) -> bool:
    """Paid, and not begun: behind another one, or laid into the future."""
    if period.started_at is None:
        return period.position > 1
    return period.started_at > now


def _year(now: datetime) -> int:
    return now.astimezone(SHANGHAI).year
