"""Events about goods, as histories read them: in the log of their merchant, or the platform's."""

from datetime import datetime
from typing import Any

from domain.audit import events
from domain.audit.events import PLATFORM_TENANT
from domain.identity.viewer import Viewer
from models.base import Record
from models.catalogue import Goods, Sku


async def of_goods(
    happened: str,
    goods: Goods,
    *,
    viewer: Viewer,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    now: datetime,
) -> None:
    """Record `goods.<happened>`."""
    await _record("goods", happened, goods, goods, viewer, before, after, now)


async def of_sku(
    happened: str,
    sku: Sku,
    goods: Goods,
    *,
    viewer: Viewer,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    now: datetime,
) -> None:
    """Record `sku.<happened>`, in the log of its goods' merchant."""
    await _record("sku", happened, sku, goods, viewer, before, after, now)


def facts(row: Record, *names: str) -> dict[str, Any]:
    """Columns as events keep them: exact numbers and instants as text."""
    found = {name: getattr(row, name) for name in names}
    return {
        name: value
        if value is None or isinstance(value, bool | int)
        else value.isoformat()
        if isinstance(value, datetime)
        else str(value)
        for name, value in found.items()
    }


async def _record(
    thing: str,
    happened: str,
    subject: Record,
    goods: Goods,
    viewer: Viewer,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
    now: datetime,
) -> None:
    await events.record(
        f"{thing}.{happened}",
        actor=viewer,
        subject_type=thing,
        subject_id=subject.id,
        tenant_id=goods.merchant_id or PLATFORM_TENANT,
        at=now,
        before=before,
        after=after,
    )
