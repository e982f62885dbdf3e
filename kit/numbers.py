"""Numbers that people read out: a word, the day, and letters that can't be mixed up."""

from datetime import datetime
from uuid import UUID

from kit.workdays import SHANGHAI

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O, U


def numbered(word: str, id: UUID, *, at: datetime) -> str:
    """`CR` of an id -> `CR300201-7K3ZQ9XA`: the day in Shanghai, and forty bits of the id."""
    rest, letters = id.int, ""
    for _ in range(8):
        rest, place = divmod(rest, 32)
        letters = _ALPHABET[place] + letters
    return f"{word}{at.astimezone(SHANGHAI):%y%m%d}-{letters}"
