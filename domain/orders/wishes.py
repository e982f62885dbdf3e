"""What lines of an order ask for, before anything is looked up."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from domain.catalogue.amounts import CURRENCY
from domain.catalogue.quantities import check_lines, check_quantity
from domain.pricing.arithmetic import Amounts
from kit.money import Money
from kit.problems import InvalidInput
from models.catalogue import ChargeMode, Sku

NOTHING = Money(Decimal(0), CURRENCY)
MOST_MONTHS = 120

# What is used is paid afterwards (按需, 按次): to open it costs nothing (D-01).
METERED = frozenset({ChargeMode.ON_DEMAND, ChargeMode.PER_USE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A line of an order: so many of a SKU, for so many of its periods, with one offer or none.

    `periods` None stands for one where the SKU has periods. `amounts` are worked out by who asks,
    in place of list price and offers: the difference that a change of a subscription makes. `path`
    is where in the input it is asked for, for refusals to point at.
    """

    sku_id: UUID
    quantity: int = 1
    periods: int | None = None
    exclusive_offer_id: UUID | None = None
    private_offer_id: UUID | None = None
    seller_id: UUID | None = None
    subscription_id: UUID | None = None
    amounts: Amounts | None = None
    path: tuple[str, ...] = field(default=("input",), compare=False)

    @property
    def offers(self) -> list[UUID]:
        """The offers that are named; one, if it makes sense."""
        return [id for id in (self.exclusive_offer_id, self.private_offer_id) if id is not None]


def pieces_of(charge_mode: ChargeMode, quantity: int, periods: int) -> int:
    """How many times the list price so many of a SKU cost."""
    if charge_mode in METERED:
        return 0
    return quantity * periods if charge_mode is ChargeMode.PERIOD else quantity


def check(wanted: Sequence[Wanted]) -> None:
    """Raise InvalidInput for what no order could have."""
    check_lines(len(wanted))
    for line in wanted:
        check_quantity(line.quantity, path=(*line.path, "quantity"))
        if len(line.offers) > 1:
            raise InvalidInput(
                reason="A line is sold with one offer: an exclusive or a private one.",
                reason_zh="每行只能选择一个专属优惠或商家优惠。",
                path=(*line.path, "privateOfferId"),
            )


def periods_of(wanted: Wanted, sku: Sku) -> int:
    """How many periods a line is for, 0 where the SKU has none. Raises InvalidInput."""
    path = (*wanted.path, "periods")
    if sku.charge_mode is not ChargeMode.PERIOD:
        if wanted.periods:
            raise InvalidInput(
                reason="Only what is bought for a time has periods.",
                reason_zh="仅包周期规格可以填写周期数。",
                path=path,
            )
        return 0
    assert sku.months is not None
    periods = 1 if wanted.periods is None else wanted.periods
    if not 1 <= periods * sku.months <= MOST_MONTHS:
        raise InvalidInput(
            reason=f"One period or more, and at most {MOST_MONTHS} months in all.",
            reason_zh=f"至少一个周期,且总时长不超过 {MOST_MONTHS} 个月。",
            path=path,
        )
    return periods
