"""The page that a customer's link or QR code opens: what it asks of the API, and that it may."""

import re
from functools import partial

import httpx
from graphql import GraphQLEnumType, build_schema

from partner_center.graphql import sdl
from tests.stories.landing import Landing
from tests.stories.reader import PASSWORD, Reader

LANDING = Landing("customer-invitation")


def test_nothing_on_the_page_needs_more_than_its_policy_allows(address: str) -> None:
    answer = httpx.get(f"{address}/invitations/customer")

    assert answer.text == LANDING.page
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'self';")
    assert "unsafe" not in policy
    for asset in re.findall(r"(?:src|href)=\"([^\"]+)\"", LANDING.page):
        assert httpx.get(f"{address}{asset}").status_code == 200
    LANDING.assert_plain()


def test_what_the_script_looks_for_is_on_the_page() -> None:
    LANDING.assert_complete("sign-in", "accept")


def test_the_page_says_the_same_in_both_languages_and_knows_every_status_and_type() -> None:
    schema = build_schema(sdl())
    known: set[str] = set()
    for name in ("CustomerInvitationStatus", "AssociationType"):
        enum = schema.type_map[name]
        assert isinstance(enum, GraphQLEnumType)
        known |= set(enum.values)

    LANDING.assert_bilingual()
    for language in ("en", "zh"):
        assert LANDING.values(language) == known


def test_a_buyer_accepts_with_the_page_s_own_requests(address: str, reader: Reader) -> None:
    assert set(LANDING.documents) == {"LANDING", "SIGN_IN", "WHO", "ACCEPT"}
    token = token_of_the_buyer_s_invitation(reader)
    ask = partial(LANDING.ask, address)

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
    assert accepted == {"association": {"status": "ACTIVE"}, "errors": []}
    assert ask("LANDING", token=token)["status"] == "ACCEPTED"
    assert ask("LANDING", token=token[:-1] + "x") is None


def token_of_the_buyer_s_invitation(reader: Reader) -> str:
    by = "admin@qingyun.example"
    # Refused as long as the demo's own report lives, which other stories' days may have ended.
    reader.answer(
        """mutation Report { customerReportSubmit(
             input: {name: "Yangtze", accountName: "changjiang"}) { errors { code } } }""",
        {},
        "Report",
        by=by,
    )
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
