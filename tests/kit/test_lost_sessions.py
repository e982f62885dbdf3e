"""A session that PostgreSQL ends between two statements: the next has met a passing fault."""

import asyncio

import asyncpg
import pytest

from kit import database, leases

# What PostgreSQL says to a session when it is shut down: FATAL, 57P01.
_TEXT = b"SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0"
FAREWELL = b"E" + (len(_TEXT) + 4).to_bytes(4, "big") + _TEXT


async def _say_farewell(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Let one in, say that this is the end, and don't hang up yet."""
    startup = await reader.readexactly(int.from_bytes(await reader.readexactly(4), "big") - 4)
    assert startup
    version = b"server_version\x0018.0\0"
    status = b"S" + (len(version) + 4).to_bytes(4, "big") + version
    writer.write(b"R\0\0\0\x08\0\0\0\0" + status + b"Z\0\0\0\x05I" + FAREWELL)
    await writer.drain()
    await reader.read()
    writer.close()


async def test_a_statement_on_a_session_that_was_told_of_its_end_fails_in_passing() -> None:
    server = await asyncio.start_server(_say_farewell, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    connection = await asyncpg.connect(
        host="127.0.0.1", port=port, user="u", database="d", ssl=False
    )
    try:
        with pytest.raises(asyncpg.InternalClientError, match="another operation") as raised:
            await connection.execute("select 1")
    finally:
        connection.terminate()
        server.close()

    assert leases.is_passing(raised.value)
    assert isinstance(raised.value, database.UNREACHABLE)
