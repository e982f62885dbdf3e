"""What is told of the end of an export, to whoever follows: its list, format and rows."""

import json
from pathlib import Path
from typing import Any

import pytest

from domain.audit import relay
from domain.exports.lists import LISTS
from domain.exports.queue import ATTEMPTS
from domain.notifications import mail, planning
from domain.webhooks import payload
from kit import store
from models.audit import Event
from models.exports import Export
from tests.conftest import Clock
from tests.customers.conftest import Ask
from tests.exports.factories import global_id, made, requested
from tests.notifications.outbox import only
from tests.orders.factories import Shop, place

pytestmark = pytest.mark.usefixtures("database")

TOLD = "{ inbox(first: 1) { nodes { text subject { id } } } }"


async def end_of(export: Export, name: str) -> Event:
    return await Event.get(subject_id=export.id, name=name)


async def read(ask: Ask, by: object, locale: str) -> dict[str, Any]:
    answer = await ask(TOLD, by=by, locale=locale)
    [message] = answer["nodes"]
    return dict(message)


async def test_what_is_finished_names_its_list_format_and_rows(
    shop: Shop, time: Clock, ask: Ask
) -> None:
    await place(shop, now=time.now)
    time.forward(seconds=1)
    await place(shop, now=time.now)
    export = await requested(ask, by=shop.by, list={"orders": {}}, format="XLSX")
    await made(time.now)

    event = await end_of(export, "export.finished")

    assert event.before == {"state": "RUNNING"}
    assert event.after == {"list": "orders", "format": "XLSX", "state": "DONE", "rows": 2}
    await relay.place_all(now=time.now)
    await event.refresh_from_db()
    body = json.loads(payload.of_event(_as_row(event)))
    assert {change["field"]: change["after"] for change in body["data"]["changes"]} == {
        "status": "DONE",
        "list": "orders",
        "format": "XLSX",
        "rows": "2",
    }


async def test_what_has_failed_names_its_list_and_format(
    shop: Shop, time: Clock, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*args: object, **more: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "put", refuse)
    export = await requested(ask, by=shop.by, list={"orders": {}})
    for _ in range(ATTEMPTS):
        await made(time.now)
        time.forward(minutes=5)

    assert (await end_of(export, "export.failed")).after == {
        "list": "orders",
        "format": "CSV",
        "state": "FAILED",
        "failure": "STORE_REFUSED",
    }


async def test_the_notice_says_which_file_in_the_readers_language(
    shop: Shop, time: Clock, ask: Ask
) -> None:
    export = await requested(ask, by=shop.by, list={"orders": {}}, format="XLSX")
    await made(time.now)
    await relay.place_all(now=time.now)
    while await planning.plan(now=time.now):
        pass

    english, chinese = await read(ask, shop.by, "en"), await read(ask, shop.by, "zh")

    assert english["text"] == "Your export Orders.xlsx is ready for download."
    assert chinese["text"] == "导出任务 订单.xlsx 已完成,请下载。"
    assert english["subject"] == {"id": global_id(export)}


async def test_the_mail_of_it_is_written_without_the_schema_of_the_api(
    shop: Shop, time: Clock, ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To make that takes seconds, in which a worker would do nothing else."""
    await requested(ask, by=shop.by, list={"orders": {}}, format="XLSX")
    await made(time.now)
    await relay.place_all(now=time.now)
    while await planning.plan(now=time.now):
        pass
    mail.configure(smtp_url=None, outbox=tmp_path, mail_from="PC <no-reply@pc.example>")
    monkeypatch.setattr(LISTS, "load", None)

    while await mail.deliver_due(now=time.now):
        pass

    assert "Orders.xlsx" in str(only(tmp_path))


def _as_row(event: Event) -> dict[str, object]:
    return {
        "name": event.name,
        "occurred_at": event.occurred_at,
        "event_id": event.id,
        "position": event.position,
        "partner_id": event.tenant_id,
        "subject_type": event.subject_type,
        "subject_id": event.subject_id,
        "before": json.dumps(event.before),
        "after": json.dumps(event.after),
    }
