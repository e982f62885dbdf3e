"""Statements through the API: the whole way by mutations, and who sees of it what."""

from typing import Any

import pytest

from domain.audit import relay
from domain.identity.items import Item
from domain.identity.presets import Preset
from domain.settlement import sharing
from kit import ids
from models.audit import Event
from models.settlement import SettlementLine, Unsettled
from models.statement_steps import Invoice, StatementDispute
from models.statements import Statement
from tests.conftest import Clock
from tests.customers.conftest import Ask, Refused
from tests.factories import (
    a_distributor,
    a_partner,
    a_staff_viewer,
    an_administrator,
    an_operator,
    as_operator,
)
from tests.programmes.factories import business_information
from tests.statements import factories as make
from tests.statements.factories import House, a_statement, sent, stm

pytestmark = pytest.mark.usefixtures("database")

LIST = """query($filter: StatementFilter) { statements(first: 10, filter: $filter) {
  totalCount { value precision } nodes { number } } }"""
TOTALS = """query($filter: StatementFilter) { statementTotals(filter: $filter) {
  statementCount lineCount linesAmount { amount } carryIn { amount } totalAmount { amount currency }
  byStatus { status statementCount totalAmount { amount } } } }"""
ONE = """query($id: ID!) { statement(id: $id) {
  id number kind period status goodsTaxRatio feeTaxRatio lineCount partner { name }
  linesAmount { amount } carryIn { amount } totalAmount { amount currency }
  taxes { net { amount } tax { amount } ratio }
  payee { legalName bankName bankAccount taxpayerKind signingEntity }
  businessInformation { bankAccount }
  carriedFrom { number } carriedInto { number } replaces { number } replacedBy { number }
  run { id } step isOverdue deadline { dueAt status onTimeout }
  steps { kind attempt dueOn dueAt isProvisional doneAt breachedAt }
  signatures { role signedAt signer { name } }
  settlementLines(first: 5) { totalCount { value } nodes { kind amount { amount } } }
  invoices(first: 5) { nodes { number status totalAmount { amount } } }
  disputes(first: 5) { nodes { status text adjustmentAmount { amount } } }
  availableActions { name allowed blockedBy { code } }
  history(first: 20) { nodes { name subject { id } changes { field after } } } } }"""
STEP = """mutation($id: ID!) { %s(input: {id: $id%s}) {
  statement { status step sheetNumber paymentReference } errors { code path message } } }"""
SUBMIT = """mutation($id: ID!, $invoices: [InvoiceInput!]!) {
  statementInvoiceSubmit(input: {id: $id, invoices: $invoices, idempotencyKey: "once"}) {
    statement { status invoices(first: 5) { nodes { number netAmount { amount } } } }
    replayed errors { code path ... on InvoiceTotalsDiffer { expected given } } } }"""
INVOICES = """query($filter: InvoiceFilter) { invoices(first: 5, filter: $filter) {
  nodes { id number status statement { number } partner { name } taxRatio issuedOn } } }"""
DISPUTE = """mutation($id: ID!, $line: ID) { statementDisputeOpen(input: {
    statementId: $id, lineId: $line, text: "An order is missing."}) {
  statementDispute { id status line { id } availableActions { name allowed } }
  errors { code } } }"""
ANSWER = """mutation($id: ID!, $amount: Decimal!) { statementDisputeAnswer(input: {
    id: $id, answer: "So it is.", adjustment: {amount: $amount}}) {
  statementDispute { status answer adjustmentAmount { amount currency } statement { status } }
  errors { code path } } }"""
CLOSE = """mutation($id: ID!) { statementDisputeClose(input: {id: $id}) {
  statementDispute { status history(first: 5) { nodes { name } } } errors { code } } }"""
DISPUTES = "{ statementDisputes(first: 5) { nodes { text statement { number } } } }"
ADJUST = """mutation($partner: ID!, $amount: Decimal!) { settlementAdjustmentEnter(input: {
    partnerId: $partner, amount: $amount, goodsTaxRatio: "0.06", reason: "As agreed.",
    idempotencyKey: "once"}) {
  settlementAdjustment { partner { name } amount { amount currency } goodsTaxRatio reason
    line { id } }
  replayed errors { code path } } }"""


