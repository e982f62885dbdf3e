"""Turning a template and its facts into a mail, in Chinese or English, as HTML and as text."""

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import Any
from uuid import UUID

from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    select_autoescape,
)

from domain.notifications.telling import told
from kit import links
from kit.workdays import SHANGHAI
from models.inbox import Topic

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


class NotRendered(Exception):
    """The template is missing, or asks for a fact that isn't there: trying again won't help."""


def render(
    *,
    template: str,
    locale: str,
    facts: dict[str, Any],
    recipient: str,
    sender: str,
    id: UUID,
    at: datetime,
) -> EmailMessage:
    """Write the mail. The first line of the text template is the subject.

    The Message-ID follows from `id`, so that a mail sent twice is seen to be one.
    """
    language = "zh" if locale.startswith("zh") else "en"
    shown = _shown(facts, language)
    subject, body = _subject_and_body(template, language, shown)

    message = EmailMessage()
    message["From"] = sender
    message["To"] = Address(addr_spec=recipient)
    message["Subject"] = subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{id}@{_domain(sender)}>"
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = language
    message.set_content(body + "\n")
    html = _text(
        f"{template}.{language}.html",
        shown | {"subject": message["Subject"], "language": language},
    )
    message.add_alternative(html, subtype="html")
    return message


def moment(text: str) -> str:
    """An instant as people in Shanghai read it: `2030-02-07 07:30`."""
    return datetime.fromisoformat(text).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


_templates.filters["moment"] = moment


def _shown(facts: dict[str, Any], language: str) -> dict[str, Any]:
    """The facts as templates show them: secrets made, messages and folded mails in words."""
    shown = facts | {name: made(facts[name]) for name, made in _SECRETS.items() if name in facts}
    if "told" in facts:
        shown["told"] = sentence(facts["told"], locale=language)
    if "mails" in facts:
        shown["mails"] = [_folded(mail, language) for mail in facts["mails"]]
    return shown


def sentence(kept: dict[str, Any], *, locale: str) -> str:
    """What a message says, of what a mail or text message keeps of it."""
    return told(kept["name"], Topic(kept["topic"]), kept, locale=locale)


def _folded(mail: dict[str, Any], language: str) -> dict[str, str]:
    shown = _shown(mail["facts"], language)
    subject, body = _subject_and_body(mail["template"], language, shown)
    return {"subject": subject, "body": body, "at": mail["at"]}


def _subject_and_body(template: str, language: str, shown: dict[str, Any]) -> tuple[str, str]:
    subject, _, body = _text(f"{template}.{language}.txt", shown).partition("\n")
    return " ".join(subject.split()), body.strip()


def _text(template: str, facts: dict[str, Any]) -> str:
    try:
        return _templates.get_template(template).render(facts)
    except TemplateError as error:
        # A missing template is an OSError to jinja2, and would pass for a fault that heals.
        raise NotRendered(f"{template}: {error}") from error


def _link(made_from: dict[str, Any]) -> str:
    token = links.token(
        made_from["purpose"], id=UUID(made_from["id"]), generation=made_from["generation"]
    )
    return links.url(made_from["path"], token)


def _code(made_from: dict[str, Any]) -> str:
    return links.code(made_from["purpose"], id=UUID(made_from["id"]))


# Facts that are only made when the mail is written: no table holds a secret.
_SECRETS = {"link": _link, "code": _code}


def _domain(sender: str) -> str:
    return parseaddr(sender)[1].rpartition("@")[2] or "localhost"
