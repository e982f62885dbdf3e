"""The real thing, started as the README says, for everything that the pages promise."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.run.conftest import a_place
from tests.stories.reader import Reader

ROOT = Path(__file__).parents[2]
# Of docs/, in the order in which an integrator reads them.
INTEGRATING = ["integrating.md", "selling.md", "statements.md", "listening.md", "exports.md"]
WRITE_IT = "write it anew: make schema"
PATIENCE = 600.0  # for a machine that is very busy


@pytest.fixture(scope="package")
def address() -> Iterator[str]:
    """Where `partner-center run` serves a fresh demo, worker and all."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with a_place() as place:
        log = place / "log"
        environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(place / "data")}
        with log.open("wb") as output:
            run = subprocess.Popen(
                [sys.executable, "-m", "partner_center", "run"],
                cwd=ROOT,
                env=environment | {"PORT": str(port)},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        end = time.monotonic() + PATIENCE
        while "Ctrl-C stops it" not in log.read_text():
            assert run.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
        run.send_signal(signal.SIGINT)
        assert run.wait(PATIENCE) == 0, log.read_text()
        assert "Traceback" not in log.read_text()


@pytest.fixture(scope="package")
def tokens() -> dict[str, str]:
    """Of whoever has signed in: passwords are slow on purpose."""
    return {}


@pytest.fixture
def reader(address: str, tokens: dict[str, str]) -> Iterator[Reader]:
    """Somebody new, who has read nothing yet."""
    reader = Reader(address, tokens=tokens)
    yield reader
    reader.close()
