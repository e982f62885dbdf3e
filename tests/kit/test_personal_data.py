"""Masks in Python and in SQL, and addresses as people type them."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kit import database as db
from kit.addresses import mail_address
from kit.masking import EMAIL, PHONE, mask_email, mask_phone
from kit.problems import InvalidInput


def test_masks_show_little() -> None:
    assert mask_email("lilei@example.com") == "l***@example.com"
    assert mask_phone("13812345678") == "138****5678"
    assert mask_phone("1234567") == "****67"


@pytest.mark.usefixtures("database")
@given(
    local=st.text("abcXYZ09._+é中", min_size=1, max_size=12),
    phone=st.text("0123456789+- ", min_size=1, max_size=16),
)
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_sql_masks_as_python_does(local: str, phone: str) -> None:
    email = f"{local}@mail.example.com"

    row = await db.row(
        f"select {EMAIL.format('$1::text')} as email, {PHONE.format('$2::text')} as phone",
        email,
        phone,
    )

    assert row == {"email": mask_email(email), "phone": mask_phone(phone)}


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (" LiLei@Example.COM\n", "lilei@example.com"),
        ("o'brien+pc@mail.example", "o'brien+pc@mail.example"),
    ],
)
def test_an_address_is_written_in_one_way(text: str, address: str) -> None:
    assert mail_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "@",
        "lilei",
        "lilei@localhost",
        "li lei@example.com",
        "lilei@example..com",
        "lilei@example.com,b@c.de",
        "<lilei@example.com>",
        "李雷@example.com",
        "a@b.c" + "d" * 250,
        "lilei@example.com\r\nBcc: b@c.de",
    ],
)
def test_what_no_mail_server_takes_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        mail_address(text, path=("input", "email"))

    assert refusal.value.path == ("input", "email")
    assert len(refusal.value.reason) < 120
