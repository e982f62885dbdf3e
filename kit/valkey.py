"""Connections to Valkey or Redis: to one server, or to whichever its Sentinels call the master."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.sentinel import Sentinel, SentinelConnectionPool

SENTINEL_PORT = 26379
SENTINELS = ("redis+sentinel", "rediss+sentinel")
SERVERS = ("redis", "rediss", "unix")
FORM = "redis+sentinel://[user:password@]host[:port][,host[:port]…]/name[/database]"

# A Sentinel has nothing to work out. Of several that are gone without a word, each takes so long.
SENTINEL_WITHIN = 0.4

_OF_SENTINELS = {"sentinel_username": "username", "sentinel_password": "password"}
_OF_TLS = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile", "ssl_cert_reqs")


@dataclass(frozen=True, kw_only=True)
class Watched:
    """A master by the name that its Sentinels know it by."""

    name: str
    sentinels: tuple[tuple[str, int], ...]
    server: Mapping[str, Any] = field(repr=False)
    sentinel: Mapping[str, Any] = field(repr=False)


class _Pool(SentinelConnectionPool):
    """Lets go of the Sentinels, too, which the one that it is made of forgets."""

    async def disconnect(self, inuse_connections: bool = True) -> None:
        await super().disconnect(inuse_connections)
        if inuse_connections:
            for sentinel in self.sentinel_manager.sentinels:
                await sentinel.aclose()


def pool(url: str, **options: Any) -> ConnectionPool:
    """A pool for the URL. With Sentinels, each new connection asks them where the master is.

    Raises ValueError for what is no such URL.
    """
    watched = watched_by(url)
    if watched is None:
        return ConnectionPool.from_url(url, **options)
    manager = Sentinel(  # type: ignore[no-untyped-call]
        watched.sentinels, sentinel_kwargs=dict(watched.sentinel)
    )
    return _Pool(  # type: ignore[no-untyped-call]
        watched.name, manager, **watched.server, **options
    )


def client(url: str, **options: Any) -> Redis:
    """A client with a pool of its own, which `aclose` closes; otherwise as `pool`."""
    return Redis.from_pool(pool(url, **options))


def watched_by(url: str) -> Watched | None:
    """What a URL with Sentinels says; None for one of a server. Raises ValueError."""
    parts = urlsplit(url)
    if parts.scheme in SERVERS:
        return None
    name, _, database = parts.path.strip("/").partition("/")
    if parts.scheme not in SENTINELS or not name or not (database or "0").isdigit():
        raise ValueError(f"not of the form redis://host:port/database, or {FORM}")
    account, _, hosts = parts.netloc.rpartition("@")
    user, _, password = account.partition(":")
    given = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    if unknown := given.keys() - {*_OF_SENTINELS, *_OF_TLS}:
        raise ValueError(f"what is {', '.join(sorted(unknown))}?")
    tls = {key: value for key, value in given.items() if key in _OF_TLS}
    if parts.scheme == "rediss+sentinel":
        tls["ssl"] = True  # type: ignore[assignment]
    elif tls:
        raise ValueError("with TLS it is rediss+sentinel")
    return Watched(
        name=unquote(name),
        sentinels=tuple(_address(each) for each in hosts.split(",")),
        server={
            "username": unquote(user) or None,
            "password": unquote(password) or None,
            "db": int(database or 0),
            **tls,
        },
        sentinel={
            "socket_connect_timeout": SENTINEL_WITHIN,
            "socket_timeout": SENTINEL_WITHIN,
            **{_OF_SENTINELS[key]: given[key] for key in given if key in _OF_SENTINELS},
            **tls,
        },
    )


def _address(text: str) -> tuple[str, int]:
    parts = urlsplit(f"//{text}")
    if not parts.hostname:
        raise ValueError(f"not of the form {FORM}")
    return parts.hostname, parts.port or SENTINEL_PORT
