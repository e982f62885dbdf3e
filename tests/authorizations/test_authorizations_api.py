"""Authorizations as clients meet them: mutations, letters, lists, edges, row scope."""

from typing import Any

import pytest

from models.associations import OnBehalfAuthorization, OnBehalfScope
from tests.authorizations.factories import (
    a_grant,
    a_request,
    a_reseller_and_its_distributor,
    agency_sides,
    oba,
)
from tests.changes.factories import AGENCY, Sides
from tests.conftest import Clock
from tests.customers.conftest import Ask, Refused
from tests.customers.factories import a_customer, a_manager, a_user_of, cus
from tests.factories import a_partner, an_administrator

pytestmark = pytest.mark.usefixtures("database")

LETTER = "query ($l: OnBehalfLetterKind!) { onBehalfLetter(letter: $l) { letter version text } }"
REQUEST = """
mutation ($id: ID!, $version: String) {
  onBehalfAuthorizationRequest(input: {customerId: $id, commitmentVersion: $version}) {
    onBehalfAuthorization { id status scopes customerName }
    errors { code path ... on LetterNotAccepted { letter version } }
  }
}
"""
GRANT = """
mutation ($id: ID!, $version: String!) {
  onBehalfAuthorizationGrant(input: {id: $id, letterVersion: $version}) {
    onBehalfAuthorization { status grantedAt } errors { code }
  }
}
"""
VERBS = {
    verb: f"mutation ($id: ID!) {{ onBehalfAuthorization{verb}(input: {{id: $id{more}}}) {{"
    " onBehalfAuthorization { status endReason refusal } errors { code } } }"
    for verb, more in (
        ("Endorse", ""),
        ("Reject", ', reason: "No"'),
        ("Revoke", ""),
        ("Withdraw", ""),
    )
}
LIST = """
query ($filter: OnBehalfAuthorizationFilter) {
  onBehalfAuthorizations(first: 10, filter: $filter) { nodes { customerName } }
}
"""


async def names(ask: Ask, by: Any, **filter: Any) -> list[str]:
    answer = await ask(LIST, by=by, filter=filter)
    return [node["customerName"] for node in answer["nodes"]]


async def test_letters_are_read_requests_made_and_given_and_taken(ask: Ask, time: Clock) -> None:
    sides = await agency_sides()
    refused = await ask(REQUEST, by=sides.partner, id=cus(sides.customer))
    [error] = refused["errors"]
    letter = await ask(LETTER, by=sides.partner, l=error["letter"])
    assert error["code"] == "LETTER_NOT_ACCEPTED"
    assert (error["letter"], error["version"]) == ("COMMITMENT", letter["version"])
    assert letter["text"].startswith("Commitment letter")

    asked = await ask(REQUEST, by=sides.partner, id=cus(sides.customer), version=letter["version"])
    made = asked["onBehalfAuthorization"]
    assert (made["status"], made["scopes"]) == ("REQUESTED", ["OM", "ORDER"])
    letter = await ask(LETTER, by=sides.buyer, locale="zh", l="CONSENT")
    assert letter["text"].startswith("代客授权书")
    given = await ask(GRANT, by=sides.buyer, id=made["id"], version=letter["version"])
    assert given["onBehalfAuthorization"] == {
        "status": "GRANTED",
        "grantedAt": "2030-01-31T23:30:00.000000Z",
    }
    taken = await ask(VERBS["Revoke"], by=sides.buyer, id=made["id"])
    assert taken["onBehalfAuthorization"] == {
        "status": "REVOKED",
        "endReason": "REVOKED_BY_CUSTOMER",
        "refusal": None,
    }
    seen = await ask(
        "query ($id: ID!) { node(id: $id) { ... on OnBehalfAuthorization { status"
        " customer { id } history { nodes { name subject { id } } } } } }",
        by=sides.buyer,
        id=made["id"],
    )
    assert seen["customer"] == {"id": cus(sides.customer)}
    assert {event["subject"]["id"] for event in seen["history"]["nodes"]} == {made["id"]}
    assert len(seen["history"]["nodes"]) == 3


