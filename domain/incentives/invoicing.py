"""The partner's invoices for an application (I-10, I-11, S-20): VAT special, and to the cent."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from domain.catalogue.amounts import positive
from domain.funds.amounts import not_negative
from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.incentives import application_guards as guards
from domain.incentives.applying import held, move
from kit import database
from kit.ids import new_id
from kit.money import CENT
from kit.problems import InvalidInput, Problem
from kit.transaction import transactional
from kit.workdays import SHANGHAI
from models.payment_applications import IncentiveInvoice, PaymentApplication
from models.payment_applications import PaymentApplicationState as State

MOST = 20

_NUMBER = re.compile(r"[0-9]{8}|[0-9]{20}")
_CODE = re.compile(r"[0-9]{10}|[0-9]{12}")
# Whoever writes a number down waits for who writes another: it is looked for in two tables.
_NUMBERS = 0x696E766F696365


class InvoiceUsed(Problem):
    """One invoice is never for two applications or statements (S-20)."""

    en = "Invoice {number} has been handed in already."
    zh = "发票 {number} 已被使用,一张发票不可对应多个申付单。"
    about = {"number": "The number of the invoice."}
    number: str


class InvoicesDontFit(Problem):
    """Together the invoices are what is paid, each at the rate of the partner's service fee."""

    en = "The invoices come to {given}; {needed} are needed, at a tax rate of {tax_rate}."
    zh = "发票合计 {given} 与应开 {needed} 不一致,或税额与税率 {tax_rate} 不符。"
    about = {
        "given": "What the invoices come to.",
        "needed": "What they should.",
        "tax_rate": "The tax rate of the service fee.",
    }
    given: Decimal
    needed: Decimal
    tax_rate: Decimal


class VatSpecialOnly(Problem):
    """An ordinary invoice is no good; it is to be reissued (I-11)."""

    en = "Incentives are paid against VAT special invoices only."
    zh = "激励发票须为增值税专用发票,请退票重开。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """An invoice as the partner has issued it; `code` is empty for electronic ones."""

    number: str
    code: str
    issued_on: date
    net_amount: Decimal
    tax_amount: Decimal
    is_vat_special: bool


@transactional
async def hand_in(
    *, viewer: Viewer, application_id: UUID, invoices: Sequence[Invoice], now: datetime
) -> PaymentApplication:
    """Hand in the invoices of an accepted application: one or several, together its total.

    Raises VatSpecialOnly, InvoicesDontFit, InvoiceUsed, WrongStatus.
    """
    permissions.require(viewer, "paymentApplicationInvoice")
    _check(invoices, now)
    application = await held(viewer, application_id, guards.invoice, now)
    assert application.fee_tax_rate is not None
    _check_amounts(invoices, application, application.fee_tax_rate)
    await _refuse_used(invoices)
    for invoice in invoices:
        await IncentiveInvoice(
            id=new_id(),
            created_at=now,
            application_id=application.id,
            code=invoice.code,
            number=invoice.number,
            issued_on=invoice.issued_on,
            net_amount=invoice.net_amount,
            tax_amount=invoice.tax_amount,
            total_amount=invoice.net_amount + invoice.tax_amount,
            tax_rate=application.fee_tax_rate,
        ).insert()
    application.invoiced_at = now
    numbers = ", ".join(invoice.number for invoice in invoices)
    await move(application, State.INVOICED, "invoiced", viewer=viewer, invoices=numbers, now=now)
    return application


def net_of(total: Decimal, tax_rate: Decimal) -> Decimal:
    """What of an amount is no tax, rounded HALF_UP to the cent (6.9)."""
    return (total / (1 + tax_rate)).quantize(CENT, ROUND_HALF_UP)


def _check(invoices: Sequence[Invoice], now: datetime) -> None:
    path = ("input", "invoices")
    if not 1 <= len(invoices) <= MOST:
        raise InvalidInput(
            reason=f"1 to {MOST} invoices.", reason_zh=f"须提交 1 至 {MOST} 张发票。", path=path
        )
    if len({(each.code, each.number) for each in invoices}) < len(invoices):
        raise InvalidInput(reason="An invoice is named twice.", reason_zh="发票重复。", path=path)
    for place, each in enumerate(invoices):
        here = (*path, str(place))
        if not each.is_vat_special:
            raise VatSpecialOnly(path=here)
        if not _NUMBER.fullmatch(each.number) or (each.code and not _CODE.fullmatch(each.code)):
            raise InvalidInput(
                reason="A number has 8 digits and a code of 10 or 12, or 20 digits and no code.",
                reason_zh="发票号码为 8 位(代码 10 或 12 位),或 20 位(无代码)。",
                path=(*here, "number"),
            )
        positive(each.net_amount, path=(*here, "netAmount"))
        not_negative(each.tax_amount, path=(*here, "taxAmount"))
        if each.issued_on > now.astimezone(SHANGHAI).date():
            raise InvalidInput(
                reason="An invoice can't be of a day to come.",
                reason_zh="开票日期不能晚于今天。",
                path=(*here, "issuedOn"),
            )


def _check_amounts(
    invoices: Sequence[Invoice], application: PaymentApplication, tax_rate: Decimal
) -> None:
    given = sum((each.net_amount + each.tax_amount for each in invoices), Decimal(0))
    fits = all(
        each.net_amount == net_of(each.net_amount + each.tax_amount, tax_rate) for each in invoices
    )
    if given != application.total_amount or not fits:
        raise InvoicesDontFit(
            given=given,
            needed=application.total_amount,
            tax_rate=tax_rate,
            path=("input", "invoices"),
        )


async def _refuse_used(invoices: Sequence[Invoice]) -> None:
    await database.execute("select pg_advisory_xact_lock($1)", _NUMBERS)
    used = await database.row(
        _USED, [each.number for each in invoices], [each.code for each in invoices]
    )
    if used is not None:
        raise InvoiceUsed(number=used["number"], path=("input", "invoices"))


_USED = """
select given.number from unnest($1::text[], $2::text[]) as given (number, code)
where exists (select from incentive_invoice known where known.returned_at is null
    and known.number = given.number and known.code = given.code)
  or exists (select from invoice known where known.status not in ('REJECTED', 'WITHDRAWN')
    and known.number = given.number and coalesce(known.code, '') = given.code)
limit 1
"""
