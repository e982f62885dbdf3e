"""Words that people give: without blanks around them, printable, not too long."""

from kit.problems import InvalidInput

LONGEST_REASON = 500


def reason(text: str) -> str:
    """Why somebody does it, as the input's `reason` says. Raises InvalidInput."""
    return needed(text, longest=LONGEST_REASON, path=("input", "reason"))


def reason_if_any(text: str | None) -> str | None:
    """As `reason`, where it may be left out."""
    return optional(text, longest=LONGEST_REASON, path=("input", "reason"))


def needed(text: str, *, longest: int, path: tuple[str, ...]) -> str:
    """A text of 1 to `longest` characters. Raises InvalidInput."""
    found = optional(text, longest=longest, path=path)
    if found is None:
        raise _bad(longest, path)
    return found


def optional(text: str | None, *, longest: int, path: tuple[str, ...]) -> str | None:
    """As `needed`, but nothing (or only blanks) is None."""
    found = (text or "").strip() or None
    if found is not None and (len(found) > longest or "\x00" in found):
        raise _bad(longest, path)
    return found


def _bad(longest: int, path: tuple[str, ...]) -> InvalidInput:
    return InvalidInput(
        reason=f"1 to {longest} characters are needed.",
        reason_zh=f"须填写 1 至 {longest} 个字符。",
        path=path,
    )
