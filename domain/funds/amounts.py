"""Amounts that people and systems give: more than nothing, two decimals (domain.md 1.3)."""

from decimal import Decimal

from kit.money import Money
from kit.problems import InvalidInput
from models.ledger import CURRENCY


def positive(amount: Decimal, *, path: tuple[str, ...] = ("input", "amount")) -> Money:
    """The amount as money. Raises InvalidInput for nothing, less, or fractions of a cent."""
    try:
        money = Money(amount, CURRENCY)
    except InvalidInput as problem:
        problem.path = path
        raise
    if money.amount <= 0:
        raise InvalidInput(
            reason="The amount has to be more than nothing.",
            reason_zh="金额必须大于 0。",
            path=path,
        )
    return money


def not_negative(amount: Decimal, *, path: tuple[str, ...]) -> Money:
    """As `positive`, but nothing will do, too."""
    return Money(Decimal(0), CURRENCY) if amount == 0 else positive(amount, path=path)


def trans_id_of(text: str | None) -> str | None:
    """A caller's name for a movement, 1 to 128 printable characters. Raises InvalidInput."""
    if text is None:
        return None
    if not 1 <= len(text) <= 128 or not text.isprintable():
        raise InvalidInput(
            reason="A transId has 1 to 128 printable characters.",
            reason_zh="事务流水号(trans_id)长度为 1 至 128 个可见字符。",
            path=("input", "transId"),
        )
    return text
