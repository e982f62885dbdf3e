"""Personal data: shown to whom it belongs and to whom has the right, masked for everybody else."""

from typing import Any

from kit.masking import EMAIL, PHONE
from kit.reads import sql, where
from kit.reads.filters import pattern

_MASKED = "Masked unless it is your own or you hold PERSONAL_DATA_VIEW."


def personal_email(column: str, description: str, *, owner: str) -> Any:
    """A mail address in a column; `owner` is the column with the id of whose it is."""
    return _personal(column, EMAIL, description, owner)


def personal_phone(column: str, description: str, *, owner: str) -> Any:
    """A phone number in a column, which may be null."""
    return _personal(column, PHONE, description, owner)


def contact(column: str, mask: str, description: str) -> Any:
    """A column with how to reach a company's contact, who has no account; it may be null."""
    template = f"case when {{viewer.sees_personal_data}}::boolean then {{t}}.{column}"
    masked = mask.format(f"{{t}}.{column}")
    return sql(
        f"{template} else {masked} end", f"{description} Masked unless you hold PERSONAL_DATA_VIEW."
    )


def search_personal(template: str, description: str, *, plain: str = "false") -> Any:
    """A search for a piece of personal data, `{value}` in the template being the pattern.

    Whoever sees it only masked finds nothing by it: else it could be guessed letter by letter.
    `plain` is a condition on what everybody sees, which may hold instead.
    """
    seen = f"{{viewer.sees_personal_data}}::boolean and {template}"
    return where(f"(({seen}) or {plain})", description, prepare=pattern)


def _personal(column: str, mask: str, description: str, owner: str) -> Any:
    masked = mask.format(f"{{t}}.{column}")
    return sql(
        f"case when {{viewer.sees_personal_data}}::boolean or {{t}}.{owner} = {{viewer.person_id}}"
        f" then {{t}}.{column} else {masked} end",
        f"{description} {_MASKED}",
    )
