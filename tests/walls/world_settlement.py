"""What a house has of statements and of performance that earns incentives, marked by its name."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from domain.identity.items import Item
from domain.identity.viewer import Viewer, ViewerKind
from domain.incentives import applying, confirming, invoicing, manual, paying, policies, reviewing
from domain.incentives import feedback as about_incentives
from domain.incentives.policies import Terms
from domain.invoices.checking import Given
from domain.performance import feedback
from domain.settlement.rules import CURRENT, RULES, Refunded, ShareFacts
from domain.statements import cancelling, disputing, notifying, sending, verifying
from domain.statements import invoicing as receiving
from kit.ids import new_id
from kit.numbers import numbered
from kit.transaction import transactional
from models.catalogue import GoodsKind, IncentiveStrategy, ShareModel
from models.consumption import ConsumptionRecord
from models.customers import Customer
from models.incentives import Incentive, IncentivePeriod, PaysBy
from models.order_states import PolicyScene
from models.orders import OrderLine
from models.partners import Partner
from models.payment_applications import ApplicationKind, PaymentApplication
from models.performance import (
    PerformanceKind,
    PerformanceLine,
    PerformanceSheet,
    PerformanceState,
)
from models.refunds import Refund
from models.settlement import SettledKind, SettlementLine, StatementKind
from models.settlement_runs import RunState, SettlementRun, SettlementShare
from models.statement_steps import InvoiceKind
from models.statements import Statement
from tests.funds.factories import say
from tests.statements import factories as statements

POLICY = "BY_HAND"
# Of each of these months, an incentive; one in every state that a stranger might ask for.
CONFIRMED = ("draft", "rejected", "accepted", "paid")
PERIODS = {state: f"2029-{month:02}" for month, state in enumerate(("asked", *CONFIRMED), 1)}

FACTS = ShareFacts(
    share_model=ShareModel.DEAL_PRICE,
    goods_kind=GoodsKind.SELF_OPERATED,
    cash=Decimal("1060.00"),
    deal_amount=Decimal("1060.00"),
    floor_amount=None,
    ratio=Decimal("0.1"),
    goods_tax_rate=Decimal("0.06"),
    fee_tax_rate=Decimal("0.06"),
)
CENT = Decimal("1.00")


def _platform(name: str, *more: Item) -> Viewer:
    return Viewer(
        kind=ViewerKind.STAFF,
        display_name=name,
        person_id=new_id(),
        items=frozenset(
            {
                *(Item.PERFORMANCE_REVIEW, Item.INCENTIVE_POLICY),
                *(Item.SETTLEMENT_RUN, Item.SETTLEMENT_REVIEW),
                *more,
            }
        ),
    )


PLATFORM = _platform("Accountant")
COLLEAGUES = (
    _platform("Business", Item.STATEMENT_SIGN_BUSINESS),
    _platform("Finance", Item.STATEMENT_SIGN_FINANCE),
)


async def open_policy() -> None:
    """What the platform enters by hand for everybody, since a long time ago."""
    await policies.set_policy(
        viewer=PLATFORM,
        code=POLICY,
        terms=Terms(
            name="运营基地激励",
            name_en="Of operations bases",
            scene=PolicyScene.DISTRIBUTOR,
            period=IncentivePeriod.MONTH,
            strategies=[IncentiveStrategy.STANDARD],
            ladder=[],
            pays_by=PaysBy.MANUAL,
            valid_from="2029-01",
        ),
        now=datetime(2029, 1, 1, tzinfo=UTC),
    )


async def furnish(house: str, partner: Partner, *, by: Viewer, now: datetime) -> None:
    """Statements with their lines, invoices and disputes; sheets, incentives, applications."""
    payer = await Customer.get(account_name=f"{house.lower()}_payer")
    desk = _Desk(house, partner, by, payer, now)
    await desk.settled()
    await desk.performance()
    await desk.incentives()


@dataclass
class _Desk:
    house: str
    partner: Partner
    by: Viewer
    payer: Customer
    now: datetime

    async def settled(self) -> None:
        """One for each way to end, of runs of its own: everybody's are of no house."""
        house = statements.House(self.partner, self.by, PLATFORM, *COLLEAGUES)
        for month, state in enumerate(("made", "cancelled", "sent", "noticed", "paying"), 1):
            statement = await self._statement(house, f"2029-{month:02}")
            named: dict[str, Any] = {"statement_id": statement.id, "now": self.now}
            if state != "made":
                await sending.send(viewer=PLATFORM, **named)
            if state == "cancelled":
                reason = f"{self.house} has moved"
                await cancelling.cancel(viewer=PLATFORM, reason=reason, **named)
            elif state == "sent":
                await self._doubt(statement)
            elif state in ("noticed", "paying"):
                await statements.signed(house, statement, now=self.now)
                await statements.say(statement, reference=f"{self.house}-PS-{month}", now=self.now)
                address = f"{self.house} Road 1"
                await notifying.notify(viewer=PLATFORM, address=address, **named)
                await self._invoice(house, statement, state)

    async def _statement(self, house: statements.House, period: str) -> Statement:
        run = await SettlementRun.create(
            id=new_id(),
            created_at=self.now,
            kind=StatementKind.BASIC,
            period=period,
            starts_at=datetime(2000, 1, 1, tzinfo=UTC),
            ends_at=datetime(2000, 2, 1, tzinfo=UTC),
            as_of=self.now,
            billing_day=date(2030, 2, 1),
            rule_version=CURRENT,
            partner_id=self.partner.id,
            state=RunState.DONE,
            finished_at=self.now,
        )
        done: dict[str, Any] = {"lines": 1, "statements": 1, "waiting": 0, "done_at": self.now}
        await SettlementShare.create(
            id=new_id(), created_at=self.now, run_id=run.id, partner_id=self.partner.id, **done
        )
        return await statements.a_statement(
            house, period=period, run=run, reason=f"{self.house} was short", now=self.now
        )

    async def _doubt(self, statement: Statement) -> None:
        """Of the whole, of a sale and of what was taken back of it, each further on its way."""
        named: dict[str, Any] = {"text": f"{self.house} counts again", "now": self.now}
        sale, back = await self._sale_and_refund(statement)
        made = [
            await disputing.open_(
                viewer=self.by,
                statement_id=statement.id,
                line_id=line.id if line else None,
                **named,
            )
            for line in (None, sale, back)
        ]
        for dispute in made[1:]:
            await disputing.answer(viewer=PLATFORM, dispute_id=dispute.id, **named)
        await disputing.close(viewer=self.by, dispute_id=made[2].id, now=self.now)

    @transactional
    async def _sale_and_refund(self, statement: Statement) -> tuple[SettlementLine, SettlementLine]:
        refund = await Refund.filter(customer_id=self.payer.id).order_by("id").first()
        assert refund is not None
        sold = await OrderLine.get(id=refund.line_id)
        rules = RULES[CURRENT]
        share = rules.share(FACTS).amount
        taken = rules.reversal(
            original=share,
            facts=FACTS,
            refunded=Refunded(cash=CENT, amount=CENT),
            taken_back=Decimal(0),
            is_last=False,
        ).amount
        facts: dict[str, Any] = {
            "created_at": self.now,
            "statement_id": statement.id,
            "partner_id": self.partner.id,
            "customer_id": self.payer.id,
            "goods_id": sold.goods_id,
            "order_line_id": sold.id,
            "period": statement.period,
            "eligible_at": self.now,
            "share_model": FACTS.share_model,
            "goods_kind": FACTS.goods_kind,
            "ratio": FACTS.ratio,
            "goods_tax_rate": FACTS.goods_tax_rate,
            "fee_tax_rate": FACTS.fee_tax_rate,
            "rule_version": CURRENT,
        }
        sale = SettlementLine(
            id=new_id(),
            kind=SettledKind.ORIGINAL,
            cash=FACTS.cash,
            deal_amount=FACTS.deal_amount,
            amount=share,
            **facts,
        )
        await sale.insert()
        back = SettlementLine(
            id=new_id(),
            kind=SettledKind.REVERSAL,
            refund_id=refund.id,
            original_id=sale.id,
            cash=-CENT,
            deal_amount=-CENT,
            taken_before=Decimal(0),
            amount=taken,
            **facts,
        )
        await back.insert()
        return sale, back

    async def _invoice(self, house: statements.House, statement: Statement, state: str) -> None:
        number = f"{self.partner.id.int % 10**7:07}{len(state)}"
        given = statements.an_invoice(
            await Statement.get(id=statement.id), now=self.now, number=number
        )
        await statements.submit(house, statement, [given], now=self.now)
        if state == "paying":
            named: dict[str, Any] = {"statement_id": statement.id, "now": self.now}
            await receiving.receive(viewer=PLATFORM, **named)
            await verifying.verify(viewer=PLATFORM, **named)

    async def performance(self) -> None:
        """A draft and a final sheet, with a sale, a refund and a correction, and questions."""
        sheets = [
            await self._sheet("2029-11", PerformanceState.FINAL),
            await self._sheet("2029-12", PerformanceState.DRAFT),
        ]
        spent = await ConsumptionRecord.filter(customer_id=self.payer.id).order_by("id")
        sold = next(record for record in spent if record.refund_id is None)
        back = next(record for record in spent if record.refund_id is not None)
        sale = await self._line(sheets[0], PerformanceKind.SALE, "500.00", sold)
        await self._line(sheets[0], PerformanceKind.REFUND, "-5.00", back)
        await self._line(sheets[1], PerformanceKind.ADJUSTMENT, "-9.00", sold, corrects=sale)
        named: dict[str, Any] = {"text": f"{self.house} asks about it", "now": self.now}
        await feedback.ask_about_sheet(viewer=self.by, sheet_id=sheets[0].id, **named)
        asked = await feedback.ask_about_line(viewer=self.by, line_id=sale.id, **named)
        await feedback.answer(viewer=PLATFORM, feedback_id=asked.id, **named)

    async def _sheet(self, period: str, state: PerformanceState) -> PerformanceSheet:
        id = new_id()
        return await PerformanceSheet.create(
            id=id,
            created_at=self.now,
            number=numbered("PF", id, at=self.now),
            partner_id=self.partner.id,
            period=period,
            state=state,
            lines=1,
            total_amount=Decimal("500.00"),
            visible_at=self.now,
            approved_at=self.now if state is PerformanceState.FINAL else None,
        )

    async def _line(
        self,
        sheet: PerformanceSheet,
        kind: PerformanceKind,
        amount: str,
        spent: ConsumptionRecord,
        *,
        corrects: PerformanceLine | None = None,
    ) -> PerformanceLine:
        return await PerformanceLine.create(
            id=new_id(),
            created_at=self.now,
            partner_id=self.partner.id,
            kind=kind,
            period=sheet.period,
            performed_at=spent.occurred_at,
            visible_at=self.now,
            consumption_record_id=None if corrects else spent.id,
            sheet_id=sheet.id,
            customer_id=spent.customer_id,
            manager_id=spent.manager_id,
            goods_id=spent.goods_id,
            order_id=spent.order_id,
            order_line_id=spent.line_id,
            refund_id=spent.refund_id,
            corrects_id=corrects.id if corrects else None,
            strategy=IncentiveStrategy.STANDARD,
            scene=PolicyScene.DISTRIBUTOR,
            amount=Decimal(amount),
            reason=f"{self.house} had it twice" if corrects else None,
        )

    async def incentives(self) -> None:
        """One that is asked about, and one for each way of an application."""
        for state, period in PERIODS.items():
            incentive = await manual.enter(
                viewer=PLATFORM,
                partner_id=self.partner.id,
                code=POLICY,
                period=period,
                amount=Decimal("106.00"),
                reason=f"{self.house} keeps a base",
                now=self.now,
            )
            if state == "asked":
                await self._asks(incentive)
            else:
                await self._applies(incentive, state)

    async def _asks(self, incentive: Incentive) -> None:
        named: dict[str, Any] = {"text": f"{self.house} wants to know", "now": self.now}
        asked = await about_incentives.ask(viewer=self.by, incentive_id=incentive.id, **named)
        await about_incentives.answer(viewer=PLATFORM, feedback_id=asked.id, **named)
        await about_incentives.close(viewer=self.by, feedback_id=asked.id, now=self.now)
        await about_incentives.ask(viewer=self.by, incentive_id=incentive.id, **named)

    async def _applies(self, incentive: Incentive, state: str) -> None:
        await confirming.confirm(viewer=self.by, incentive_id=incentive.id, now=self.now)
        draft = await applying.create(
            viewer=self.by,
            kind=ApplicationKind.SINGLE,
            incentive_ids=[incentive.id],
            now=self.now,
        )
        named: dict[str, Any] = {"application_id": draft.id, "now": self.now}
        if state == "draft":
            return
        await applying.submit(viewer=self.by, **named)
        if state == "rejected":
            reason = f"{self.house} has it already"
            await reviewing.reject(viewer=PLATFORM, reason=reason, **named)
            return
        await reviewing.accept(viewer=PLATFORM, **named)
        if state == "paid":
            await self._is_paid(draft)

    async def _is_paid(self, application: PaymentApplication) -> None:
        named: dict[str, Any] = {"application_id": application.id, "now": self.now}
        invoice = Given(
            number=f"{self.partner.id.int % 10**20:020}",
            code=None,
            kind=InvoiceKind.VAT_SPECIAL,
            issued_on=date(2030, 2, 1),
            tax_rate=Decimal("0.06"),
            net=Decimal("100.00"),
            tax=Decimal("6.00"),
            total=Decimal("106.00"),
        )
        await invoicing.hand_in(viewer=self.by, invoices=[invoice], **named)
        await paying.pay(viewer=PLATFORM, **named)
        await say(application.id, reference=f"{self.house}-paid", now=self.now)
