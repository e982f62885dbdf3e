"""Reports; name only what the test is about."""

from datetime import datetime
from itertools import count

from domain.identity.viewer import Viewer
from domain.reports import submitting
from kit import ids
from models.customers import Customer
from models.reports import CustomerReport
from tests.customers.factories import a_customer

_serial = count(1)


async def a_lead(**facts: object) -> Customer:
    """An account that nobody has, and that passes every check."""
    return await a_customer("Yangtze", **facts)  # type: ignore[arg-type]


async def a_live_report(*, by: Viewer, now: datetime, of: Customer | None = None) -> CustomerReport:
    """REPORTED since `now`."""
    lead = of or await a_lead()
    return await submitting.submit(
        viewer=by, name=lead.name, account_name=lead.account_name, now=now
    )


async def a_pending_report(*, by: Viewer, now: datetime) -> CustomerReport:
    """Of somebody without an account, so that it waits for the platform."""
    email = f"lead{next(_serial)}@nowhere.example"
    return await submitting.submit(viewer=by, name="Amur", email=email, now=now)


def rep(report: CustomerReport) -> str:
    """The id of a report as the API writes it."""
    return ids.encode("rep", report.id)
