"""What makes invoices right, whatever they are for: to the cent, and special ones (S-12, I-11)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from domain.catalogue.amounts import positive
from domain.funds.amounts import not_negative
from domain.invoices.taxes import taxes
from kit.problems import InvalidInput, Problem
from kit.workdays import SHANGHAI
from models.statement_steps import InvoiceKind

MOST = 20

_NUMBER = re.compile(r"[0-9]{8}|[0-9]{20}")
_CODE = re.compile(r"[0-9]{10}|[0-9]{12}")


class InvoiceMustBeSpecial(Problem):
    """What partners earn is invoiced by special VAT invoices (增值税专用发票; S-12, I-11)."""

    en = "Invoice {number} must be a special VAT invoice; have it reissued."
    zh = "发票 {number} 须为增值税专用发票,请退票重开。"
    about = {"number": "Which invoice."}
    number: str


class InvoiceTaxDiffers(Problem):
    """The tax rate is that of the partner's fee, and the tax follows from it, to the cent."""

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
    """The invoices come to what is paid for them, exactly."""

    en = "The invoices come to {given}; what is paid is {expected}."
    zh = "发票合计 {given},与应付金额 {expected} 不一致。"
    about = {"expected": "What is paid.", "given": "What the invoices come to."}
    expected: Decimal
    given: Decimal


class InvoiceUsedAlready(Problem):
    """One invoice never covers two statements or applications (S-20), nor one of them twice."""

    en = "Invoice {number} was told of before."
    zh = "发票 {number} 已被使用,一张发票不可重复提交。"
    about = {"number": "Which invoice."}
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """An invoice as the partner tells of it; amounts with two decimals, `tax_rate` a ratio.

    Electronic invoices have no `code`.
    """

    code: str | None
    number: str
    kind: InvoiceKind
    issued_on: date
    tax_rate: Decimal
    net: Decimal
    tax: Decimal
    total: Decimal


def checked(
    invoices: Sequence[Given],
    *,
    total: Decimal,
    tax_rate: Decimal,
    since: date | None = None,
    now: datetime,
) -> list[Given]:
    """The invoices, 1 to 20, in order: each right, together `total`, none of a day before `since`.

    Raises InvoiceMustBeSpecial, InvoiceTaxDiffers, InvoiceUsedAlready, InvoiceTotalsDiffer,
    InvalidInput.
    """
    path = ("input", "invoices")
    if not 1 <= len(invoices) <= MOST:
        raise InvalidInput(
            reason=f"Tell of 1 to {MOST} invoices; these are {len(invoices)}.",
            reason_zh=f"一次须登记 1 至 {MOST} 张发票。",
            path=path,
        )
    right: list[Given] = []
    for place, given in enumerate(invoices):
        here = (*path, str(place))
        one = _right(given, tax_rate, here)
        _of_its_time(one, since, now, here)
        if any((one.number, one.code) == (other.number, other.code) for other in right):
            raise InvoiceUsedAlready(number=one.number, path=(*here, "number"))
        right.append(one)
    come_to = sum((each.total for each in right), Decimal(0))
    if come_to != total:
        raise InvoiceTotalsDiffer(expected=total, given=come_to, path=path)
    return right


def _right(given: Given, tax_rate: Decimal, path: tuple[str, ...]) -> Given:
    number, code = given.number.strip(), (given.code or "").strip() or None
    is_code = len(number) == 20 if code is None else len(number) == 8 and _CODE.fullmatch(code)
    if not _NUMBER.fullmatch(number) or not is_code:
        raise InvalidInput(
            reason="A number has 8 digits and a code of 10 or 12, or 20 digits and no code.",
            reason_zh="发票号码为 8 位(代码 10 或 12 位),或 20 位(无代码)。",
            path=(*path, "number"),
        )
    if given.kind is not InvoiceKind.VAT_SPECIAL:
        raise InvoiceMustBeSpecial(number=number, path=(*path, "kind"))
    net = positive(given.net, path=(*path, "netAmount")).amount
    tax = not_negative(given.tax, path=(*path, "taxAmount")).amount
    total = positive(given.total, path=(*path, "totalAmount")).amount
    right = taxes(total, tax_rate)
    if given.tax_rate != tax_rate or (net, tax) != (right.net, right.tax):
        raise InvoiceTaxDiffers(
            number=number, tax_ratio=tax_rate, net=right.net, tax=right.tax, path=path
        )
    return replace(given, number=number, code=code, net=net, tax=tax, total=total)


def _of_its_time(given: Given, since: date | None, now: datetime, path: tuple[str, ...]) -> None:
    today = now.astimezone(SHANGHAI).date()
    if given.issued_on <= today and (since is None or since <= given.issued_on):
        return
    raise InvalidInput(
        reason=f"It is issued by today, {today}"
        + (f", and not before it was asked for, {since}." if since else "."),
        reason_zh=f"开票日期不能晚于今日({today})"
        + (f",且不能早于开票通知日({since})。" if since else "。"),
        path=(*path, "issuedOn"),
    )
