import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.run.processes import kill_all, living_in


@pytest.fixture
def place() -> Iterator[Path]:
    """A new directory for servers. Not `tmp_path`, which root keeps to himself."""
    with a_place() as place:
        yield place


@pytest.fixture(scope="module")
def settled_place() -> Iterator[Path]:
    """A directory that the tests of a file share, so that not each has to make a cluster."""
    with a_place() as place:
        yield place


@contextmanager
def a_place() -> Iterator[Path]:
    place = Path(tempfile.mkdtemp(prefix="partner-center-test-"))
    place.chmod(0o755)
    yield place
    left = living_in(place)
    kill_all(set(left))
    shutil.rmtree(place)
    assert not left, left


@pytest.fixture
def root() -> None:
    if os.geteuid() != 0:
        pytest.skip("only root has places that the servers' user may not enter")