def _step(name: str, more: str = "") -> str:
    return STEP % (name, f", {more}" if more else "")


async def numbers(ask: Ask, by: Any, **filter: Any) -> list[str]:
    return [each["number"] for each in (await ask(LIST, by=by, filter=filter))["nodes"]]


async def test_the_whole_way_through_the_api(house: House, time: Clock, ask: Ask) -> None:
    statement = await a_statement(house, "1897.37", now=time.now)
    id = stm(statement)
    staff = house.reviewer

    async def step(name: str, more: str = "", by: Any = staff) -> Any:
        answer = await ask(_step(name, more), by=by, id=id)
        assert answer["errors"] == []
        return answer["statement"]

    assert (await step("statementSend"))["step"] == "COUNTERSIGN"
    assert (await step("statementCountersignStart"))["status"] == "TO_COUNTERSIGN"
    signed = await step("statementCountersign", "role: BUSINESS", by=house.business)
    assert signed["status"] == "COUNTERSIGNING"
    await step("statementCountersign", "role: FINANCE", by=house.finance)
    await make.say(statement, reference="PS-7", now=time.now)
    notice = await step("statementNotify", 'address: "1 Huaihai Road"')
    assert (notice["status"], notice["sheetNumber"]) == ("TO_INVOICE", "PS-7")

    invoice = {
        "number": "25312000000012345678",
        "issuedOn": "2030-02-01",
        "taxRatio": "0.06",
        "netAmount": "1789.97",
        "taxAmount": "107.40",
        "totalAmount": "1897.37",
    }
    told = await ask(SUBMIT, by=house.by, id=id, invoices=[invoice])
    assert (told["errors"], told["replayed"]) == ([], False)
    again = await ask(SUBMIT, by=house.by, id=id, invoices=[invoice])
    assert again["replayed"] is True
    assert await Invoice.all().count() == 1

    await step("statementInvoiceReceive")
    paying = await step("statementInvoiceVerify", 'idempotencyKey: "pay"')
    assert (paying["status"], paying["step"]) == ("PAYING", "PAY")
    await make.say(statement, reference="BANK-1", now=time.now)

    seen = await ask(ONE, by=house.by, id=id)
    assert (seen["status"], seen["step"], seen["isOverdue"]) == ("PAID", None, False)
    assert seen["taxes"] == {
        "net": {"amount": "1789.97"},
        "tax": {"amount": "107.40"},
        "ratio": "0.0600",
    }
    assert seen["payee"] == {
        "legalName": "Acme",
        "bankName": "Bank of Shenzhen",
        "bankAccount": "****7890",
        "taxpayerKind": "GENERAL",
        "signingEntity": "Cloud Computing Co.",
    }
    assert seen["businessInformation"] is not None
    assert seen["run"] is None
    assert [each["kind"] for each in seen["steps"]] == [
        "GENERATE",
        "REVIEW",
        "COUNTERSIGN",
        "NOTIFY",
        "INVOICE",
        "VERIFY",
        "PAY",
    ]
    assert [each["role"] for each in seen["signatures"]] == ["BUSINESS", "FINANCE"]
    assert seen["settlementLines"]["nodes"] == [
        {"kind": "ADJUSTMENT", "amount": {"amount": "1897.37"}}
    ]
    assert seen["invoices"]["nodes"] == [
        {
            "number": "25312000000012345678",
            "status": "VERIFIED",
            "totalAmount": {"amount": "1897.37"},
        }
    ]
    # The partner reads what concerns it: not who signed, and nothing from before it was sent.
    assert [each["name"] for each in reversed(seen["history"]["nodes"])] == [
        "statement.sent",
        "statement.countersigning_started",
        "statement.countersigning",
        "statement.countersigned",
        "statement.sheet_created",
        "statement.invoice_asked_for",
        "statement.invoice_submitted",
        "statement.invoice_received",
        "statement.invoice_verified",
        "statement.paid",
    ]
    assert seen["history"]["nodes"][0]["subject"] == {"id": id}
    staffs = await ask(ONE, by=staff, id=id)
    assert len(staffs["history"]["nodes"]) == 13
    assert staffs["run"] is not None


