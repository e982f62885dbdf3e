"""What a requirement is checked for, gone wrong."""

from collections.abc import Awaitable, Callable
from decimal import Decimal

from models.customers import Customer
from models.programmes import ProgrammeApplication
from models.requirements import CustomerRequirement
from tests.catalogue.factories import a_policy
from tests.requirements.factories import Sale

Spoil = Callable[[Sale], Awaitable[None]]


async def leave_the_programme(sale: Sale) -> None:
    await ProgrammeApplication.all().delete()


async def lose_the_customer(sale: Sale) -> None:
    await Customer.filter(id=sale.customer.id).update(
        partner_id=None, association_id=None, association_type=None
    )


async def take_the_goods_off_sale(sale: Sale) -> None:
    sale.goods.on_sale = False
    await sale.goods.save(update_fields=["on_sale"])


async def take_the_sku_off_sale(sale: Sale) -> None:
    sale.sku.on_sale = False
    await sale.sku.save(update_fields=["on_sale"])


async def lower_the_maximum(sale: Sale) -> None:
    submitted = (await CustomerRequirement.get()).created_at
    await a_policy(sale.goods, since=submitted, max_ratio=Decimal("0.2"))


SPOILT: dict[str, Spoil] = {
    "PROGRAMME_NOT_JOINED": leave_the_programme,
    "CUSTOMER_NOT_ASSOCIATED": lose_the_customer,
    "GOODS_NOT_ON_SALE": take_the_goods_off_sale,
    "SKU_NOT_ON_SALE": take_the_sku_off_sale,
    "RATIO_ABOVE_MAXIMUM": lower_the_maximum,
}
