"""`partner-center`: one command that starts everything, and stops everything, however it ends."""

import os
import signal
import socket
from pathlib import Path

import pytest

from partner_center import __version__
from tests.run.processes import eventually, kill, living_in
from tests.run.stand_ins import CommandLine


@pytest.fixture(scope="module")
def cli(settled_place: Path) -> CommandLine:
    return CommandLine(settled_place)


def child(cli: CommandLine, command: str) -> int:
    [pid] = [pid for pid, line in living_in(cli.place).items() if f" {command} --lifeline" in line]
    return pid


def test_run_starts_everything_and_ctrl_c_stops_it(cli: CommandLine) -> None:
    run = cli.start("run", METRICS_PORT="9464")
    eventually(lambda: cli.has_said("Ctrl-C stops it") and cli.has_said("worker runs"))

    assert cli.is_ready()
    for told in ("migrated", f"http://127.0.0.1:{cli.port}/graphql", "anna@acme.example   secret"):
        assert cli.has_said(told)
    assert cli.has_said("metrics at 9465"), "one port further than the API's"
    run.send_signal(signal.SIGINT)
    assert run.wait(60) == 0

    assert cli.has_said("api drained")
    assert cli.has_said("worker drained")
    assert not living_in(cli.place)
    assert (cli.place / ".data" / "secret_key").stat().st_mode & 0o777 == 0o600


def test_a_child_that_dies_is_started_again(cli: CommandLine) -> None:
    run = cli.start("run")
    eventually(lambda: cli.has_said("Ctrl-C stops it") and cli.has_said("worker runs"))
    first = child(cli, "api")

    os.kill(first, signal.SIGKILL)

    eventually(lambda: not cli.is_ready())
    eventually(cli.is_ready)
    assert cli.has_said("api was ended by SIGKILL; again in 1 s")
    assert child(cli, "api") != first
    run.terminate()
    assert run.wait(60) == 0


def test_everything_goes_with_a_run_that_is_killed(cli: CommandLine) -> None:
    run = cli.start("run")
    eventually(lambda: cli.has_said("Ctrl-C stops it") and cli.has_said("worker runs"))

    kill(run)

    eventually(lambda: not living_in(cli.place))
    assert cli.has_said("api drained")
    assert cli.has_said("worker drained")
    log = (cli.place / ".data" / "postgres.log").read_text()
    assert log.rstrip().endswith("database system is shut down")


def test_a_single_process_brings_its_servers_and_stops_them(cli: CommandLine) -> None:
    api = cli.start("api")
    eventually(cli.is_ready)

    api.terminate()

    assert api.wait(60) == 0
    assert cli.has_said("api drained")
    assert not living_in(cli.place)


def test_a_taken_port_is_told_before_anything_starts(cli: CommandLine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        code, said = cli.result("run", PORT=str(port))

    assert code == 1
    assert said == (
        f"port {port} of 127.0.0.1: Address already in use; choose another, as in PORT={port + 1}\n"
    )
    assert not living_in(cli.place)


@pytest.mark.parametrize(
    ("variables", "complaint"),
    [
        ({"DATABASE_URL": "postgresql://x/y"}, "SECRET_KEY must be set when DATABASE_URL is"),
        ({"DATABASE_URL": "mysql://ann:short@x/y"}, "DATABASE_URL: it must look like postgresql"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY: "),
        ({"PORT": "many", "LOG_LEVEL": "LOUD"}, "PORT: Input should be a valid integer"),
    ],
)
def test_a_setting_that_is_wrong_is_named(
    cli: CommandLine, variables: dict[str, str], complaint: str
) -> None:
    code, said = cli.result("run", **variables)

    assert code == 1
    assert said.startswith(complaint)
    assert "Traceback" not in said
    assert "short" not in said.removeprefix(complaint)


def test_the_small_commands(cli: CommandLine) -> None:
    external = {
        "DATABASE_URL": "postgresql://x/y",
        "REDIS_URL": "redis://x",
        "SECRET_KEY": "k" * 32,
    }

    assert cli.result("version") == (0, f"{__version__}\n")
    assert cli.result("schema") == (0, "type Query { ok: Boolean }\n")
    assert cli.result("migrate", **external) == (0, "migrated\n")
    assert cli.result("pending") == (1, "AddField:Room\nAddConstraint:House\n")
    assert cli.result("demo", **external) == (0, "anna@acme.example   secret\n")
