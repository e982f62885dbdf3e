"""Working a statement out anew from its export alone: no database, no other file.

Each line by the version of the rules that it names, the sums, and the SHA-256 of the file.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from domain.settlement import explaining
from domain.settlement.exporting import FORMAT
from domain.settlement.rules import RULES
from models.catalogue import GoodsKind, ShareModel
from models.settlement import SettledKind

_AMOUNTS = (
    "cash",
    "deal_amount",
    "floor_amount",
    "ratio",
    "goods_tax_rate",
    "fee_tax_rate",
    "taken_before",
    "cash_before",
    "amount",
)
_SAME_USE = (
    "customer_id",
    "goods_id",
    "share_model",
    "goods_kind",
    "ratio",
    "goods_tax_rate",
)
_IDS = ("order_line_id", "refund_id", "consumption_record_id", "transfer_id", "original_id")


class NotAnExport(Exception):
    """The file can't be read as the export of a statement; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """Something in the file that doesn't agree with the rest of it: the line, and what."""

    place: int
    what: str

    def __str__(self) -> str:
        return f"line {self.place}: {self.what}"


@dataclass
class Sums:
    """What the lines so far come to."""

    lines: int = 0
    amount: Decimal = Decimal("0.00")
    used: dict[tuple[Any, ...], Decimal] = field(default_factory=dict)  # by customer, goods, terms


def check(lines: Iterable[bytes]) -> Iterator[Wrong]:
    """Everything that doesn't agree, as it is found; nothing, when all does.

    Reads line by line and keeps none; of usage, a sum by customer and goods. Raises NotAnExport.
    """
    digest, sums, header = hashlib.sha256(), Sums(), None
    ended = False
    for place, line in enumerate(lines, start=1):
        record = _read(line, place)
        if ended:
            raise NotAnExport(f"line {place}: something follows the trailer")
        match record.get("record"):
            case "header" if place == 1:
                header = record
                yield from _header(record)
            case "line" if header is not None:
                yield from _line(record, header, place, sums)
            case "trailer" if header is not None:
                yield from _trailer(record, header, place, sums, digest.hexdigest())
                ended = True
            case other:
                raise NotAnExport(f"line {place}: a record {other!r} has no place here")
        digest.update(line)
    if not ended:
        raise NotAnExport("the file has no end: its trailer is missing")


def _read(line: bytes, place: int) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except ValueError:
        raise NotAnExport(f"line {place}: no JSON") from None
    if not isinstance(record, dict):
        raise NotAnExport(f"line {place}: no JSON object")
    return record


def _header(header: Mapping[str, Any]) -> Iterator[Wrong]:
    if header.get("format") != FORMAT:
        raise NotAnExport(f"line 1: its format is {header.get('format')!r}, not {FORMAT!r}")
    rules = RULES.get(str(header["rule_version"]))
    if rules is None:
        raise NotAnExport(f"line 1: the rules {header['rule_version']!r} aren't known here")
    told = {GoodsKind(kind): Decimal(ratio) for kind, ratio in header["base_ratios"].items()}
    if told != rules.base_ratios or Decimal(header["solo_part"]) != rules.solo_part:
        yield Wrong(1, f"the rules {rules.version} have other constants than these")


def _line(
    record: Mapping[str, Any], header: Mapping[str, Any], place: int, sums: Sums
) -> Iterator[Wrong]:
    try:
        row = _row(record)
        found = explaining.line(row)
        sums.amount += row.amount
    except (KeyError, ValueError, TypeError, ArithmeticError, AttributeError) as error:
        raise NotAnExport(f"line {place}: {type(error).__name__}: {error}") from None
    sums.lines += 1
    for each in found.differences:
        what = each.text_key.replace("_", " ")
        yield Wrong(place, f"{record['id']}: {what}: {each.stored} stored, {each.found} found")
    if row.kind is SettledKind.USAGE:
        before = sums.used.get(key := tuple(record.get(name) for name in _SAME_USE), Decimal(0))
        if row.cash_before != before:
            yield Wrong(
                place, f"{record['id']}: used before: {row.cash_before} stored, {before} found"
            )
        sums.used[key] = before + row.cash
    for rate in ("goods_tax_rate", "fee_tax_rate"):
        if _number(record.get(rate)) != _number(header.get(rate)):
            yield Wrong(place, f"{record['id']}: its {rate} isn't the statement's")


def _trailer(
    trailer: Mapping[str, Any],
    header: Mapping[str, Any],
    place: int,
    sums: Sums,
    sha256: str,
) -> Iterator[Wrong]:
    total = sums.amount + Decimal(header["carry_in"])
    tax = RULES[header["rule_version"]].tax(total, Decimal(header["fee_tax_rate"]))
    for name, found in (
        ("lines", sums.lines),
        ("lines_amount", sums.amount),
        ("total_amount", total),
    ):
        for where, record in (("header", header), ("trailer", trailer)):
            if type(found)(record[name]) != found:
                yield Wrong(place, f"{name}: {record[name]} in the {where}, {found} found")
    for name, amount in (("net", tax.net), ("tax", tax.tax)):
        if Decimal(trailer[name]) != amount:
            yield Wrong(place, f"{name}: {trailer[name]} stored, {amount} found")
    if trailer["sha256"] != sha256:
        yield Wrong(place, f"the file isn't as it was written: its SHA-256 is {sha256}")


def _row(record: Mapping[str, Any]) -> Any:
    """The line as the rules read it."""
    row = SimpleNamespace(
        paid=record.get("paid"),
        original=record.get("original"),
        incentive=record.get("incentive"),
        policy_id=None,
        business_information_id=None,
        kind=SettledKind(record["kind"]),
        rule_version=record["rule_version"],
        takes_remainder=record["takes_remainder"],
        share_model=ShareModel(record["share_model"]) if "share_model" in record else None,
        goods_kind=GoodsKind(record["goods_kind"]) if "goods_kind" in record else None,
    )
    for name in _AMOUNTS:
        setattr(row, name, _number(record.get(name)))
    for name in _IDS:
        setattr(row, name, UUID(record[name]) if name in record else None)
    return row


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
