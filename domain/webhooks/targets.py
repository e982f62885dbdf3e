"""Where webhooks may go: to the open internet, and never into the network that we run in.

A name is resolved for every attempt, all of its addresses are looked at, and the connection is
made to one of those addresses: a name that answers differently the second time gains nothing.
"""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import httpx

from kit.problems import InvalidInput

LONGEST = 2000

# Of IPv6 only this is given out to networks; the rest names machines nearby, or is nobody's yet.
_GIVEN_OUT = ip_network("2000::/3")

# What Python's `is_global` lets pass: addresses of protocols and of books, and ways from IPv6 into
# IPv4, where the address that counts is hidden in another.
_SPECIAL = tuple(
    ip_network(network)
    for network in ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "2002::/16", "3fff::/20")
)

# A name server that never answers holds a thread for longer than an attempt takes. In the pool
# that all else shares, a few such names would keep every webhook from going out.
_THREADS = ThreadPoolExecutor(1_000, thread_name_prefix="names")

_to_loopback = False


class Forbidden(Exception):
    """The name leads into a network where webhooks don't go."""


class Unresolvable(Exception):
    """Nobody knows an address of this name."""


def configure(*, to_loopback: bool) -> None:
    """Say whether this machine itself may be a target, also by plain http: for a sandbox."""
    global _to_loopback
    _to_loopback = to_loopback


def checked_url(text: str, *, path: tuple[str, ...]) -> str:
    """The address as it will be called. Raises InvalidInput for what never could be.

    The name isn't resolved here: what it leads to is looked at by each attempt.
    """
    try:
        url = httpx.URL(text.strip())
    except (httpx.InvalidURL, TypeError) as error:
        raise _bad("It is no URL.", "URL 格式无效。", path) from error
    if len(str(url)) > LONGEST or not url.host:
        raise _bad("It is no URL, or longer than 2,000 characters.", "URL 无效或过长。", path)
    if url.scheme != "https" and not (url.scheme == "http" and _to_loopback):
        raise _bad("It must begin with https://.", "URL 须以 https:// 开头。", path)
    if url.userinfo or url.fragment:
        raise _bad(
            "It has neither a user nor a fragment: our signature says who we are.",
            "URL 不得包含用户信息或片段。",
            path,
        )
    literal = _literal(url.host)
    if literal is not None and not is_allowed(literal):
        raise _bad("It is not an address of the open internet.", "URL 不是公网地址。", path)
    return str(url)


def is_allowed(address: IPv4Address | IPv6Address) -> bool:
    """Whether webhooks go there."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return is_allowed(address.ipv4_mapped)
    if address.is_loopback:
        return _to_loopback
    if isinstance(address, IPv6Address) and address not in _GIVEN_OUT:
        return False
    is_special = address.is_multicast or any(address in network for network in _SPECIAL)
    return address.is_global and not is_special


async def addresses(host: str, port: int) -> list[str]:
    """The addresses of a name, each of them allowed. Raises Forbidden, Unresolvable."""
    try:
        found = await asyncio.get_running_loop().run_in_executor(_THREADS, _look_up, host, port)
    except (OSError, UnicodeError) as error:
        raise Unresolvable(str(error)) from error
    known = list(dict.fromkeys(found))
    if not all(is_allowed(ip_address(address)) for address in known):
        raise Forbidden
    return known


def _look_up(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return [str(entry[4][0]) for entry in found]


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _bad(reason: str, reason_zh: str, path: tuple[str, ...]) -> InvalidInput:
    return InvalidInput(reason=reason, reason_zh=reason_zh, path=path)