async def test_what_is_refused_says_why(house: House, time: Clock, ask: Ask) -> None:
    statement = await make.notified(house, now=time.now)
    given = make.an_invoice(statement, "1000.00", now=time.now)
    invoice = {
        "number": given.number,
        "code": given.code,
        "issuedOn": given.issued_on.isoformat(),
        "taxRatio": "0.06",
        "netAmount": str(given.net),
        "taxAmount": str(given.tax),
        "totalAmount": "1000.00",
    }

    refused = await ask(SUBMIT, by=house.by, id=stm(statement), invoices=[invoice])
    late = await ask(
        _step("statementCancel", 'reason: "No."'), by=house.reviewer, id=stm(statement)
    )
    wrong = await ask(_step("statementSend"), by=house.reviewer, id=stm(statement))

    assert refused["errors"] == [
        {
            "code": "INVOICE_TOTALS_DIFFER",
            "path": ["input", "invoices"],
            "expected": "1060.00",
            "given": "1000.00",
        }
    ]
    assert refused["statement"] is None
    assert late["errors"][0]["code"] == "ALREADY_COUNTERSIGNED"
    assert (wrong["errors"][0]["code"], wrong["errors"][0]["path"]) == (
        "WRONG_STATUS",
        ["input", "id"],
    )


async def test_the_actions_that_are_open(house: House, time: Clock, ask: Ask) -> None:
    statement = await sent(house, now=time.now)
    await ask(_step("statementCountersignStart"), by=house.reviewer, id=stm(statement))

    def allowed(seen: Any) -> set[str]:
        return {each["name"] for each in seen["availableActions"] if each["allowed"]}

    reviewer = await ask(ONE, by=house.reviewer, id=stm(statement))
    assert allowed(reviewer) == {"statementCancel"}
    blocked = {
        each["name"]: each["blockedBy"]["code"]
        for each in reviewer["availableActions"]
        if each["blockedBy"]
    }
    assert blocked["statementCountersign"] == "REVIEWED_BY_YOU"
    assert allowed(await ask(ONE, by=house.business, id=stm(statement))) == {
        "statementCountersign",
        "statementCancel",
    }
    signer = await a_staff_viewer(Item.STATEMENT_SIGN_FINANCE)
    assert allowed(await ask(ONE, by=signer, id=stm(statement))) == {"statementCountersign"}
    assert allowed(await ask(ONE, by=house.by, id=stm(statement))) == {"statementDisputeOpen"}


