"""A statement as lines of JSON that say all that its amounts were worked out from (6.9).

A header with the rules and rates, a line for each settlement line, and a trailer with the sums and
the SHA-256 of everything before it. The same statement gives the same bytes, however often.
"""

import hashlib
import json
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

from domain.settlement import facts
from domain.settlement.rules import RULES
from kit import database
from kit.problems import NotFound
from kit.templates import fill
from models.settlement import SettlementLine
from models.statements import Statement

FORMAT = "partner-center-statement/1"
PAGE = 1000


async def export(number: str) -> AsyncIterator[bytes]:
    """The file of the statement with this number, line by line. Raises NotFound.

    It holds a page of lines in memory at a time, whatever the length.
    """
    statement = await Statement.get_or_none(number=number).prefetch_related("partner", "run")
    if statement is None:
        raise NotFound(thing="statement")
    digest = hashlib.sha256()
    count, total = 0, Decimal("0.00")
    header = _line(await _header(statement))
    digest.update(header)
    yield header
    after = None
    while page := await database.rows(_PAGE, statement.id, after, PAGE):
        for row in page:
            line = f"{row['line']}\n".encode()
            digest.update(line)
            yield line
            count, total = count + 1, total + row["amount"]
        after = page[-1]["id"]
    yield _line(_trailer(statement, lines=count, amount=total, sha256=digest.hexdigest()))


async def _header(statement: Statement) -> dict[str, Any]:
    carried = statement.carried_from_id
    before = await Statement.get(id=carried) if carried else None
    rules = RULES[statement.run.rule_version]
    rate = statement.goods_tax_rate
    return {
        "record": "header",
        "format": FORMAT,
        "number": statement.number,
        "partner": statement.partner.name,
        "kind": statement.kind.value,
        "period": statement.period,
        "currency": statement.currency,
        "rule_version": rules.version,
        "base_ratios": {kind.value: str(ratio) for kind, ratio in rules.base_ratios.items()},
        "solo_part": str(rules.solo_part),
        "goods_tax_rate": None if rate is None else str(rate),
        "fee_tax_rate": str(statement.fee_tax_rate),
        "carry_in": str(statement.carry_in),
        "carried_from": before.number if before else None,
        "lines": statement.lines,
        "lines_amount": str(statement.lines_amount),
        "total_amount": str(statement.total_amount),
    }


def _trailer(statement: Statement, *, lines: int, amount: Decimal, sha256: str) -> dict[str, Any]:
    rules = RULES[statement.run.rule_version]
    tax = rules.tax(statement.total_amount, statement.fee_tax_rate)
    return {
        "record": "trailer",
        "lines": lines,
        "lines_amount": str(amount),
        "carry_in": str(statement.carry_in),
        "total_amount": str(statement.total_amount),
        "net": str(tax.net),
        "tax": str(tax.tax),
        "sha256": sha256,
    }


def _line(record: dict[str, Any]) -> bytes:
    return (json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def _page() -> str:
    """Lines of a statement in their order, each as the text of a JSON object."""
    table = SettlementLine._meta.db_table
    amounts = ("cash", "deal_amount", "floor_amount", "taken_before", "cash_before", "amount")
    ratios = ("ratio", "goods_tax_rate", "fee_tax_rate")
    plain = ("id", "kind", "period", "customer_id", "goods_id")
    of = ("order_line_id", "refund_id", "consumption_record_id", "transfer_id")
    terms = ("share_model", "goods_kind", "rule_version", "takes_remainder", "reason")
    beside = {"paid": facts.PAID, "original": facts.ORIGINAL, "incentive": facts.INCENTIVE}
    parts = [
        "'record', 'line'",
        *(f"'{name}', t.{name}" for name in (*plain, *of, *terms)),
        *(f"'{name}', t.{name}::text" for name in (*ratios, *amounts)),
        *(f"'{name}', {fill(template, lambda _: 't')}" for name, template in beside.items()),
    ]
    # Without nulls it is a third shorter, and json_strip_nulls also takes the blanks out.
    return f"""select t.id, t.amount, json_strip_nulls(json_build_object({", ".join(parts)}))::text
        as line
      from {table} t where t.statement_id = $1 and ($2::uuid is null or t.id > $2)
      order by t.id limit $3"""


_PAGE = _page()
