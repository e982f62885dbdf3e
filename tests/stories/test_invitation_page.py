"""The page that the link of an invitation opens: what it asks of the API, and that it may."""

import json
import re
from typing import Any

import httpx
from graphql import build_schema, parse, validate

from partner_center.graphql import sdl
from tests.stories.conftest import ROOT
from tests.stories.reader import PASSWORD, Reader

FOLDER = ROOT / "partner_center/static/invitation"
PAGE = (FOLDER / "index.html").read_text()
SCRIPT = (FOLDER / "page.js").read_text()
DOCUMENTS = dict(re.findall(r"const ([A-Z_]+) = [`'](\w[^`']+)[`'];", SCRIPT))


def texts(language: str) -> str:
    found = re.search(rf"^  {language}: \{{$(.*?)^  \}},$", SCRIPT, re.MULTILINE | re.DOTALL)
    assert found
    return found[1]


def keys(text: str) -> list[str]:
    return re.findall(r"^ +(\w+): ", text, re.MULTILINE)


def test_nothing_on_the_page_needs_more_than_its_policy_allows(address: str) -> None:
    answer = httpx.get(f"{address}/invitations/member")

    assert answer.text == PAGE
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'self';")
    assert "unsafe" not in policy
    assert re.findall(r"(?:src|href)=\"([^\"]+)\"", PAGE) == [
        "/static/invitation/page.css",
        "/static/invitation/page.js",
    ]
    assert not re.search(r"<style|\bstyle=|\bon\w+=|<script(?! type=\"module\" src)", PAGE)
    assert "innerHTML" not in SCRIPT
    assert "https://" not in SCRIPT


def test_what_the_script_looks_for_is_on_the_page() -> None:
    ids = set(re.findall(r"byId\('([\w-]+)'\)", SCRIPT)) | {"sign-in", "accept", "reject"}

    assert ids <= set(re.findall(r' id="([\w-]+)"', PAGE))
    for key in re.findall(r'data-text="(\w+)"', PAGE):
        assert key in keys(texts("en")), key
    fields = set(re.findall(r"form\.get\('(\w+)'\)", SCRIPT))
    assert fields == set(re.findall(r' name="(\w+)"', PAGE.partition("<main>")[2]))


def test_the_page_says_the_same_in_both_languages() -> None:
    assert keys(texts("en")) == keys(texts("zh"))
    assert not re.search("[一-鿿]", texts("en"))


def test_every_status_has_its_words() -> None:
    statuses = build_schema(sdl()).type_map["MemberInvitationStatus"]

    for language in ("en", "zh"):
        assert set(re.findall(r"^ +([A-Z]+): ", texts(language), re.MULTILINE)) == set(
            statuses.values  # type: ignore[attr-defined]
        )


def test_a_person_answers_with_the_page_s_own_requests(address: str, reader: Reader) -> None:
    schema = build_schema(sdl())
    assert set(DOCUMENTS) == {"LANDING", "SIGN_IN", "WHO", "ACCEPT", "REJECT"}
    for document in DOCUMENTS.values():
        assert validate(schema, parse(document)) == []
    token = link_of_a_new_invitation(reader).partition("#")[2]

    def ask(name: str, *, by: str | None = None, **variables: Any) -> Any:
        headers = {"authorization": f"Bearer {by}"} if by else {}
        body = {"query": DOCUMENTS[name], "variables": variables}
        answer = httpx.post(f"{address}/graphql", json=body, headers=headers).json()
        [value] = answer["data"].values()
        return value

    landing = ask("LANDING", token=token)
    credentials = {"email": "invited@mail.example", "password": PASSWORD}
    by = ask("SIGN_IN", input=credentials)["session"]["accessToken"]
    without = ask("ACCEPT", by=by, input={"token": token, "consent": False})
    rejected = ask("REJECT", by=by, input={"token": token, "reason": "not now"})

    assert (landing["partnerNameEn"], landing["maskedEmail"], landing["status"]) == (
        *("Qingyun Digital", "i***@mail.example"),
        "PENDING",
    )
    assert ask("WHO", by=by)["email"] == "invited@mail.example"
    assert [error["code"] for error in without["errors"]] == ["CONSENT_REQUIRED"]
    assert rejected == {"memberInvitation": {"status": "REJECTED"}, "errors": []}
    assert ask("LANDING", token=token)["status"] == "REJECTED"
    assert ask("LANDING", token=token[:-1] + "x") is None


def link_of_a_new_invitation(reader: Reader) -> str:
    by = "admin@qingyun.example"
    found = reader.answer(
        'query Found { memberInvitations(first: 1, filter: {email: "invited@"}) { nodes { id } } }',
        {},
        "Found",
        by=by,
    )
    [node] = found["data"]["memberInvitations"]["nodes"]
    sent = reader.answer(
        "mutation Again($id: ID!) { memberInvitationResend(input: {id: $id}) { link } }",
        {"id": node["id"]},
        "Again",
        by=by,
    )
    assert json.dumps(sent).count("link") == 1
    return str(sent["data"]["memberInvitationResend"]["link"])
