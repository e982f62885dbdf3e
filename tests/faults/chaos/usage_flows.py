"""What is paid by use: usage is handed in as files, charged, owed, corrected; money pays debts."""

import json
from decimal import Decimal
from typing import Any

from tests.faults.chaos.client import Refused
from tests.faults.chaos.visitor import Visitor
from tests.faults.chaos.world import AGENCY, Buyer, Firm

IMPORT = "usageImport { id addedCount repeatedCount failedCount errors { code } }"
_OPEN = """query($sku: ID!) { subscriptions(first: 1, filter: {
  goodsId: $sku, status: [IN_USE]}) { nodes { id } } }"""
_ORDER = "order { id }"


async def usage(v: Visitor) -> None:
    """A file, and its like again; some of it is put right; the customer pays what it owes."""
    firm = v.dice.choice(v.world.firms)
    buyer = v.dice.choice(firm.customers)
    if not await _has_ordered(v, buyer):
        return
    lines = [_line(v, buyer) for _ in range(v.dice.randrange(1, 6))]
    by = v.world.merchant.email
    await _handed_in(v, by, lines)
    if v.likely(0.4):  # a file of its own, with the same in it and one line more
        await _handed_in(v, by, [*lines, _line(v, buyer)])
    if v.likely(0.5):
        said = v.dice.choice(lines)
        less = str(Decimal(said["quantity"]) * v.dice.choice((0, Decimal("0.5"), 2)))
        await _handed_in(
            v,
            by,
            [said | {"recordId": _record_id(v), "quantity": less, "corrects": said["recordId"]}],
        )
    if v.likely(0.4):
        await _paid_in(v, firm, buyer)


async def usage_ends(v: Visitor) -> None:
    """What is paid by use is given up; later usage of it is refused."""
    firm = v.dice.choice(v.world.firms)
    buyer = v.dice.choice(firm.customers)
    if not await _has_ordered(v, buyer):
        return
    found = await v.reads(buyer.email, _OPEN, sku=v.world.metered.goods)
    if found["nodes"]:
        await v.does(
            buyer.email, "subscriptionEnd", "subscription { id }", id=found["nodes"][0]["id"]
        )


async def _paid_in(v: Visitor, firm: Firm, buyer: Buyer) -> None:
    """Money comes, which takes what is owed: of the partner's, or of its own."""
    amount = f"{v.dice.randrange(1, 60)}.00"
    if buyer.type is AGENCY:
        await v.does(
            firm.email,
            "fundsAllocate",
            "adjustRecord { id }",
            customerId=buyer.id,
            amount=amount,
            transId=f"T{v.dice.randrange(10**14)}",
        )
        return
    made = await v.does(
        buyer.email, "rechargeCreate", "recharge { id }", amount=amount, method="BANK_TRANSFER"
    )
    await v.does(
        v.world.staff,
        "rechargeRecord",
        "recharge { id }",
        rechargeId=made["id"],
        amount=amount,
        reference=f"TT{v.dice.randrange(10**12)}",
    )


async def _has_ordered(v: Visitor, buyer: Buyer) -> bool:
    found = await v.reads(buyer.email, _OPEN, sku=v.world.metered.goods)
    if not found["nodes"]:
        await v.does(
            buyer.email,
            "orderPlace",
            _ORDER,
            lines=[{"skuId": v.world.metered.sku, "quantity": 1}],
            cartLineIds=[],
        )
        found = await v.until(
            buyer.email,
            _OPEN,
            lambda found: bool(found["nodes"]),
            sku=v.world.metered.goods,
        )
    return bool(found["nodes"])


async def _handed_in(v: Visitor, by: str, lines: list[dict[str, Any]]) -> None:
    """Brought and taken in; what is taken in is remembered, for the audit."""
    content = "\n".join(json.dumps(line) for line in lines).encode()
    for trial in range(3):
        file = await v.uploads(by, "usage.jsonl", content)
        try:
            taken = await v.does(by, "usageImport", IMPORT, fileId=file)
            break
        except Refused as refused:
            # Between the two a day may have gone by.
            if trial == 2 or str(refused) != "FILE_EXPIRED":
                raise
    if taken["failedCount"] == 0:
        v.book.used |= {line["recordId"]: Decimal(line["quantity"]) for line in lines}
    try:
        await v.does(by, "usageImport", IMPORT, fileId=file)
        v.book.wrong("an import is booked once", f"the file {file} was taken in twice")
    except Refused:
        pass


def _line(v: Visitor, buyer: Buyer) -> dict[str, Any]:
    return {
        "source": "meter",
        "recordId": _record_id(v),
        "customer": buyer.account_name,
        "sku": v.world.metered.code,
        "usedAt": v.visit.moment(seconds=-v.dice.randrange(30)),
        "quantity": f"{v.dice.randrange(1, 300)}.{v.dice.randrange(10**4):04}",
    }


def _record_id(v: Visitor) -> str:
    return f"R{v.dice.randrange(10**16)}"
