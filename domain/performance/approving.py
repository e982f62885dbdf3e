"""Approving sheets (终稿): from then on incentives rest on them, and nothing changes them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.performance import guards, history
from domain.performance.policy import SHEETS
from kit import batches
from kit.batches import ItemOutcome
from kit.problems import NotFound
from kit.transaction import transactional
from models.performance import PerformanceSheet, PerformanceState


@transactional
async def approve(*, viewer: Viewer, sheet_ids: Sequence[UUID], now: datetime) -> list[ItemOutcome]:
    """Let up to 100 sheets be final, with an outcome for each in the order given.

    One transaction, a sheet named twice counted once: NotFound, WrongStatus for what is final.
    """
    permissions.require(viewer, "performanceSheetApprove")
    wanted = batches.checked(sheet_ids, path=("input", "ids"))
    found = {
        sheet.id: sheet
        for sheet in await SHEETS.locked(PerformanceSheet, wanted, viewer=viewer, now=now)
    }
    outcomes = []
    for id in wanted:
        sheet = found.get(id)
        refused = guards.approve(sheet, viewer, now) if sheet else NotFound(thing="sheet")
        if sheet and refused is None:
            await _approve(sheet, viewer, now)
        outcomes.append(ItemOutcome(id, refused))
    return outcomes


async def _approve(sheet: PerformanceSheet, viewer: Viewer, now: datetime) -> None:
    before: PerformanceState = sheet.state
    sheet.state = before.to(PerformanceState.FINAL)
    sheet.approved_at = now
    sheet.approved_by = viewer.actor_id
    sheet.version += 1
    await sheet.save(update_fields=["state", "approved_at", "approved_by", "version"])
    await history.of(
        "approved",
        sheet,
        viewer=viewer,
        before={"state": before.value},
        after={"state": sheet.state.value},
        now=now,
    )
