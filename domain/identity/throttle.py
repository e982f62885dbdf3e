"""Slowing down whoever guesses passwords, without remembering for whom they were guessed.

A try counts as failed from its beginning and is taken back when the password is right: so a
hundred tries at once are no way around the limit. All times are wall time.
"""

from datetime import datetime, timedelta
from ipaddress import IPv6Address, IPv6Network, ip_address
from math import ceil

from domain.identity.tokens import digest
from kit import clock, database
from kit.ids import new_id
from kit.problems import Problem
from kit.transaction import transactional
from models.identity import SignInFailure

WINDOW = timedelta(minutes=15)
TRIES_PER_MAIL = 5
TRIES_PER_ADDRESS = 50


class SignInThrottled(Problem):
    """Too many wrong passwords for this mail address, or from this network address."""

    en = "Too many failed sign-ins. Try again in {retry_after_seconds} seconds."
    zh = "登录失败次数过多,请在 {retry_after_seconds} 秒后重试。"
    about = {"retry_after_seconds": "When it is worth trying again, in seconds from now."}
    retryable = True
    retry_after_seconds: int


@transactional
async def admit(*, email: str, address: str) -> None:
    """Let a try pass and count it. Raises SignInThrottled.

    `address` is the client's network address; when it is unknown (empty), only the mail counts.
    """
    wall = clock.wall()
    limits = [("email_hash", digest(email), TRIES_PER_MAIL)]
    if network := _network(address):
        limits.append(("address", network, TRIES_PER_ADDRESS))
    free_at = wall
    # First come, first counted; always the mail first, so that two tries can't wait in a ring.
    for column, value, limit in limits:
        queue = f"sign-in {column} {value}"
        await database.execute("select pg_advisory_xact_lock(hashtextextended($1, 0))", queue)
        free_at = max(free_at, await _free_at(column, value, limit, wall))
    if free_at > wall:
        raise SignInThrottled(retry_after_seconds=ceil((free_at - wall).total_seconds()))

    await SignInFailure.create(
        id=new_id(), created_at=wall, email_hash=digest(email), address=network
    )


async def forgive(*, email: str) -> None:
    """The password was right: take back all tries for this mail address."""
    await SignInFailure.filter(email_hash=digest(email)).delete()


async def _free_at(column: str, value: str, limit: int, wall: datetime) -> datetime:
    """When the oldest of the last `limit` failures leaves the window; now or earlier: free."""
    oldest = await database.row(
        f"select created_at from sign_in_failure where {column} = $1 and created_at > $2 "
        f"order by created_at desc offset {limit - 1} limit 1",
        value,
        wall - WINDOW,
    )
    return wall if oldest is None else oldest["created_at"] + WINDOW


def _network(address: str) -> str:
    # With IPv6 a single customer has a whole /64 to choose addresses from.
    try:
        known = ip_address(address)
    except ValueError:
        return address[:64] if address.isprintable() else ""
    plain = known.ipv4_mapped if isinstance(known, IPv6Address) else known
    return str(plain or IPv6Network((int(known), 64), strict=False))
