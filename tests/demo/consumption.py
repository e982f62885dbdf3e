"""What the demo's consumption has to look like."""

from models.consumption import BillType, ConsumptionRecord
from models.usage import UsageImport


async def something_was_spent_and_used() -> None:
    """Orders, refunds and usage are there, and imports with a line that was refused."""
    kinds = {record.bill_type for record in await ConsumptionRecord.all()}
    assert kinds >= {BillType.NEW, BillType.REFUND, BillType.USAGE}
    imports = await UsageImport.all().order_by("created_at")
    assert [(row.added, row.corrections, row.failed) for row in imports] == [
        *[(3, 0, 0)] * 2,  # of a settled month, more than was paid in
        *[(23, 0, 0), (24, 1, 1)],
    ]
    assert await ConsumptionRecord.exists(debt__gt=0)
