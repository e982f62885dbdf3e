"""The people of a story about settlement, and what each of them does through the API."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from domain.identity.items import Item
from domain.identity.viewer import Viewer
from domain.settlement import sharing
from kit.ids import new_id
from models.catalogue import Goods, Sku
from models.customers import Customer
from models.partners import Partner
from tests.catalogue.factories import a_merchant, a_sku, gds, sku_id, some_goods
from tests.conftest import Clock
from tests.customers.conftest import Ask
from tests.customers.factories import a_customer, a_user_of, cus
from tests.factories import a_partner, a_staff_viewer, an_administrator
from tests.offers.factories import joined
from tests.settlement.factories import certified
from tests.upstream.working import work


@dataclass
class Month:
    """A service provider, a customer of nobody, a merchant, and three people of the platform."""

    ask: Ask
    time: Clock
    partner: Partner
    by: Viewer
    customer: Customer
    buyer: Viewer
    merchant: Partner
    seller: Viewer
    clerk: Viewer
    business: Viewer
    finance: Viewer
    transfers: int = field(default=0)

    async def does(self, by: Viewer, name: str, asked: str, /, **input: Any) -> Any:
        """A mutation that is not refused; the value of the field that is asked for."""
        type_name = f"{name[0].upper()}{name[1:]}Input"
        document = (
            f"mutation($input: {type_name}!) {{ {name}(input: $input)"
            f" {{ errors {{ code message }} {asked} }} }}"
        )
        payload = await self.ask(document, by=by, input={"idempotencyKey": new_id().hex} | input)
        assert payload.pop("errors") == []
        await work(self.time.now)
        return next(iter(payload.values()), None)

    async def sells(
        self, price: str, ratio: str, *, credit: str | None = None, **facts: Any
    ) -> str:
        """Goods with these terms are offered, ordered, paid and opened; the order's id."""
        goods, sku = await self._goods(price, ratio, **facts)
        offer = await self.does(
            self.by,
            "exclusiveOfferCreate",
            "exclusiveOffer { id version }",
            name="Spring",
            accountName=self.customer.account_name,
            discountRatio="1",
            effectiveAt=_instant(self.time.now + timedelta(minutes=1)),
            expiresAt=_instant(self.time.now + timedelta(days=30)),
            goodsIds=[gds(goods)],
        )
        await self.does(self.by, "exclusiveOfferSubmit", "exclusiveOffer { id }", id=offer["id"])
        await self.passes(minutes=2)
        order = await self.does(
            self.buyer,
            "orderPlace",
            "order { id }",
            lines=[{"skuId": sku_id(sku), "exclusiveOfferId": offer["id"]}],
        )
        if credit is None:
            await self.pays_in(price)
        else:
            await self.does(
                self.clerk,
                "creditLimitSet",
                "account { id }",
                customerId=cus(self.customer),
                limit=credit,
                reason="It pays.",
            )
        await self.does(self.buyer, "orderPay", "order { id }", id=order["id"], creditAmount=credit)
        found: str = order["id"]
        return found

    async def _goods(
        self, price: str, ratio: str, *, of_merchant: bool = False, tax: str = "0.06", **policy: Any
    ) -> tuple[Goods, Sku]:
        goods = await some_goods(
            merchant=self.merchant if of_merchant else None,
            share_ratio=Decimal(ratio),
            tax_rate=Decimal(tax),
            **policy,
        )
        return goods, await a_sku(goods, price=price)

    async def pays_in(self, amount: str) -> None:
        """A bank transfer to the customer's account."""
        self.transfers += 1
        await self.does(
            self.clerk,
            "rechargeRecord",
            "recharge { id }",
            amount=amount,
            customerId=cus(self.customer),
            reference=f"TT{self.transfers}",
        )

    async def gives_back(self, order_id: str, *, to: Viewer) -> None:
        """The customer wants its money back, and whoever sold it agrees where it is asked."""
        line = await self.reads(
            self.buyer, "Order", order_id, "lines { subscription { id } }", name="lines"
        )
        refund = await self.does(
            self.buyer,
            "refundRequest",
            "refund { id status }",
            subscriptionId=line[0]["subscription"]["id"],
            reason="NOT_NEEDED",
        )
        if refund["status"] == "MERCHANT_REVIEW":
            await self.does(to, "refundAccept", "refund { id }", id=refund["id"])

    async def is_accepted(self, order_id: str) -> None:
        """The merchant delivers what is supervised, and the customer accepts it."""
        line = await self.reads(
            self.buyer, "Order", order_id, "lines { serviceSupervision { id } }", name="lines"
        )
        watch = line[0]["serviceSupervision"]["id"]
        asked = "serviceSupervision { id }"
        await self.does(
            self.buyer, "serviceRequirementSubmit", asked, id=watch, requirement="Forty desks."
        )
        await self.does(self.seller, "serviceRequirementConfirm", asked, id=watch)
        await self.does(self.seller, "serviceDeliver", asked, id=watch)
        await self.does(self.buyer, "serviceAccept", asked, id=watch)

    async def reads(self, by: Viewer, type: str, id: str, fields: str, *, name: str) -> Any:
        """A field of something, as it is seen."""
        document = f"query($id: ID!) {{ node(id: $id) {{ ... on {type} {{ {fields} }} }} }}"
        found = await self.ask(document, by=by, id=id)
        return found[name]

    async def is_settled(self, period: str) -> dict[str, Any]:
        """The platform starts the run, and workers do it; the run."""
        run = await self.does(
            self.clerk, "settlementRunStart", "settlementRun { id }", kind="BASIC", period=period
        )
        while await sharing.settle_next(now=self.time.now):
            pass
        document = """query { settlementRuns(first: 1) {
          nodes { id period status partnerCount donePartnerCount lineCount statementCount } } }"""
        [found] = (await self.ask(document, by=self.clerk))["nodes"]
        assert found["id"] == run["id"]
        whole: dict[str, Any] = found
        return whole

    async def statements(self, period: str, by: Viewer) -> dict[str, dict[str, Any]]:
        """Statements of a period by their goods' tax rate, as somebody sees them."""
        document = """query($period: String) { statements(filter: { period: $period }) { nodes {
          id status goodsTaxRatio lineCount linesAmount { amount } carryIn { amount }
          totalAmount { amount } explanation { agrees steps { rounded } }
          settlementLines { nodes { kind amount { amount } explanation { agrees } } } } } }"""
        found = await self.ask(document, by=by, period=period)
        return {each["goodsTaxRatio"]: each for each in found["nodes"]}

    async def is_paid(self, statement: dict[str, Any], number: str) -> str:
        """From the review to the money: sent, signed by two, invoiced, verified, paid."""
        id, asked = statement["id"], "statement { status }"
        await self.does(self.clerk, "statementSend", asked, id=id)
        await self.does(self.clerk, "statementCountersignStart", asked, id=id)
        for signer, role in ((self.business, "BUSINESS"), (self.finance, "FINANCE")):
            await self.does(signer, "statementCountersign", asked, id=id, role=role)
        await self.passes(hours=1)
        await self.does(
            self.clerk, "statementNotify", asked, id=id, address="1 River Road, Shenzhen"
        )
        *_, net, tax = [step["rounded"] for step in statement["explanation"]["steps"]]
        invoice = {
            "number": number,
            "issuedOn": f"{self.time.now:%Y-%m-%d}",
            "netAmount": net,
            "taxAmount": tax,
            "taxRatio": "0.06",
            "totalAmount": statement["totalAmount"]["amount"],
        }
        await self.does(self.by, "statementInvoiceSubmit", asked, id=id, invoices=[invoice])
        await self.does(self.clerk, "statementInvoiceReceive", asked, id=id)
        await self.does(
            self.clerk, "statementInvoiceVerify", asked, id=id, idempotencyKey=f"verify {number}"
        )
        await self.passes(hours=1)
        status: str = await self.reads(self.by, "Statement", id, "status", name="status")
        return status

    async def passes(self, **by: float) -> None:
        """Time goes by, and what falls due happens."""
        self.time.forward(**by)
        await work(self.time.now)

    async def comes(self, moment: datetime) -> None:
        """It is that moment now."""
        self.time.now = moment
        await work(moment)


async def a_month(ask: Ask, time: Clock) -> Month:
    """Nothing has happened yet but that the provider has joined and is certified."""
    partner = await joined(await a_partner("Acme"))
    await certified(partner)
    customer = await a_customer("Yangtze")
    merchant = await a_merchant()
    items = (Item.SETTLEMENT_RUN, Item.SETTLEMENT_REVIEW, Item.ORDER_REVIEW, Item.FUNDS_REVIEW)
    return Month(
        ask=ask,
        time=time,
        partner=partner,
        by=await an_administrator(partner),
        customer=customer,
        buyer=await a_user_of(customer),
        merchant=merchant,
        seller=await an_administrator(merchant),
        clerk=await a_staff_viewer(*items),
        business=await a_staff_viewer(Item.STATEMENT_SIGN_BUSINESS),
        finance=await a_staff_viewer(Item.STATEMENT_SIGN_FINANCE),
    )


def _instant(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}Z"
