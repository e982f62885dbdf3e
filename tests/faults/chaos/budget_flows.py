"""What the platform gives and corrects: test vouchers, coupons, quota, credit, accounts."""

from tests.faults.chaos.visitor import Answer, Visitor
from tests.faults.chaos.world import AGENCY

TEST_VOUCHER = "testVoucherApplication { id version status }"
QUOTA = "voucherQuota { id status }"
COUPON = "coupon { id status }"


def _cents(v: Visitor, most: int) -> str:
    return f"{v.dice.randrange(1, most)}.{v.dice.randrange(100):02}"


async def test_vouchers(v: Visitor) -> None:
    """Applied for on a partner's behalf; decided once, whoever decides."""
    partner = v.dice.choice([firm for firm in v.world.firms if not firm.under])
    staff, expires_at = v.world.staff, v.visit.moment(days=v.dice.choice((3, 30)))
    terms = {"amount": _cents(v, 900), "expiresAt": expires_at}
    draft = await v.does(
        staff,
        "testVoucherApplicationCreate",
        TEST_VOUCHER,
        partnerId=partner.id,
        purpose="A trial.",
        **terms,
    )
    id = draft["id"]
    await v.does_to(
        staff, "testVoucherApplicationEdit", TEST_VOUCHER, draft, purpose="A longer trial.", **terms
    )
    if v.likely(0.15):
        await v.does(staff, "testVoucherApplicationDiscard", TEST_VOUCHER, id=id)
        return
    await v.does(staff, "testVoucherApplicationSubmit", TEST_VOUCHER, id=id)
    answers: list[Answer] = [
        (staff, "testVoucherApplicationApprove", {}),
        (staff, "testVoucherApplicationReject", {"reason": "No."}),
    ]
    await v.one_wins(v.dice.sample(answers, v.dice.choice((1, 2))), TEST_VOUCHER, id=id)


async def held_quota(v: Visitor) -> None:
    """A quota is frozen, let go, worth less; and given to nobody meanwhile."""
    firm = v.dice.choice([firm for firm in v.world.firms if not firm.under])
    staff = v.world.staff
    quota = await v.does(
        staff,
        "voucherQuotaGrant",
        QUOTA,
        partnerId=firm.id,
        kind="VOUCHER",
        amount="1000.00",
        countsPerformance=False,
        needsRepayment=False,
        expiresAt=v.visit.moment(days=v.dice.choice((2, 30))),
        reason="A good year.",
    )
    id = quota["id"]
    await v.does(staff, "voucherQuotaFreeze", QUOTA, id=id, reason="To look.")
    await v.does(staff, "voucherQuotaUnfreeze", QUOTA, id=id, reason="Seen.")
    await v.does(staff, "voucherQuotaAdjustmentBegin", QUOTA, id=id, reason="Too much.")
    await v.does(staff, "voucherQuotaAdjustmentEnd", QUOTA, id=id, reason="Enough.", value="700.00")


async def coupons_of_the_platform(v: Visitor) -> None:
    """Straight to customers; one of them is frozen for a while."""
    firm, staff = v.dice.choice(v.world.firms), v.world.staff
    issued = await v.does(
        staff,
        "couponsGrant",
        "coupons { id } results { id done }",
        customerIds=[each.id for each in v.dice.sample(firm.customers, 2)],
        kind=v.dice.choice(("VOUCHER", "CASH_COUPON", "STORED_VALUE_CARD")),
        faceValue=_cents(v, 90),
        expiresAt=v.visit.moment(days=v.dice.choice((2, 30))),
        countsPerformance=False,
        needsRepayment=False,
    )
    if issued:
        id = issued[0]["id"]
        await v.does(staff, "couponFreeze", COUPON, id=id, reason="To look.")
        if v.likely(0.7):
            await v.does(staff, "couponUnfreeze", COUPON, id=id, reason="Seen.")


async def accounts(v: Visitor) -> None:
    """A deposit, a correction, a credit limit and what is owed on it, all by hand."""
    staff, firm = v.world.staff, v.dice.choice(v.world.firms)
    transfer = "ledgerTransfer { amount { amount } }"
    await v.does(
        staff,
        "depositMove",
        transfer,
        partnerId=firm.id,
        amount=_cents(v, 80),
        reason="As agreed.",
        transId=f"T{v.dice.randrange(10**14)}",
    )
    await v.does(
        staff,
        "accountAdjust",
        transfer,
        partnerId=firm.id,
        kind="CASH",
        amount=_cents(v, 40),
        reason="Booked twice.",
        transId=f"T{v.dice.randrange(10**14)}",
    )
    referred = [each for each in firm.customers if each.type is not AGENCY]
    if not referred:
        return
    buyer = v.dice.choice(referred)
    await v.does(
        staff, "creditLimitSet", "account { id }", customerId=buyer.id, limit="500.00", reason="So."
    )
    lines = [{"skuId": v.world.wares[2].sku, "quantity": 1}]
    placed = await v.does(buyer.email, "orderPlace", "order { id }", lines=lines, cartLineIds=[])
    await v.does(
        buyer.email,
        "orderPay",
        "order { id }",
        id=placed["id"],
        coupons=[],
        creditAmount=_cents(v, 80),
    )
    await v.does(
        buyer.email, "creditRepay", transfer, amount="0.50", transId=f"T{v.dice.randrange(10**14)}"
    )


async def money_downwards(v: Visitor) -> None:
    """A distributor to its resellers and back, a partner to several customers at once."""
    house = v.world.distributor
    reseller = v.dice.choice([firm for firm in v.world.firms if firm.under])
    made = await v.does(
        house.email, "rechargeCreate", "recharge { id }", amount="900.00", method="BANK_TRANSFER"
    )
    await v.does(
        v.world.staff,
        "rechargeRecord",
        "recharge { id }",
        rechargeId=made["id"],
        amount="900.00",
        reference=f"TT{v.dice.randrange(10**12)}",
    )
    amount = _cents(v, 300)
    for mutation in ("resellerFundsAllocate", "resellerFundsRecover")[: v.dice.choice((1, 2))]:
        await v.does(
            house.email,
            mutation,
            "adjustRecord { id }",
            resellerId=reseller.id,
            amount=amount,
            transId=f"T{v.dice.randrange(10**14)}",
        )
    firm = v.dice.choice(v.world.firms)
    await v.does(
        firm.email,
        "fundsAllocateMany",
        "results { id done }",
        allotments=[
            {"customerId": each.id, "amount": _cents(v, 30)} for each in firm.customers[1:4]
        ],
    )
