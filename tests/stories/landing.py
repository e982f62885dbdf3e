"""A page that a link leads to, as its files are: what stands on it, asks and says."""

import re
from functools import cached_property
from typing import Any

import httpx
from graphql import build_schema, parse, validate

from partner_center.graphql import sdl
from tests.stories.conftest import ROOT

STATIC = ROOT / "partner_center/static"


class Landing:
    """The page in a folder, with what its script imports."""

    def __init__(self, folder: str) -> None:
        self.page = (STATIC / folder / "index.html").read_text()
        own = (STATIC / folder / "page.js").read_text()
        self.imports = re.findall(r"^import .* from '/static/([^']+)';$", own, re.MULTILINE)
        self.script = "\n".join([own, *((STATIC / name).read_text() for name in self.imports)])

    @cached_property
    def documents(self) -> dict[str, str]:
        """What it asks, all of which the schema knows."""
        found = dict(re.findall(r"const ([A-Z_]+) = [`'](\w[^`']+)[`'];", self.script))
        schema = build_schema(sdl())
        for document in found.values():
            assert validate(schema, parse(document)) == []
        return found

    def texts(self, language: str) -> str:
        """What it says in a language."""
        pattern = rf"^  {language}: \{{$(.*?)^  \}},$"
        found: list[str] = re.findall(pattern, self.script, re.MULTILINE | re.DOTALL)
        assert len(found) == 1 + len(self.imports)
        return "".join(found)

    def keys(self, language: str) -> list[str]:
        """By which names."""
        return re.findall(r"^ +(\w+): ", self.texts(language), re.MULTILINE)

    def values(self, language: str) -> set[str]:
        """The values of enums that it has words for."""
        return set(re.findall(r"^ +([A-Z]+): ", self.texts(language), re.MULTILINE))

    def assert_plain(self) -> None:
        """Nothing on it needs more than its policy allows."""
        assert not re.search(r"<style|\bstyle=|\bon\w+=|<script(?! type=\"module\" src)", self.page)
        assert "innerHTML" not in self.script
        assert "https://" not in self.script

    def assert_complete(self, *forms: str) -> None:
        """What the script looks for is on the page, and what the page is to say is said."""
        ids = set(re.findall(r"byId\('([\w-]+)'\)", self.script)) | set(forms)
        assert ids <= set(re.findall(r' id="([\w-]+)"', self.page))
        for key in re.findall(r'data-text="(\w+)"', self.page):
            assert key in self.keys("en"), key
        fields = set(re.findall(r"form\.get\('(\w+)'\)", self.script))
        assert fields == set(re.findall(r' name="(\w+)"', self.page.partition("<main>")[2]))

    def assert_bilingual(self) -> None:
        """It says the same in both languages."""
        assert self.keys("en") == self.keys("zh")
        assert not re.search("[一-鿿]", self.texts("en"))

    def ask(self, address: str, name: str, *, by: str | None = None, **variables: Any) -> Any:
        """What the server answers to one of its documents."""
        headers = {"authorization": f"Bearer {by}"} if by else {}
        body = {"query": self.documents[name], "variables": variables}
        answer = httpx.post(f"{address}/graphql", json=body, headers=headers).json()
        [value] = answer["data"].values()
        return value