async def test_of_a_reseller_the_distributor_sees_and_endorses(ask: Ask, time: Clock) -> None:
    sides, distributor = await a_reseller_and_its_distributor()
    made = await a_request(sides, now=time.now)
    waiting = await names(ask, distributor, status=["DISTRIBUTOR_PENDING"])
    assert waiting == ["Yangtze"]
    actions = await ask(
        "query ($id: ID!) { onBehalfAuthorization(id: $id) {"
        " availableActions { name blockedBy { code } } } }",
        by=distributor,
        id=oba(made),
    )
    assert {
        action["name"].removeprefix("onBehalfAuthorization"): action["blockedBy"]
        and action["blockedBy"]["code"]
        for action in actions["availableActions"]
    } == {
        "Endorse": None,
        "Grant": "ONLY_THE_CUSTOMER_DECIDES",
        "Reject": None,
        "Revoke": "ONLY_THE_CUSTOMER_DECIDES",
        "Withdraw": "CUSTOMER_OF_ANOTHER_PARTNER",
    }

    answer = await ask(VERBS["Endorse"], by=distributor, id=oba(made))
    assert answer["onBehalfAuthorization"]["status"] == "REQUESTED"
    answer = await ask(VERBS["Reject"], by=distributor, id=oba(made))
    assert answer["errors"] == [{"code": "ONLY_THE_CUSTOMER_DECIDES"}]
    answer = await ask(VERBS["Reject"], by=sides.buyer, id=oba(made))
    assert answer["onBehalfAuthorization"] == {
        "status": "REJECTED",
        "endReason": None,
        "refusal": "No",
    }


async def test_lists_are_filtered_and_scoped(ask: Ask, time: Clock) -> None:
    sides = await agency_sides()
    partner = sides.house
    manager, by_manager = await a_manager(partner)
    theirs = Sides()
    theirs.partner = sides.partner
    theirs.customer = await a_customer("Amur", of=partner, type=AGENCY, manager=manager)
    theirs.buyer = await a_user_of(theirs.customer)
    await a_grant(sides, scopes=(OnBehalfScope.OM,), now=time.now)
    time.forward(hours=1)
    second = await a_request(theirs, scopes=(OnBehalfScope.ORDER,), now=time.now)
    stranger = await an_administrator(await a_partner("Stranger"))

    assert await names(ask, sides.partner) == ["Amur", "Yangtze"]
    assert await names(ask, sides.partner, status=["GRANTED"]) == ["Yangtze"]
    assert await names(ask, sides.partner, scope="ORDER") == ["Amur"]
    assert await names(ask, sides.partner, search="ang") == ["Yangtze"]
    assert await names(ask, sides.partner, customerId=cus(theirs.customer)) == ["Amur"]
    assert await names(ask, by_manager) == ["Amur"]
    assert await names(ask, sides.buyer) == ["Yangtze"]
    assert await names(ask, stranger) == []
    edge = await ask(
        "query ($id: ID!) { customer(id: $id) {"
        " onBehalfAuthorizations(first: 5) { nodes { id } } } }",
        by=theirs.buyer,
        id=cus(theirs.customer),
    )
    assert edge["onBehalfAuthorizations"]["nodes"] == [{"id": oba(second)}]

    for verb, document in VERBS.items():
        if verb != "Revoke":
            answer = await ask(document, by=stranger, id=oba(second))
            assert answer["errors"] == [{"code": "NOT_FOUND"}]
    answer = await ask(REQUEST, by=stranger, id=cus(theirs.customer))
    assert answer["errors"] == [{"code": "NOT_FOUND", "path": ["input", "customerId"]}]
    with pytest.raises(Refused) as refused:
        await ask(VERBS["Withdraw"], by=sides.buyer, id=oba(second))
    assert refused.value.codes == ["FORBIDDEN"]
    assert (await OnBehalfAuthorization.get(id=second.id)).status == "REQUESTED"
