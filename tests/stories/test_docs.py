"""The pages for integrators and operators, done word for word; what is generated is current."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from kit.graphql.http import BODY_WITHIN
from kit.graphql.limits import Limits
from kit.reads.connections import PAGE_MOST
from partner_center import catalogue
from partner_center.settings import Settings
from partner_center.view import SUBSCRIPTIONS_MOST
from tests.stories.conftest import INTEGRATING, ROOT, WRITE_IT
from tests.stories.reader import Reader
from tests.stories.script import steps

DOCS = ROOT / "docs"
OPERATING = DOCS / "operating.md"


@pytest.mark.parametrize(
    ("pages", "fewest"),
    [(INTEGRATING, 40), (["operating.md"], 3)],
    ids=["integrating", "operating"],
)
def test_every_example_is_true(reader: Reader, pages: list[str], fewest: int) -> None:
    """One reader reads the pages in order, and remembers what those before have told."""
    examples = [example for page in pages for example in steps(DOCS / page)]
    for example in examples:
        reader.take(example)

    assert len(reader.done) == len(examples) >= fewest


def test_the_table_of_settings_is_current() -> None:
    text = OPERATING.read_text()

    assert text == catalogue.with_settings(text), WRITE_IT
    for name in Settings.model_fields:
        assert f"| `{name.upper()}` |" in text


def test_one_command_writes_what_is_generated_and_nothing_else(tmp_path: Path) -> None:
    written = tmp_path / "operating.md"
    written.write_text(OPERATING.read_text().replace("| `PORT` |", "| `SPORT` |"))

    command = [sys.executable, "-m", "partner_center", "docs", "--folder", str(tmp_path)]
    subprocess.run(command, check=True, cwd=ROOT)

    assert written.read_text() == OPERATING.read_text()
    others = {"errors.md", "events.md", "notifications.md"}
    for name in others:
        assert (tmp_path / name).read_text() == (DOCS / name).read_text()
    assert {path.name for path in tmp_path.iterdir()} == {"operating.md", *others}


def test_the_limits_are_those_of_the_code() -> None:
    text = (DOCS / "integrating.md").read_text()
    rows = dict(re.findall(r"^\| ([\w, ]+) \| ([\d,]+)[ |]", text[text.index("## Limits") :], re.M))
    limits = Limits()

    assert {what: int(much.replace(",", "")) for what, much in rows.items()} == {
        "request body": Settings.model_fields["max_body_bytes"].default // 1024,
        "tokens of a document": limits.tokens,
        "fields within fields": limits.depth,
        "fields of an operation, those of a fragment at each spread": limits.fields,
        "aliases and repeated fields of an operation": limits.aliases,
        "mutations of an operation": limits.mutations,
        "points of an operation": limits.cost,
        "objects on a page": PAGE_MOST,
        "operations on a WebSocket at once": SUBSCRIPTIONS_MOST,
        "seconds of a read": Settings.model_fields["read_timeout_seconds"].default,
    }
    assert f"within {BODY_WITHIN} s" in text


def test_every_link_between_pages_leads_somewhere() -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *DOCS.rglob("*.md")]

    broken = [
        f"{page.name}: {target}"
        for page in pages
        for target in broken_links(page.read_text(), page)
    ]
    assert broken == []


def broken_links(text: str, page: Path) -> list[str]:
    found = []
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        path, _, anchor = target.partition("#")
        goal = page.parent / path if path else page
        is_there = target.startswith("http") or goal.exists()
        if not is_there or (anchor and anchor not in anchors(goal.read_text())):
            found.append(target)
    return found


def anchors(text: str) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
