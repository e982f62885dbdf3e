"""From when until when: the periods of a subscription, laid end to end by the calendar."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from kit.workdays import months_after
from models.catalogue import GoodsCategory
from models.orders import OrderLine
from models.subscriptions import Subscription, SubscriptionPeriod

DAY = timedelta(hours=24)

# What is in use as soon as it is opened or ordered, whatever its policy says (domain.md 6.10).
_AT_ONCE = (GoodsCategory.IMAGE, GoodsCategory.API)


@dataclass(frozen=True, slots=True)
class Days:
    """Days that were used, of those that are paid."""

    used: int
    total: int

    @property
    def left(self) -> int:
        """Whole days that are to come."""
        return self.total - self.used


def days(*, started_at: datetime, ends_at: datetime, at: datetime) -> Days:
    """A day that was begun counts, the first one always (6.6: used-days rule)."""
    total = (ends_at - started_at) // DAY
    begun = -((started_at - at) // DAY)
    return Days(used=min(max(1, begun), total), total=total)


def is_change(period: SubscriptionPeriod) -> bool:
    """Whether it was paid for another SKU or quantity, and not for time."""
    return period.months == 0


def beside(period: SubscriptionPeriod, periods: Sequence[SubscriptionPeriod]) -> SubscriptionPeriod:
    """The period in which a change was made; any other is beside itself."""
    if not is_change(period):
        return period
    return [
        each
        for each in periods
        if each.position < period.position and not is_change(each) and each.given_back_at is None
    ][-1]


def days_of(
    period: SubscriptionPeriod, periods: Sequence[SubscriptionPeriod], *, at: datetime
) -> Days:
    """The days of a period with an end that has begun; a change's are the rest of those beside it.

    So that a day that was begun before the change isn't paid for twice.
    """
    whole = beside(period, periods)
    assert whole.started_at is not None
    assert whole.ends_at is not None
    now = days(started_at=whole.started_at, ends_at=whole.ends_at, at=at)
    if whole is period:
        return now
    assert period.started_at is not None
    then = days(started_at=whole.started_at, ends_at=whole.ends_at, at=period.started_at)
    # Opened on the last day, it has no day of its own any more: used up.
    return Days(now.used - then.used, then.left) if then.left else Days(1, 1)


def is_supervised(line: OrderLine) -> bool:
    """Whether the delivery of a new purchase is supervised, and counts from its acceptance on.

    By the policy of its goods at the time of the order; renewals never are (5.9).
    """
    return line.requires_supervision and line.category not in _AT_ONCE


def months_of(line: OrderLine) -> int | None:
    """How many months the line pays for; None for what has no end."""
    return line.periods * line.months if line.months else None


def lay_out(subscription: Subscription, periods: Sequence[SubscriptionPeriod]) -> None:
    """Give every period that is not given back its begin and end, and the subscription its own.

    `periods` are in their order. The first begins when the subscription takes effect, each of the
    others where the one before ends, unless it has begun later: renewed when its time was over.
    A change brings no time: it runs beside another period, from its opening to the end of that.
    Months are the calendar's in China; a month that is too short ends on its last day.
    """
    if subscription.effective_at is None:
        return
    begin = subscription.effective_at
    end: datetime | None = None
    for period in periods:
        if period.given_back_at is not None:
            continue
        if is_change(period):
            period.ends_at = end
            continue
        start = max(begin, period.started_at) if period.started_at else begin
        period.started_at = start
        period.ends_at = months_after(start, period.months) if period.months else None
        end = period.ends_at
        begin = end or start
    subscription.expires_at = end
