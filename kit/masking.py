"""Showing that there is a mail address or phone number without showing which.

In Python and in SQL, where `{0}` is the column; a test holds the two together.
"""

EMAIL = "left({0}, 1) || '***@' || split_part({0}, '@', 2)"
PHONE = (
    "case when length({0}) > 7 then left({0}, 3) || '****' || right({0}, 4)"
    " else '****' || right({0}, 2) end"
)


def mask_email(email: str) -> str:
    """`lilei@example.com` -> `l***@example.com`."""
    local, _, domain = email.partition("@")
    return f"{local[:1]}***@{domain}"


def mask_phone(phone: str) -> str:
    """`13812345678` -> `138****5678`; of a short number only the end stays."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) > 7 else f"****{phone[-2:]}"
