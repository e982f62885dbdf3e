"""Reading the mails that were left in an outbox folder."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path


def files(folder: Path) -> list[Path]:
    """What lies in it."""
    return list(folder.iterdir()) if folder.exists() else []


def only(folder: Path) -> EmailMessage:
    """The one mail that lies in it."""
    [file] = files(folder)
    return parsed(file.read_bytes())


def parsed(content: bytes) -> EmailMessage:
    """A mail from its text."""
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def part(message: EmailMessage, kind: str) -> str:
    """The text of it that is `plain` or `html`."""
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())
