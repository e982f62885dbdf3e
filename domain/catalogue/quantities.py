"""How many lines are asked for, offered or ordered together, and how many of one SKU."""

from kit.problems import InvalidInput

MOST_LINES = 50
MOST_OF_ONE = 1_000_000


def check_lines(count: int, *, path: tuple[str, ...] = ("input", "lines")) -> None:
    """Raise InvalidInput for no lines, and for too many."""
    if not 1 <= count <= MOST_LINES:
        raise InvalidInput(
            reason=f"1 to {MOST_LINES} lines are needed.",
            reason_zh=f"须填写 1 至 {MOST_LINES} 行。",
            path=path,
        )


def check_quantity(quantity: int, *, path: tuple[str, ...]) -> None:
    """Raise InvalidInput for none, and for more than anybody could mean."""
    if not 1 <= quantity <= MOST_OF_ONE:
        raise InvalidInput(
            reason=f"A quantity is 1 to {MOST_OF_ONE}.",
            reason_zh=f"数量应为 1 至 {MOST_OF_ONE}。",
            path=path,
        )
