"""The command line over a stand-in application, so that a test sees only the supervision."""

import os
import shutil
import socket
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path

from partner_center.settings import Settings
from tests.run.processes import ROOT

STAND_INS = {
    "partner_center/app.py": """
from contextlib import asynccontextmanager
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

@asynccontextmanager
async def lifespan(app):
    yield
    print("api drained", flush=True)

def create_app(settings):
    async def readyz(request):
        return PlainTextResponse("ready")
    return Starlette(routes=[Route("/readyz", readyz)], lifespan=lifespan)

def sdl():
    return "type Query { ok: Boolean }\\n"
""",
    "partner_center/logs.py": """
import logging

def configure(*, level, json):
    logging.basicConfig(level=level)
""",
    "partner_center/startup.py": """
async def migrate(settings):
    assert settings.database_url and settings.redis_url
    print("migrated", flush=True)

async def pending():
    return ["AddField:Room", "AddConstraint:House"]
""",
    "partner_center/demo/__init__.py": """
async def load(settings):
    return ["anna@acme.example   secret"]
""",
    "partner_center/worker.py": """
import asyncio

async def run(settings):
    print(f"worker runs, metrics at {settings.metrics_port}", flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        print("worker drained", flush=True)
""",
}


class CommandLine:
    """`python -m partner_center` in a directory of its own."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.output = place / "output"
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        shutil.copytree(
            ROOT / "partner_center",
            place / "partner_center",
            ignore=shutil.ignore_patterns("static", "__pycache__"),
        )
        place.joinpath("kit").symlink_to(ROOT / "kit")
        for name, text in STAND_INS.items():
            (place / name).write_text(text)

    def start(self, *command: str, **variables: str) -> subprocess.Popen[str]:
        with self.output.open("w") as output:
            return subprocess.Popen(
                [sys.executable, "-m", "partner_center", *command],
                cwd=self.place,
                env=self._environment(**variables),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                text=True,
            )

    def result(self, *command: str, **variables: str) -> tuple[int, str]:
        """The exit code, and all that was said."""
        done = subprocess.run(
            [sys.executable, "-m", "partner_center", *command],
            cwd=self.place,
            env=self._environment(**variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return done.returncode, done.stdout

    def has_said(self, text: str) -> bool:
        return text in self.output.read_text()

    def is_ready(self) -> bool:
        api = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            api.request("GET", "/readyz")
            return api.getresponse().status == 200
        except OSError:
            return False
        finally:
            api.close()

    def _environment(self, **variables: str) -> dict[str, str]:
        ours = {name.upper() for name in Settings.model_fields}
        others = {name: value for name, value in os.environ.items() if name not in ours}
        return others | {"PORT": str(self.port)} | variables
