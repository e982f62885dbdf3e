"""What people write about programmes: names, statements, reasons; each refusal names its field."""

from kit import texts

LONGEST_REASON = 500


def reason(text: str) -> str:
    """A reason of 1 to 500 characters. Raises InvalidInput."""
    return needed(text, "reason", LONGEST_REASON)


def needed(text: str, field: str, longest: int) -> str:
    """A text that must be there. Raises InvalidInput that names the input's field."""
    return texts.needed(text, longest=longest, path=("input", field))


def optional(text: str | None, field: str, longest: int) -> str:
    """A text that may be empty. Raises InvalidInput when it is too long."""
    return texts.optional(text, longest=longest, path=("input", field)) or ""
