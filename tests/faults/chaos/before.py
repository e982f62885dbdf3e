"""What the house has behind it when the load begins: a month of sales, and statements."""

from datetime import datetime
from decimal import Decimal

from domain.identity.viewer import SYSTEM
from domain.incentives import policies
from domain.incentives.policies import Step, Terms
from domain.orders import paying, placing
from domain.orders.wishes import Wanted
from domain.performance import closing, writing
from kit.transaction import transactional
from models.catalogue import Sku
from models.customers import Customer
from models.incentives import IncentivePeriod, PaysBy
from models.order_states import PolicyScene
from models.partners import Partner
from models.programmes import Admission
from tests.catalogue.factories import a_sku, some_goods
from tests.customers.factories import a_user_of
from tests.orders.factories import fund
from tests.programmes.factories import a_programme
from tests.statements.factories import House, a_statement

EARNED_BY_HAND = ("BASE-1", "BASE-2", "BASE-3")  # policies whose amounts people enter
OPEN_PROGRAMMES = ("REVIEWED", "AT-ONCE", "INVITED")  # that ask for nothing but an application
MONTHS = [f"2029-{month:02}" for month in range(1, 13)]
_LAST_YEAR = datetime.fromisoformat("2029-01-03T01:00:00+00:00")
_SOLD = datetime.fromisoformat("2030-01-10T02:00:00+00:00")
_CLOSED = datetime.fromisoformat("2030-01-31T16:05:00+00:00")


async def policies_of_the_house() -> None:
    """Performance earns a little each month; a base earns what people say."""
    ladder = [Step(Decimal(0), Decimal("0.01")), Step(Decimal(2000), Decimal("0.02"))]
    for code in ("MONTH", *EARNED_BY_HAND):
        by_hand = code in EARNED_BY_HAND
        await policies.set_policy(
            viewer=SYSTEM,
            code=code,
            terms=Terms(
                name="激励",
                name_en="Incentive",
                scene=PolicyScene.OPERATIONS_BASE if by_hand else PolicyScene.DISTRIBUTOR,
                period=IncentivePeriod.MONTH,
                strategies=sorted(policies.EARNING[IncentivePeriod.MONTH]),
                ladder=[] if by_hand else ladder,
                pays_by=PaysBy.MANUAL if by_hand else PaysBy.APPLICATION,
                valid_from="2029-01",
            ),
            now=_LAST_YEAR,
        )


async def programmes() -> None:
    """One of each way to be taken in."""
    ways = (Admission.REVIEW, Admission.IMMEDIATE, Admission.INVITATION)
    for code, admission in zip(OPEN_PROGRAMMES, ways, strict=True):
        await a_programme(code, admission=admission, validity_months=1)


@transactional
async def statements(partner: Partner) -> None:
    """One of each month of last year, which nobody has read yet; some have several lines."""
    house = House(partner, SYSTEM, SYSTEM, SYSTEM, SYSTEM)
    for number, period in enumerate(MONTHS, start=1):
        lines = ["400.10", "-20.05", f"{number * 10}.00"] if number % 6 else ["-12.34"]
        await a_statement(house, lines=lines, period=period, now=_CLOSED)


async def january(partners: list[Partner], metered: Sku) -> None:
    """Each partner has sold, and has a sheet of that which nobody has approved.

    Two customers of each have ordered what is paid by use, too.
    """
    goods = await some_goods()
    sku = await a_sku(goods, price="700.00")
    for partner in partners:
        for customer in await Customer.filter(partner_id=partner.id).order_by("id").limit(2):
            await fund(customer, "1400.00", now=_SOLD)
            buyer = await a_user_of(customer)
            order = await placing.place(
                viewer=buyer,
                lines=[Wanted(sku_id=sku.id, quantity=2)],
                seller_account_name=partner.account_name,
                now=_SOLD,
            )
            await paying.pay(viewer=buyer, order_id=order.id, now=_SOLD)
            await placing.place(viewer=buyer, lines=[Wanted(sku_id=metered.id)], now=_SOLD)
    await writing.write_lines(scheduled_for=_CLOSED, now=_CLOSED)
    await closing.make_sheets(scheduled_for=_CLOSED, now=_CLOSED)
