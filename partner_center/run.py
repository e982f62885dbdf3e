"""`partner-center run`: servers, migrations, demo data, API and worker by one command."""

import asyncio
import http.client
import logging
import os
import socket
import sys
from collections.abc import Iterable
from contextlib import closing, suppress

import uvloop

from partner_center.embedded import Embedded, serving
from partner_center.server_user import ServersUnavailable
from partner_center.settings import Settings
from partner_center.supervise import Supervisor, stop_signals

COMMANDS = ("api", "worker")
FIRST_QUERY = "query WhoAmI { viewer { displayName kind permissions } }"
BANNER = """
Partner Center runs at {url}

  GraphiQL   {url}/graphql
{sign_ins}
A first query to paste there:

  {query}

Ctrl-C stops it; the data stays in {data_dir}.

"""

log = logging.getLogger(__name__)


def run(settings: Settings) -> None:
    """Return when told to stop, with everything stopped."""
    _refuse_taken_port(settings)
    with serving(settings) as (settings, embedded):
        sign_ins = uvloop.run(_prepare(settings))
        asyncio.run(_supervise(settings, embedded, sign_ins))


async def _prepare(settings: Settings) -> Iterable[str]:
    from partner_center import startup

    await startup.migrate(settings)
    if not settings.sandbox:
        return ()
    from partner_center import demo

    return await demo.load(settings)


async def _supervise(
    settings: Settings, embedded: Embedded | None, sign_ins: Iterable[str]
) -> None:
    stop = asyncio.Event()
    supervisor = Supervisor(
        environment=_environment(settings),
        own={"worker": _next_port(settings)},
        outlived_by=embedded.lifeline if embedded else None,
    )

    def stop_or_hurry() -> None:
        if stop.is_set():
            supervisor.hurry()
        stop.set()

    for number in stop_signals():
        asyncio.get_running_loop().add_signal_handler(number, stop_or_hurry)
    async with asyncio.TaskGroup() as group:
        group.create_task(supervisor.keep_running(COMMANDS, stop))
        group.create_task(_announce(settings, sign_ins, stop))
        keeping = group.create_task(_keep_up(embedded, stop))
    if lost := keeping.result():
        raise lost


async def _announce(settings: Settings, sign_ins: Iterable[str], stop: asyncio.Event) -> None:
    while not await asyncio.to_thread(_is_ready, settings):
        if await _is_told(stop, within=0.1):
            return
    sys.stdout.write(
        BANNER.format(
            url=f"http://{_reachable_host(settings)}:{settings.port}",
            sign_ins="".join(f"  {line}\n" for line in sign_ins),
            query=FIRST_QUERY,
            data_dir=settings.data_dir,
        )
    )
    sys.stdout.flush()


async def _keep_up(embedded: Embedded | None, stop: asyncio.Event) -> ServersUnavailable | None:
    while embedded and not await _is_told(stop, within=1):
        try:
            for program in await asyncio.to_thread(embedded.revive):
                log.error("%s had ended; it runs again", program)
        except ServersUnavailable as lost:
            stop.set()
            return lost
    return None


async def _is_told(stop: asyncio.Event, *, within: float) -> bool:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), within)
    return stop.is_set()


def _environment(settings: Settings) -> dict[str, str]:
    """The children find everything decided: no servers to start, no key to make up."""
    assert settings.database_url
    assert settings.redis_url
    return os.environ | {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "SECRET_KEY": settings.secret_key.get_secret_value(),
    }


def _next_port(settings: Settings) -> dict[str, str]:
    """The worker is on the same machine as the API, so its metrics are one port further."""
    port = settings.metrics_port
    return {} if port is None else {"METRICS_PORT": str(port + 1)}


def _refuse_taken_port(settings: Settings) -> None:
    """Now, and not as a child that fails again and again."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        socket.create_server((settings.host, settings.port), family=family).close()
    except OSError as error:
        raise SystemExit(
            f"port {settings.port} of {settings.host}: {os.strerror(error.errno or 0)};"
            f" choose another, as in PORT={settings.port % 65535 + 1}"
        ) from None


def _reachable_host(settings: Settings) -> str:
    return "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host


def _is_ready(settings: Settings) -> bool:
    address = (_reachable_host(settings), settings.port)
    with closing(http.client.HTTPConnection(*address, timeout=5)) as api:
        try:
            api.request("GET", "/readyz")
            return api.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
