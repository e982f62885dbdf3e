"""Everybody exports what is theirs: keys, customers, the platform; accounts' lines; over HTTP."""

import asyncio
from contextvars import copy_context
from dataclasses import replace
from typing import Any

import httpx
import pytest
from graphql import get_named_type
from starlette.applications import Starlette
from tortoise.transactions import in_transaction

from domain.exports import queue, requesting, running
from domain.exports.lists import LISTS
from domain.identity import api_keys, recognition
from domain.identity.items import Item
from kit import clock, ids, store
from kit.columns import Kind
from kit.reads.listing import Listing
from models.exports import Export, ExportFailure
from models.exports import ExportState as State
from models.identity import ApiKey
from models.ledger import LedgerAccount
from partner_center import exports, graphql
from schema.export_words import chinese
from schema.exporting import DECLARED
from tests.conftest import Clock
from tests.consumption.factories import buy
from tests.customers.conftest import Ask
from tests.customers.factories import a_manager
from tests.exports.factories import (
    CANCEL,
    CREATE,
    RETRY,
    SHOW,
    content,
    global_id,
    lines,
    made,
    requested,
)
from tests.factories import a_staff_viewer
from tests.orders.factories import Shop, place
from tests.races import until_waiting

pytestmark = pytest.mark.usefixtures("database")

# Lists of the API that no file is made of, and why.
NOT_EXPORTED = {
    "agreements": "texts, which have a PDF of their own",
    "apiKeys": "settings, a page of them",
    "associationReviewQueue": "associationChanges, filtered",
    "exports": "the files themselves",
    "inbox": "what stands in other lists, said once",
    "ledgerAudits": "a row a night",
    "pathRequirements": "rules, a page of them",
    "programmeReviewQueue": "programmeApplications, filtered",
    "programmes": "texts, a page of them",
    "roles": "settings, a page of them",
    "webhookEndpoints": "settings, a page of them",
}


def test_every_list_can_be_exported_or_there_is_a_reason() -> None:
    query = graphql.schema()._schema.query_type
    assert query is not None
    connections = {
        name
        for name, field in query.fields.items()
        if get_named_type(field.type).name.endswith("Connection")
    }

    exported = {name for name, declared in DECLARED.items() if declared.of is None}

    assert exported & set(NOT_EXPORTED) == set()
    assert connections == exported | set(NOT_EXPORTED), "declare it in schema/exports_*.py"


def test_a_column_is_one_value() -> None:
    listing = Listing(graphql.schema()._schema, "Query", "onBehalfAuthorizations")

    with pytest.raises(TypeError, match="can't be a column"):
        listing.cell("scopes")


def test_every_code_has_a_chinese_word() -> None:
    missing = {
        (listed.name, column.cell.enum, code)
        for listed in LISTS.values()
        for column in listed.columns.values()
        if column.cell.kind is Kind.CODE
        for code in column.cell.codes
        if code not in chinese(column.cell.enum)
    }
    assert missing == set()


async def test_a_key_exports_as_long_as_it_lives(shop: Shop, time: Clock, ask: Ask) -> None:
    order = await place(shop, now=time.now)
    made_key = await api_keys.create(
        viewer=shop.by, name="ERP", items=[Item.ORDER_VIEW], now=clock.wall()
    )
    found = await recognition.by_api_key_id(made_key.key.id, wall=clock.wall())
    assert found is not None
    one, two = [
        await requested(ask, by=found.viewer, list={"orders": {}}, columns=["number"])
        for _ in range(2)
    ]
    assert await made_one(time) == one.id
    assert await lines(one) == [["Number"], [order.number]]

    await ApiKey.filter(id=made_key.key.id).update(revoked_at=time.now)
    await made(time.now)

    two = await Export.get(id=two.id)
    assert (two.state, two.failure) == (State.FAILED, ExportFailure.RIGHT_LOST)


async def made_one(time: Clock) -> object:
    claimed = await queue.claim(now=time.now)
    assert claimed is not None
    await running.run(claimed)
    return claimed.id


async def test_a_statement_of_account_is_exported(shop: Shop, time: Clock, ask: Ask) -> None:
    await buy(shop, now=time.now)
    account = await LedgerAccount.get(customer_id=shop.customer.id, kind="CASH")
    account_id = ids.encode("act", account.id)

    export = await requested(
        ask,
        by=shop.buyer,
        list={"accountEntries": {"accountId": account_id, "filter": {"income": True}}},
        columns=["sequence", "type", "amount", "balanceAfter"],
        language="ZH",
    )
    await made(time.now)

    assert await lines(export) == [
        ["序号", "收支类型", "金额(元)", "余额(元)"],
        ["1", "收入", "1000.00", "1000.00"],
    ]


async def test_consumption_of_eighteen_months_is_exported_and_no_more(
    shop: Shop, time: Clock, ask: Ask
) -> None:
    await buy(shop, now=time.now)
    wanted: dict[str, Any] = {"list": {"consumption": {}}, "columns": ["period", "cash"]}
    export = await requested(ask, by=shop.by, **wanted)
    await made(time.now)
    assert await lines(export) == [["Month", "Cash (CNY)"], ["2030-02", "1000.00"]]

    time.forward(days=600)
    export = await requested(ask, by=shop.by, **wanted)
    await made(time.now)
    assert await lines(export) == [["Month", "Cash (CNY)"]]


