"""The page that the private link of an offer opens: what it asks of the API, and that it may."""

from functools import partial

import httpx

from tests.stories.landing import Landing
from tests.stories.reader import PASSWORD, Reader

LANDING = Landing("private-link")


def test_nothing_on_the_page_needs_more_than_its_policy_allows(address: str) -> None:
    assert httpx.get(f"{address}/offers/private").text == LANDING.page
    LANDING.assert_plain()


def test_what_the_script_looks_for_is_on_the_page() -> None:
    LANDING.assert_complete("sign-in")


def test_the_page_says_the_same_in_both_languages() -> None:
    LANDING.assert_bilingual()


def test_the_customer_alone_sees_its_offer_with_the_page_s_own_requests(
    address: str, reader: Reader
) -> None:
    assert set(LANDING.documents) == {"SIGN_IN", "WHO", "OPEN"}
    name, token = name_and_token_of_the_buyer_s_offer(reader)
    ask = partial(LANDING.ask, address)

    def opened(by: str) -> tuple[str | None, list[str]]:
        credentials = {"email": by, "password": PASSWORD}
        access = ask("SIGN_IN", input=credentials)["session"]["accessToken"]
        answer = ask("OPEN", by=access, input={"token": token})
        offer = answer["exclusiveOffer"]
        return offer and offer["name"], [error["code"] for error in answer["errors"]]

    assert opened("buyer@customer.example") == (name, [])
    assert opened("admin@qingyun.example") == (None, ["NOT_FOUND"])


def name_and_token_of_the_buyer_s_offer(reader: Reader) -> tuple[str, str]:
    query = """query Found {
      exclusiveOffers(filter: {search: "changjiang", status: [EFFECTIVE]}) {
        nodes { name privateLink { url } } } }"""
    found = reader.answer(query, {}, "Found", by="admin@qingyun.example")
    node = found["data"]["exclusiveOffers"]["nodes"][0]
    return node["name"], node["privateLink"]["url"].partition("#")[2]
