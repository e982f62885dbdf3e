"""The demo's month before its last settled one: statements that were paid, or went wrong."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from domain.consumption import billing
from domain.invoices.checking import Given
from domain.invoices.taxes import taxes
from domain.settlement import periods, sharing
from domain.statements import (
    cancelling,
    countersigning,
    disputing,
    invoicing,
    notifying,
    sending,
    verifying,
)
from domain.upstream import answering
from kit.workdays import SHANGHAI
from models.settlement import SettlementLine, StatementKind
from models.statement_steps import InvoiceKind, SignerRole
from models.statements import Statement
from models.upstream import UpstreamRequest
from partner_center.demo import metered, performance, sales
from partner_center.demo.people import SEED, Cast, House
from partner_center.demo.settlement import CLERK, signer
from partner_center.demo.stories import DAY, Story, play

Plot = Callable[["Paper"], Story]

_ADDRESS = "贵州省贵安新区云谷大道 1 号"
_MINUTE = timedelta(minutes=1)


class Paper:
    """A statement on its way through many hands; `now` goes on with it."""

    def __init__(self, cast: Cast, house: House, statement: Statement, now: datetime) -> None:
        self.now, self._cast, self._house, self._id = now, cast, house, statement.id
        self._number = f"{statement.id.int % 10**8:08}"

    @property
    def _by_clerk(self) -> dict[str, Any]:
        return {"viewer": CLERK, "statement_id": self._id, "now": self.now}

    @property
    def _by_partner(self) -> dict[str, Any]:
        return self._by_clerk | {"viewer": self._house.administrator}

    async def send(self) -> None:
        """The platform has looked at it."""
        await sending.send(**self._by_clerk)

    async def sign(self) -> None:
        """Two more people of the platform sign it."""
        await countersigning.start(**self._by_clerk)
        for role in SignerRole:
            viewer = await signer(self._cast, role, since=self.now - 60 * DAY)
            await countersigning.sign(**self._by_clerk | {"viewer": viewer}, role=role)

    async def answer(self, reference: str | None, *, code: str | None = None) -> None:
        """The contract system, or the bank, says what became of it."""
        [request] = await UpstreamRequest.filter(subject_id=self._id, answered_at=None)
        await answering.answered(
            request.id, ok=code is None, reference=reference, code=code, now=self.now
        )

    async def notify(self) -> None:
        """The partner is to send its invoice."""
        await notifying.notify(**self._by_clerk, address=_ADDRESS)

    async def invoice(self, *, of: str = "1") -> None:
        """One invoice; a wrong one is dated before the month that it is for."""
        statement = await Statement.get(id=self._id)
        split = taxes(statement.total_amount, statement.fee_tax_rate)
        given = Given(
            code="5200233130",
            number=f"{self._number[:-1]}{of}",
            kind=InvoiceKind.VAT_SPECIAL,
            issued_on=self.now.astimezone(SHANGHAI).date(),
            tax_rate=statement.fee_tax_rate,
            net=split.net,
            tax=split.tax,
            total=statement.total_amount,
        )
        await invoicing.submit(**self._by_partner, invoices=[given])

    async def receive(self) -> None:
        """The paper is here."""
        await invoicing.receive(**self._by_clerk)

    async def verify(self) -> None:
        """It is right; the bank is told to pay."""
        await verifying.verify(**self._by_clerk)

    async def refuse(self) -> None:
        """It is wrong."""
        await verifying.reject(**self._by_clerk, reason="发票销售方开户行与认证信息不一致,请重开。")

    async def doubt(self, *, adjusted: Decimal | None = None) -> None:
        """The partner doubts a line of it, and is answered; with something for the next one."""
        line = await SettlementLine.filter(statement_id=self._id).order_by("id").first()
        assert line is not None
        made = await disputing.open_(
            **self._by_partner,
            line_id=line.id,
            text="该订单的分成比例与我方签约政策不一致,请核对。",
        )
        self.now += 2 * DAY
        answered: dict[str, Any] = {"dispute_id": made.id, "now": self.now}
        await disputing.answer(
            viewer=CLERK,
            text="经核对,差额将在下期结算单中补发。" if adjusted else "比例以下单时的政策为准。",
            adjustment=disputing.Adjustment(amount=adjusted) if adjusted else None,
            **answered,
        )
        if adjusted:
            await disputing.close(viewer=self._house.administrator, **answered)

    async def cancel(self) -> None:
        """It is wrong as a whole, and made again."""
        await cancelling.cancel(**self._by_clerk, reason="商品税率维护有误,作废重出。")
        await cancelling.regenerate(**self._by_clerk)
        while await sharing.settle_next(now=self.now):
            pass


async def load_paid_month(cast: Cast, *, now: datetime) -> None:
    """A month is sold and settled as the one after it is; each statement goes its own way."""
    *_, billed_at, _ = periods.billing_moments(now - 4 * 31 * DAY, now - timedelta(hours=3))
    period = periods.last_before(StatementKind.BASIC, billed_at)
    begins_at, ends_at = periods.span(StatementKind.BASIC, period)
    await performance.pays_monthly(month=period, at=begins_at)
    await metered.load_metered(cast, begins_at=begins_at)
    await sales.sell_and_settle(cast, billed_at, Random(SEED + 31), now=now)
    await performance.load_performance(cast, month=period, made_at=billed_at)
    await billing.make_bills(scheduled_for=ends_at + 4 * DAY, now=ends_at + 4 * DAY)
    papers = []
    ways = {"qingyun": (_is_paid, _is_paid), "huading": (_fails, _is_sent_back)}
    for house in cast.houses:
        made = await Statement.filter(
            partner_id=house.partner.id, period=period, total_amount__gt=0
        ).order_by("goods_tax_rate")
        for statement, way in zip(made, ways.get(house.company.account, _OTHERS), strict=False):
            paper = Paper(cast, house, statement, billed_at + timedelta(hours=5))
            papers.append((way(paper), paper))
    await play(papers, now=now)


async def _is_asked_for(paper: Paper) -> Story:
    await paper.send()
    yield DAY
    await paper.sign()
    yield 20 * _MINUTE
    await paper.answer("PS20251201")
    yield 10 * _MINUTE
    await paper.notify()


async def _is_verified(paper: Paper) -> Story:
    async for pause in _is_asked_for(paper):
        yield pause
    yield 2 * DAY
    await paper.invoice()
    yield 2 * DAY
    await paper.receive()
    yield DAY
    await paper.verify()


async def _is_paid(paper: Paper) -> Story:
    async for pause in _is_verified(paper):
        yield pause
    yield 3 * timedelta(hours=1)
    await paper.answer(f"ICBC{paper.now:%Y%m%d}0017")


async def _fails(paper: Paper) -> Story:
    async for pause in _is_verified(paper):
        yield pause
    yield 3 * timedelta(hours=1)
    await paper.answer(None, code="ACCOUNT_CLOSED")


async def _is_sent_back(paper: Paper) -> Story:
    async for pause in _is_asked_for(paper):
        yield pause
    yield 3 * DAY
    await paper.invoice(of="2")
    yield DAY
    await paper.invoice(of="3")
    yield 2 * DAY
    await paper.receive()
    yield DAY
    await paper.refuse()


async def _is_doubted(paper: Paper) -> Story:
    await paper.send()
    yield DAY
    await paper.doubt(adjusted=Decimal("88.00"))


async def _is_made_again(paper: Paper) -> Story:
    await paper.send()
    yield DAY
    await paper.doubt()
    yield DAY
    await paper.cancel()


_OTHERS: tuple[Plot, ...] = (_is_doubted, _is_made_again)
