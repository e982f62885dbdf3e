"""Exports from the question to the file: what is asked for, who may, and what is in it."""

import hashlib
import io
from datetime import date, datetime

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from domain.exports.lists import LISTS
from domain.identity.items import Item
from kit import ids
from models.exports import Export
from models.orders import Order
from tests.conftest import Clock
from tests.customers.conftest import Ask, Refused
from tests.exports.factories import (
    CREATE,
    SHOW,
    content,
    global_id,
    lines,
    made,
    objects,
    requested,
)
from tests.factories import a_partner, a_staff_viewer, an_administrator
from tests.orders.factories import Shop, place

pytestmark = pytest.mark.usefixtures("database")

LISTED = "{ exportableLists { name title columns { name heading type } } }"
PLATFORMS = {"settlementRuns", "upstreamRequests"}  # lists that no partner has
AS_WRITTEN = datetime(2030, 2, 1, 7, 30)  # noqa: DTZ001 -- a sheet knows no zones
NUMBERS = {
    "columns": ["number", "status", "customerName", "dueAmount", "createdAt", "isPartnerPaid"]
}


async def test_orders_become_a_csv_file(shop: Shop, time: Clock, ask: Ask) -> None:
    order = await place(shop, shop.line(2), now=time.now)
    await Order.filter(id=order.id).update(note='=1+1, "quoted"\nand two lines')

    export = await requested(
        ask, by=shop.buyer, list={"orders": {}}, columns=[*NUMBERS["columns"], "note"], bom=True
    )
    assert await made(time.now) == 1

    raw = await content(export)
    assert raw.startswith(b"\xef\xbb\xbf")
    assert await lines(export) == [
        [
            "Number",
            "Status",
            "Customer",
            "Due amount (CNY)",
            "Placed at",
            "Paid by partner",
            "Note",
        ],
        [
            order.number,
            "Pending payment",
            shop.customer.name,
            "2000.00",
            "2030-02-01 07:30:00",
            "no",
            '\'=1+1, "quoted"\nand two lines',
        ],
    ]
    shown = await ask(SHOW, by=shop.buyer, id=global_id(export))
    assert shown["status"] == "DONE"
    assert (shown["rowsDone"], shown["rowsExpected"], shown["attemptCount"]) == (1, 1, 1)
    assert shown["sha256"] == hashlib.sha256(raw).hexdigest()
    assert shown["size"] == str(len(raw))
    assert shown["fileName"] == "Orders-20300201-073000.csv"
    assert "/exports/" in shown["downloadUrl"]
    assert shown["deadline"] == {"status": "SCHEDULED", "dueAt": "2030-02-03T23:30:00.000000Z"}
    assert [node["name"] for node in shown["history"]["nodes"]] == [
        "export.finished",
        "export.started",
        "export.requested",
    ]


async def test_types_survive_in_a_workbook(shop: Shop, time: Clock, ask: Ask) -> None:
    order = await place(shop, shop.line(2), now=time.now)
    await Order.filter(id=order.id).update(note="=SUM(A1) <b>&amp;</b>\r\n\t\x07 ' 中文")
    time.forward(days=-1)
    huge = await place(shop, shop.line(1), now=time.now)
    amounts = dict.fromkeys(("list_amount", "deal_amount", "due_amount"), "9007199254740993.11")
    await Order.filter(id=huge.id).update(**amounts)
    time.forward(days=1)

    export = await requested(
        ask,
        by=shop.buyer,
        list={"orders": {}},
        columns=[
            "id",
            "number",
            "status",
            "listAmount",
            "dueAmount",
            "createdAt",
            "paidAt",
            "note",
        ],
        format="XLSX",
        language="ZH",
    )
    await made(time.now)

    raw = await content(export)
    sheet = openpyxl.load_workbook(io.BytesIO(raw)).active
    assert sheet is not None
    assert sheet.title == "订单"
    assert [cell.value for cell in sheet[1]] == [
        *(
            "订单ID",
            "订单号",
            "订单状态",
            "官网价(元)",
            "应付金额(元)",
            "下单时间",
            "支付时间",
            "备注",
        )
    ]
    cells = list(sheet[2])
    assert [cell.value for cell in cells] == [
        ids.encode("ord", order.id),
        order.number,
        "待支付",
        2000,
        2000,
        AS_WRITTEN,
        None,
        "=SUM(A1) <b>&amp;</b>\r\n\t ' 中文",
    ]
    assert sheet["E3"].value == "9007199254740993.11"  # more digits than a number there has
    assert cells[7].data_type != "f"
    assert cells[5].number_format == "yyyy\\-mm\\-dd\\ hh:mm:ss"
    assert cells[3].number_format == "#,##0.00"
    rows = CalamineWorkbook.from_filelike(io.BytesIO(raw)).get_sheet_by_index(0).to_python()
    assert rows[1][:4] == [ids.encode("ord", order.id), order.number, "待支付", 2000.0]
    assert rows[1][5] == AS_WRITTEN
    assert rows[1][7] == "=SUM(A1) <b>&amp;</b>\r\n\t ' 中文"


