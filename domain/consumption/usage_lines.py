"""Lines of usage (话单): one JSON object a line, read without looking at the database."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

MOST_DECIMALS = 8  # 1.3
_LARGEST = Decimal(10) ** 12
_LONGEST = {"source": 64, "recordId": 128, "customer": 64, "sku": 64}


class UsageLineCode(StrEnum):
    """Why a line of usage was refused."""

    NOT_JSON = "NOT_JSON"
    FIELD_INVALID = "FIELD_INVALID"
    QUANTITY_INVALID = "QUANTITY_INVALID"
    TIME_INVALID = "TIME_INVALID"
    TIME_NOT_COME = "TIME_NOT_COME"
    TIME_TOO_OLD = "TIME_TOO_OLD"
    CUSTOMER_UNKNOWN = "CUSTOMER_UNKNOWN"
    SKU_UNKNOWN = "SKU_UNKNOWN"
    NOT_PAID_BY_USE = "NOT_PAID_BY_USE"
    NOT_ORDERED = "NOT_ORDERED"
    SUBSCRIPTION_ENDED = "SUBSCRIPTION_ENDED"
    NO_PRICE = "NO_PRICE"
    CHANGED = "CHANGED"
    CORRECTED_UNKNOWN = "CORRECTED_UNKNOWN"
    CORRECTION_DIFFERS = "CORRECTION_DIFFERS"
    CORRECTED_ALREADY = "CORRECTED_ALREADY"
    MONTH_CLOSED = "MONTH_CLOSED"


_TEXTS = {
    UsageLineCode.NOT_JSON: ("The line is no JSON object.", "该行不是 JSON 对象。"),
    UsageLineCode.FIELD_INVALID: (
        "{about} is missing, empty or too long.",
        "{about} 缺失、为空或过长。",
    ),
    UsageLineCode.QUANTITY_INVALID: (
        "The quantity is a number above 0 with at most 8 decimals; of a correction also 0.",
        "用量须大于 0(更正时可为 0),且最多 8 位小数。",
    ),
    UsageLineCode.TIME_INVALID: (
        "usedAt is a time with an offset, such as 2030-01-31T23:30:00+08:00.",
        "usedAt 须为带时区的时间,例如 2030-01-31T23:30:00+08:00。",
    ),
    UsageLineCode.TIME_NOT_COME: ("usedAt is in the future.", "usedAt 不能晚于当前时间。"),
    UsageLineCode.TIME_TOO_OLD: (
        "usedAt lies before the first month that is shown.",
        "usedAt 早于可查询的最早账期。",
    ),
    UsageLineCode.CUSTOMER_UNKNOWN: (
        "No customer of yours has the account {about}.",
        "您的客户中没有账号 {about}。",
    ),
    UsageLineCode.SKU_UNKNOWN: ("None of your SKUs has the code {about}.", "规格 {about} 不存在。"),
    UsageLineCode.NOT_PAID_BY_USE: (
        "The SKU {about} isn't paid by use.",
        "规格 {about} 不按使用计费。",
    ),
    UsageLineCode.NOT_ORDERED: (
        "The customer had not ordered the SKU {about} by then.",
        "客户当时尚未订购规格 {about}。",
    ),
    UsageLineCode.SUBSCRIPTION_ENDED: (
        "The customer's subscription of {about} was over by then.",
        "客户当时对规格 {about} 的订购已终止。",
    ),
    UsageLineCode.NO_PRICE: ("The SKU {about} had no price then.", "规格 {about} 当时没有价格。"),
    UsageLineCode.CHANGED: (
        "The record {about} was handed in before with another content.",
        "话单 {about} 已提交过且内容不同。",
    ),
    UsageLineCode.CORRECTED_UNKNOWN: (
        "This source has handed in no record {about} that could be corrected.",
        "该来源未提交过话单 {about},无法更正。",
    ),
    UsageLineCode.CORRECTION_DIFFERS: (
        "A correction has the customer, SKU and time of the record {about}; only the quantity is"
        " another.",
        "更正的客户、规格和使用时间须与话单 {about} 一致,仅可修改用量。",
    ),
    UsageLineCode.CORRECTED_ALREADY: (
        "The record {about} was corrected before; name the correction to correct that.",
        "话单 {about} 已被更正,如需再次更正请指定该更正记录。",
    ),
    UsageLineCode.MONTH_CLOSED: (
        "The usage of {about} is billed; it can't be corrected any more.",
        "账期 {about} 已出账,不能再更正。",
    ),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line as it is written; nothing of it is looked up.

    `corrects` is the record of the same source of which `quantity` is what was used in truth.
    """

    number: int
    source: str
    record_id: str
    customer: str
    sku: str
    used_at: datetime
    quantity: Decimal
    corrects: str | None = None


