"""House rules that no linter knows."""

import ast
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("kit", "models", "domain", "schema", "resolvers", "workers", "partner_center", "bench")
SOURCE = sorted(
    path
    for room in ROOMS
    for path in (ROOT / room).rglob("*.py")
    if path.name not in ("0001_initial.py", "0002_constraints.py")
)
TESTS = sorted((ROOT / "tests").rglob("*.py"))


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize(("paths", "most"), [(SOURCE, 300), (TESTS, 500)], ids=["source", "tests"])
def test_files_are_short(paths: list[Path], most: int) -> None:
    lengths = {named(path): len(path.read_text().splitlines()) for path in paths}

    assert {path: length for path, length in lengths.items() if length > most} == {}


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        named(path)
        for path in SOURCE
        if path.read_text().strip() and ast.get_docstring(ast.parse(path.read_text())) is None
    ]

    assert silent == []


def test_public_functions_have_docstrings() -> None:
    """What a caller from another module meets: functions and classes without a leading `_`."""
    silent = []
    for path in SOURCE:
        if path.is_relative_to(ROOT / "resolvers") or path.is_relative_to(ROOT / "bench"):
            continue  # their descriptions are the API's; programs aren't imported
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                decorated = [ast.unparse(decorator) for decorator in node.decorator_list]
                described = any("description=" in text or "payload(" in text for text in decorated)
                if not node.name.startswith("_") and not described and not ast.get_docstring(node):
                    silent.append(f"{named(path)}:{node.lineno} {node.name}")

    assert silent == []


def test_no_test_is_imported_by_another() -> None:
    """What several files need stands in `factories.py`, or beside it under a name of its own."""
    borrowed = [
        f"{named(path)}: {node.module}"
        for path in TESTS
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and ".test_" in f".{node.module}"
    ]

    assert borrowed == []


def test_the_repository_names_no_place_of_its_making() -> None:
    """No path of a machine, no host of a package registry, in anything that git tracks."""
    hosts = ["pypi" + ".org", "pythonhosted" + ".org", "npmjs" + ".org", "deb" + "ian.org/deb"]
    paths = ["/wo" + "rk/", "/ro" + "ot/", "/home" + "/"]
    needles = [argument for text in hosts + paths for argument in ("-e", text)]
    found = subprocess.run(
        ["git", "grep", "-nIF", *needles, "--", ".", ":!partner_center/static", ":!LICENSE"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert found.stdout == ""
