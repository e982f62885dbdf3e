"""The command line. Each command imports what it needs, so that `--help` is quick."""

import asyncio
import logging
import os
import signal
from collections.abc import Coroutine
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from partner_center import __version__, ops
from partner_center.server_user import ServersUnavailable
from partner_center.supervise import follow, stop_signals

if TYPE_CHECKING:
    from partner_center.settings import Settings

app = App(
    name="partner-center",
    help="The back end of a cloud vendor's partner channel. Settings come from the environment.",
    version=__version__,
)
# The descriptor by which `run` tells its children that it is gone.
Lifeline = Annotated[int | None, Parameter(show=False)]


@app.command
def run() -> None:
    """Run everything here: servers if none are given, migrations, demo data, API and worker."""
    if not os.environ.get("DATABASE_URL"):  # demo data has no place in a database that may be real
        os.environ.setdefault("SANDBOX", "1")
    from partner_center.run import run

    run(_settings())


@app.command
def api(*, lifeline: Lifeline = None) -> None:
    """Serve the API."""
    from partner_center.embedded import serving

    follow(lifeline)
    with serving(_settings()) as (settings, _):
        _serve(settings)


@app.command
def worker(*, lifeline: Lifeline = None) -> None:
    """Run the timers and jobs."""
    import uvloop

    from partner_center import worker
    from partner_center.embedded import serving

    follow(lifeline)
    with serving(_settings()) as (settings, _):
        uvloop.run(_until_told(worker.run(settings)))


@app.command
def migrate() -> None:
    """Bring the database up to date; safe to run by several machines at once."""
    from partner_center import startup
    from partner_center.embedded import serving

    with serving(_settings()) as (settings, _):
        asyncio.run(startup.migrate(settings))


@app.command
def pending() -> None:
    """List what the models have and no migration makes yet; exit 1 if there is anything.

    Asks no database, so that a build may run it.
    """
    from partner_center import startup

    changes = asyncio.run(startup.pending())
    print("\n".join(changes) or "no change is without its migration")
    raise SystemExit(1 if changes else 0)


@app.command
def tables() -> None:
    """Print what the database's tables promise to the code: a release's models/released.txt."""
    from partner_center import startup
    from partner_center.embedded import serving

    with serving(_settings()) as (settings, _):
        print(asyncio.run(startup.promised(settings)), end="")


@app.command
def demo() -> None:
    """Load the demo data, once; print who can sign in."""
    from partner_center import demo
    from partner_center.embedded import serving

    with serving(_settings()) as (settings, _):
        print("\n".join(asyncio.run(demo.load(settings))))


@app.command
def schema() -> None:
    """Print the API's schema."""
    from partner_center.app import sdl

    print(sdl().rstrip("\n"))  # what is returned would be wrapped at 80 characters


@app.command
def docs(folder: Path | None = None) -> None:
    """Write the lists in docs/ (or another folder) that come from the code: codes, settings."""
    from partner_center import catalogue

    catalogue.write(folder or catalogue.DOCS)


statements = App(name="statement", help="Take a statement out, and prove it to the cent.")
app.command(statements)


@statements.command
def export(number: str, *, output: Path | None = None) -> None:
    """Write all that a statement was worked out from, as lines of JSON.

    Parameters
    ----------
    number
        The statement's number.
    output
        The file to write; standard output if unsaid.
    """
    from partner_center import statement_files
    from partner_center.embedded import serving

    with serving(_settings()) as (settings, _):
        asyncio.run(statement_files.export(settings, number, output))


@statements.command
def check(file: Path) -> None:
    """Work a statement out anew from its export alone; exit 1 if anything differs.

    Parameters
    ----------
    file
        What `statement export` has written.
    """
    from partner_center import statement_files

    raise SystemExit(0 if statement_files.check(file, say=print) else 1)


app.command(ops.app)
documents = App(name="documents", help="Documents that clients ask for by their id.")
app.command(documents)


@documents.command
def build(folder: Path, *, output: Path | None = None) -> None:
    """Make one manifest of all operations in a folder, each found valid; exit 1 if one isn't.

    Parameters
    ----------
    folder
        Where the `.graphql` files are, at any depth; fragments are shared among them.
    output
        The manifest to write; `documents.json` in the folder if unsaid.
    """
    from partner_center import document_files

    done = document_files.build(folder, output or folder / "documents.json", say=print)
    raise SystemExit(0 if done else 1)


@app.command
def version() -> str:
    """Print the version."""
    return __version__


def main() -> None:
    """The entry point."""
    for number in stop_signals():
        signal.signal(number, _leave)
    try:
        app()
    except ServersUnavailable as error:
        raise SystemExit(str(error)) from None


def _leave(number: int, _: FrameType | None) -> None:
    # An exception, so that whatever is open is closed on the way out, embedded servers above all.
    raise SystemExit(128 + number)


def _settings() -> "Settings":
    from pydantic import ValidationError

    from partner_center import logs
    from partner_center.settings import get_settings

    try:
        settings = get_settings()
    except ValidationError as error:
        raise SystemExit("\n".join(_complaints(error))) from None
    except ValueError as error:
        raise SystemExit(str(error)) from None
    logs.configure(level=settings.log_level, json=settings.log_json)
    return settings


def _complaints(error: Any) -> list[str]:
    return [
        ": ".join([*map(str.upper, detail["loc"]), detail["msg"].removeprefix("Value error, ")])
        for detail in error.errors()
        if detail["type"] != "default_factory_not_called"  # only an echo of another complaint
    ]


def _serve(settings: "Settings") -> None:
    import uvicorn

    from kit.graphql.registry import ManifestInvalid
    from partner_center.app import create_app

    try:
        app = create_app(settings)
    except ManifestInvalid as error:
        raise SystemExit(f"DOCUMENTS: {error}") from None
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            timeout_graceful_shutdown=15,
            ws_max_size=settings.max_body_bytes,
            log_config=None,
            access_log=False,
            server_header=False,
        )
    )
    try:
        server.run()
    except SystemExit:
        # Told to stop, it has drained, and now raises the same signal once more.
        if not server.should_exit:
            raise
    if not server.started:
        raise SystemExit("the API did not start")


async def _until_told(work: Coroutine[Any, Any, object]) -> None:
    task = asyncio.ensure_future(work)
    for number in stop_signals():
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        logging.getLogger(__name__).info("the worker has drained")
