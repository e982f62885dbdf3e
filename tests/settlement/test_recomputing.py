"""A statement's export proves it to the cent, alone; and whatever is changed in it is found."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from domain.settlement import exporting, recomputing
from domain.settlement.recomputing import NotAnExport
from kit.problems import NotFound
from partner_center import statement_files
from tests.conftest import Clock
from tests.settlement.sales import JOINT, Provider, a_provider, statements_of

pytestmark = pytest.mark.usefixtures("database")

BILLING = datetime(2030, 3, 4, 0, 0, tzinfo=UTC)
ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
async def lines(time: Clock) -> list[bytes]:
    """The export of a statement with a sale, another one, and what was refunded of that."""
    provider = await a_provider(time)
    await provider.sells("8888.88", "0.15", kind=JOINT)
    order = await provider.sells("3650.00")
    time.forward(days=20)
    await provider.gives_back(order)
    time.now = BILLING
    await provider.settles("2030-02")
    return await exported(provider)


async def exported(provider: Provider) -> list[bytes]:
    [statement] = await statements_of(provider)
    return [line async for line in exporting.export(statement.number)]


def records(lines: list[bytes]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines]


def changed(lines: list[bytes], place: int, /, **facts: Any) -> list[bytes]:
    """The file with other facts in one of its lines."""
    record = json.loads(lines[place]) | facts
    return [*lines[:place], json.dumps(record).encode() + b"\n", *lines[place + 1 :]]


def wrong(lines: list[bytes]) -> list[str]:
    return [str(each) for each in recomputing.check(lines)]


async def test_it_says_by_which_rules_and_what_they_come_to(lines: list[bytes]) -> None:
    header, first, second, back, trailer = records(lines)

    assert header["record"], header["format"] == ("header", "partner-center-statement/1")
    assert (header["rule_version"], header["fee_tax_rate"]) == ("2025-1", "0.0600")
    assert (header["base_ratios"], header["solo_part"]) == ({"JOINT_OPERATED": "0.5"}, "0.90")
    assert [each["kind"] for each in (first, second, back)] == ["ORIGINAL", "ORIGINAL", "REVERSAL"]
    assert first["paid"] == [
        {
            "part_id": first["paid"][0]["part_id"],
            "instrument": "CASH",
            "amount": "8888.88",
            "counts": True,
            "is_test": False,
        }
    ]
    assert (back["original"]["id"], back["original"]["amount"]) == (second["id"], "365.00")
    assert trailer["lines"] == header["lines"] == 3
    assert trailer["total_amount"] == header["total_amount"]


async def test_what_is_as_it_was_written_agrees(lines: list[bytes]) -> None:
    assert wrong(lines) == []


@pytest.mark.parametrize(
    ("place", "facts", "what"),
    [
        (1, {"amount": "666.68"}, "amount differs"),
        (1, {"cash": "8888.87"}, "cash differs"),
        (1, {"ratio": "0.1501"}, "amount differs"),
        (1, {"goods_tax_rate": "0.1300"}, "its goods_tax_rate isn't the statement's"),
        (3, {"amount": "-345.01"}, "amount differs"),
        (3, {"takes_remainder": True}, "amount differs"),
        (3, {"taken_before": "300.00"}, "amount differs"),
        (0, {"lines": 4}, "lines: 4 in the header, 3 found"),
        (0, {"solo_part": "0.91"}, "other constants"),
        (4, {"net": "0.00"}, "net: 0.00 stored"),
        (4, {"sha256": "0"}, "isn't as it was written"),
    ],
)
async def test_whatever_is_changed_is_found(
    lines: list[bytes], place: int, facts: dict[str, Any], what: str
) -> None:
    found = wrong(changed(lines, place, **facts))

    assert any(what in each for each in found), found


async def test_an_original_that_was_changed_is_found_in_its_refund(lines: list[bytes]) -> None:
    original = records(lines)[3]["original"]

    found = wrong(changed(lines, 3, original=original | {"amount": "400.00"}))

    assert any("original differs: 400.00 stored, 365.00 found" in each for each in found), found


async def test_a_line_that_was_taken_out_is_missed(lines: list[bytes]) -> None:
    found = wrong([*lines[:1], *lines[2:]])

    assert any("lines: 3 in the header, 2 found" in each for each in found)
    assert any("SHA-256" in each for each in found)


@pytest.mark.parametrize(
    ("break_it", "why"),
    [
        (lambda lines: lines[:-1], "has no end"),
        (lambda lines: lines[1:], "'line' has no place here"),
        (lambda lines: [*lines, lines[1]], "something follows"),
        (lambda lines: [*lines[:2], b"{\n", *lines[2:]], "no JSON"),
        (lambda lines: changed(lines, 0, format="x"), "its format"),
        (lambda lines: changed(lines, 0, rule_version="1999-1"), "aren't known"),
        (lambda lines: changed(lines, 1, kind="GIFT"), "line 2"),
        (lambda lines: changed(lines, 1, amount=None), "line 2"),
    ],
)
async def test_what_is_no_export_is_refused(
    lines: list[bytes], break_it: Callable[[list[bytes]], list[bytes]], why: str
) -> None:
    with pytest.raises(NotAnExport, match=why):
        wrong(break_it(lines))


def ran(file: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """The command, where there is no database."""
    nowhere = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "DATA_DIR": str(folder)}
    command = [sys.executable, "-m", "partner_center", "statement", "check", str(file)]
    return subprocess.run(
        command, cwd=ROOT, env=nowhere, capture_output=True, text=True, check=False
    )


async def test_the_command_needs_nothing_but_the_file(lines: list[bytes], tmp_path: Path) -> None:
    right, false = tmp_path / "right.jsonl", tmp_path / "false.jsonl"
    right.write_bytes(b"".join(lines))
    false.write_bytes(b"".join(changed(lines, 1, amount="666.68")))

    agrees, differs = ran(right, tmp_path), ran(false, tmp_path)

    assert (agrees.returncode, agrees.stdout) == (0, f"{right}: all agrees, to the cent\n")
    assert differs.returncode == 1
    assert "amount differs: 666.68 stored, 666.67 found" in differs.stdout


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    said: list[str] = []

    assert not statement_files.check(tmp_path / "none", say=said.append)

    assert "No such file" in said[0]


async def test_a_statement_that_there_is_not_is_not_found(lines: list[bytes]) -> None:
    with pytest.raises(NotFound):
        [line async for line in exporting.export("ST-NONE")]
