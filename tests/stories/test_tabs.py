"""GraphiQL's tabs: each example is valid, runs as it stands, and is in the built page."""

import json
import re
from pathlib import Path

import httpx
import pytest
from graphql import build_schema, parse, validate

from partner_center.graphql import sdl
from tests.stories.conftest import ROOT
from tests.stories.reader import Reader

EXAMPLES = sorted((ROOT / "web/graphiql/src/examples").glob("*.graphql"))


def variables_of(example: Path) -> dict[str, object]:
    file = example.with_suffix(".json")
    found: dict[str, object] = json.loads(file.read_text()) if file.exists() else {}
    return found


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.stem)
def test_an_example_is_valid_and_runs(reader: Reader, example: Path) -> None:
    text = example.read_text()
    document = parse(text)
    assert validate(build_schema(sdl()), document) == []

    for operation in re.findall(r"^(?:query|mutation|subscription) (\w+)", text, re.MULTILINE):
        answer = reader.answer(text, variables_of(example), operation, by="admin@qingyun.example")
        assert "errors" not in answer, answer
        for payload in answer["data"].values():
            refusals = {error["code"] for error in (payload or {}).get("errors", [])}
            # What may stand in the way of an example that is run after all the others.
            assert refusals <= {"ALREADY_MEMBER", "ALREADY_INVITED", "INVALID_INPUT"}, refusals


def test_the_built_page_has_the_examples_as_they_are(address: str) -> None:
    page = httpx.get(f"{address}/graphiql").text
    [script] = re.findall(r'src="(/static/graphiql/assets/index-[^"]+\.js)"', page)
    built = _words(httpx.get(f"{address}{script}").text)

    missing = [example.name for example in EXAMPLES if _words(example.read_text()) not in built]
    assert missing == [], "rebuild: cd web/graphiql && npm ci && npm run build"


def _words(text: str) -> str:
    """Without what a bundler writes in its own way: line ends, quotes, other alphabets."""
    text = re.sub(r"\\u\{?[0-9a-fA-F]{4,6}\}?|[^\x00-\x7f]", "", text.replace("\\n", "\n"))
    return re.sub(r"[\s\"'`\\]+", " ", text)
