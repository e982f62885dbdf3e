"""Mail addresses and phone numbers: one form for what is the same."""

import pytest

from kit.addresses import mail_address, phone_number
from kit.problems import InvalidInput


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("13812345678", "13812345678"),
        ("+86 138-1234-5678", "13812345678"),
        ("0086 13812345678", "13812345678"),
        ("(010) 6282.8888", "01062828888"),
        ("+86 10 6282 8888", "+861062828888"),
        ("+44 20 7946 0000", "+442079460000"),
    ],
)
def test_a_number_has_one_form(typed: str, kept: str) -> None:
    assert phone_number(typed) == kept


@pytest.mark.parametrize(
    "typed", ["", "1234", "call me", "+", "1" * 21, "٠١٢٣٤٥٦٧", "138+12345678"]
)
def test_what_nobody_could_dial_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        phone_number(typed, path=("input", "phone"))
    assert refused.value.path == ("input", "phone")


def test_an_address_has_one_form() -> None:
    assert mail_address(" Li.Lei@Example.COM ") == "li.lei@example.com"


@pytest.mark.parametrize(
    "typed", ["a..b@example.com", ".a@example.com", "a.@example.com", "x" * 65 + "@example.com"]
)
def test_an_address_that_no_mail_can_be_written_to_is_refused(typed: str) -> None:
    """It would be taken, and whoever it was for would never hear of it."""
    with pytest.raises(InvalidInput) as refused:
        mail_address(typed, path=("input", "email"))
    assert refused.value.path == ("input", "email")
