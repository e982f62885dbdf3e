"""Invoices for a statement: told by the partner, then signed for by the platform (S-12…S-15)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.statements import guards, history, steps
from domain.statements.amounts import taxes
from domain.statements.policy import MOST_INVOICES
from kit.ids import new_id
from kit.money import Money
from kit.problems import InvalidInput, Problem
from kit.transaction import transactional
from kit.violations import answering
from kit.workdays import SHANGHAI
from models.statement_steps import Invoice, InvoiceKind
from models.statement_steps import InvoiceStatus as InvoiceIs
from models.statements import Statement
from models.statements import StatementStatus as Status
from models.statements import StatementStepKind as StepKind

_NUMBER = re.compile(r"[0-9A-Z][0-9A-Z-]{3,31}")
_CODE = re.compile(r"[0-9A-Z]{4,20}")


class InvoiceMustBeSpecial(Problem):
    """The service fee is invoiced by special VAT invoices (增值税专用发票; S-12)."""

    en = "Invoice {number} must be a special VAT invoice."
    zh = "发票 {number} 须为增值税专用发票。"
    about = {"number": "Which invoice."}
    number: str


class InvoiceTaxDiffers(Problem):
    """The fee's tax rate is that of the statement, and the tax follows from it, to the cent."""

    en = "Invoice {number} should have {net} net and {tax} tax, at a rate of {tax_ratio}."
    zh = "发票 {number} 的税率应为 {tax_ratio},不含税金额 {net},税额 {tax}。"
    about = {
        "number": "Which invoice.",
        "tax_ratio": "The rate that it should have.",
        "net": "What its total is without tax.",
        "tax": "The tax in its total.",
    }
    number: str
    tax_ratio: Decimal
    net: Decimal
    tax: Decimal


class InvoiceTotalsDiffer(Problem):
    """The invoices of a statement come to what it pays, exactly."""

    en = "The invoices come to {given}; the statement pays {expected}."
    zh = "发票合计 {given},与账单金额 {expected} 不一致。"
    about = {"expected": "What the statement pays.", "given": "What the invoices come to."}
    expected: Decimal
    given: Decimal


class InvoiceUsedAlready(Problem):
    """One invoice never covers two statements (S-20), nor one statement twice."""

    en = "Invoice {number} was told of before."
    zh = "发票 {number} 已被使用,一张发票不可重复提交。"
    about = {"number": "Which invoice."}
    number: str


