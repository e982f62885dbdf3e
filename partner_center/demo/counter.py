"""One customer or lead of the demo, the people who serve it, and what they do at a given time."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Any
from uuid import UUID

from domain.associations import closing
from domain.customers import assignments, register, standing, tags
from domain.identity.items import Item
from domain.identity.viewer import Viewer, ViewerKind
from domain.reports import reviewing, submitting
from models.customers import (
    Customer,
    CustomerKind,
    CustomerLevel,
    CustomerSegment,
    Freeze,
    Verification,
)
from models.reports import CustomerReport
from partner_center.demo.people import House

PLATFORM = Viewer(
    kind=ViewerKind.STAFF, display_name="平台运营", items=frozenset({Item.CUSTOMER_FREEZE})
)
REVIEWER = Viewer(
    kind=ViewerKind.STAFF,
    display_name="平台运营",
    items=frozenset({Item.REPORT_REVIEW, Item.CUSTOMER_LEVEL}),
)

_PLACES = ("杭州", "苏州", "成都", "武汉", "西安", "合肥", "宁波", "佛山", "长沙", "青岛")
_NAMES = ("星河", "启明", "远山", "云帆", "晨光", "沧海", "木棉", "九章", "长风", "新禾", "听涛")
_TRADES = ("科技", "物流", "医药", "食品", "教育科技", "精密制造", "新能源", "文化传媒", "信息技术")
_TAGS = ("重点客户", "制造业", "上云意向强", "续费", "华东", "展会线索", "老客户推荐")

_serial = count(1)


class Counter:
    """`now` is the time at which the next thing happens."""

    def __init__(
        self, house: House, team: Sequence[Viewer], random: Random, begin: datetime
    ) -> None:
        self._house, self._random = house, random
        self._by = random.choice(list(team))
        self._manager_ids = [viewer.seat_id for viewer in team]
        self._number = next(_serial)
        self._name = (
            f"{random.choice(_PLACES)}{random.choice(_NAMES)}{random.choice(_TRADES)}有限公司"
        )
        self._customer: Customer | None = None
        self._report: CustomerReport | None = None
        self.now = begin

    def days(self, fewest: float, most: float) -> timedelta:
        """So many days, as the dice will have it."""
        return timedelta(days=self._random.uniform(fewest, most))

    @property
    def customer(self) -> Customer:
        """Whom this is about."""
        assert self._customer is not None
        return self._customer

    @property
    def report_id(self) -> UUID:
        """The report that was made."""
        assert self._report is not None
        return self._report.id

    async def meet(self, **facts: Any) -> None:
        """Somebody opens an account, of whom these facts are true."""
        number = self._number
        self._customer = await register.register(
            name=self._name,
            account_name=f"hwc_{self._random.randrange(10**6):06}_{number}",
            kind=CustomerKind.ENTERPRISE,
            verification=self._random.choice((Verification.VERIFIED,) * 4 + tuple(Verification)),
            site=self._house.partner.site,
            email=f"contact{number}@customer.example",
            phone=f"13{self._random.randrange(10**9):09}",
            has_cash_consumption=self._random.random() < 0.3,
            now=self.now,
            **facts,
        )

    async def know(self, account_name: str) -> None:
        """It is about somebody who is here already."""
        self._customer = await Customer.get(account_name=account_name)
        self._name = self._customer.name

    async def report(self) -> None:
        """The partner reports the account."""
        self._report = await submitting.submit(
            viewer=self._by,
            name=self._name,
            account_name=self.customer.account_name,
            email=self.customer.email,
            note="展会上认识,有上云计划。",
            now=self.now,
        )

    async def report_a_stranger(self) -> None:
        """The partner reports somebody without an account."""
        self._report = await submitting.submit(
            viewer=self._by,
            name=self._name,
            phone=f"139{self._random.randrange(10**8):08}",
            now=self.now,
        )

    async def approve(self) -> None:
        """The platform believes it."""
        await reviewing.approve(viewer=REVIEWER, report_id=self.report_id, now=self.now)

    async def reject(self, reason: str) -> None:
        """The platform doesn't."""
        await reviewing.reject(
            viewer=REVIEWER, report_id=self.report_id, reason=reason, now=self.now
        )

    async def delete(self) -> None:
        """The partner gives the lead up."""
        await closing.delete_report(viewer=self._by, report_id=self.report_id, now=self.now)

    async def assign(self) -> None:
        """The partner gives it to somebody."""
        manager_id = self._random.choice(self._manager_ids)
        assert manager_id is not None
        await assignments.assign(
            viewer=self._house.administrator,
            customer_ids=[self.customer.id],
            manager_id=manager_id,
            now=self.now,
        )

    async def tag(self) -> None:
        """The partner notes what it is like."""
        await tags.set_tags(
            viewer=self._house.administrator,
            customer_id=self.customer.id,
            tags=self._random.sample(_TAGS, self._random.randint(0, 3)),
            now=self.now,
        )

    async def rate(self) -> None:
        """The platform gives it a level, and says how it is served."""
        level = self._random.choice(tuple(CustomerLevel))
        await standing.set_level(
            viewer=REVIEWER,
            customer_id=self.customer.id,
            level=level,
            now=self.now,
        )
        named = level in (CustomerLevel.V4, CustomerLevel.V5)
        await standing.set_segment(
            viewer=REVIEWER,
            customer_id=self.customer.id,
            segment=CustomerSegment.NAMED if named else CustomerSegment.MID_LONG_TAIL,
            reason="年度客户分层",
            now=self.now,
        )

    async def freeze(self, reason: str, *, by_platform: bool = False) -> None:
        """Somebody stops it."""
        await standing.freeze(
            viewer=PLATFORM if by_platform else self._house.administrator,
            customer_id=self.customer.id,
            extent=self._random.choice((Freeze.ACCOUNT, Freeze.ACCOUNT_AND_RESOURCES)),
            reason=reason,
            now=self.now,
        )

    async def unfreeze(self) -> None:
        """The partner lets it go on."""
        await standing.unfreeze(
            viewer=self._house.administrator, customer_id=self.customer.id, now=self.now
        )