class LineRefused(Exception):
    """A line that isn't taken; the others are."""

    def __init__(self, number: int, code: UsageLineCode, about: str = "") -> None:
        super().__init__(number, code)
        self.number, self.code, self.about = number, code, about

    def as_fact(self) -> dict[str, Any]:
        """As an import keeps it, in both languages."""
        en, zh = (text.format(about=self.about) for text in _TEXTS[self.code])
        return {"line": self.number, "code": self.code.value, "en": en, "zh": zh}


def read(content: bytes) -> Iterator[Line | LineRefused]:
    """Each line that isn't blank, as it is or as it is refused; numbered from 1 in the file."""
    for number, text in enumerate(content.split(b"\n"), start=1):
        if text.strip():
            try:
                yield _line(number, text)
            except LineRefused as refused:
                yield refused


def _line(number: int, text: bytes) -> Line:
    try:
        told = json.loads(text.decode(), parse_float=Decimal, parse_int=Decimal)
    except (ValueError, RecursionError) as error:
        raise LineRefused(number, UsageLineCode.NOT_JSON) from error
    if not isinstance(told, dict):
        raise LineRefused(number, UsageLineCode.NOT_JSON)
    words = {name: _word(number, told, name) for name in _LONGEST}
    corrects = None
    if told.get("corrects") is not None:
        corrects = _word(number, told, "corrects", longest=_LONGEST["recordId"])
    return Line(
        number=number,
        source=words["source"],
        record_id=words["recordId"],
        customer=words["customer"],
        sku=words["sku"],
        used_at=_instant(number, told.get("usedAt")),
        quantity=_quantity(number, told.get("quantity"), may_be_nothing=corrects is not None),
        corrects=corrects,
    )


def _word(number: int, told: dict[str, Any], name: str, *, longest: int | None = None) -> str:
    word = told.get(name)
    longest = longest or _LONGEST[name]
    if isinstance(word, str) and word.isprintable() and 1 <= len(word) <= longest:
        return word
    raise LineRefused(number, UsageLineCode.FIELD_INVALID, name)


def _instant(number: int, told: Any) -> datetime:
    try:
        instant = datetime.fromisoformat(told)
        if instant.tzinfo is not None:
            return instant.astimezone(UTC)
    except (TypeError, ValueError, OverflowError) as error:
        raise LineRefused(number, UsageLineCode.TIME_INVALID) from error
    raise LineRefused(number, UsageLineCode.TIME_INVALID)


def _quantity(number: int, told: Any, *, may_be_nothing: bool) -> Decimal:
    refused = LineRefused(number, UsageLineCode.QUANTITY_INVALID)
    if not isinstance(told, str | Decimal):
        raise refused
    try:
        quantity = Decimal(told)
    except InvalidOperation as error:
        raise refused from error
    if not quantity.is_finite() or not 0 <= quantity < _LARGEST:
        raise refused
    if not quantity and not may_be_nothing:
        raise refused
    exponent = quantity.normalize().as_tuple().exponent
    if isinstance(exponent, int) and exponent < -MOST_DECIMALS:
        raise refused
    return quantity
