"""Mail addresses and phone numbers as people type them."""

import re

from kit.problems import InvalidInput

LONGEST = 254

_PHONE = re.compile(r"\+?[0-9]{5,20}", re.ASCII)
_WORD = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
_ADDRESS = re.compile(
    rf"(?=[^@]{{1,64}}@){_WORD}(?:\.{_WORD})*@(?:[a-z0-9-]{{1,63}}\.)+[a-z]{{2,63}}"
)


def mail_address(text: str, *, path: tuple[str, ...] = ()) -> str:
    """The address in lower case, without blanks around it.

    Raises InvalidInput for what no mail server would take; `path` names the field it came in.
    """
    address = text.strip().lower()
    if len(address) > LONGEST or _ADDRESS.fullmatch(address) is None:
        raise InvalidInput(
            reason=f"{text[:80]!r} is not a mail address.",
            reason_zh="邮箱地址格式无效。",
            path=path,
        )
    return address


def phone_number(text: str, *, path: tuple[str, ...] = ()) -> str:
    """The number without blanks, dashes and brackets; China's own without its country code.

    Raises InvalidInput for what nobody could dial; `path` names the field it came in.
    """
    number = re.sub(r"[\s().-]", "", text)
    number = re.sub(r"^00", "+", number)
    if _PHONE.fullmatch(number) is None:
        raise InvalidInput(
            reason=f"{text[:80]!r} is not a phone number.",
            reason_zh="电话号码格式无效。",
            path=path,
        )
    return re.sub(r"^\+86(?=1\d{10}$)", "", number)
