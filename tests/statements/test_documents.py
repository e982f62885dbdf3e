"""The invoice list to print and as a PDF, and the letters: what stands there, and for whom."""

from collections.abc import AsyncIterator

import pytest

from domain.notifications.rendering import render
from domain.statements import cancelling, documents, verifying
from kit import links
from models.notifications import Mail
from models.settlement import SettlementLine
from models.statements import Statement
from tests.conftest import Clock
from tests.customers.conftest import Ask
from tests.files.conftest import BASE, Desk
from tests.statements import factories as make
from tests.statements.factories import House, a_statement, fresh, sent, stm
from tests.upstream.working import fire_due

pytestmark = pytest.mark.usefixtures("database")

URLS = "query($id: ID!) { statement(id: $id) { invoiceListUrl invoiceListPdfUrl } }"


@pytest.fixture
async def desk(monkeypatch: pytest.MonkeyPatch, time: Clock) -> AsyncIterator[Desk]:
    """A client of the pages to print."""
    monkeypatch.setattr(links, "_public_url", BASE)
    async with Desk() as desk:
        yield desk


async def shown(desk: Desk, statement: Statement, language: str) -> str:
    found = documents.links_to(await fresh(statement))
    assert found is not None
    answer = await desk.get(found.page, params={"lang": language})
    assert answer.status_code == 200
    return answer.text


async def test_the_list_says_what_is_invoiced(desk: Desk, house: House, time: Clock) -> None:
    statement = await make.notified(house, lines=["1900.00", "-2.63"], now=time.now)

    chinese, english = (
        await shown(desk, statement, "zh"),
        await shown(desk, statement, "en"),
    )

    for text in (
        "开票清单",
        statement.number,
        "Acme",
        "Cloud Computing Co.",
        "PS-1",
        "2029-12",
        "6 %",
        "1,789.97 CNY",
        "107.40 CNY",
        "1,897.37 CNY",
        "2030-03-01 07:30 (北京时间)",
        make.ADDRESS,
        "调账",
        "合计",
    ):
        assert text in chinese, text
    for text in ("Invoice list", "Adjustments", "Payment sheet", "1,897.37", "Total"):
        assert text in english, text
    assert "<script" not in chinese
    assert "style=" not in chinese


async def test_what_is_carried_in_stands_on_it(desk: Desk, house: House, time: Clock) -> None:
    below = await a_statement(house, "-440.00", period="2029-11", now=time.now)
    statement = await sent(house, "2000.00", carried_from=below, now=time.now)

    page = await shown(desk, statement, "en")

    assert "Carried from an earlier statement" in page
    for amount in ("2,000.00", "-440.00", "1,560.00"):
        assert amount in page


async def test_what_is_too_long_for_paper_is_summed_up(
    desk: Desk, house: House, time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "MOST_ROWS", 1)
    statement = await sent(house, lines=["1.00", "2.00", "4.00"], now=time.now)
    lines = await SettlementLine.filter(statement_id=statement.id).order_by("id")
    # As if each stood for the sale of other goods.
    for kind, line in zip(("INCENTIVE", "USAGE"), lines[1:], strict=True):
        await SettlementLine.filter(id=line.id).update(
            kind=kind, incentive_id=line.id, consumption_record_id=line.id
        )

    page = await shown(desk, statement, "en")

    assert "2 more rows, in sum" in page
    assert ">7.00<" in page


async def test_it_is_there_from_when_it_is_sent_and_while_something_is_paid(
    desk: Desk, house: House, time: Clock, ask: Ask
) -> None:
    unsent = await a_statement(house, period="2029-10", now=time.now)
    below = await sent(house, "-1.00", period="2029-11", now=time.now)
    statement = await sent(house, now=time.now)
    for none in (unsent, below):
        assert await ask(URLS, by=house.reviewer, id=stm(none)) == {
            "invoiceListUrl": None,
            "invoiceListPdfUrl": None,
        }

    urls = await ask(URLS, by=house.by, id=stm(statement))
    pdf = await desk.get(urls["invoiceListPdfUrl"], params={"lang": "zh"})
    assert pdf.headers["content-type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF-")
    await cancelling.cancel(
        viewer=house.reviewer, statement_id=statement.id, reason="No.", now=time.now
    )
    assert (await desk.get(urls["invoiceListUrl"])).status_code == 404
    other = urls["invoiceListUrl"].replace("invoice-list", "agreement")
    assert (await desk.get(other)).status_code == 404


async def test_every_letter_can_be_written_in_both_languages(house: House, time: Clock) -> None:
    for number, total in enumerate(("-1.00", "0.00")):
        await sent(house, total, period=f"2029-0{number + 1}", now=time.now)
    cancelled = await sent(house, period="2029-03", now=time.now)
    await cancelling.cancel(
        viewer=house.reviewer, statement_id=cancelled.id, reason="Wrong rate.", now=time.now
    )
    rejected = await make.invoiced(house, period="2029-04", now=time.now)
    await verifying.reject(
        viewer=house.reviewer, statement_id=rejected.id, reason="No seal.", now=time.now
    )
    paid = await make.paying(house, period="2029-05", now=time.now)
    await make.say(paid, reference="BANK-1", now=time.now)
    for days in (22, 10):
        time.forward(days=days)
        await fire_due(time.now)

    written = set()
    for mail in await Mail.all():
        for locale in ("en", "zh"):
            message = render(
                template=mail.template,
                locale=locale,
                facts=mail.facts,
                recipient=mail.recipient,
                sender="a@b.example",
                id=mail.id,
                at=time.now,
            )
            assert len(message["Subject"]) > 10
            text = message.get_body(("plain",))
            assert text is not None
            assert text.get_content().strip()
        written.add(mail.template)
    assert written == {
        "statement_sent",
        "statement_invoice_notice",
        "statement_invoice_reminder",
        "statement_invoice_rejected",
        "statement_ended",
        "statement_overdue",
    }