async def test_lists_are_filtered_and_summed_up(house: House, time: Clock, ask: Ask) -> None:
    first = await sent(house, "1060.00", period="2029-10", now=time.now)
    below = await sent(house, "-440.00", period="2029-11", now=time.now)
    time.forward(days=1)
    after = await a_statement(house, "2000.00", carried_from=below, now=time.now)
    staff = house.reviewer

    assert await numbers(ask, staff) == [after.number, below.number, first.number]
    assert await numbers(ask, staff, status=["SENT", "GENERATED"]) == [after.number, first.number]
    assert await numbers(ask, staff, period="2029-11") == [below.number]
    assert await numbers(ask, staff, kind=["ASSESSMENT"]) == []
    assert await numbers(ask, staff, number=first.number[-6:]) == [first.number]
    assert await numbers(ask, staff, amount={"from": "1060.00", "to": "1560.00"}) == [first.number]
    assert await numbers(ask, staff, partnerId=ids.encode("ptn", house.partner.id)) == [
        after.number,
        below.number,
        first.number,
    ]
    assert await numbers(ask, staff, isOverdue=True) == []
    time.forward(days=10)
    assert await numbers(ask, staff, isOverdue=True) == [after.number]
    assert (await ask(ONE, by=staff, id=stm(after)))["isOverdue"] is True

    totals = await ask(TOTALS, by=staff, filter={})
    assert (totals["statementCount"], totals["totalAmount"]["amount"]) == (3, "2180.00")
    assert (totals["linesAmount"]["amount"], totals["carryIn"]["amount"]) == ("2620.00", "-440.00")
    assert totals["byStatus"] == [
        {"status": "CARRIED_OVER", "statementCount": 1, "totalAmount": {"amount": "-440.00"}},
        {"status": "GENERATED", "statementCount": 1, "totalAmount": {"amount": "1560.00"}},
        {"status": "SENT", "statementCount": 1, "totalAmount": {"amount": "1060.00"}},
    ]
    mine = await ask(TOTALS, by=house.by, filter={"status": ["SENT"]})
    assert (mine["statementCount"], mine["totalAmount"]["amount"]) == (1, "1060.00")
    seen = await ask(ONE, by=staff, id=stm(below))
    assert (seen["carriedInto"], seen["taxes"]) == ({"number": after.number}, None)
    assert (await ask(ONE, by=staff, id=stm(after)))["carriedFrom"] == {"number": below.number}


async def test_who_sees_statements(house: House, time: Clock, ask: Ask) -> None:
    statement = await sent(house, now=time.now)
    hidden = await a_statement(house, period="2029-10", now=time.now)
    finance = await as_operator(await an_operator(of=house.partner, role=Preset.FINANCE))
    manager = await as_operator(await an_operator(of=house.partner, role=Preset.ACCOUNT_MANAGER))
    stranger = await an_administrator(await a_partner("Zenith"))

    for viewer in (house.by, finance):
        assert await numbers(ask, viewer) == [statement.number]
        assert await ask(ONE, by=viewer, id=stm(hidden)) is None
    assert await numbers(ask, stranger) == []
    assert await ask(ONE, by=stranger, id=stm(statement)) is None
    assert await ask(ONE, by=manager, id=stm(statement)) is None
    for viewer in (manager, await a_staff_viewer()):
        with pytest.raises(Refused) as refused:
            await numbers(ask, viewer)
        assert refused.value.codes == ["FORBIDDEN"]
        with pytest.raises(Refused):
            await ask(TOTALS, by=viewer, filter={})
    assert len(await numbers(ask, house.reviewer)) == 2


async def test_a_distributor_does_not_see_what_its_resellers_are_paid(
    house: House, time: Clock, ask: Ask
) -> None:
    distributor = await a_distributor()
    reseller = await a_partner("Reseller", distributor=distributor)
    await business_information(of=reseller)
    statement = await sent(house, partner=reseller, now=time.now)
    above = await an_administrator(distributor)

    assert await numbers(ask, above) == []
    assert await ask(ONE, by=above, id=stm(statement)) is None
    await relay.place_all(now=time.now)
    events = "{ events(first: 20) { nodes { name } } }"
    names = {each["name"] for each in (await ask(events, by=above))["nodes"]}
    assert {name for name in names if name.startswith("statement")} == set()
    own = await ask(events, by=await an_administrator(reseller))
    assert "statement.sent" in {each["name"] for each in own["nodes"]}


async def test_invoices_are_listed(house: House, time: Clock, ask: Ask) -> None:
    statement = await make.invoiced(house, now=time.now)
    invoice = await Invoice.get(statement_id=statement.id)
    stranger = await an_administrator(await a_partner("Zenith"))

    for viewer in (house.by, house.reviewer):
        [seen] = (await ask(INVOICES, by=viewer, filter={"number": invoice.number}))["nodes"]
        assert (seen["status"], seen["taxRatio"]) == ("RECEIVED", "0.0600")
        assert seen["statement"] == {"number": statement.number}
    assert (await ask(INVOICES, by=stranger, filter={}))["nodes"] == []
    node = "query($id: ID!) { node(id: $id) { id } }"
    assert await ask(node, by=stranger, id=ids.encode("ivc", invoice.id)) is None
    assert await ask(node, by=house.by, id=ids.encode("ivc", invoice.id)) is not None


