"""The cast of the demo: partners, who works for them, and the people that they court."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from domain.customers import register as customers
from domain.identity import operators, people, recognition
from domain.identity.items import Item
from domain.identity.presets import Preset
from domain.identity.viewer import SYSTEM, Viewer, ViewerKind
from domain.partners import register as partners
from models.identity import AccountKind, Person, RealName, Role
from models.partners import Partner, Site
from partner_center.demo.names import (
    COMPANIES,
    GIVEN,
    SURNAMES,
    WESTERN_GIVEN,
    WESTERN_SURNAMES,
    Company,
)
from partner_center.demo.shelf import MERCHANTS

SEED = 20260101

SIGN_INS = (
    ("Administrator of 青云数智", "admin@qingyun.example"),
    ("Account manager of 青云数智", "manager@qingyun.example"),
    ("Supervisor of 青云数智", "supervisor@qingyun.example"),
    ("Finance of 青云数智", "finance@qingyun.example"),
    ("Distributor with three resellers", "admin@zhongxin.example"),
    ("Its reseller 东岳网络", "admin@dongyue.example"),
    ("Merchant 墨韵软件", "admin@moyun.example"),
    ("Administrator, international site", "admin@straits.example"),
    ("Platform: reviews applications", "reviewer@platform.example"),
    ("Platform: runs the jobs", "operator@platform.example"),
    ("Platform: signs statements", "business@platform.example"),
    ("Platform: signs them as finance", "finance@platform.example"),
    ("Invited by 青云数智, undecided", "invited@mail.example"),
    ("Member of 青云数智", "member@mail.example"),
    ("User of a customer", "buyer@customer.example"),
    ("Customer's user, without a partner", "shopper@customer.example"),
    ("Newcomer, to be invited", "newcomer@mail.example"),
)

# People to try an invitation on; the address says what comes of it.
NEWCOMERS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("newcomer", {}),
    ("newcomer.two", {}),
    ("unverified", {"real_name": RealName.NONE}),
    ("enterprise.name", {"real_name": RealName.ENTERPRISE}),
    ("enterprise.account", {"account_kind": AccountKind.ENTERPRISE}),
    ("iam.child", {"account_kind": AccountKind.IAM_CHILD}),
    ("other.site", {"site": Site.INTERNATIONAL}),
)


@dataclass
class House:
    """A partner, its administrator as a viewer, and the pool of people that it courts."""

    company: Company
    partner: Partner
    administrator: Viewer


@dataclass
class Cast:
    """Everybody, and the dice; `names` gives people who haven't appeared yet."""

    random: Random
    password_hash: str
    houses: list[House] = field(default_factory=list)
    merchants: list[House] = field(default_factory=list)
    reviewer: Viewer | None = None
    _serial: int = 0

    async def a_person(self, *, site: Site, email: str | None = None, joined: datetime) -> Person:
        """Somebody new, verified, of a site; with a password when the address is a known one."""
        name, spelled = self._name(site)
        self._serial += 1
        return await people.register(
            email=email or f"{spelled}{self._serial}@mail.example",
            account_name=f"hw{self.random.randrange(10**8):08}_{self._serial}",
            name=name,
            phone=f"1{self.random.choice('356789')}{self.random.randrange(10**9):09}",
            locale="zh" if site is Site.CHINA else "en",
            site=site,
            real_name=RealName.INDIVIDUAL,
            password_hash=self.password_hash if email else None,
            now=joined,
        )

    def _name(self, site: Site) -> tuple[str, str]:
        if site is Site.CHINA:
            surname, given = self.random.choice(SURNAMES), self.random.choice(GIVEN)
            return surname[0] + given[0], f"{surname[1]}.{given[1]}"
        surname, given = self.random.choice(WESTERN_SURNAMES), self.random.choice(WESTERN_GIVEN)
        return f"{given[0]} {surname[0]}", f"{given[1]}.{surname[1]}"


async def arrive(*, password_hash: str, now: datetime) -> Cast:
    """Register partners, operators of every preset role, staff, a customer and newcomers."""
    cast = Cast(random=Random(SEED), password_hash=password_hash)
    roles = {Preset(role.code): role.id for role in await Role.filter(partner_id=None)}
    ids: dict[str, UUID] = {}
    for company, joined in zip(COMPANIES, _dates(cast.random, now), strict=True):
        partner = await partners.register(
            name=company.name,
            name_en=company.name_en if company.name_en != company.name else None,
            account_name=company.account,
            kind=company.kind,
            tier=company.tier,
            site=company.site,
            city=company.city,
            registered_on=date(company.founded, cast.random.randint(1, 12), 8),
            distributor_id=ids[company.under] if company.under else None,
            now=joined,
        )
        ids[company.account] = partner.id
        administrator = await _seat(cast, partner, roles, Preset.ADMINISTRATOR, "admin", joined)
        if company.tier == 1:
            await _seat(cast, partner, roles, Preset.ACCOUNT_MANAGER, "manager", joined)
            await _seat(cast, partner, roles, Preset.SUPERVISOR, "supervisor", joined)
            await _seat(cast, partner, roles, Preset.FINANCE, "finance", joined)
        cast.houses.append(House(company, partner, administrator))
    await _platform(cast, now)
    await _bystanders(cast, now)
    await _merchants(cast, roles, now)
    return cast


