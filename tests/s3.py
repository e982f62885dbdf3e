"""A real server that speaks S3, in Node, with one bucket; without npm its tests are skipped."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

BUCKET = "files"
SOURCES = Path(__file__).parent / "files" / "s3"
KEY = "S3RVER"  # the only one that it knows, and its secret


def installed(folder: Path) -> Path:
    """The server with all that it needs, in the folder. Skips the test without npm."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("needs Node and npm for an S3 server")
    for file in SOURCES.iterdir():
        if file.is_file():
            shutil.copy(file, folder)
    done = subprocess.run(
        [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        pytest.skip(f"npm can't fetch the S3 server: {done.stderr[-300:]}")
    return folder


@contextmanager
def serving(installation: Path, data: Path) -> Iterator[str]:
    """Run it on that data; the address."""
    data.mkdir(exist_ok=True)
    process = subprocess.Popen(
        ["node", "server.js", str(data), BUCKET], cwd=installation, stdout=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        address = json.loads(process.stdout.readline())
        yield f"http://{address['address']}:{address['port']}"
    finally:
        process.terminate()
        process.communicate(timeout=10)


def told(monkeypatch: pytest.MonkeyPatch, address: str, *, key: str = KEY) -> None:
    """Say by the environment where the bucket is, as whoever deploys does."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": key,
        "AWS_SECRET_ACCESS_KEY": KEY,
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": address,
        "AWS_ALLOW_HTTP": "true",
    }.items():
        monkeypatch.setenv(name, value)
