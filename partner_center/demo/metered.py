"""The demo's usage of a settled month: more than was paid in, and paid later in part."""

import json
from datetime import datetime, timedelta
from decimal import Decimal
from io import BytesIO
from random import Random

from domain.catalogue import terms
from domain.consumption import importing
from domain.files import uploads
from domain.offers.checks import KINDS
from models.catalogue import ChargeMode, Sku
from models.customers import AssociationType, Customer
from models.ledger import LedgerAccount
from models.partners import Site
from partner_center.demo.people import SEED, Cast
from partner_center.demo.sales import Earning, providers
from partner_center.demo.stories import DAY, Story, play

_DAYS = 3


async def load_metered(cast: Cast, *, begins_at: datetime) -> None:
    """A customer uses what a provider has sold it, in the first days of a month."""
    sellers = await providers(cast, begins_at)
    sku = await _shared(at=begins_at)
    others = [
        house.partner.id
        for house in cast.houses
        if house.partner.site is Site.CHINA and house not in sellers
    ]
    paid_in = LedgerAccount.filter(customer_id__not_isnull=True).values_list(
        "customer_id", flat=True
    )
    buyer = (
        await Customer.filter(
            partner_id__in=others,
            association_type=AssociationType.REFERRAL,
            freeze="NONE",
            listed_at__lt=begins_at,
            id__not_in=await paid_in,
        )
        .order_by("-account_name")
        .first()
    )
    if not sellers or sku is None or buyer is None:
        return
    sale = Earning(sellers[0], buyer, sku, Random(SEED + 32), begins_at + DAY)
    await play([(_is_used(sale, cast), sale)], now=begins_at + 12 * DAY)


async def _is_used(sale: Earning, cast: Cast) -> Story:
    """Two files: the second one is dearer than what is on the account, and a part comes later."""
    await sale.place()
    goods = await sale.sku.goods
    merchant = next(
        house.administrator for house in cast.merchants if house.partner.id == goods.merchant_id
    )
    price = (await terms.prices([sale.sku.id], at=sale.now))[sale.sku.id].list_price
    for paid, used in ((Decimal(400), Decimal(260)), (Decimal(0), Decimal(380))):
        if paid:
            await sale.pays_in(paid)
        begin = sale.now
        yield _DAYS * DAY
        lines = [
            {
                "source": "meter-cn-east-3",
                "recordId": f"{begin:%Y%m%d}-{day}",
                "customer": sale.customer.account_name,
                "sku": sale.sku.code,
                "usedAt": (begin + day * DAY + timedelta(hours=3)).isoformat(),
                "quantity": f"{used / _DAYS / price:.8f}",
            }
            for day in range(_DAYS)
        ]
        file = await uploads.upload(
            viewer=merchant,
            name=f"usage-{begin:%Y-%m-%d}.jsonl",
            file=BytesIO("\n".join(json.dumps(line) for line in lines).encode()),
            now=sale.now,
        )
        await importing.import_file(viewer=merchant, file_id=file.id, now=sale.now)
    yield 2 * DAY
    await sale.pays_in(Decimal(150))


async def _shared(*, at: datetime) -> Sku | None:
    """What a merchant sells by use and a provider earns by."""
    skus = await Sku.filter(
        on_sale=True,
        charge_mode=ChargeMode.ON_DEMAND,
        goods__on_sale=True,
        goods__kind__in=list(KINDS),
        goods__merchant_id__not_isnull=True,
    ).order_by("code")
    prices = await terms.prices([sku.id for sku in skus], at=at)
    policies = await terms.policies([sku.goods_id for sku in skus], at=at)
    for sku in skus:
        policy = policies.get(sku.goods_id)
        if sku.id not in prices or policy is None or policy.requires_supervision:
            continue
        if policy.allows_discount and policy.share_ratio:
            return sku
    return None
