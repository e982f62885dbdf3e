"""How many reports stand where, as far as the viewer sees them."""

from datetime import datetime

from domain.customers.dashboard import Cut, counted
from domain.identity.viewer import Viewer
from domain.reports.policy import REPORTS


async def reports_by_status(*, viewer: Viewer, cut: Cut, now: datetime) -> list[tuple[str, int]]:
    """The statuses as of now that any report is in, and how many are."""
    rows = await counted(
        "customer_report",
        REPORTS,
        "select case when t.status = 'REPORTED' and t.expires_at <= {now} then 'EXPIRED'"
        " else t.status end as value, count(*) as number",
        "group by 1 order by 1",
        viewer=viewer,
        cut=cut,
        now=now,
    )
    return [(row["value"], row["number"]) for row in rows]
