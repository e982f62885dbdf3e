"""What the demo's exports have to look like."""

from datetime import datetime

from domain.exports.guards import download
from domain.exports.viewing import as_of_now
from kit import clock
from models.exports import Export, ExportState
from tests.exports.factories import lines, made


async def files_can_be_had(now: datetime) -> None:
    """As soon as a worker has come by, whoever has asked for them may download both."""
    assert await made(now) == 2
    exports = await Export.all().order_by("listing")
    for export in exports:
        creator = await as_of_now(export.viewer, wall=clock.wall())
        assert creator is not None
        assert export.state is ExportState.DONE, export.last_error
        assert export.rows_done > 0, export.listing
        assert download(export, creator, now) is None
    assert [export.listing for export in exports] == ["orders", "statements"]
    [heading, *rows] = await lines(exports[1])
    assert heading[:2] == ["结算单ID", "结算单号"]
    assert len(rows) == exports[1].rows_done
