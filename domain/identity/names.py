"""Names that people give to roles and keys."""

from kit.problems import InvalidInput

LONGEST = 80


def checked_name(text: str) -> str:
    """The name without blanks around it: 1 to 80 printable characters. Raises InvalidInput."""
    name = text.strip()
    if not name or len(name) > LONGEST or not name.isprintable():
        raise InvalidInput(
            reason=f"A name has 1 to {LONGEST} printable characters.",
            reason_zh=f"名称须为 1 至 {LONGEST} 个可见字符。",
            path=("input", "name"),
        )
    return name
