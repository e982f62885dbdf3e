"""How a written mail leaves: through a mail server, or as a file in the outbox folder."""

import asyncio
import os
import re
from collections.abc import Iterable
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self
from urllib.parse import unquote, urlsplit
from uuid import UUID

import aiosmtplib

from kit.masking import mask_email

TIMEOUT = timedelta(seconds=20)


class Refused(Exception):
    """The mail server will never take this mail: there is no such recipient."""


class PutOff(Exception):
    """The mail server doesn't take this mail now."""


class Transport(Protocol):
    """Opened for a batch of mails; sends one in at most TIMEOUT."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    async def send(self, id: UUID, message: EmailMessage) -> None:
        """Hand over one mail; raises Refused when trying again can't help.

        PutOff and Refused say what the server said, without anybody's address.
        """


class Outbox:
    """A folder of `.eml` files, one a mail, that any mail program opens."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def send(self, id: UUID, message: EmailMessage) -> None:
        """Write `<id>.eml`, whole or not at all."""
        await asyncio.to_thread(self._write, id, message.as_bytes(policy=SMTP))

    def _write(self, id: UUID, content: bytes) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # links are secrets
        draft = self._folder / f".{id}.tmp"
        draft.write_bytes(content)
        os.replace(draft, self._folder / f"{id}.eml")


class Smtp:
    """One connection to a mail server: `smtp://user:password@host:port`, or `smtps://…`."""

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)
        self._client: aiosmtplib.SMTP | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._disconnect()

    async def send(self, id: UUID, message: EmailMessage) -> None:
        """Connect if need be, and hand over the mail."""
        try:
            if self._client is None or not self._client.is_connected:
                self._client = self._connection()
                await self._client.connect()
            await self._client.send_message(message)
        except aiosmtplib.SMTPRecipientsRefused as error:
            is_final = all(each.code >= 500 for each in error.recipients)
            said = _without_address(error.recipients, message)
            raise (Refused if is_final else PutOff)(said) from None
        except aiosmtplib.SMTPConnectResponseError:
            raise
        except aiosmtplib.SMTPResponseException as error:
            raise PutOff(_without_address([error], message)) from None
        except BaseException:
            # What the server has yet to say would be taken for its answer to the next mail.
            self._disconnect()
            raise

    def _disconnect(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    def _connection(self) -> aiosmtplib.SMTP:
        tls = self._url.scheme == "smtps"
        return aiosmtplib.SMTP(
            hostname=self._url.hostname or "localhost",
            port=self._url.port or (465 if tls else 25),
            username=unquote(self._url.username) if self._url.username else None,
            password=unquote(self._url.password) if self._url.password else None,
            use_tls=tls,
            timeout=TIMEOUT.total_seconds(),
        )


def _without_address(
    answers: Iterable[aiosmtplib.SMTPResponseException], message: EmailMessage
) -> str:
    said = "; ".join(f"{each.code} {each.message}" for each in answers)
    to = message["To"].addresses[0].addr_spec
    return re.sub(re.escape(to), lambda _: mask_email(to), said, flags=re.IGNORECASE)
