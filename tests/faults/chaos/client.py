"""Clients of the API that lose answers and ask again, always under the key that they began with."""

import asyncio
import re
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import httpx

from kit import clock
from tests.faults.chaos.book import Asked, Book

ROOT = Path(__file__).parents[3]
PASSWORD = "chaos-of-partner-center"
SHORT = 0.05  # seconds after which an impatient client hangs up
LONG = 40.0
ENOUGH = 240.0  # seconds after which a client takes the service for dead

A = TypeVar("A")

_SIGN_IN = """mutation($email: String!, $password: String!) {
  signIn(input: {email: $email, password: $password}) {
    session { accessToken } errors { code } } }"""


class Refused(Exception):
    """The product said no, and why: a code."""


class GaveUp(Exception):
    """No answer came for very long."""


class _Lost(Exception):
    """No answer, or one that says nothing: the same is to be asked again."""


@cache
def _inputs() -> dict[str, str]:
    """The type of each mutation's input, as the schema has it."""
    sdl = (ROOT / "schema" / "schema.graphql").read_text()
    body = sdl[sdl.index("type Mutation") :]
    body = body[: body.index("\n}")]
    return dict(re.findall(r"^  (\w+)\((?:[^)]|\n)*?\n    input: (\w+)!", body, re.MULTILINE))


@dataclass
class Session:
    """Who has signed in stays so, wherever it goes on: passwords are slow on purpose."""

    token: str | None = None
    signing_in: asyncio.Lock = field(default_factory=asyncio.Lock)