def as_himself(person: Person) -> Viewer:
    """The viewer that a person is in their own name."""
    return Viewer(
        kind=ViewerKind.PERSON,
        display_name=person.name,
        email=person.email,
        locale=person.locale,
        person_id=person.id,
        seat_id=person.id,
    )


def _dates(random: Random, now: datetime) -> Iterator[datetime]:
    """When each partner was registered: two to three years ago, in the order of the list."""
    for number in range(len(COMPANIES)):
        yield now - timedelta(days=1100 - 18 * number, hours=random.randrange(24))


async def _seat(
    cast: Cast,
    partner: Partner,
    roles: dict[Preset, UUID],
    preset: Preset,
    mailbox: str,
    now: datetime,
) -> Viewer:
    person = await cast.a_person(
        site=partner.site, email=f"{mailbox}@{partner.account_name}.example", joined=now
    )
    await operators.add(
        viewer=SYSTEM,
        person_id=person.id,
        role_ids=[roles[preset]],
        partner_id=partner.id,
        now=now,
    )
    return await _viewer(person, now)


async def _platform(cast: Cast, now: datetime) -> None:
    since = now - timedelta(days=1200)
    reviewer = await cast.a_person(site=Site.CHINA, email="reviewer@platform.example", joined=since)
    await people.seat_at_platform(
        person_id=reviewer.id,
        items=[
            Item.PARTNER_VIEW,
            Item.MEMBER_VIEW,
            Item.SPECIALIST_REVIEW,
            Item.PROGRAMME_REVIEW,
            Item.ASSOCIATION_REVIEW,
            Item.REPORT_REVIEW,
            Item.OFFER_REVIEW,
            Item.PERFORMANCE_REVIEW,
            Item.INCENTIVE_POLICY,
            Item.SETTLEMENT_REVIEW,
        ],
        now=since,
    )
    cast.reviewer = await _viewer(reviewer, now)
    operator = await cast.a_person(site=Site.CHINA, email="operator@platform.example", joined=since)
    await people.seat_at_platform(person_id=operator.id, items=list(Item), now=since)


async def _merchants(cast: Cast, roles: dict[Preset, UUID], now: datetime) -> None:
    for number, company in enumerate(MERCHANTS):
        joined = now - timedelta(days=800 - 5 * number)
        merchant = await partners.register(
            name=company.name,
            name_en=company.name_en,
            account_name=company.account,
            kind=company.kind,
            tier=company.tier,
            city=company.city,
            registered_on=date(company.founded, 6, 1),
            now=joined,
        )
        administrator = await _seat(cast, merchant, roles, Preset.ADMINISTRATOR, "admin", joined)
        cast.merchants.append(House(company, merchant, administrator))


async def _bystanders(cast: Cast, now: datetime) -> None:
    since = now - timedelta(days=300)
    customer = await customers.register(
        name="长江制造集团",
        account_name="changjiang",
        email="buyer@customer.example",
        now=since,
    )
    buyer = await cast.a_person(site=Site.CHINA, email="buyer@customer.example", joined=since)
    await people.seat_at_customer(person_id=buyer.id, customer_id=customer.id, now=since)
    # One that no partner courts, for those who only want to buy something.
    shop = await customers.register(
        name="黄海渔业集团",
        account_name="huanghai",
        email="shopper@customer.example",
        now=since,
    )
    shopper = await cast.a_person(site=Site.CHINA, email="shopper@customer.example", joined=since)
    await people.seat_at_customer(person_id=shopper.id, customer_id=shop.id, now=since)
    for name, facts in NEWCOMERS:
        await people.register(
            email=f"{name}@mail.example",
            account_name=f"hw_{name.replace('.', '_')}",
            name=name.replace(".", " ").title(),
            **({"real_name": RealName.INDIVIDUAL} | facts),
            password_hash=cast.password_hash,
            now=since,
        )


async def _viewer(person: Person, now: datetime) -> Viewer:
    found = await recognition.by_person(person.id, until=now)
    assert found is not None
    return found.viewer
