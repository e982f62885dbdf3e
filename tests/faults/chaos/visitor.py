"""Somebody who uses the product: what the flows have in common."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from random import Random
from typing import Any

from kit import clock
from tests.faults.chaos.book import Book
from tests.faults.chaos.client import Client, Refused, Session
from tests.faults.chaos.world import BEGIN, World

Flow = Callable[["Visitor"], Awaitable[None]]
Answer = tuple[str, str, dict[str, str]]  # who, by which mutation, and what else is told


class Visit:
    """What all visitors share: the house's address, its world, the book, and the business time."""

    def __init__(self, url: str, world: World, book: Book, receiver_url: str) -> None:
        self.url, self.world, self.book, self.receiver_url = url, world, book, receiver_url
        self.ahead = BEGIN - clock.wall()
        self.sessions: dict[str, Session] = defaultdict(Session)
        self.secrets: list[str] = []  # that the receiver verifies webhooks by

    def moment(self, **later: float) -> str:
        """So much later than now, in business time."""
        at = clock.wall() + self.ahead + timedelta(**later)
        return f"{at:%Y-%m-%dT%H:%M:%SZ}"


class Visitor:
    """One at a time plays every part in a flow; `dice` are its own."""

    def __init__(self, visit: Visit, dice: Random) -> None:
        self.visit, self.world, self.book, self.dice = visit, visit.world, visit.book, dice
        self.flow = ""
        self._clients: dict[str, Client] = {}

    def by(self, email: str) -> Client:
        """The client of this person."""
        if email not in self._clients:
            session = self.visit.sessions[email]
            self._clients[email] = Client(self.visit.url, email, session, self.book, self.dice)
        client = self._clients[email]
        client.flow = self.flow
        return client

    async def does(self, email: str, mutation: str, asked: str, /, **input: Any) -> Any:
        """See `Client.does`."""
        return await self.by(email).does(mutation, asked, **input)

    async def does_to(
        self, email: str, mutation: str, asked: str, thing: Any, /, **input: Any
    ) -> Any:
        """As `does`, to a thing as it was when it was asked for: by its id and version."""
        told = {"id": thing["id"], "expectedVersion": thing["version"]}
        return await self.does(email, mutation, asked, **told, **input)

    async def uploads(self, email: str, name: str, content: bytes) -> str:
        """See `Client.uploads`."""
        return await self.by(email).uploads(name, content)

    async def reads(self, email: str, query: str, /, **variables: Any) -> Any:
        """See `Client.reads`."""
        return await self.by(email).reads(query, **variables)

    def likely(self, chance: float) -> bool:
        """Whether it happens this time."""
        return self.dice.random() < chance

    async def one_wins(self, answers: Sequence[Answer], asked: str, **about: str) -> Any:
        """Give these answers at once, of which one may count; what came of it, or None."""
        given = await asyncio.gather(
            *(self._tries(email, name, asked, about | more) for email, name, more in answers)
        )
        counted = [
            (name, payload)
            for (_, name, _), payload in zip(answers, given, strict=True)
            if payload is not None
        ]
        if len(counted) > 1:
            names = " and ".join(name for name, _ in counted)
            self.book.wrong("one outcome", f"{about}: {names}")
        return counted[0][1] if counted else None

    async def _tries(self, email: str, mutation: str, asked: str, input: dict[str, Any]) -> Any:
        with suppress(Refused):
            return await self.does(email, mutation, asked, **input)

    async def until(self, email: str, query: str, good: Callable[[Any], bool], **of: Any) -> Any:
        """Look again until it is so, or for some seconds; what was seen last."""
        for _ in range(20):
            found = await self.reads(email, query, **of)
            if good(found):
                return found
            await asyncio.sleep(0.3)
        return found

    async def close(self) -> None:
        """Hang up."""
        for client in self._clients.values():
            await client.close()
