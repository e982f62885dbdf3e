"""How much of a line is left when some of it was given back, and what it bought was changed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from domain.fulfilment.spans import is_change
from models.orders import OrderLine
from models.refunds import Refund, RefundStatus
from models.subscriptions import SubscriptionPeriod

GIVEN_BACK, CHANGED_TO = "GIVEN_BACK", "CHANGED_TO"


@dataclass(frozen=True, slots=True)
class Rest:
    """What is left of a line: so many pieces, and which part of what was paid they stand for."""

    pieces: int
    part: Fraction

    def worth_of(self, pieces: int) -> Fraction:
        """Which part of the line some of the pieces are."""
        return self.part * Fraction(pieces, self.pieces)


def rest_after(quantity: int, happened: Iterable[tuple[str, int]]) -> Rest:
    """What is left of so many pieces after this, in its order.

    A piece that is given back takes its part with it. After a change what is left is worth the same
    in another number of pieces, so that the parts of all pieces add up to one, however they go.
    """
    rest = Rest(quantity, Fraction(1))
    for what, pieces in happened:
        if what == CHANGED_TO:
            rest = Rest(pieces, rest.part)
        else:
            rest = Rest(rest.pieces - pieces, rest.part - rest.worth_of(pieces))
    return rest


async def rest_of(line: OrderLine, periods: Sequence[SubscriptionPeriod]) -> Rest:
    """What is left of a line now; `periods` are those of the subscription that it has paid for."""
    own = next((each.position for each in periods if each.line_id == line.id), None)
    changes = [
        each
        for each in periods
        if is_change(each) and own is not None and each.position > own and each.started_at
    ]
    quantities: dict[object, int] = dict(
        await OrderLine.filter(id__in=[each.line_id for each in changes]).values_list(
            "id", "quantity"
        )
    )
    # Ids that were made when it happened tell apart what has the same instant.
    told = [
        ((refund.refunded_at, refund.refund_order_id), (GIVEN_BACK, refund.pieces))
        for refund in await Refund.filter(line_id=line.id, status=RefundStatus.REFUNDED)
    ]
    told += [
        ((each.started_at, each.id), (CHANGED_TO, quantities[each.line_id])) for each in changes
    ]
    told.sort(key=lambda each: each[0])
    return rest_after(line.quantity, [what for _, what in told])