class Client:
    """One person, by mail address. `flow` is what it is at, for the book."""

    def __init__(self, url: str, email: str, session: Session, book: Book, dice: Random) -> None:
        self.email, self.flow = email, ""
        self._url, self._session, self._book, self._dice = url, session, book, dice
        self._http = httpx.AsyncClient(limits=httpx.Limits(max_connections=20))

    async def close(self) -> None:
        """Hang up."""
        await self._http.aclose()

    async def does(self, mutation: str, asked: str, /, **input: Any) -> Any:
        """Ask for a mutation until it is answered; what it gives. Raises Refused.

        Now and then the client hangs up early, asks twice at once, or asks again what was answered:
        each of that has to come to the one same outcome.
        """
        entry = Asked(self.flow, mutation, f"chaos {secrets.token_hex(12)}")
        self._book.asked.append(entry)
        document = (
            f"mutation($input: {_inputs()[mutation]}!) {{ {mutation}(input: $input)"
            f" {{ replayed errors {{ code message retryable }} {asked} }} }}"
        )
        variables = {"input": input | {"idempotencyKey": entry.key}}
        mood = self._dice.random()
        if mood < 0.05:
            both = [self._until_answered(entry, document, variables) for _ in range(2)]
            first, payload = await asyncio.gather(*both)
            self._same(entry, mutation, first, payload)
        else:
            payload = await self._until_answered(
                entry, document, variables, hangs_up=0.05 <= mood < 0.12
            )
        self._write_down(entry, payload[mutation])
        if entry.lost or mood > 0.93:
            entry.again += 1
            second = await self._until_answered(entry, document, variables)
            self._same(entry, mutation, payload, second)
        if entry.refused:
            raise Refused(entry.refused)
        return _value(payload[mutation])

    async def reads(self, query: str, /, **variables: Any) -> Any:
        """Ask a question until it is answered; the value of its only field."""
        entry = Asked(self.flow, "query", "")
        self._book.reads += 1
        data = await self._until_answered(entry, query, variables)
        return next(iter(data.values()))

    async def uploads(self, name: str, content: bytes) -> str:
        """Bring a file until it is taken; its id. One whose answer was lost is brought again."""
        entry = Asked(self.flow, "files", "")
        return await self._until(entry, lambda: self._bring(name, content))

    async def _bring(self, name: str, content: bytes) -> str:
        token = await self._signed_in()
        url = f"{self._url}/files"
        answer = await self._sent(
            url, token=token, patience=LONG, params={"name": name}, content=content
        )
        if answer.status_code == 401 and self._session.token == token:
            self._session.token = None
        if answer.status_code in (401, 429) or answer.status_code >= 500:
            raise _Lost()
        told = answer.json()
        if told["errors"]:
            raise Refused(told["errors"][0]["code"])
        id: str = told["file"]["id"]
        return id

    async def _until_answered(
        self, entry: Asked, document: str, variables: dict[str, Any], *, hangs_up: bool = False
    ) -> dict[str, Any]:
        patience = iter((SHORT,) if hangs_up else ())
        return await self._until(
            entry, lambda: self._ask(entry, document, variables, next(patience, LONG))
        )

    async def _until(self, entry: Asked, ask: Callable[[], Awaitable[A]]) -> A:
        pause = 0.1
        try:
            async with asyncio.timeout(ENOUGH):
                while True:
                    entry.tries += 1
                    try:
                        return await ask()
                    except _Lost:
                        entry.lost += 1
                    await asyncio.sleep(pause)
                    pause = min(2 * pause, 2.0)
        except TimeoutError:
            self._book.wrong("availability", f"{entry.mutation} got no answer in {ENOUGH:.0f} s")
            raise GaveUp() from None

    async def _ask(
        self, entry: Asked, document: str, variables: dict[str, Any], patience: float
    ) -> dict[str, Any]:
        token = await self._signed_in()
        answer = await self._post(document, variables, patience=patience, token=token)
        codes = [error.get("extensions", {}).get("code") for error in answer.get("errors") or []]
        if "UNAUTHENTICATED" in codes:
            if self._session.token == token:
                self._session.token = None
            raise _Lost()
        if any(error["extensions"].get("retryable") for error in answer.get("errors") or []):
            self._book.unavailable.append(clock.wall())
            raise _Lost()
        if codes:
            # A refusal at the top is no answer to a mutation, and no load: the program is wrong.
            self._book.wrong("request", f"{entry.mutation}: {answer['errors']}")
            raise Refused(str(codes[0]))
        data: dict[str, Any] = answer["data"]
        return data

    async def _signed_in(self) -> str:
        async with self._session.signing_in:
            if self._session.token is None:
                facts = {"email": self.email, "password": PASSWORD}
                found = await self._post(_SIGN_IN, facts, patience=LONG)
                if found.get("errors") or not found["data"]["signIn"]["session"]:
                    raise _Lost()
                self._session.token = found["data"]["signIn"]["session"]["accessToken"]
            token: str = self._session.token
            return token

    async def _post(
        self, document: str, variables: dict[str, Any], *, patience: float, token: str = ""
    ) -> dict[str, Any]:
        answer = await self._sent(
            f"{self._url}/graphql",
            token=token,
            patience=patience,
            json={"query": document, "variables": variables},
        )
        if answer.status_code == 503:
            self._book.unavailable.append(clock.wall())
            raise _Lost()
        found: dict[str, Any] = answer.json()
        return found

    async def _sent(
        self, url: str, *, token: str, patience: float, **content: Any
    ) -> httpx.Response:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        try:
            return await self._http.post(
                url, headers=headers, timeout=httpx.Timeout(patience), **content
            )
        except httpx.HTTPError:
            raise _Lost() from None

    def _same(
        self, entry: Asked, mutation: str, first: dict[str, Any], second: dict[str, Any]
    ) -> None:
        if any(
            error["retryable"] for each in (first, second) for error in each[mutation]["errors"]
        ):
            return  # what may heal isn't kept
        for of in (_ids, _codes):
            before, after = of(first[mutation]), of(second[mutation])
            if before != after:
                self._book.wrong("one key, one outcome", f"{mutation}: {before}, then {after}")

    def _write_down(self, entry: Asked, payload: dict[str, Any]) -> None:
        entry.answered = True
        entry.ids = _ids(payload)
        if payload["errors"]:
            entry.refused = payload["errors"][0]["code"]
            entry.retryable = any(error["retryable"] for error in payload["errors"])


def _value(payload: dict[str, Any]) -> Any:
    left = {name: value for name, value in payload.items() if name not in ("errors", "replayed")}
    return next(iter(left.values()), None)


def _codes(payload: dict[str, Any]) -> list[str]:
    return [error["code"] for error in payload["errors"]]


def _ids(payload: dict[str, Any]) -> list[str]:
    """The ids of the objects at the top of an answer."""
    return [value["id"] for value in payload.values() if isinstance(value, dict) and "id" in value]
