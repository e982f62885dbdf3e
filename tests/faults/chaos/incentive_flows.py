"""What partners earn by performance: sheets, incentives, and the applications that pay them."""

from typing import Any

from tests.faults.chaos.before import EARNED_BY_HAND, MONTHS
from tests.faults.chaos.client import Refused
from tests.faults.chaos.statement_flows import invoices
from tests.faults.chaos.visitor import Visitor
from tests.faults.chaos.world import Firm

INCENTIVE = "incentive { id status }"
APPLICATION = "paymentApplication { id status totalAmount { amount } taxRatio }"
_PERFORMANCE = (
    "performanceFeedbackOpen",
    "performanceFeedbackAnswer",
    "performanceFeedbackClose",
)
_INCENTIVE = ("incentiveFeedbackOpen", "incentiveFeedbackAnswer", "incentiveFeedbackClose")
_SHEETS = """query($status: [PerformanceStatus!]) {
  performanceSheets(first: 20, filter: {status: $status}) { nodes { id partner { id } } } }"""
_LINES = """query($id: ID!) { performanceLines(first: 5, filter: {sheetId: $id}) {
  nodes { id } } }"""
_TO_CONFIRM = """query($of: ID!, $status: [IncentiveStatus!]) {
  incentives(first: 10, filter: {partnerId: $of, status: $status}) { nodes { id } } }"""


async def performance(v: Visitor) -> None:
    """A sheet is asked about, put right, and approved; several at once, if there are."""
    status = v.dice.choice(("DRAFT", "DRAFT", "FINAL"))
    found = (await v.reads(v.world.staff, _SHEETS, status=[status]))["nodes"]
    if not found:
        return
    sheet = v.dice.choice(found)
    lines = (await v.reads(v.world.staff, _LINES, id=sheet["id"]))["nodes"]
    houses = [*v.world.firms, v.world.distributor]
    [firm] = [firm for firm in houses if firm.id == sheet["partner"]["id"]]
    if v.likely(0.5):
        about = {"lineId": v.dice.choice(lines)["id"]} if lines else {"sheetId": sheet["id"]}
        await _asked(v, firm, _PERFORMANCE, text="Whose is this?", **about)
    if lines and v.likely(0.3):
        await v.does(
            v.world.staff,
            "performanceAdjustmentEnter",
            "performanceLine { id }",
            lineId=v.dice.choice(lines)["id"],
            amount="-1.50",
            reason="Counted twice.",
        )
    if status == "DRAFT":
        await v.does(
            v.world.staff, "performanceSheetApprove", "results { id done }", ids=[sheet["id"]]
        )


async def _asked(v: Visitor, firm: Firm, by: tuple[str, str, str], **question: Any) -> None:
    """Asked, perhaps answered, perhaps put away; one question at a time."""
    opens, answers, closes = by
    feedback = f"{opens.removesuffix('Open')} {{ id status }}"
    try:
        opened = await v.does(firm.email, opens, feedback, **question)
    except Refused:
        return  # somebody has asked already
    if v.likely(0.7):
        await v.does(v.world.staff, answers, feedback, id=opened["id"], answer="Yours.")
    if v.likely(0.7):
        await v.does(firm.email, closes, feedback, id=opened["id"])


async def incentive(v: Visitor) -> None:
    """Entered; asked about; confirmed, or left for seven days, which does the same."""
    firm = v.dice.choice(v.world.firms)
    made = await v.does(
        v.world.staff,
        "incentiveManualEnter",
        INCENTIVE,
        partnerId=firm.id,
        code=v.dice.choice(EARNED_BY_HAND),
        period=v.dice.choice(MONTHS),
        amount=f"{v.dice.randrange(40, 900)}.{v.dice.randrange(100):02}",
        reason="A good base.",
    )
    if v.likely(0.4):
        await _asked(v, firm, _INCENTIVE, text="Why so little?", incentiveId=made["id"])
    if v.likely(0.75):
        await v.does(firm.email, "incentiveConfirm", INCENTIVE, id=made["id"])


async def payment_application(v: Visitor) -> None:
    """Confirmed incentives on an application, which is reviewed, invoiced and paid, or isn't."""
    await incentive(v)
    firm = v.dice.choice(v.world.firms)
    found = await v.reads(firm.email, _TO_CONFIRM, of=firm.id, status=["CONFIRMED"])
    ids = [each["id"] for each in found["nodes"]]
    if not ids:
        return
    several = len(ids) > 1 and v.likely(0.5)
    made = await v.does(
        firm.email,
        "paymentApplicationCreate",
        APPLICATION,
        kind="BATCH" if several else "SINGLE",
        incentiveIds=v.dice.sample(ids, 2 if several else 1),
    )
    id = made["id"]
    if v.likely(0.1):
        await v.does(firm.email, "paymentApplicationCancel", APPLICATION, id=id)
        return
    await v.does(firm.email, "paymentApplicationSubmit", APPLICATION, id=id)
    if v.likely(0.15):
        await v.does(
            v.world.staff, "paymentApplicationReject", APPLICATION, id=id, reason="Too early."
        )
        return
    accepted = await v.does(v.world.staff, "paymentApplicationAccept", APPLICATION, id=id)
    for returned in (True, False) if v.likely(0.25) else (False,):
        told = invoices(v, accepted["totalAmount"]["amount"], accepted["taxRatio"])
        await v.does(firm.email, "paymentApplicationInvoice", APPLICATION, id=id, invoices=told)
        if returned:
            await v.does(
                v.world.staff,
                "paymentApplicationInvoiceReturn",
                APPLICATION,
                id=id,
                reason="Unsigned.",
            )
    await v.does(v.world.staff, "paymentApplicationPay", APPLICATION, id=id)
