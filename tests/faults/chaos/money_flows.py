"""Money and what stands for it: recharges, allocations, withdrawals, quota and vouchers."""

from tests.faults.chaos.visitor import Visitor

RECHARGE = "recharge { id status }"
WITHDRAWAL = "withdrawal { id status }"


def _amount(v: Visitor, most: int) -> str:
    return f"{v.dice.randrange(1, most)}.{v.dice.randrange(100):02}"


async def recharge(v: Visitor) -> None:
    """By bank, found by the platform or never; or online, which the simulator answers."""
    firm = v.dice.choice(v.world.firms)
    email = v.dice.choice((firm.email, v.dice.choice(firm.customers).email))
    amount = _amount(v, 3000)
    if v.likely(0.5):
        channel = v.dice.choice(("ALIPAY", "WECHAT"))
        await v.does(
            email, "rechargeCreate", RECHARGE, amount=amount, method="ONLINE", channel=channel
        )
        return
    made = await v.does(email, "rechargeCreate", RECHARGE, amount=amount, method="BANK_TRANSFER")
    if v.likely(0.8):
        await v.does(
            v.world.staff,
            "rechargeRecord",
            RECHARGE,
            rechargeId=made["id"],
            amount=amount,
            reference=f"TT{v.dice.randrange(10**12)}",
        )


async def allocation(v: Visitor) -> None:
    """To a customer, and some of it back."""
    firm = v.dice.choice(v.world.firms)
    buyer, amount = v.dice.choice(firm.customers), _amount(v, 500)
    for mutation in ("fundsAllocate", "fundsRecover")[: v.dice.choice((1, 2, 2))]:
        await v.does(
            firm.email,
            mutation,
            "adjustRecord { id }",
            customerId=buyer.id,
            amount=amount,
            note="Budget",
            transId=f"T{v.dice.randrange(10**14)}",
        )


async def withdrawal(v: Visitor) -> None:
    """To a bank card: approved and paid, or not; or deleted by who wanted it."""
    firm = v.dice.choice(v.world.firms)
    card = {"bankName": "Bank of Rivers", "name": firm.account_name, "number": "6222020012345678"}
    made = await v.does(
        firm.email,
        "withdrawalCreate",
        WITHDRAWAL,
        kind="BANK_CARD",
        amount=_amount(v, 200),
        bankAccount=card,
    )
    answer = v.dice.choice(("approve", "approve", "reject", "delete"))
    if answer == "delete":
        await v.does(firm.email, "withdrawalDelete", "", id=made["id"])
    elif answer == "reject":
        await v.does(
            v.world.staff, "withdrawalReject", WITHDRAWAL, id=made["id"], reason="Not yours."
        )
    else:
        await v.does(v.world.staff, "withdrawalApprove", WITHDRAWAL, id=made["id"])


async def voucher_tiers(v: Visitor) -> None:
    """Quota from the platform by the distributor and its resellers to customers, and back."""
    house = v.world.distributor
    resellers = [firm for firm in v.world.firms if firm.under]
    quota = await v.does(
        v.world.staff,
        "voucherQuotaGrant",
        "voucherQuota { id }",
        partnerId=house.id,
        kind="VOUCHER",
        amount="3000.00",
        countsPerformance=False,
        needsRepayment=False,
        expiresAt=v.visit.moment(days=v.dice.choice((3, 20, 80))),
        reason="A good year.",
    )
    issued = await v.does(
        house.email,
        "voucherQuotaIssue",
        "voucherQuotas { id partner { id } }",
        id=quota["id"],
        amount="900.00",
        resellerIds=[firm.id for firm in resellers],
    )
    for each in issued or []:
        [firm] = [firm for firm in resellers if firm.id == each["partner"]["id"]]
        await _coupons(v, firm.email, [buyer.id for buyer in firm.customers], each["id"])
        if v.likely(0.3):
            await v.does(
                house.email, "voucherQuotasReclaim", "results { id done }", ids=[each["id"]]
            )
    if v.likely(0.2):
        await v.does(
            v.world.staff,
            "voucherQuotaInvalidate",
            "voucherQuota { id }",
            id=quota["id"],
            reason="Given twice.",
        )


async def vouchers(v: Visitor) -> None:
    """A partner with quota of its own."""
    firm = v.dice.choice(v.world.firms)
    quota = await v.does(
        v.world.staff,
        "voucherQuotaGrant",
        "voucherQuota { id }",
        partnerId=firm.id,
        kind=v.dice.choice(("VOUCHER", "CASH_COUPON")),
        amount="2000.00",
        countsPerformance=False,
        needsRepayment=False,
        expiresAt=v.visit.moment(days=v.dice.choice((2, 10, 60))),
        reason="A good year.",
    )
    await _coupons(v, firm.email, [buyer.id for buyer in firm.customers], quota["id"])


async def _coupons(v: Visitor, by: str, customer_ids: list[str], quota_id: str) -> None:
    issued = await v.does(
        by,
        "couponsIssue",
        "coupons { id } results { id done }",
        quotaId=quota_id,
        customerIds=customer_ids,
        faceValue=v.dice.choice(("20.00", "75.50", "100.00")),
    )
    if issued and v.likely(0.4):
        ids = [each["id"] for each in issued[:2]]
        await v.does(by, "couponsReclaim", "results { id done }", ids=ids)
