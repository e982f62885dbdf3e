"""Reasons, names and statements that people write: trimmed, and neither empty nor endless."""

from kit.problems import InvalidInput

LONGEST_REASON = 500


def reason(text: str) -> str:
    """A reason of 1 to 500 characters. Raises InvalidInput."""
    return needed(text, "reason", LONGEST_REASON)


def needed(text: str, field: str, longest: int) -> str:
    """A text that must be there. Raises InvalidInput that names the input's field."""
    text = optional(text, field, longest)
    if not text:
        raise _bad(field, 1, longest)
    return text


def optional(text: str | None, field: str, longest: int) -> str:
    """A text that may be empty. Raises InvalidInput when it is too long."""
    text = (text or "").strip()
    if len(text) > longest:
        raise _bad(field, 0, longest)
    return text


def _bad(field: str, least: int, longest: int) -> InvalidInput:
    return InvalidInput(
        reason=f"It has {least} to {longest} characters.",
        reason_zh=f"长度应为 {least} 到 {longest} 个字符。",
        path=("input", field),
    )
