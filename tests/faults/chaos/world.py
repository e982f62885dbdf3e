"""Who lives in the house: partners with customers, a merchant, people, and the platform's staff."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from random import Random
from typing import Any

from domain.identity import passwords
from domain.identity.items import Item
from domain.identity.presets import Preset
from kit import clock, database, ids
from models.catalogue import ChargeMode, GoodsKind, Sku
from models.customers import AssociationType, Customer
from models.identity import CustomerUser, Operator, Person, StaffMember
from models.partners import Partner
from tests.catalogue.factories import a_merchant, a_sku, some_goods
from tests.customers.factories import a_customer
from tests.factories import LONG_AGO, a_distributor, a_partner, a_person, an_operator
from tests.faults.chaos import before
from tests.faults.chaos.client import PASSWORD
from tests.offers.factories import joined
from tests.orders.factories import fund
from tests.settlement.factories import certified

BEGIN = datetime.fromisoformat("2030-02-06T01:00:00+00:00")  # business time
AGENCY, REFERRAL = AssociationType.AGENCY, AssociationType.REFERRAL


@dataclass
class Buyer:
    """A customer and its user."""

    id: str
    account_name: str
    email: str
    type: AssociationType | None


@dataclass
class Firm:
    """A partner and its administrator; `under` is its distributor's id."""

    id: str
    account_name: str
    email: str
    under: str | None = None
    customers: list[Buyer] = field(default_factory=list)


@dataclass
class Ware:
    """Something to buy."""

    goods: str
    sku: str
    price: Decimal
    code: str  # of the SKU, as usage names it


@dataclass
class World:
    """All of them. `metered` is paid by use, what is `watched` is delivered before all eyes;
    of the `strict` one merchants lower the price.

    Of the platform's people, `staff` reviews and the two `signers` sign.
    """

    staff: str
    signers: tuple[str, str]
    firms: list[Firm]
    distributor: Firm
    merchant: Firm
    wares: list[Ware]
    metered: Ware
    watched: Ware
    strict: Ware
    free: list[Buyer]
    people: list[str]
    dice: Random


async def a_world(seed: int) -> World:
    """Make it in the open database, whose business time then begins."""
    ahead = int((BEGIN - clock.wall()).total_seconds())
    await database.execute("insert into clock_offset (id, seconds) values (1, $1)", ahead)
    distributor = await joined(await a_distributor("Great Wall"))
    partners = [
        await joined(await a_partner("Acme")),
        await joined(await a_partner("Borealis")),
        await joined(await a_partner("Little Wall", distributor=distributor)),
        await joined(await a_partner("Far Wall", distributor=distributor)),
    ]
    firms = [await _firm(partner) for partner in partners]
    await certified(distributor)
    await before.policies_of_the_house()
    await before.programmes()
    for number, (partner, firm) in enumerate(zip(partners, firms, strict=True)):
        await certified(partner)
        await fund(partner, "500000.00", now=BEGIN)
        for place in range(5):
            type = REFERRAL if place == 0 else AGENCY
            customer = await a_customer(f"Customer {number}-{place}", of=partner, type=type)
            firm.customers.append(await _buyer(customer))
        await before.statements(partner)
    merchant = await a_merchant()
    world = World(
        staff=await _staff("Staff"),
        signers=(await _staff("One signer"), await _staff("Another signer")),
        firms=firms,
        distributor=await _firm(distributor),
        merchant=await _firm(merchant),
        wares=[
            await _ware(merchant, "1000.00", five_day_refund=True),
            await _ware(merchant, "360.00", share_ratio=Decimal("0.25")),
            await _ware(None, "88.88", five_day_refund=True),
        ],
        metered=await _ware(merchant, "0.37", ChargeMode.ON_DEMAND),
        watched=await _ware(merchant, "500.00", requires_supervision=True),
        strict=await _ware(merchant, "200.00", kind=GoodsKind.STRICT_SELECTED),
        free=[await _buyer(await a_customer(f"Free {number}")) for number in range(8)],
        people=[(await a_person(f"Person {number}")).email for number in range(12)],
        dice=Random(seed),
    )
    await before.january(partners, await Sku.get(code=world.metered.code))
    await _passwords()
    await database.execute("analyze")
    return world


async def _firm(partner: Partner) -> Firm:
    operator = await an_operator(of=partner, role=Preset.ADMINISTRATOR)
    under = ids.encode("ptn", partner.distributor_id) if partner.distributor_id else None
    return Firm(ids.encode("ptn", partner.id), partner.account_name, await _email(operator), under)


async def _buyer(customer: Customer) -> Buyer:
    person = await a_person(f"Buyer of {customer.name}")
    await CustomerUser.create(created_at=LONG_AGO, customer_id=customer.id, person_id=person.id)
    await fund(customer, "20000.00", now=BEGIN)
    return Buyer(
        ids.encode("cus", customer.id),
        customer.account_name,
        person.email,
        customer.association_type,
    )


async def _ware(
    merchant: Partner | None, price: str, mode: ChargeMode = ChargeMode.PERIOD, **policy: Any
) -> Ware:
    goods = await some_goods(merchant=merchant, **policy)
    sku = await a_sku(goods, price=price, charge_mode=mode)
    return Ware(ids.encode("gds", goods.id), ids.encode("sku", sku.id), Decimal(price), sku.code)


async def _staff(name: str) -> str:
    person = await a_person(name)
    await StaffMember.create(
        created_at=LONG_AGO, person_id=person.id, items=[item.value for item in Item]
    )
    return person.email


async def _email(operator: Operator) -> str:
    return (await Person.get(id=operator.person_id)).email


async def _passwords() -> None:
    """Everybody has the same, so that it is hashed once."""
    await Person.all().update(password_hash=await passwords.hash_of(PASSWORD))
