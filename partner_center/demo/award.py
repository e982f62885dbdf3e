"""An incentive of the demo that is entered by hand, and each thing that people do with it."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.incentives import (
    applying,
    confirming,
    feedback,
    invoicing,
    manual,
    paying,
    reviewing,
)
from domain.invoices.checking import Given
from domain.invoices.taxes import taxes
from domain.upstream import answering
from kit.workdays import SHANGHAI
from models.certification import BusinessInformation
from models.payment_applications import ApplicationKind
from models.statement_steps import InvoiceKind
from models.upstream import UpstreamRequest
from partner_center.demo.people import House
from partner_center.demo.settlement import CLERK

CODE = "REGION-GROWTH"
_REASON = "区域拓展专项激励,按季度评审结果发放。"


class Award:
    """What a partner is given for a month or several, and what comes of it; `now` goes on."""

    def __init__(self, house: House, periods: list[str], now: datetime) -> None:
        self.now, self._house, self._periods = now, house, periods
        self._incentives: list[UUID] = []
        self._application: UUID | None = None
        self._asked: UUID | None = None

    @property
    def _partner(self) -> dict[str, Any]:
        return {"viewer": self._house.administrator, "now": self.now}

    @property
    def _clerk(self) -> dict[str, Any]:
        return {"viewer": CLERK, "now": self.now}

    @property
    def _applied(self) -> dict[str, Any]:
        return {"application_id": self._application}

    async def enter(self) -> None:
        """The platform says what it comes to."""
        for number, period in enumerate(self._periods, start=1):
            entered = await manual.enter(
                **self._clerk,
                partner_id=self._house.partner.id,
                code=CODE,
                period=period,
                amount=Decimal(self._house.company.members * 100 * number),
                reason=_REASON,
            )
            self._incentives.append(entered.id)

    async def confirm(self) -> None:
        """The partner agrees."""
        for id in self._incentives:
            await confirming.confirm(**self._partner, incentive_id=id)

    async def ask(self) -> None:
        """The partner doesn't, yet."""
        text = "本月新增客户 3 家,激励金额似未包含最后一家,请复核。"
        asked = await feedback.ask(**self._partner, incentive_id=self._incentives[0], text=text)
        self._asked = asked.id

    async def answer(self) -> None:
        """The platform explains."""
        assert self._asked is not None
        text = "第三家客户的首单在次月支付,将计入次月激励。"
        await feedback.answer(**self._clerk, feedback_id=self._asked, text=text)

    async def close(self) -> None:
        """That was all."""
        assert self._asked is not None
        await feedback.close(**self._partner, feedback_id=self._asked)

    async def draft(self) -> None:
        """An application for all of it."""
        made = await applying.create(
            **self._partner,
            kind=ApplicationKind.SINGLE if len(self._incentives) == 1 else ApplicationKind.BATCH,
            incentive_ids=self._incentives,
        )
        self._application = made.id

    async def submit(self) -> None:
        """The platform is asked."""
        await applying.submit(**self._partner, **self._applied)

    async def cancel(self) -> None:
        """The partner applies another time."""
        await applying.cancel(**self._partner, **self._applied)

    async def reject(self) -> None:
        """The platform wants to see more."""
        await reviewing.reject(
            **self._clerk, **self._applied, reason="请补充区域拓展活动证明材料。"
        )

    async def accept(self) -> None:
        """The platform waits for the invoice."""
        await reviewing.accept(**self._clerk, **self._applied)

    async def invoice(self) -> None:
        """The partner's invoice for all of it."""
        certified = await BusinessInformation.get(
            partner_id=self._house.partner.id, status="CERTIFIED"
        )
        total = Decimal(self._house.company.members * 100 * sum(range(1, len(self._periods) + 1)))
        split = taxes(total, certified.fee_tax_rate)
        given = Given(
            code="3100233130",
            number=f"{self._incentives[0].int % 10**6:06}{self.now.day:02}",
            kind=InvoiceKind.VAT_SPECIAL,
            issued_on=self.now.astimezone(SHANGHAI).date(),
            tax_rate=certified.fee_tax_rate,
            net=split.net,
            tax=split.tax,
            total=total,
        )
        await invoicing.hand_in(**self._partner, **self._applied, invoices=[given])

    async def return_invoice(self) -> None:
        """It isn't as it has to be."""
        await reviewing.return_invoices(**self._clerk, **self._applied, reason="发票抬头有误。")

    async def pay(self) -> None:
        """The bank is asked."""
        await paying.pay(**self._clerk, **self._applied)

    async def bank_says(self, reference: str | None, *, code: str | None = None) -> None:
        """The money went out, or didn't."""
        [request] = await UpstreamRequest.filter(subject_id=self._application, answered_at=None)
        await answering.answered(
            request.id, ok=code is None, reference=reference, code=code, now=self.now
        )
