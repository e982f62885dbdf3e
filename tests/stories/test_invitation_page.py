"""The page that the link of an invitation opens: what it asks of the API, and that it may."""

import json
import re
from functools import partial

import httpx
from graphql import build_schema

from partner_center.graphql import sdl
from tests.stories.landing import Landing
from tests.stories.reader import PASSWORD, Reader

LANDING = Landing("invitation")


def test_nothing_on_the_page_needs_more_than_its_policy_allows(address: str) -> None:
    answer = httpx.get(f"{address}/invitations/member")

    assert answer.text == LANDING.page
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'self';")
    assert "unsafe" not in policy
    assert re.findall(r"(?:src|href)=\"([^\"]+)\"", LANDING.page) == [
        "/static/invitation/page.css",
        "/static/invitation/page.js",
    ]
    assert LANDING.imports == ["landing.js"]
    assert httpx.get(f"{address}/static/landing.js").status_code == 200
    LANDING.assert_plain()


def test_what_the_script_looks_for_is_on_the_page() -> None:
    LANDING.assert_complete("sign-in", "accept", "reject")


def test_the_page_says_the_same_in_both_languages() -> None:
    LANDING.assert_bilingual()


def test_every_status_has_its_words() -> None:
    statuses = build_schema(sdl()).type_map["MemberInvitationStatus"]

    for language in ("en", "zh"):
        assert LANDING.values(language) == set(
            statuses.values  # type: ignore[attr-defined]
        )


def test_a_person_answers_with_the_page_s_own_requests(address: str, reader: Reader) -> None:
    assert set(LANDING.documents) == {"LANDING", "SIGN_IN", "WHO", "ACCEPT", "REJECT"}
    token = link_of_a_new_invitation(reader).partition("#")[2]
    ask = partial(LANDING.ask, address)

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