async def test_the_platform_exports_what_is_everybodys(shop: Shop, time: Clock, ask: Ask) -> None:
    staff = await a_staff_viewer(Item.ORDER_REVIEW)
    order = await place(shop, now=time.now)
    export = await requested(ask, by=staff, list={"orders": {}}, columns=["number"])
    await made(time.now)

    assert await lines(export) == [["Number"], [order.number]]
    assert await ask(SHOW, by=shop.by, id=global_id(export)) is None
    assert (await ask(SHOW, by=staff, id=global_id(export)))["downloadUrl"] is not None


async def test_the_link_gives_the_file(shop: Shop, time: Clock, ask: Ask) -> None:
    app = Starlette(routes=exports.routes())
    desk = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here.example")
    export = await requested(ask, by=shop.by, list={"orders": {}}, columns=["number"])
    await made(time.now)
    url = (await ask(SHOW, by=shop.by, id=global_id(export)))["downloadUrl"]

    answer = await desk.get("/exports/" + url.rpartition("/")[2])

    assert (answer.status_code, answer.content) == (200, await content(export))
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith("attachment;")
    export = await Export.get(id=export.id)
    assert export.key is not None
    await store.delete(export.key)
    assert (await desk.get("/exports/" + url.rpartition("/")[2])).status_code == 404
    assert (await desk.get("/exports/nonsense")).status_code == 404


async def test_twenty_that_wait_are_enough(shop: Shop, time: Clock, ask: Ask) -> None:
    wanted = {"list": {"orders": {}}, "format": "CSV", "language": "EN", "csvBom": False}
    for _ in range(requesting.MOST_WAITING):
        await requested(ask, by=shop.by, list={"orders": {}})

    answer = await ask(CREATE, by=shop.by, **wanted)

    assert [error["code"] for error in answer["errors"]] == ["TOO_MANY_EXPORTS"]
    assert await Export.all().count() == requesting.MOST_WAITING
    await made(time.now)
    assert (await ask(CREATE, by=shop.by, **wanted))["errors"] == []


async def test_twenty_are_enough_however_they_are_asked_for_anew(
    shop: Shop, time: Clock, ask: Ask
) -> None:
    taken_back = await requested(ask, by=shop.by, list={"orders": {}})
    await ask(CANCEL, by=shop.by, id=global_id(taken_back))
    for _ in range(requesting.MOST_WAITING):
        await requested(ask, by=shop.by, list={"orders": {}})

    answer = await ask(RETRY, by=shop.by, id=global_id(taken_back))

    assert answer == {"export": None, "errors": [{"code": "TOO_MANY_EXPORTS"}]}
    assert (await Export.get(id=taken_back.id)).state is State.CANCELLED
    await made(time.now)
    assert (await ask(RETRY, by=shop.by, id=global_id(taken_back)))["errors"] == []


async def test_of_two_at_once_one_is_the_twentieth(shop: Shop, time: Clock, ask: Ask) -> None:
    others = [
        await requested(ask, by=shop.by, list={"orders": {}})
        for _ in range(requesting.MOST_WAITING - 1)
    ]
    elsewhere = copy_context()

    async def one_more() -> Any:
        wanted = {"format": "CSV", "language": "EN", "csvBom": False}
        return await ask(CREATE, by=shop.by, list={"orders": {}}, **wanted)

    async with in_transaction():
        await requesting._refuse_too_many(others[0].created_by)  # holds what both want
        both = [asyncio.create_task(one_more(), context=elsewhere.copy()) for _ in range(2)]
        await until_waiting(2)
    answers = await asyncio.gather(*both)

    refused = [error["code"] for answer in answers for error in answer["errors"]]
    assert refused == ["TOO_MANY_EXPORTS"]
    assert await Export.all().count() == requesting.MOST_WAITING


async def test_what_somebody_has_made_by_his_right_nobody_else_makes_anew(
    shop: Shop, time: Clock, ask: Ask
) -> None:
    _, manager = await a_manager(shop.partner)
    export = await requested(ask, by=manager, list={"orders": {}})
    assert (await ask(CANCEL, by=shop.by, id=global_id(export)))["errors"] == []

    answer = await ask(RETRY, by=shop.by, id=global_id(export))

    assert answer["errors"] == [{"code": "EXPORT_OF_ANOTHER"}]
    assert (await Export.get(id=export.id)).state is State.CANCELLED
    assert (await ask(RETRY, by=manager, id=global_id(export)))["errors"] == []


async def test_who_has_lost_the_right_neither_retries_nor_downloads(
    shop: Shop, time: Clock, ask: Ask
) -> None:
    staff = await a_staff_viewer(Item.ORDER_REVIEW)
    done, cancelled = [await requested(ask, by=staff, list={"orders": {}}) for _ in range(2)]
    await ask(CANCEL, by=staff, id=global_id(cancelled))
    await made(time.now)
    assert (await ask(SHOW, by=staff, id=global_id(done)))["downloadUrl"] is not None
    nobody = replace(staff, items=frozenset())

    assert (await ask(SHOW, by=nobody, id=global_id(done)))["downloadUrl"] is None
    answer = await ask(RETRY, by=nobody, id=global_id(cancelled))
    assert answer["errors"] == [{"code": "EXPORT_RIGHT_LOST"}]
    assert (await Export.get(id=cancelled.id)).state is State.CANCELLED
