"""What an explanation is made of. Texts are keys of `domain/settlement/wording.py`."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from domain.settlement.rules import Step


class Unit(StrEnum):
    """What a number is."""

    CNY = "CNY"
    RATIO = "RATIO"


class Source(StrEnum):
    """What a number was read from."""

    ORDER_LINE = "ORDER_LINE"
    PAYMENT_PART = "PAYMENT_PART"
    REFUND = "REFUND"
    POLICY = "POLICY"
    BUSINESS_INFORMATION = "BUSINESS_INFORMATION"
    CONSUMPTION_RECORD = "CONSUMPTION_RECORD"
    INCENTIVE = "INCENTIVE"
    INCENTIVE_POLICY = "INCENTIVE_POLICY"
    SETTLEMENT_LINE = "SETTLEMENT_LINE"
    STATEMENT = "STATEMENT"


class Excluded(StrEnum):
    """Why something that was paid is no cash consumption (6.2), or earns no incentive (I-13)."""

    VOUCHER = "VOUCHER"
    TEST_VOUCHER = "TEST_VOUCHER"
    CASH_COUPON_NOT_COUNTING = "CASH_COUPON_NOT_COUNTING"
    NOT_PAID = "NOT_PAID"
    NOT_COUNTING = "NOT_COUNTING"
    REBOUND_CUSTOMER = "REBOUND_CUSTOMER"


Link = tuple[Source, UUID]


@dataclass(frozen=True, slots=True)
class Input:
    """A number that the formula works with, and what it was read from."""

    text_key: str
    symbol: str
    value: Decimal
    unit: Unit
    link: Link | None = None


@dataclass(frozen=True, slots=True)
class Exclusion:
    """What was paid and doesn't count; by which instrument, where one is excluded."""

    reason: Excluded
    instrument: str | None
    amount: Decimal
    link: Link | None


@dataclass(frozen=True, slots=True)
class Difference:
    """What is stored, and what was found instead."""

    text_key: str
    stored: Decimal
    found: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """How an amount came about."""

    formula_key: str
    symbols: str
    inputs: tuple[Input, ...]
    steps: tuple[Step, ...]
    rounding_key: str
    rule_version: str
    exclusions: tuple[Exclusion, ...] = ()
    amount: Decimal
    differences: tuple[Difference, ...] = ()