async def test_a_dispute_through_the_api(house: House, time: Clock, ask: Ask) -> None:
    statement = await sent(house, now=time.now)
    line = await SettlementLine.get(statement_id=statement.id)
    stl = ids.encode("stl", line.id)

    opened = await ask(DISPUTE, by=house.by, id=stm(statement), line=stl)
    assert (opened["errors"], opened["statementDispute"]["status"]) == ([], "OPEN")
    assert opened["statementDispute"]["line"] == {"id": stl}
    id = opened["statementDispute"]["id"]
    twice = await ask(DISPUTE, by=house.by, id=stm(statement), line=stl)
    assert [each["code"] for each in twice["errors"]] == ["DISPUTED_ALREADY"]
    wrong = await ask(ANSWER, by=house.reviewer, id=id, amount="0.00")
    assert wrong["errors"] == [{"code": "INVALID_INPUT", "path": ["input", "adjustment", "amount"]}]
    answered = await ask(ANSWER, by=house.reviewer, id=id, amount="5.00")
    assert answered["statementDispute"] == {
        "status": "ANSWERED",
        "answer": "So it is.",
        "adjustmentAmount": {"amount": "5.00", "currency": "CNY"},
        "statement": {"status": "SENT"},
    }
    closed = await ask(CLOSE, by=house.by, id=id)
    assert closed["statementDispute"]["status"] == "CLOSED"
    assert len(closed["statementDispute"]["history"]["nodes"]) == 3
    stranger = await an_administrator(await a_partner("Zenith"))
    assert (await ask(DISPUTES, by=stranger))["nodes"] == []
    assert len((await ask(DISPUTES, by=house.by))["nodes"]) == 1
    assert await StatementDispute.all().count() == 1


async def test_an_adjustment_through_the_api(house: House, time: Clock, ask: Ask) -> None:
    partner = ids.encode("ptn", house.partner.id)
    assert await ask(ADJUST, by=house.reviewer, partner=partner, amount="-1.00") == {
        "settlementAdjustment": {
            "partner": {"name": house.partner.name},
            "amount": {"amount": "-1.00", "currency": "CNY"},
            "goodsTaxRatio": "0.0600",
            "reason": "As agreed.",
            "line": None,
        },
        "replayed": False,
        "errors": [],
    }
    again = await ask(ADJUST, by=house.reviewer, partner=partner, amount="-1.00")
    assert again["replayed"] is True
    assert await Unsettled.all().count() == 1
    [event] = await Event.filter(name="settlement_adjustment.entered")
    assert (event.tenant_id, event.reason) == (house.partner.id, "As agreed.")
    assert event.after == {"amount": "-1.00", "goods_tax_rate": "0.06"}


async def test_made_anew_through_the_api(house: House, time: Clock, ask: Ask) -> None:
    statement = await sent(house, now=time.now)
    cancelled = await ask(
        _step("statementCancel", 'reason: "Wrong rate."'), by=house.reviewer, id=stm(statement)
    )
    assert cancelled["statement"]["status"] == "CANCELLED"
    with pytest.raises(Refused):
        await ask(
            _step("statementRegenerate"),
            by=await a_staff_viewer(Item.SETTLEMENT_REVIEW),
            id=stm(statement),
        )

    anew = await ask(_step("statementRegenerate"), by=house.reviewer, id=stm(statement))

    assert anew["errors"] == []
    while await sharing.settle_next(now=time.now):
        pass
    made = await Statement.get(replaces_id=statement.id)
    seen = await ask(ONE, by=house.reviewer, id=stm(statement))
    assert seen["replacedBy"] == {"number": made.number}
    assert (await ask(ONE, by=house.by, id=stm(statement)))["replacedBy"] is None
