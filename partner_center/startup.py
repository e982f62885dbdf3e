"""Opening and closing what every process needs, and bringing the database up to date."""

import asyncio
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import asyncpg
from tortoise import Tortoise
from tortoise.backends.base.config_generator import expand_db_url
from tortoise.context import TortoiseContext

import models.migrations
from domain.associations import change_deadlines
from domain.identity import presets
from domain.notifications import mail
from domain.offers import letters
from domain.programmes import catalogue
from domain.sandbox import clock as sandbox
from domain.upstream import ports
from domain.upstream.simulator import Simulator
from domain.vouchers import instance
from domain.webhooks import targets
from kit import (
    clock,
    connections,
    links,
    migrations,
    pool,
    promises,
    secrets,
    standby,
    store,
    workdays,
)
from kit.database import UNREACHABLE
from models import MODULES
from models.upstream import System
from partner_center import effects, exports
from partner_center.server_user import ServersUnavailable
from partner_center.settings import Settings

# A workflow that takes longer than this is stuck; a migration may well take longer.
BOUNDS = {
    "statement_timeout": "30s",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "60s",
}

_MIGRATING = 0x70617274  # the advisory lock that one migrating process at a time holds

log = logging.getLogger(__name__)


async def open_database(settings: Settings) -> None:
    """Connect both pools, and tell the rooms below what they must know: clock, secret, effects.

    Raises ServersUnavailable when the database lets nobody in.
    """
    assert settings.database_url is not None
    secrets.configure(settings.secret_key.get_secret_value())
    links.configure(settings.public_url, front_end_url=settings.front_end_url)
    mail.configure(
        smtp_url=settings.smtp_url,
        outbox=settings.data_dir / "outbox",
        mail_from=settings.mail_from,
    )
    letters.configure(operations_mailbox=settings.operations_mailbox)
    store.configure(folder=settings.data_dir / "objects", bucket=settings.object_store)
    clock.use_offset(sandbox.offset if settings.sandbox else None)
    workdays.configure(off=settings.days_off, worked=settings.days_worked)
    days = settings.association_answer_days
    change_deadlines.configure(answer_within=timedelta(days=days) if days else None)
    targets.configure(to_loopback=settings.webhooks_to_loopback)
    instance.configure(
        for_referrals=settings.vouchers_for_referrals,
        allowances=instance.Allowances(
            least_value=settings.voucher_least_value,
            most_value=settings.voucher_most_value,
            most_coupons=settings.vouchers_per_customer,
            most_worth=settings.voucher_value_per_customer,
        ),
    )
    # A real adapter goes in here; without one, requests wait for people to answer them.
    ports.use({system: Simulator() for system in System} if settings.sandbox else {})
    effects.connect()
    exports.connect()
    standby.configure(settings.export_database_url)
    # A server handles requests in other tasks than the one that starts it, hence the fallback.
    await Tortoise.init(config=orm_config(settings), _enable_global_fallback=True)
    with _in_a_word():
        await pool.open(
            settings.database_url,
            minimum=settings.db_pool_min,
            maximum=settings.db_pool_max,
            stop_after=settings.read_timeout_seconds,
        )


async def close() -> None:
    """Disconnect both pools."""
    await pool.close()
    await Tortoise.close_connections()
    standby.configure(None)
    clock.use_offset(None)


async def migrate(settings: Settings) -> None:
    """Apply what the database lacks. Any number of processes may call this at once.

    Raises ServersUnavailable when the database lets nobody in.
    """
    config = orm_config(settings, bounds={})
    guard = await _apart(settings)
    try:
        # Polling, for a process that waits inside PostgreSQL would hold a snapshot, and an index
        # that the winner builds concurrently would wait for that for ever.
        while not await guard.fetchval("select pg_try_advisory_lock($1)", _MIGRATING):  # noqa: ASYNC110
            await asyncio.sleep(0.2)
        async with TortoiseContext():
            await migrations.apply(config=config, progress=_say)
        # Anew, since migrations leave the ORM with the models as they were, not as they are.
        async with TortoiseContext() as context:
            await context.init(config=config)
            await presets.ensure_presets(now=await clock.now())
            await catalogue.ensure_presets(now=await clock.now())
    finally:
        await guard.close()


async def promised(settings: Settings) -> str:
    """What the tables promise to the code that uses them, a line each (`kit.promises`)."""
    connection = await _apart(settings)
    try:
        return promises.written(await promises.of_database(connection))
    finally:
        await connection.close()


async def _apart(settings: Settings) -> asyncpg.Connection:
    """A connection in no pool. Raises ServersUnavailable."""
    assert settings.database_url is not None
    with _in_a_word():
        return await asyncpg.connect(**pool.address(settings.database_url))


@contextmanager
def _in_a_word() -> Iterator[None]:
    """What keeps us out is for people to mend, who need no traceback for it."""
    try:
        yield
    except UNREACHABLE as error:
        raise ServersUnavailable(
            f"the database of DATABASE_URL lets nobody in: {str(error) or repr(error)}"
        ) from error


async def pending() -> list[str]:
    """Changes of the models that no migration makes yet, as `Operation:what`. Asks no database."""
    config = _config({"engine": connections.__name__, "credentials": {}})
    async with TortoiseContext() as context:
        await context.init(config=config, init_connections=False)
        assert context.apps is not None
        writers = await migrations.Autodetector(context.apps, config["apps"]).changes()
        return [
            f"{type(change).__name__}:{getattr(change, 'model_name', getattr(change, 'name', ''))}"
            for writer in writers
            for change in writer.operations
        ]


def orm_config(settings: Settings, *, bounds: Mapping[str, str] = BOUNDS) -> dict[str, Any]:
    """Tortoise's configuration: one app, all models, a pool of connections in UTC."""
    assert settings.database_url is not None
    connection = expand_db_url(settings.database_url) | {"engine": connections.__name__}
    credentials = connection["credentials"]
    if "sslmode" in credentials:  # libpq's word for it, as managed databases hand it out
        credentials["ssl"] = credentials.pop("sslmode")
    credentials |= {
        "minsize": settings.db_pool_min,
        "maxsize": settings.db_pool_max,
        "statement_cache_size": 1000,
        "max_cached_statement_lifetime": 0,
        "server_settings": pool.PLANNING
        | {"TimeZone": "UTC", "application_name": "partner-center", **bounds},
    }
    return _config(connection)


def _config(connection: dict[str, Any]) -> dict[str, Any]:
    return {
        "connections": {"default": connection},
        "apps": {"models": {"models": MODULES, "migrations": models.migrations.__name__}},
    }


def _say(event: str, app: str, name: str) -> None:
    if event == "apply_start":
        log.info("migrating: %s", name)
