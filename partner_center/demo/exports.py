"""The demo's files: 青云数智 has its orders and its statements exported; a worker makes them."""

from datetime import datetime

from domain.exports import requesting
from models.exports import ExportFormat, ExportLanguage
from partner_center.demo.people import Cast


async def load_exports(cast: Cast, *, now: datetime) -> None:
    """Two that wait; they are there to be downloaded as soon as a worker has come by."""
    for listing, format in (("orders", ExportFormat.XLSX), ("statements", ExportFormat.CSV)):
        await requesting.create(
            viewer=cast.houses[0].administrator,
            listing=listing,
            arguments={},
            parent_id=None,
            columns=None,
            format=format,
            language=ExportLanguage.ZH,
            csv_bom=True,
            now=now,
        )