async def test_json_lines_say_what_the_api_says(shop: Shop, time: Clock, ask: Ask) -> None:
    order = await place(shop, shop.line(1), now=time.now)
    await Order.filter(id=order.id).update(note="=1\n\u2028\\ \x02")

    export = await requested(
        ask,
        by=shop.buyer,
        list={"orders": {}},
        columns=["id", "status", "dueAmount", "createdAt", "isPartnerPaid", "note", "sellerName"],
        format="JSONL",
    )
    await made(time.now)

    assert await objects(export) == [
        {
            "id": ids.encode("ord", order.id),
            "status": "PENDING_PAYMENT",
            "dueAmount": "1000.00",
            "createdAt": "2030-01-31T23:30:00.000000Z",
            "isPartnerPaid": False,
            "note": "=1\n\u2028\\ \x02",
            "sellerName": None,
        }
    ]


async def test_filter_and_order_are_those_of_the_list(shop: Shop, time: Clock, ask: Ask) -> None:
    first = await place(shop, shop.line(3), now=time.now)
    time.forward(days=1)
    second = await place(shop, shop.line(1), now=time.now)
    time.forward(days=6, hours=1)  # the first one's seven days are over

    async def found(**asked: object) -> list[str]:
        export = await requested(ask, by=shop.by, list={"orders": asked}, columns=["number"])
        await made(time.now)
        return [line[0] for line in (await lines(export))[1:]]

    assert await found() == [second.number, first.number]
    assert await found(filter={"status": ["CANCELLED"]}) == [first.number]
    assert await found(filter={"created": {"from": "2030-02-01T00:00:00Z"}}) == [second.number]
    assert await found(filter={"amount": {"to": "2000"}}) == [second.number]
    assert await found(filter={"search": first.number[2:]}) == [first.number]
    assert await found(filter={"customerId": ids.encode("cus", shop.customer.id)}) == [
        second.number,
        first.number,
    ]
    assert await found(orderBy={"field": "DUE_AMOUNT", "direction": "ASC"}) == [
        second.number,
        first.number,
    ]
    assert await found(filter={"number": "nothing"}) == []


async def test_every_list_can_be_exported_with_all_its_columns(
    shop: Shop, time: Clock, ask: Ask
) -> None:
    platform = await a_staff_viewer(*Item)
    mine, theirs = [
        {each["name"]: each for each in await ask(LISTED, by=by)} for by in (shop.by, platform)
    ]
    await place(shop, shop.line(1), now=time.now)

    assert set(theirs) - set(mine) == PLATFORMS
    listed = theirs | mine
    assert set(listed) == set(LISTS)
    for name in sorted(set(listed) - {"accountEntries"}):
        by = shop.by if name in mine else platform
        exports = [
            await requested(ask, by=by, list={name: {}}, format=format)
            for format in ("CSV", "XLSX", "JSONL")
        ]
        assert await made(time.now) == 3, name
        for export in exports:
            await export.refresh_from_db()
            assert export.state == "DONE", (name, export.last_error)
        [head, *_] = await lines(exports[0])
        assert len(head) == len(listed[name]["columns"])


async def test_nobody_exports_what_he_may_not_list(shop: Shop, time: Clock, ask: Ask) -> None:
    stranger = await an_administrator(await a_partner("Other"))
    await place(shop, shop.line(1), now=time.now)
    export = await requested(ask, by=stranger, list={"orders": {}}, columns=["number"])
    await made(time.now)
    assert await lines(export) == [["Number"]]

    assert await ask(SHOW, by=shop.by, id=global_id(export)) is None
    staff = await a_staff_viewer(Item.GOODS_POLICY)
    assert "orders" not in {each["name"] for each in await ask(LISTED, by=staff)}
    with pytest.raises(Refused, match="FORBIDDEN"):
        await requested(ask, by=staff, list={"orders": {}})
    assert await Export.all().count() == 1


@pytest.mark.parametrize(
    ("wanted", "code", "path"),
    [
        ({"list": {"orders": {}}, "columns": ["nonsense"]}, "INVALID_INPUT", ["input", "columns"]),
        ({"list": {"orders": {}}, "columns": []}, "INVALID_INPUT", ["input", "columns"]),
        (
            {"list": {"orders": {"filter": {"search": "ab"}}}},
            "INVALID_INPUT",
            ["input", "list", "orders", "filter", "search"],
        ),
        (
            {"list": {"orders": {"filter": {"customerId": "ord_" + "0" * 32}}}},
            "INVALID_INPUT",
            ["input", "list", "orders", "filter", "customerId"],
        ),
        (
            {"list": {"accountEntries": {"accountId": "act_" + "0" * 32}}},
            "NOT_FOUND",
            ["input", "list", "accountEntries", "accountId"],
        ),
        (
            {"list": {"consumption": {"filter": {"period": "2028-06"}}}},
            "CONSUMPTION_TOO_OLD",
            ["input", "list", "consumption", "filter", "period"],
        ),
    ],
)
async def test_what_the_list_refuses_is_refused(
    shop: Shop,
    ask: Ask,
    wanted: dict[str, object],
    code: str,
    path: list[str],
) -> None:
    asked = {"format": "CSV", "language": "EN", "csvBom": True} | wanted

    answer = await ask(CREATE, by=shop.by, **asked)

    assert answer["export"] is None
    assert [(error["code"], error["path"]) for error in answer["errors"]] == [(code, path)]
    assert await Export.all().count() == 0


def test_days_are_days() -> None:
    assert date(1899, 12, 30).toordinal() + 25569 == date(1970, 1, 1).toordinal()
