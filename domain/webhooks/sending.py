"""One attempt over HTTP: to a checked address, without redirects, within fifteen seconds."""

import asyncio
import ssl
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Self

import httpx

from domain.webhooks import targets
from kit import clock

TIMEOUT = timedelta(seconds=15)
CONNECT = 5.0  # seconds for each address
KEPT = 500  # characters of an answer
READ = 2_000  # bytes of it
READ_WITHIN = 2.0  # seconds, after what counts has been said

_HEADERS = {
    "content-type": "application/json",
    "user-agent": "Partner-Center-Webhooks/1",
    "accept-encoding": "identity",
    "connection": "close",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of an attempt: a status, or the reason why there is none.

    `wish` is how long the receiver wants to be left alone; `is_ours` says that it was never asked,
    by a fault of ours.
    """

    status_code: int | None = None
    milliseconds: int
    text: str | None = None
    error: str | None = None
    wish: timedelta | None = None
    is_ours: bool = False

    @property
    def is_success(self) -> bool:
        """Only 2xx is: a redirect leads who knows where."""
        return self.status_code is not None and 200 <= self.status_code < 300

    @property
    def is_gone(self) -> bool:
        """Whether the receiver never wants to be asked again."""
        return self.status_code == httpx.codes.GONE


class Wire:
    """The way out; opened once a worker. No connection serves twice: each is to a checked name.

    `trusting` says whose certificates are good; if unsaid, those that the world trusts.
    """

    def __init__(self, trusting: ssl.SSLContext | None = None) -> None:
        self._client = httpx.AsyncClient(
            verify=trusting or True,
            follow_redirects=False,
            trust_env=False,
            timeout=httpx.Timeout(TIMEOUT.total_seconds(), connect=CONNECT),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._client.aclose()

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Make the attempt. Whatever goes wrong on the way is told in the answer."""
        begun = time.monotonic()

        def spent() -> int:
            return int((time.monotonic() - begun) * 1000)

        try:
            async with asyncio.timeout(TIMEOUT.total_seconds()) as within:
                status, text, wish = await self._post(url, body, headers, within)
        except TimeoutError:
            seconds = TIMEOUT.total_seconds()
            return Answer(milliseconds=spent(), error=f"TIMEOUT: no answer in {seconds:.0f} s")
        except targets.Forbidden:
            error = "FORBIDDEN_ADDRESS: the name leads to an address that isn't public"
            return Answer(milliseconds=spent(), error=error)
        except targets.Unresolvable as failure:
            return Answer(milliseconds=spent(), error=_kept(f"UNRESOLVABLE: {failure}"))
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as failure:
            told = f"{type(failure).__name__.upper()}: {failure}"
            return Answer(milliseconds=spent(), error=_kept(told))
        refusal = None if 200 <= status < 300 else f"HTTP {status}"
        return Answer(status_code=status, milliseconds=spent(), text=text, error=refusal, wish=wish)

    async def _post(
        self, url: str, body: bytes, headers: Mapping[str, str], within: asyncio.Timeout
    ) -> tuple[int, str, timedelta | None]:
        goal = httpx.URL(url)
        host = goal.raw_host.decode()
        port = goal.port or (443 if goal.scheme == "https" else 80)
        *others, last = await targets.addresses(host, port)
        for address in others:
            with suppress(httpx.ConnectError, httpx.ConnectTimeout):
                return await self._post_to(address, goal, body, headers, within)
        return await self._post_to(last, goal, body, headers, within)

    async def _post_to(
        self,
        address: str,
        goal: httpx.URL,
        body: bytes,
        headers: Mapping[str, str],
        within: asyncio.Timeout,
    ) -> tuple[int, str, timedelta | None]:
        async with self._client.stream(
            "POST",
            goal.copy_with(host=address),
            content=body,
            headers={**_HEADERS, **headers, "host": goal.netloc.decode()},
            # The certificate is looked at by the name, whatever the address.
            extensions={"sni_hostname": goal.raw_host.decode()},
        ) as response:
            # What counts has been said in time; what follows it has a little of its own.
            within.reschedule(asyncio.get_running_loop().time() + 2 * READ_WITHIN)
            text = await _beginning(response)
            return response.status_code, text, _wish(response)


async def _beginning(response: httpx.Response) -> str:
    """The first characters, as far as they come soon: the status has said what counts."""
    read = bytearray()
    with suppress(httpx.HTTPError, TimeoutError):
        async with asyncio.timeout(READ_WITHIN):
            async for chunk in response.aiter_raw():
                read += chunk
                if len(read) >= READ:
                    break
    return _kept(bytes(read[:READ]).decode("utf-8", "replace"))


def _kept(text: str) -> str:
    # PostgreSQL keeps neither zero bytes in a text, nor halves of characters.
    return text.encode("utf-8", "replace").decode().replace("\x00", "�")[:KEPT]


def _wish(response: httpx.Response) -> timedelta | None:
    """How long to wait, where a receiver that has too much to do says so."""
    said = response.headers.get("retry-after")
    if said is None or response.status_code not in (429, 503):
        return None
    try:
        return timedelta(seconds=min(int(said), 10**6)) if said.isdigit() else _until(said)
    except (ValueError, TypeError):
        return None


def _until(said: str) -> timedelta:
    moment = parsedate_to_datetime(said)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(moment - clock.wall(), timedelta())
