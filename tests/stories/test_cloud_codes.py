"""docs/cloud-codes.md says of each of the cloud's codes what stands for it here."""

import re

from partner_center import catalogue
from partner_center.settings import Settings
from tests.stories.conftest import ROOT

PAGE = ROOT / "docs" / "cloud-codes.md"

_CODES = re.compile("`([A-Z_.0-9]+)`")


def table() -> list[tuple[list[str], list[str], str]]:
    """Its rows: the cloud's codes, those here, and why."""
    lines = [line for line in PAGE.read_text().splitlines() if line.startswith("| `")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [(_CODES.findall(theirs), _CODES.findall(ours), why) for theirs, ours, why in cells]


def test_whatever_is_told_instead_is_a_code_of_ours() -> None:
    known = {entry.code for entry in catalogue.entries()}

    for theirs, ours, why in table():
        assert set(ours) <= known, theirs
        assert ours or why, theirs


def test_each_of_the_clouds_codes_that_we_use_is_in_the_table_as_itself() -> None:
    used = {entry.code for entry in catalogue.entries() if entry.code.startswith("CBC.")}

    same = {code for theirs, ours, _ in table() for code in ours if ours == theirs}
    assert {code for code in same if code.startswith("CBC.")} == used
    named = [code for theirs, _, _ in table() for code in theirs]
    assert sorted(set(named)) == sorted(named)


def test_settings_that_are_named_exist() -> None:
    named = set(re.findall("`(VOUCHER[A-Z_]+)`", PAGE.read_text()))

    assert len(named) == 5
    assert {name.lower() for name in named} <= set(Settings.model_fields)