class NoInvoice(Problem):
    """There is nothing to sign for as long as the partner hasn't told of it."""

    en = "The partner hasn't told of any invoice for it yet."
    zh = "合作伙伴尚未登记该账单的发票。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """An invoice as the partner tells of it; amounts with two decimals, `tax_rate` a ratio."""

    code: str | None
    number: str
    kind: InvoiceKind
    issued_on: date
    tax_rate: Decimal
    net: Decimal
    tax: Decimal
    total: Decimal


@transactional
async def submit(
    *, viewer: Viewer, statement_id: UUID, invoices: Sequence[Given], now: datetime
) -> Statement:
    """Tell of the invoices that cover a statement, 1 to 20; those told before are withdrawn.

    Raises StatementOfAnotherPartner, InvoiceNotAskedFor, WrongStatus, InvoiceMustBeSpecial,
    InvoiceTaxDiffers, InvoiceTotalsDiffer, InvoiceUsedAlready, InvalidInput.
    """
    permissions.require(viewer, "statementInvoiceSubmit")
    statement = await steps.held(statement_id, guards.submit_invoice, viewer=viewer, now=now)
    checked = _checked(statement, invoices, now)
    await _withdraw(statement, now)
    for place, given in enumerate(checked):
        used = InvoiceUsedAlready(
            number=given.number, path=("input", "invoices", str(place), "number")
        )
        if await _is_used(statement, given):
            raise used
        with answering(invoice_once=lambda used=used: used):  # type: ignore[misc]
            await _invoice(statement, given, viewer, now).insert()
    await steps.save(statement)
    await history.of(
        "invoice_submitted",
        statement,
        viewer=viewer,
        after={"invoices": ", ".join(given.number for given in checked)},
        now=now,
    )
    return statement


@transactional
async def receive(*, viewer: Viewer, statement_id: UUID, now: datetime) -> Statement:
    """Sign for the invoices, and the list with them (签收). Raises WrongStatus, NoInvoice."""
    permissions.require(viewer, "statementInvoiceReceive")
    statement = await steps.held(statement_id, guards.receive_invoice, viewer=viewer, now=now)
    invoices = await of(statement, InvoiceIs.SUBMITTED)
    if not invoices:
        raise NoInvoice()
    for invoice in invoices:
        invoice.status = invoice.status.to(InvoiceIs.RECEIVED)
        invoice.received_at = now
        await _save(invoice)
    statement.received_at = now
    await steps.turn(statement, StepKind.VERIFY, now=now)
    await steps.move(statement, Status.INVOICE_RECEIVED, "invoice_received", viewer=viewer, now=now)
    return statement


async def decide(
    statement: Statement, wanted: InvoiceIs, *, refusal: str | None = None, now: datetime
) -> None:
    """Take the invoices that have come for a held statement to what was found of them."""
    for invoice in await of(statement, InvoiceIs.RECEIVED):
        invoice.status = invoice.status.to(wanted)
        invoice.decided_at = now
        invoice.refusal = refusal
        await _save(invoice)


async def of(statement: Statement, status: InvoiceIs) -> list[Invoice]:
    """The invoices of a statement that stand there, in the order in which they were told."""
    return await Invoice.filter(statement_id=statement.id, status=status).order_by("id")


def _checked(statement: Statement, invoices: Sequence[Given], now: datetime) -> list[Given]:
    if not 1 <= len(invoices) <= MOST_INVOICES:
        raise InvalidInput(
            reason=f"Tell of 1 to {MOST_INVOICES} invoices; these are {len(invoices)}.",
            reason_zh=f"一次须登记 1 至 {MOST_INVOICES} 张发票。",
            path=("input", "invoices"),
        )
    checked = [
        _one(statement, given, ("input", "invoices", str(place)), now)
        for place, given in enumerate(invoices)
    ]
    total = sum((given.total for given in checked), Decimal(0))
    if total != statement.total_amount:
        raise InvoiceTotalsDiffer(
            expected=statement.total_amount, given=total, path=("input", "invoices")
        )
    return checked


def _one(statement: Statement, given: Given, path: tuple[str, ...], now: datetime) -> Given:
    number = _written(_NUMBER, given.number, (*path, "number"))
    code = _written(_CODE, given.code, (*path, "code")) if given.code else None
    net, tax, total = (
        Money(amount, statement.currency).amount for amount in (given.net, given.tax, given.total)
    )
    assert statement.notified_at is not None, "the guard has seen the notice"
    first = statement.notified_at.astimezone(SHANGHAI).date()
    last = now.astimezone(SHANGHAI).date()
    if not first <= given.issued_on <= last:
        raise InvalidInput(
            reason=f"It is issued after the notice and not ahead: {first} to {last}.",
            reason_zh=f"开票日期须在开票通知之后且不晚于今日({first} 至 {last})。",
            path=(*path, "issuedOn"),
        )
    if given.kind is not InvoiceKind.VAT_SPECIAL:
        raise InvoiceMustBeSpecial(number=number, path=(*path, "kind"))
    right = taxes(total, statement.fee_tax_rate)
    if right.net <= 0:
        raise InvalidInput(
            reason="An invoice is of more than nothing.",
            reason_zh="发票金额须大于 0。",
            path=(*path, "total"),
        )
    if given.tax_rate != statement.fee_tax_rate or (net, tax) != (right.net, right.tax):
        raise InvoiceTaxDiffers(
            number=number,
            tax_ratio=statement.fee_tax_rate,
            net=right.net,
            tax=right.tax,
            path=path,
        )
    return Given(
        code=code,
        number=number,
        kind=given.kind,
        issued_on=given.issued_on,
        tax_rate=given.tax_rate,
        net=net,
        tax=tax,
        total=total,
    )


def _written(form: re.Pattern[str], text: str, path: tuple[str, ...]) -> str:
    found = text.strip().upper()
    if form.fullmatch(found) is None:
        raise InvalidInput(
            reason=f"{found[:40]!r} is none: it has digits and capital letters.",
            reason_zh="发票号码或代码格式不正确,应为数字或大写字母。",
            path=path,
        )
    return found


async def _is_used(statement: Statement, given: Given) -> bool:
    """Another statement's invoice stays that, also after it was rejected there."""
    return await Invoice.filter(
        number=given.number, code=given.code, statement_id__not=statement.id
    ).exists()


async def _withdraw(statement: Statement, now: datetime) -> None:
    for invoice in await of(statement, InvoiceIs.SUBMITTED):
        invoice.status = invoice.status.to(InvoiceIs.WITHDRAWN)
        invoice.decided_at = now
        await _save(invoice)


async def _save(invoice: Invoice) -> None:
    invoice.version += 1
    await invoice.save(update_fields=["status", "received_at", "decided_at", "refusal", "version"])


def _invoice(statement: Statement, given: Given, viewer: Viewer, now: datetime) -> Invoice:
    return Invoice(
        id=new_id(),
        created_at=now,
        statement_id=statement.id,
        partner_id=statement.partner_id,
        code=given.code,
        number=given.number,
        kind=given.kind,
        issued_on=given.issued_on,
        tax_rate=given.tax_rate,
        net_amount=given.net,
        tax_amount=given.tax,
        total_amount=given.total,
        currency=statement.currency,
        status=InvoiceIs.SUBMITTED,
        submitted_by=viewer.actor_id,
    )
