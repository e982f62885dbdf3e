"""The catalogue of codes: current, complete, in two languages, and each code met by some test."""

import re
from pathlib import Path

from partner_center import catalogue
from tests.stories.conftest import INTEGRATING, ROOT, WRITE_IT

PAGE = ROOT / "docs" / "errors.md"
DONE_WORD_FOR_WORD = (ROOT / "README.md", *(ROOT / "docs" / page for page in INTEGRATING))

# Codes that no test meets yet, each with the reason. Empty is best; a code that is met goes out.
NOT_YET_MET: dict[str, str] = {}


def test_the_page_of_codes_is_current() -> None:
    assert PAGE.read_text() == catalogue.page(), WRITE_IT


def test_no_two_problems_share_a_code() -> None:
    codes = [entry.code for entry in catalogue.entries()]

    assert sorted(set(codes)) == sorted(codes)


def test_every_problem_speaks_both_languages() -> None:
    for entry in catalogue.entries():
        assert re.search("[a-z]", entry.en), entry.code
        assert re.search("[一-鿿]", entry.zh), entry.code
        assert not re.search("[一-鿿]", entry.en), entry.code


def test_both_languages_of_a_sentence_tell_the_same_facts() -> None:
    for problem in catalogue.problems():
        facts = [
            {re.split("[:!]", hole)[0].removesuffix("_zh") for hole in re.findall("{(.*?)}", text)}
            for text in (problem.en, problem.zh)
        ]
        assert facts[0] == facts[1], problem.code


def test_every_code_is_met_by_a_test() -> None:
    """A test meets a code by naming it, or its class; so does a page that is done word for word."""
    tests = [path for path in (ROOT / "tests").rglob("*.py") if path.name != Path(__file__).name]
    met = "\n".join(path.read_text() for path in (*tests, *DONE_WORD_FOR_WORD))
    named = {problem.code: problem.__name__ for problem in catalogue.problems()}
    unmet = {
        entry.code
        for entry in catalogue.entries()
        if not re.search(rf"\b({entry.code}|{named.get(entry.code, entry.code)})\b", met)
    }

    assert unmet == set(NOT_YET_MET)
    assert all(NOT_YET_MET.values()), "each needs its reason"
