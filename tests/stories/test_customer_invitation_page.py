"""The page that a customer's link or QR code opens: what it asks of the API, and that it may."""

import re
from typing import Any

import httpx
from graphql import GraphQLEnumType, build_schema, parse, validate

from partner_center.graphql import sdl
from tests.stories.conftest import ROOT
from tests.stories.reader import PASSWORD, Reader

FOLDER = ROOT / "partner_center/static/customer-invitation"
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
    answer = httpx.get(f"{address}/invitations/customer")

    assert answer.text == PAGE
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'self';")
    assert "unsafe" not in policy
    for asset in re.findall(r"(?:src|href)=\"([^\"]+)\"", PAGE):
        assert httpx.get(f"{address}{asset}").status_code == 200
    assert not re.search(r"<style|\bstyle=|\bon\w+=|<script(?! type=\"module\" src)", PAGE)
    assert "innerHTML" not in SCRIPT
    assert "https://" not in SCRIPT


def test_what_the_script_looks_for_is_on_the_page() -> None:
    ids = set(re.findall(r"byId\('([\w-]+)'\)", SCRIPT)) | {"sign-in", "accept"}

    assert ids <= set(re.findall(r' id="([\w-]+)"', PAGE))
    for key in re.findall(r'data-text="(\w+)"', PAGE):
        assert key in keys(texts("en")), key
    fields = set(re.findall(r"form\.get\('(\w+)'\)", SCRIPT))
    assert fields == set(re.findall(r' name="(\w+)"', PAGE.partition("<main>")[2]))


def test_the_page_says_the_same_in_both_languages_and_knows_every_status_and_type() -> None:
    schema = build_schema(sdl())
    known: set[str] = set()
    for name in ("CustomerInvitationStatus", "AssociationType"):
        enum = schema.type_map[name]
        assert isinstance(enum, GraphQLEnumType)
        known |= set(enum.values)

    assert keys(texts("en")) == keys(texts("zh"))
    assert not re.search("[一-鿿]", texts("en"))
    for language in ("en", "zh"):
        assert set(re.findall(r"^ +([A-Z]+): ", texts(language), re.MULTILINE)) == known


def test_a_buyer_accepts_with_the_page_s_own_requests(address: str, reader: Reader) -> None:
    schema = build_schema(sdl())
    assert set(DOCUMENTS) == {"LANDING", "SIGN_IN", "WHO", "ACCEPT"}
    for document in DOCUMENTS.values():
        assert validate(schema, parse(document)) == []
    token = token_of_the_buyer_s_invitation(reader)

    def ask(name: str, *, by: str | None = None, **variables: Any) -> Any:
        headers = {"authorization": f"Bearer {by}"} if by else {}
        body = {"query": DOCUMENTS[name], "variables": variables}
        answer = httpx.post(f"{address}/graphql", json=body, headers=headers).json()
        [value] = answer["data"].values()
        return value

    landing = ask("LANDING", token=token)
    credentials = {"email": "buyer@customer.example", "password": PASSWORD}
    by = ask("SIGN_IN", input=credentials)["session"]["accessToken"]
    without = ask("ACCEPT", by=by, input={"token": token, "consent": False})
    accepted = ask("ACCEPT", by=by, input={"token": token, "consent": True})

    assert (landing["partnerNameEn"], landing["maskedEmail"], landing["status"]) == (
        *("Qingyun Digital", "b***@customer.example"),
        "SENT",
    )
    assert landing["associationType"] == "AGENCY"
    assert ask("WHO", by=by)["email"] == "buyer@customer.example"
    assert [error["code"] for error in without["errors"]] == ["NOTICE_NOT_ACCEPTED"]
    assert accepted == {"association": {"state": "ACTIVE"}, "errors": []}
    assert ask("LANDING", token=token)["status"] == "ACCEPTED"
    assert ask("LANDING", token=token[:-1] + "x") is None


def token_of_the_buyer_s_invitation(reader: Reader) -> str:
    by = "admin@qingyun.example"
    found = reader.answer(
        'query Found { customerInvitations(filter: {search: "buyer@"}) { nodes { id } } }',
        {},
        "Found",
        by=by,
    )
    [node] = found["data"]["customerInvitations"]["nodes"]
    sent = reader.answer(
        "mutation Again($id: ID!) { customerInvitationResend(input: {id: $id}) { link } }",
        {"id": node["id"]},
        "Again",
        by=by,
    )
    return str(sent["data"]["customerInvitationResend"]["link"]).partition("#")[2]
