"""The invoice list of a statement (开票清单), which goes with the invoice (S-15)."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

from domain.invoices.taxes import taxes
from domain.partners.names import called
from domain.programmes.certificates import Links
from domain.programmes.certificates import links_to as opened_by_links
from kit import database, ratios
from kit.printing import Document, Table
from kit.workdays import SHANGHAI
from models.partners import Partner
from models.statements import Statement
from models.statements import StatementStatus as Status

INVOICE_LIST = "invoice-list"

# One row for each customer and goods; what is beyond these is summed in the last.
MOST_ROWS = 500

_KINDS = {
    "INCENTIVE": ("业绩激励", "Incentives"),
    "ADJUSTMENT": ("调账", "Adjustments"),
}


class Listed(Protocol):
    """The columns of a statement that say whether it has an invoice list."""

    @property
    def id(self) -> UUID: ...
    @property
    def status(self) -> str: ...
    @property
    def total_amount(self) -> Decimal: ...


def links_to(row: Listed) -> Links | None:
    """The list to print and as a PDF, for a quarter of an hour; None while there is nothing to
    invoice: before it is sent, when it was cancelled, and at or below zero.
    """
    return opened_by_links(INVOICE_LIST, row.id) if _is_listed(row) else None


async def document(kind: str, id: UUID, *, language: str, now: datetime) -> Document | None:
    """What stands on it: who, to whom, and line by line for what; None as `links_to`."""
    statement = await Statement.get_or_none(id=id).prefetch_related(
        "partner", "business_information"
    )
    if statement is None or not _is_listed(statement):
        return None
    zh = language == "zh"
    return Document(
        language=language,
        title=_say(zh, "开票清单", "Invoice list"),
        subtitle=_say(zh, f"账单 {statement.number}", f"Statement {statement.number}"),
        facts=_facts(statement, zh),
        table=Table(head=_head(zh), rows=await _rows(statement, zh), numbers=3),
        footer=_say(zh, "打印时间:", "Printed at ") + _moment(now, zh),
    )


def _is_listed(row: Listed) -> bool:
    return row.total_amount > 0 and row.status not in (Status.GENERATED, Status.CANCELLED)


def _facts(statement: Statement, zh: bool) -> list[tuple[str, str]]:
    partner: Partner = statement.partner
    paid_to = statement.business_information
    split = taxes(statement.total_amount, statement.fee_tax_rate)
    due_at = statement.invoice_due_at
    facts = [
        (_say(zh, "合作伙伴", "Partner"), called(partner, "zh" if zh else "en")),
        (_say(zh, "销售方名称", "Issued by"), paid_to.legal_name),
        (_say(zh, "购买方名称", "Made out to"), paid_to.signing_entity),
        (_say(zh, "申付单号", "Payment sheet"), statement.sheet_number),
        (_say(zh, "账期", "Period"), statement.period),
        (_say(zh, "商品税率", "Tax rate of the goods"), _percent(statement.goods_tax_rate)),
        (_say(zh, "服务费税率", "Tax rate of the fee"), _percent(statement.fee_tax_rate)),
        (_say(zh, "不含税金额", "Net"), _amount(split.net, statement)),
        (_say(zh, "税额", "Tax"), _amount(split.tax, statement)),
        (_say(zh, "价税合计", "Total"), _amount(statement.total_amount, statement)),
        (_say(zh, "开票截止时间", "Invoice due"), _moment(due_at, zh) if due_at else None),
        (_say(zh, "邮寄地址", "Mail to"), statement.invoice_address),
    ]
    return [(name, value) for name, value in facts if value is not None]


def _head(zh: bool) -> list[str]:
    return [
        _say(zh, "客户", "Customer"),
        _say(zh, "商品", "Goods"),
        _say(zh, "明细数", "Lines"),
        _say(zh, "现金消费", "Cash"),
        _say(zh, "结算金额(含税)", "Amount, tax included"),
    ]


async def _rows(statement: Statement, zh: bool) -> list[list[str]]:
    found = await database.rows(_GROUPED, statement.id)
    rows = [_row(each, zh) for each in found[:MOST_ROWS]]
    if rest := found[MOST_ROWS:]:
        more = _say(zh, f"其余 {len(rest)} 项合计", f"{len(rest)} more rows, in sum")
        rows.append([more, "", *_sums(rest)])
    if statement.carry_in:
        carried = _say(zh, "上期负数结转", "Carried from an earlier statement")
        rows.append([carried, "", "", "", f"{statement.carry_in:,.2f}"])
    cash = sum((each["cash"] for each in found), Decimal(0))
    whole = f"{statement.total_amount:,.2f}"
    rows.append([_say(zh, "合计", "Total"), "", str(statement.lines), f"{cash:,.2f}", whole])
    return rows


def _row(row: Mapping[str, Any], zh: bool) -> list[str]:
    if row["kind"] is not None:
        return [_KINDS[row["kind"]][0 if zh else 1], row["goods"] or "", *_sums([row])]
    return [row["customer"] or "", row["goods"] or "", *_sums([row])]


def _sums(rows: list[Mapping[str, Any]] | list[dict[str, Any]]) -> list[str]:
    cash = sum((row["cash"] for row in rows), Decimal(0))
    amount = sum((row["amount"] for row in rows), Decimal(0))
    return [str(sum(row["lines"] for row in rows)), f"{cash:,.2f}", f"{amount:,.2f}"]


def _percent(rate: Decimal | None) -> str | None:
    return None if rate is None else f"{ratios.written(rate * 100)} %"


def _amount(amount: Decimal, statement: Statement) -> str:
    return f"{amount:,.2f} {statement.currency}"


def _moment(at: datetime, zh: bool) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M} " + _say(zh, "(北京时间)", "(UTC+8)")


def _say(zh: bool, chinese: str, english: str) -> str:
    return chinese if zh else english


_GROUPED = """
select customer.name as customer, goods.name as goods, summed.kind, summed.lines, summed.cash,
  summed.amount
from (
  select customer_id, goods_id,
    case when kind in ('INCENTIVE', 'ADJUSTMENT') then kind end as kind,
    count(*) as lines, sum(cash) as cash, sum(amount) as amount
  from settlement_line where statement_id = $1 group by 1, 2, 3
) summed
left join customer on customer.id = summed.customer_id
left join goods on goods.id = summed.goods_id
order by summed.kind nulls first, customer.name, goods.name, summed.customer_id, summed.goods_id
"""
