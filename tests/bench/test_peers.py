"""What `make bench` measures beside: their sources and lock, without Node's registry."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from bench import node_peers, postgraphile
from bench.operations import KINDS, operations

LOCK: dict[str, Any] = json.loads((node_peers.PEERS / "package-lock.json").read_text())
INVITATION = "inv_019aaca6bd8073128904e6b43a481058"
UUID = "019aaca6-bd80-7312-8904-e6b43a481058"


def test_the_lock_holds_what_the_package_asks_for() -> None:
    asked = json.loads((node_peers.PEERS / "package.json").read_text())["dependencies"]
    held = {
        name: LOCK["packages"][f"node_modules/{name}"]["version"]
        for name in LOCK["packages"][""]["dependencies"]
    }

    assert held == asked


def test_the_lock_names_no_registry_and_a_hash_of_each_package() -> None:
    installed = {place: each for place, each in LOCK["packages"].items() if place}

    assert [place for place, each in installed.items() if "resolved" in each] == []
    assert [place for place, each in installed.items() if "integrity" not in each] == []


@pytest.mark.parametrize("file", sorted(node_peers.PEERS.glob("*.js")), ids=lambda file: file.name)
def test_node_can_read_the_peers(file: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs Node")

    done = subprocess.run([node, "--check", str(file)], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


def test_without_node_the_bench_goes_on_and_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")

    assert not node_peers.installed()

    assert capsys.readouterr().out == "There is no Node here: its peers are left out.\n"


def test_the_database_is_named_to_node_as_its_driver_wants_it() -> None:
    url = "asyncpg://partner@/partner?host=/var/run/pg"

    assert node_peers.address(url) == "postgres://partner@/partner?host=/var/run/pg"
    assert (
        node_peers.address(url, user="postgraphile")
        == "postgres://postgraphile@/partner?host=/var/run/pg"
    )


def test_postgraphile_is_asked_every_operation_with_bare_ids() -> None:
    asked = postgraphile.asked(operations(invitation_ids=[INVITATION], member_ids=[INVITATION]))

    assert set(asked) == set(KINDS)
    assert asked["point"].variables == [{"id": UUID}]
    assert asked["mutation"].variables[0]["input"]["memberId"] == UUID
    assert asked["list"].variables == [{"first": 50}]


def test_answers_of_postgraphile_are_told_as_ours() -> None:
    ours = {
        "orders": {
            "nodes": [
                {
                    "id": INVITATION,
                    "createdAt": "2026-11-22T00:00:00.000000Z",
                    "dueAmount": {"amount": "200.00", "currency": "CNY"},
                    "lines": [{"dueAmount": {"amount": "1.00", "currency": "CNY"}}],
                    "deadline": {"status": "DUE"},
                }
            ],
            "totalCount": {"value": 10_000, "precision": "AT_LEAST"},
        }
    }
    theirs = {
        "orders": {
            "nodes": [
                {
                    "id": UUID,
                    "createdAt": "2026-11-22T00:00:00.000000+00:00",
                    "dueAmount": "200.00",
                    "currency": "CNY",
                    "lines": [{"dueAmount": "1.00"}],
                    "deadline": [{"status": "DUE"}],
                }
            ],
            "totalCount": 15_000,
        }
    }

    assert postgraphile.shaped(theirs) == postgraphile.shaped(ours)


def test_another_answer_stays_another() -> None:
    told = postgraphile.shaped({"order": {"id": UUID, "dueAmount": "200.00"}})

    assert told != postgraphile.shaped({"order": {"id": UUID, "dueAmount": "200.01"}})
