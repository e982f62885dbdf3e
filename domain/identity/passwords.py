"""Passwords: argon2id, slow on purpose, and never on the event loop."""

import asyncio
import os
import unicodedata
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

R = TypeVar("R")

# Each takes 64 MiB and a core for a third of a second: more than two at a time would let a crowd
# at the door starve everybody who is already inside.
_threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")

_hasher = PasswordHasher()


def use_cost(*, time_cost: int, memory_cost: int, parallelism: int) -> None:
    """Change what new hashes cost (`memory_cost` in KiB); older ones are renewed at sign-in."""
    global _hasher
    _hasher = PasswordHasher(time_cost=time_cost, memory_cost=memory_cost, parallelism=parallelism)


async def hash_of(password: str) -> str:
    """What to store of a password."""
    return await _in_a_thread(partial(_hasher.hash, _normal(password)))


async def is_right(password: str, stored: str | None) -> bool:
    """Whether it is the password of this hash.

    None (nobody of that name, or nobody with a password) takes as long as a wrong password, so
    that the time of the answer doesn't tell who has an account.
    """
    return await _in_a_thread(partial(_verify, _hasher, stored or _nobodys(), _normal(password)))


def is_outdated(stored: str) -> bool:
    """Whether the hash was made at another cost than new ones are."""
    return _hasher.check_needs_rehash(stored)


def _verify(hasher: PasswordHasher, stored: str, password: bytes) -> bool:
    try:
        return hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def _nobodys() -> str:
    """A well-formed hash of today's cost that no password has."""
    salt, digest = os.urandom(_hasher.salt_len), os.urandom(_hasher.hash_len)
    cost = f"m={_hasher.memory_cost},t={_hasher.time_cost},p={_hasher.parallelism}"
    return f"$argon2id$v=19${cost}${_unpadded(salt)}${_unpadded(digest)}"


def _unpadded(raw: bytes) -> str:
    return b64encode(raw).decode().rstrip("=")


def _normal(password: str) -> bytes:
    # The same keys give composed or full-width characters on one device and not on another; and
    # JSON may carry half a character, which is a wrong password and not an error.
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


async def _in_a_thread(work: "partial[R]") -> R:
    return await asyncio.get_running_loop().run_in_executor(_threads, work)
