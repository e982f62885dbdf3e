"""Whatever is killed: no server is left behind, none is started twice, no row is lost."""

import subprocess
from pathlib import Path

from partner_center.embedded import Embedded
from tests.run.processes import (
    an_owner,
    ask_postgres,
    ask_valkey,
    children_of,
    in_thread,
    kill,
    kill_all,
    living_in,
    says,
)

COUNT = "select count(*) from kept"


async def a_working_owner(place: Path) -> tuple[subprocess.Popen[str], int]:
    """An owner, and how many rows its database has acknowledged."""
    owner = an_owner(place)
    assert says(owner) == "True"
    url = f"asyncpg://partner@/partner?host={place}/run"
    await ask_postgres(url, "create table if not exists kept (at timestamptz)")
    await ask_postgres(url, "insert into kept values (now())")
    return owner, await ask_postgres(url, COUNT)


def a_bystander() -> subprocess.Popen[bytes]:
    return subprocess.Popen(["sleep", "600"], cwd="/")


def half_made_clusters(place: Path) -> list[Path]:
    return list(place.glob("postgres.new-*/PG_VERSION"))


async def test_servers_go_with_an_owner_that_is_killed(settled_place: Path) -> None:
    owner, rows = await a_working_owner(settled_place)

    kill(owner)

    await in_thread(lambda: not living_in(settled_place))
    with Embedded(settled_place, durable=False) as embedded:
        assert embedded.is_owner
        assert await ask_postgres(embedded.database_url, COUNT) == rows


async def test_orphans_are_stopped_by_the_next_owner(settled_place: Path) -> None:
    owner, rows = await a_working_owner(settled_place)
    [watchdog] = children_of(owner.pid) - set(living_in(settled_place))

    kill_all({watchdog})
    kill(owner)
    orphans = set(living_in(settled_place))

    assert orphans
    with Embedded(settled_place, durable=False) as embedded:
        assert not orphans & set(living_in(settled_place))
        assert await ask_postgres(embedded.database_url, COUNT) == rows
        assert await ask_valkey(embedded.redis_url, "PING") is True


async def test_rows_survive_the_death_of_everything(settled_place: Path) -> None:
    owner, rows = await a_working_owner(settled_place)

    kill_all(children_of(owner.pid) | set(living_in(settled_place)))
    kill(owner)

    with Embedded(settled_place, durable=False) as embedded:
        assert await ask_postgres(embedded.database_url, COUNT) == rows


async def test_a_number_that_has_gone_to_another_process_is_left_alone(settled_place: Path) -> None:
    with Embedded(settled_place, durable=False):
        stale = (settled_place / "postgres" / "postmaster.pid").read_text().split("\n", 1)[1]
    bystander = a_bystander()
    for note in ("postgres/postmaster.pid", "run/.s.PGSQL.5432.lock"):
        (settled_place / note).write_text(f"{bystander.pid}\n{stale}")

    try:
        with Embedded(settled_place, durable=False) as embedded:
            assert await ask_postgres(embedded.database_url, "select 1") == 1
        assert bystander.poll() is None
    finally:
        kill(bystander)


async def test_a_killed_first_start_leaves_no_half_made_cluster(place: Path) -> None:
    owner = an_owner(place)
    await in_thread(lambda: half_made_clusters(place))

    kill(owner)

    assert not (place / "postgres").exists()
    with Embedded(place, durable=False) as embedded:
        assert await ask_postgres(embedded.database_url, "select 1") == 1
    # What a killed `initdb` wrote on meanwhile goes with the next start.
    with Embedded(place, durable=False):
        assert not half_made_clusters(place)
