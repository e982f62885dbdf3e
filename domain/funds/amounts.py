"""What people and systems give with a movement of money: its amount, and their name for it."""

from decimal import Decimal

from domain.catalogue.amounts import CURRENCY, positive
from kit.money import Money
from kit.problems import InvalidInput


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
