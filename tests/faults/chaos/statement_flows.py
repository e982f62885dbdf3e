"""What partners are paid: statements from their review to the bank, and what is doubted of them."""

from decimal import Decimal
from typing import Any

from domain.invoices.taxes import taxes
from tests.faults.chaos.client import Refused
from tests.faults.chaos.visitor import Visitor
from tests.faults.chaos.world import Firm

STATEMENT = "statement { id status }"
DISPUTE = "statementDispute { id status }"
_SOME = """query($of: ID, $status: [StatementStatus!]) {
  statements(first: 12, filter: {partnerId: $of, status: $status}) { nodes { id } } }"""
_ONE = """query($id: ID!) { statement(id: $id) { id status feeTaxRatio notifiedAt
  totalAmount { amount } taxes { net { amount } tax { amount } } signatures { role signedAt }
  settlementLines(first: 3) { nodes { id } } disputes(first: 1) { nodes { id } } } }"""
_STEPS = 12  # that one visitor takes with one statement at most


def invoices(v: Visitor, total: str, ratio: str) -> list[dict[str, Any]]:
    """Right ones of this total: one, or two that come to it."""
    whole = Decimal(total)
    first = (whole / 3).quantize(Decimal("0.01")) if v.likely(0.3) and whole > 1 else whole
    return [_invoice(v, amount, ratio) for amount in (first, whole - first) if amount]


def _invoice(v: Visitor, amount: Decimal, ratio: str) -> dict[str, Any]:
    split = taxes(amount, Decimal(ratio))
    return {
        "number": f"{v.dice.randrange(10**19, 10**20)}",
        "kind": "VAT_SPECIAL",
        "issuedOn": v.visit.moment(hours=8)[:10],  # the day in Shanghai
        "taxRatio": ratio,
        "netAmount": str(split.net),
        "taxAmount": str(split.tax),
        "totalAmount": str(amount),
    }


async def statement(v: Visitor) -> None:
    """One of a firm's, wherever it stands, goes on as far as the bank, or is taken back."""
    firm = v.dice.choice(v.world.firms)
    open_ones = await v.reads(
        v.world.staff,
        _SOME,
        of=firm.id,
        status=list(_NEXT),
    )
    if not open_ones["nodes"]:
        return
    id = v.dice.choice(open_ones["nodes"])["id"]
    for _ in range(_STEPS):
        now = await v.reads(v.world.staff, _ONE, id=id)
        step = _NEXT.get(now["status"])
        if step is None:
            return
        await step(v, firm, now)
        if now["status"] == "COUNTERSIGNING" and not _unsigned(now):
            return  # whoever makes the sheet takes longer


async def _send(v: Visitor, firm: Firm, now: Any) -> None:
    await v.does(v.world.staff, "statementSend", STATEMENT, id=now["id"])


async def _start(v: Visitor, firm: Firm, now: Any) -> None:
    if v.likely(0.15):
        return await _cancel(v, now)
    if v.likely(0.3):
        await _doubt(v, firm, now)
    await v.does(v.world.staff, "statementCountersignStart", STATEMENT, id=now["id"])


async def _sign(v: Visitor, firm: Firm, now: Any) -> None:
    """Each may sign in either name: who wants to sign twice is refused."""
    if v.likely(0.05):
        return await _cancel(v, now)
    for role in _unsigned(now):
        signers = v.dice.sample(v.world.signers, 2)
        for place, signer in enumerate(signers):
            try:
                await v.does(signer, "statementCountersign", STATEMENT, id=now["id"], role=role)
                break
            except Refused:
                if place:
                    raise
    sheet = ("TO_INVOICE", "SHEET_FAILED")
    await v.until(v.world.staff, _ONE, lambda found: found["status"] in sheet, id=now["id"])


async def _sheet(v: Visitor, firm: Firm, now: Any) -> None:
    await v.does(v.world.staff, "statementSheetRetry", STATEMENT, id=now["id"])
    await v.until(v.world.staff, _ONE, lambda found: found["status"] == "TO_INVOICE", id=now["id"])


async def _invoices(v: Visitor, firm: Firm, now: Any) -> None:
    id = now["id"]
    if now["notifiedAt"] is None:
        await v.does(
            v.world.staff, "statementNotify", STATEMENT, id=id, address="1 Huaihai Road, Shanghai"
        )
    told = invoices(v, now["totalAmount"]["amount"], now["feeTaxRatio"])
    await v.does(firm.email, "statementInvoiceSubmit", STATEMENT, id=id, invoices=told)
    if v.likely(0.15):  # others instead, before they came
        told = invoices(v, now["totalAmount"]["amount"], now["feeTaxRatio"])
        await v.does(firm.email, "statementInvoiceSubmit", STATEMENT, id=id, invoices=told)
    await v.does(v.world.staff, "statementInvoiceReceive", STATEMENT, id=id)


async def _verify(v: Visitor, firm: Firm, now: Any) -> None:
    id = now["id"]
    if v.likely(0.25):
        await v.does(v.world.staff, "statementInvoiceReject", STATEMENT, id=id, reason="Unsigned.")
        return
    await v.does(v.world.staff, "statementInvoiceVerify", STATEMENT, id=id)


async def _pay(v: Visitor, firm: Firm, now: Any) -> None:
    await v.does(v.world.staff, "statementPayRetry", STATEMENT, id=now["id"])


async def _cancel(v: Visitor, now: Any) -> None:
    await v.does(v.world.staff, "statementCancel", STATEMENT, id=now["id"], reason="Not so.")
    if v.likely(0.7):
        await v.does(v.world.staff, "statementRegenerate", STATEMENT, id=now["id"])


async def _doubt(v: Visitor, firm: Firm, now: Any) -> None:
    """Doubted, and answered with a difference or without; closed by either side."""
    if now["disputes"]["nodes"]:
        return
    lines = now["settlementLines"]["nodes"]
    about = {"lineId": v.dice.choice(lines)["id"]} if lines and v.likely(0.5) else {}
    opened = await v.does(
        firm.email,
        "statementDisputeOpen",
        DISPUTE,
        statementId=now["id"],
        text="An order is missing.",
        **about,
    )
    if v.likely(0.7):
        difference = {"amount": "3.21", "goodsTaxRatio": "0.06"}
        more = {"adjustment": difference} if v.likely(0.5) else {}
        await v.does(
            v.world.staff,
            "statementDisputeAnswer",
            DISPUTE,
            id=opened["id"],
            answer="So it is.",
            **more,
        )
    if v.likely(0.7):
        await v.does(firm.email, "statementDisputeClose", DISPUTE, id=opened["id"])


async def adjustment(v: Visitor) -> None:
    """A difference for the next statement."""
    await v.does(
        v.world.staff,
        "settlementAdjustmentEnter",
        "settlementAdjustment { reason }",
        partnerId=v.dice.choice(v.world.firms).id,
        amount=f"{v.dice.randrange(-50, 400)}.{v.dice.randrange(1, 100):02}",
        goodsTaxRatio="0.06",
        reason="As agreed.",
    )


def _unsigned(now: Any) -> list[str]:
    return [each["role"] for each in now["signatures"] if each["signedAt"] is None]


_NEXT = {
    "GENERATED": _send,
    "SENT": _start,
    "TO_COUNTERSIGN": _sign,
    "COUNTERSIGNING": _sign,
    "SHEET_FAILED": _sheet,
    "TO_INVOICE": _invoices,
    "INVOICE_REJECTED": _invoices,
    "INVOICE_RECEIVED": _verify,
    "PAY_FAILED": _pay,
}
