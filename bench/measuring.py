"""The same load for every server in turn, and what came of it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from bench import client
from bench.operations import Operation, comparable
from bench.postgraphile import shaped
from bench.servers import Cost, Server

# For each server before an operation is measured, since Node compiles what it has seen often: so
# many answers, but no more than so many slices of a second.
WARM = 2_000
WARM_UP = 5


@dataclass
class Measured:
    """What came of one server and operation: answers a second in each round, and costs in all."""

    rates: list[float] = field(default_factory=list)
    answers: int = 0
    server: float = 0.0  # CPU seconds
    postgres: float = 0.0

    @property
    def rate(self) -> float:
        """Answers a second, the median of the rounds."""
        return median(self.rates)

    @property
    def cost(self) -> tuple[float, float]:
        """CPU µs a request, of the server and of PostgreSQL."""
        return self.server / self.answers * 1e6, self.postgres / self.answers * 1e6

    def ratio(self, other: "Measured") -> float:
        """How many times the other's rate, the median of the rounds' ratios."""
        return median(a / b for a, b in zip(self.rates, other.rates, strict=True))

    def add(self, load: client.Load, cost: Cost) -> None:
        """One more round."""
        self.rates.append(load.rate)
        self.answers += load.answers
        self.server += cost.server
        self.postgres += cost.postgres


@dataclass
class Bench:
    """The servers, and what they are asked; `tokens` by the kind of viewer."""

    servers: Sequence[Server]
    operations: Sequence[Operation]
    tokens: dict[str, str]
    postmaster: int
    measured: dict[tuple[str, str], Measured] = field(default_factory=dict)

    async def compare(self) -> None:
        """Stop unless all servers say the same."""
        for operation in self.operations:
            answers = [
                comparable(await client.ask(server.port, self._requests(server, operation)[0]))
                for server in self.servers
            ]
            for server, answer in zip(self.servers, answers, strict=True):
                said, expected = answer, answers[0]
                if server.asked:
                    said, expected = shaped(said), shaped(expected)
                if said != expected:
                    raise SystemExit(
                        f"{operation.name}: {server.name} says\n{json.dumps(said)[:2000]}\n"
                        f"{self.servers[0].name} says\n{json.dumps(expected)[:2000]}"
                    )

    async def measure(self, *, rounds: int, seconds: float, connections: int) -> None:
        """Each round asks every server in turn, so that a busy moment hits all alike."""
        for operation in self.operations:
            for server in self.servers:
                await self._warm(server, operation, connections)
            for _ in range(rounds):
                for server in self.servers:
                    found = self.measured.setdefault((server.name, operation.name), Measured())
                    found.add(*await self._slice(server, operation, seconds, connections))

    async def _warm(self, server: Server, operation: Operation, connections: int) -> None:
        answers = 0
        for _ in range(WARM_UP):
            load, _ = await self._slice(server, operation, 1.0, connections)
            answers += load.answers
            if answers >= WARM:
                return

    async def _slice(
        self, server: Server, operation: Operation, seconds: float, connections: int
    ) -> tuple[client.Load, Cost]:
        requests = self._requests(server, operation)
        before = Cost.now(server, self.postmaster)
        load = await client.load(server.port, requests, connections=connections, seconds=seconds)
        if load.failures:
            raise SystemExit(f"{server.name}, {operation.name}: {load.failures} failures")
        return load, Cost.now(server, self.postmaster) - before

    def _requests(self, server: Server, operation: Operation) -> list[bytes]:
        return server.requests(operation, self.tokens[operation.viewer])
