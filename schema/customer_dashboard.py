"""The dashboard of customers: counts, made when they are asked for."""

from dataclasses import asdict
from typing import Any

import strawberry

from domain.customers import dashboard
from domain.customers.dashboard import Cut
from domain.reports.dashboard import reports_by_status
from kit import ids
from models.customers import AssociationType, CustomerLevel, Freeze, Verification
from models.reports import ReportStatus
from schema import customers, reports  # noqa: F401 -- the enums must be known first
from schema.context import Context

Info = strawberry.Info[Context, None]


@strawberry.type(description="How many customers belong to their partner in one way.")
class AssociationTypeCount:
    association_type: AssociationType | None = strawberry.field(
        description="Which way; null for customers without a partner."
    )
    customer_count: int = strawberry.field(description="How many.")


@strawberry.type(description="How many customers are of one level.")
class LevelCount:
    level: CustomerLevel = strawberry.field(description="Which level.")
    customer_count: int = strawberry.field(description="How many.")


@strawberry.type(description="How many customers are frozen to one extent.")
class FreezeCount:
    freeze: Freeze = strawberry.field(description="What of them is frozen.")
    customer_count: int = strawberry.field(description="How many.")


@strawberry.type(description="How many customers have come that far with their verification.")
class VerificationCount:
    verification: Verification = strawberry.field(description="How far.")
    customer_count: int = strawberry.field(description="How many.")


@strawberry.type(description="How many customers one account manager has.")
class ManagerCount:
    manager_id: strawberry.ID | None = strawberry.field(
        description="The account manager: an operator's id; null for customers that nobody has."
    )
    name: str | None = strawberry.field(description="How the account manager is called.")
    customer_count: int = strawberry.field(description="How many.")


@strawberry.type(description="How many reports stand at one place.")
class ReportStatusCount:
    status: ReportStatus = strawberry.field(description="Where these reports stand.")
    report_count: int = strawberry.field(description="How many.")


@strawberry.input(description="Which part of your customers is counted; all conditions together.")
class CustomerDashboardFilter:
    partner_id: strawberry.ID | None = strawberry.field(
        default=None, description="Of this partner; for distributors and the platform."
    )
    manager_id: strawberry.ID | None = strawberry.field(
        default=None, description="Of this account manager (an operator's id)."
    )
    supervisor_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="Of the account managers whom this supervisor (an operator's id) oversees.",
    )


@strawberry.type(description="Your customers, reports and invitations in numbers, as of now.")
class CustomerDashboard:
    cut: strawberry.Private[Cut]

    @strawberry.field(description="By how they belong to their partner.")
    async def by_association_type(self, info: Info) -> list[AssociationTypeCount]:
        counts = await self._by("association_type", info)
        return [
            AssociationTypeCount(
                association_type=AssociationType(value) if value else None, customer_count=number
            )
            for value, number in counts
        ]

    @strawberry.field(description="By the platform's level.")
    async def by_level(self, info: Info) -> list[LevelCount]:
        counts = await self._by("level", info)
        return [LevelCount(level=CustomerLevel(value), customer_count=n) for value, n in counts]

    @strawberry.field(description="By what of them is frozen.")
    async def by_freeze(self, info: Info) -> list[FreezeCount]:
        counts = await self._by("freeze", info)
        return [FreezeCount(freeze=Freeze(value), customer_count=n) for value, n in counts]

    @strawberry.field(description="By how far their verification has come.")
    async def by_verification(self, info: Info) -> list[VerificationCount]:
        counts = await self._by("verification", info)
        return [
            VerificationCount(verification=Verification(value), customer_count=n)
            for value, n in counts
        ]

    @strawberry.field(
        description="By account manager: the 100 with the most customers, those that nobody has"
        " counted as one."
    )
    async def by_manager(self, info: Info) -> list[ManagerCount]:
        return [
            ManagerCount(
                manager_id=strawberry.ID(ids.encode("opr", manager_id)) if manager_id else None,
                name=name,
                customer_count=number,
            )
            for manager_id, name, number in await dashboard.customers_by_manager(
                **_asked(self.cut, info)
            )
        ]

    @strawberry.field(description="Reports by where they stand now.")
    async def reports_by_status(self, info: Info) -> list[ReportStatusCount]:
        counts = await reports_by_status(**_asked(self.cut, info))
        return [
            ReportStatusCount(status=ReportStatus(value), report_count=n) for value, n in counts
        ]

    @strawberry.field(
        description="How many mailed invitations lapse within 48 hours unless they are answered."
    )
    async def due_invitation_count(self, info: Info) -> int:
        return await dashboard.invitations_due(**_asked(self.cut, info))

    async def _by(self, group: str, info: Info) -> list[tuple[Any, int]]:
        return await dashboard.customers_by(group, **_asked(self.cut, info))

    @staticmethod
    def of(filter: CustomerDashboardFilter | None) -> "CustomerDashboard":
        """The dashboard of the part that the filter says."""
        given = asdict(filter) if filter else {}
        prefixes = {"partner_id": "ptn", "manager_id": "opr", "supervisor_id": "opr"}
        return CustomerDashboard(
            cut=Cut(
                **{
                    name: ids.decode(prefixes[name], value, path=("filter", name))
                    for name, value in given.items()
                    if value is not None
                }
            )
        )


def _asked(cut: Cut, info: Info) -> dict[str, Any]:
    return {"viewer": info.context.viewer, "cut": cut, "now": info.context.now}
